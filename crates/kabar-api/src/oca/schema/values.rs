//! The values of a send request as the documentation describes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A value for a header.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::HeaderParameter)]
pub(super) enum HeaderParameter {
    /// A text, at most 60 characters.
    Text {
        /// The text.
        text: String,
        /// The variable's name, for a template whose variables have names.
        #[serde(skip_serializing_if = "Option::is_none")]
        parameter_name: Option<String>,
    },
    /// A picture.
    Image {
        /// Where it is.
        image: Media,
    },
    /// A film.
    Video {
        /// Where it is.
        video: Media,
    },
    /// A file.
    Document {
        /// Where it is.
        document: Media,
    },
    /// A short film that plays by itself.
    Gif {
        /// Where it is.
        gif: Media,
    },
    /// A place on a map.
    Location {
        /// Where it is.
        location: Location,
    },
    /// A product of the catalogue.
    Product {
        /// Which one.
        product: Product,
    },
}

/// A value for a variable of the text.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::BodyParameter)]
pub(super) enum BodyParameter {
    /// A text without line breaks, tabs, or more than four spaces in a row.
    Text {
        /// The text.
        text: String,
        /// The variable's name, for a template whose variables have names. Their order does not count.
        #[serde(skip_serializing_if = "Option::is_none")]
        parameter_name: Option<String>,
    },
    /// An amount of money.
    Currency {
        /// How much.
        currency: Currency,
    },
    /// A date or a time.
    DateTime {
        /// When.
        date_time: DateTime,
    },
}

/// A value for a button.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::ButtonParameter)]
pub(super) enum ButtonParameter {
    /// What a quick reply sends back, at most 256 characters; for a call what is told to who answers it, at most 512.
    Payload {
        /// The payload.
        payload: String,
    },
    /// How the URL ends; for a login code, the code.
    Text {
        /// The text.
        text: String,
    },
    /// For `copy_code`: the code, letters and digits.
    CouponCode {
        /// The code.
        #[schema(max_length = 20, pattern = "^[A-Za-z0-9]+$")]
        coupon_code: String,
    },
    /// For `voice_call`: for how many minutes the button calls.
    TtlMinutes {
        /// Minutes.
        #[schema(minimum = 1, maximum = 43_200)]
        ttl_minutes: u32,
    },
    /// For `catalog`, `mpm`, `flow` and `order_details`.
    Action {
        /// What the button does.
        action: Action,
    },
}

/// A file, by `url` or by `id`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Media)]
pub(super) struct Media {
    /// Where it is, http or https.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri", example = "https://example.com/invoice.pdf")]
    url: Option<String>,
    /// The id that WhatsApp gave the file when it was uploaded for messages: digits. Passed over where there is a `url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// For a document, the name under which the recipient sees it; passed over for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
}

/// A place on a map. Text is understood for the numbers as well.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Location)]
pub(super) struct Location {
    /// Degrees from the equator.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees from Greenwich.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// What is there.
    name: String,
    /// How it is found.
    address: String,
}

/// A product of a catalogue.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Product)]
pub(super) struct Product {
    /// The catalogue's name for it.
    product_retailer_id: String,
    /// The id of the catalogue: digits.
    catalog_id: String,
}

/// An amount of money.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Currency)]
pub(super) struct Currency {
    /// What is shown where the amount can't be written in the recipient's way.
    #[schema(example = "Rp50.000")]
    fallback_value: String,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", example = "IDR")]
    code: String,
    /// The amount in thousandths.
    #[schema(minimum = 0)]
    amount_1000: i64,
}

/// A date or a time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::DateTime)]
pub(super) struct DateTime {
    /// The text that is shown.
    fallback_value: String,
}

/// What a button does; which fields count depends on the button.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Action)]
pub(super) struct Action {
    /// The product whose picture is shown: for `catalog` optional, for `mpm` required.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_product_retailer_id: Option<String>,
    /// For `mpm`: the products, 1 to 10 sections of them, at most 30 in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    sections: Option<Vec<Section>>,
    /// For `flow`: by what its answer is known again; `unused` without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_token: Option<String>,
    /// For `flow`: what its first screen is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_action_data: Option<Map<String, Value>>,
    /// For `order_details`: the order as WhatsApp describes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_details: Option<Map<String, Value>>,
}

/// Products under a title.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Section)]
pub(super) struct Section {
    /// The title.
    #[schema(max_length = 24)]
    title: String,
    /// At least one.
    product_items: Vec<ProductItem>,
}

/// A product of a section.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::ProductItem)]
pub(super) struct ProductItem {
    /// The catalogue's name for it.
    product_retailer_id: String,
}

/// The value of a limited-time offer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::OfferParameter)]
pub(super) enum OfferParameter {
    /// When it ends.
    LimitedTimeOffer {
        /// Its end.
        limited_time_offer: Offer,
    },
}

/// The end of an offer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Offer)]
pub(super) struct Offer {
    /// Milliseconds since 1970, in the future.
    #[schema(example = 4_102_444_800_000_i64)]
    expiration_time_ms: i64,
}

/// The value of an order's status.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::OrderStatusParameter)]
pub(super) enum OrderStatusParameter {
    /// What became of the order.
    OrderStatus {
        /// Which order, and what.
        order_status: OrderStatus,
    },
}

/// What became of an order.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::OrderStatus)]
pub(super) struct OrderStatus {
    /// The order, as its details named it.
    reference_id: String,
    /// Its state.
    order: OrderState,
}

/// The state of an order.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::OrderState)]
pub(super) struct OrderState {
    /// `processing`, `partially_shipped`, `shipped`, `completed` or `canceled`.
    status: String,
    /// A sentence on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// The value of what a tap opens.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::TapTargetParameter)]
pub(super) enum TapTargetParameter {
    /// What a tap on the header's picture opens.
    TapTargetConfiguration {
        /// The pages.
        tap_target_configuration: Vec<TapTarget>,
    },
}

/// A page that a tap opens.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::TapTarget)]
pub(super) struct TapTarget {
    /// The page, http or https.
    #[schema(format = "uri")]
    url: String,
    /// What it is called.
    title: String,
}
