//! The body of a send request as the documentation describes it. Nothing is read by these types: [`super::read`] reads
//! more spellings than a schema can say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) mod examples;
mod values;

use values::{
    BodyParameter, ButtonParameter, HeaderParameter, OfferParameter, OrderStatusParameter, TapTargetParameter,
};

/// One template message for one recipient.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::PushMessage)]
pub(super) struct PushMessage {
    message: Message,
    /// Country code and number, with or without `+`.
    #[schema(example = "6281381475159")]
    phone_number: String,
}

/// What to send.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Message)]
struct Message {
    r#type: MessageType,
    template: Template,
    /// For how many seconds the message may wait to be sent; as long as its template says, or a day, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2_592_000, example = 3600)]
    expires_in: Option<u32>,
    /// How the files that it names by `url` go to WhatsApp: `upload` has each uploaded once and named by its id, `link` has
    /// WhatsApp fetch the URL for this message. As the gateway is configured if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<MediaAtSend>,
}

/// How files go to WhatsApp.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = oca::MediaAtSend)]
enum MediaAtSend {
    /// Uploaded once for each sender.
    Upload,
    /// As the URL.
    Link,
}

/// The kind of message.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = oca::MessageType)]
enum MessageType {
    /// A template.
    Template,
}

/// Which template, and the values for its variables.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Template)]
struct Template {
    /// The template's code, as the details of a template tell it. Letter case does not count.
    #[schema(example = "0199a4f4_0000_7000_8000_000000000001:pesanan_dikirim")]
    template_code_id: String,
    /// The values. It may be left out, null or empty for a template without variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    payload: Vec<Part>,
}

/// The values for one part of the template.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "position", rename_all = "snake_case")]
#[schema(as = oca::Part)]
enum Part {
    /// What stands above the text.
    Header {
        /// One value.
        parameters: Vec<HeaderParameter>,
    },
    /// The text.
    Body {
        /// A value for each variable: in order, or by name.
        parameters: Vec<BodyParameter>,
    },
    /// A button.
    Button {
        /// What the button does. The key `sub_type` and the value `url` are understood as well.
        sub_types: ButtonKind,
        /// The button's place, from 0. A string of digits is understood as well.
        #[schema(minimum = 0)]
        index: u32,
        /// One value; one object without a list around it is understood as well. A call takes two.
        parameters: Vec<ButtonParameter>,
    },
    /// The offer whose time is limited.
    LimitedTimeOffer {
        /// One value.
        parameters: Vec<OfferParameter>,
    },
    /// The cards of a carousel.
    Carousel {
        /// As many as the template has; of products, 2 to 10.
        cards: Vec<Card>,
    },
    /// What became of an order; for templates of the sub-category `ORDER_STATUS`.
    OrderStatus {
        /// One value.
        parameters: Vec<OrderStatusParameter>,
    },
    /// What a tap on the header's picture opens.
    TapTargetConfiguration {
        /// One value.
        parameters: Vec<TapTargetParameter>,
    },
}

/// The values for one card.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = oca::Card)]
struct Card {
    /// The card's place, from 0. A string of digits is understood as well.
    #[schema(minimum = 0)]
    card_index: u32,
    /// The values, as those of a message.
    payload: Vec<CardPart>,
}

/// The values for one part of a card.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "position", rename_all = "snake_case")]
#[schema(as = oca::CardPart)]
enum CardPart {
    /// What stands above the card's text: a picture, a film or a product.
    Header {
        /// One value.
        parameters: Vec<HeaderParameter>,
    },
    /// The card's text.
    Body {
        /// A value for each variable: in order, or by name.
        parameters: Vec<BodyParameter>,
    },
    /// A button of the card.
    Button {
        /// What the button does.
        sub_types: ButtonKind,
        /// The button's place on the card, from 0.
        #[schema(minimum = 0)]
        index: u32,
        /// One value.
        parameters: Vec<ButtonParameter>,
    },
}

/// What a button does.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = oca::ButtonKind)]
enum ButtonKind {
    /// Sends a payload back.
    QuickReply,
    /// Opens a URL whose end is given here.
    UrlDynamic,
    /// Copies a coupon's code.
    CopyCode,
    /// Opens the catalogue.
    Catalog,
    /// Shows several products.
    Mpm,
    /// Shows the product of the header; it takes no value.
    Spm,
    /// Starts a flow.
    Flow,
    /// Calls the business.
    VoiceCall,
    /// Opens an order.
    OrderDetails,
}
