//! A preview as JSON.

use kabar_domain::send::{Media, MediaSource};
use kabar_domain::template::contract::MediaKind;
use kabar_domain::template::markup;
use kabar_domain::template::preview::{self, Bubble, Opens, Preview};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A message as its recipient sees it, from top to bottom.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Preview)]
pub(super) struct Message {
    #[serde(flatten)]
    bubble: Part,
    /// The small line below the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Toko Kabar")]
    footer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limited_time_offer: Option<Offer>,
    /// The cards of a carousel, from the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    cards: Vec<Part>,
    /// That the recipient is asked to allow calls.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    asks_to_call: bool,
}

/// What a message and a card have alike.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewPart)]
struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<Header>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Text>,
    /// The buttons, from the first.
    buttons: Vec<Button>,
}

/// What stands above the text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = unswer::PreviewHeader)]
enum Header {
    /// A line of text.
    Text { text: String },
    /// A picture.
    Image(File),
    /// A film.
    Video(File),
    /// A short film that plays by itself.
    Gif(File),
    /// A file.
    Document(File),
    /// A place on a map.
    Location {
        #[serde(flatten)]
        location: Option<Location>,
    },
    /// A product of the catalogue.
    Product {
        #[serde(flatten)]
        product: Option<Product>,
    },
}

/// A file: by its address, or by the id that WhatsApp gave it.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = unswer::PreviewFile)]
struct File {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The name that a document is shown with.
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
}

/// A place on a map.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewLocation)]
struct Location {
    latitude: String,
    longitude: String,
    name: String,
    address: String,
}

/// A product of a catalogue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewProduct)]
struct Product {
    product_retailer_id: String,
    catalog_id: String,
}

/// The offer whose time is limited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewOffer)]
struct Offer {
    /// What stands beside the clock.
    text: String,
    /// When it ends, if the message says so; ISO 8601 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-03-08T03:22:58.000Z")]
    ends_at: Option<String>,
}

/// A text with its values in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewText)]
struct Text {
    /// With the marks of its formatting, as it is sent.
    #[schema(example = "Halo *Budi*!")]
    text: String,
    /// Without them.
    #[schema(example = "Halo Budi!")]
    plain: String,
    /// As it is seen, from top to bottom.
    blocks: Vec<Block>,
}

/// A piece of a text that has lines of its own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = unswer::PreviewBlock)]
enum Block {
    /// Lines of text; their ends are line breaks in the spans.
    Text { spans: Vec<Span> },
    /// A list with signs.
    Bullets { items: Vec<Item> },
    /// A list with numbers.
    Numbers { items: Vec<Item> },
    /// Quoted lines.
    Quote { lines: Vec<Vec<Span>> },
}

/// A line of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewItem)]
struct Item {
    /// `-`, `*`, or a number with its dot.
    sign: String,
    spans: Vec<Span>,
}

/// A run of text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = unswer::PreviewSpan)]
enum Span {
    /// As it is.
    Text { text: String },
    /// In heavier letters.
    Bold {
        #[schema(no_recursion)]
        spans: Vec<Self>,
    },
    /// In slanted letters.
    Italic {
        #[schema(no_recursion)]
        spans: Vec<Self>,
    },
    /// Struck through.
    Struck {
        #[schema(no_recursion)]
        spans: Vec<Self>,
    },
    /// In letters of one width, within a line.
    Code { text: String },
    /// In letters of one width, over as many lines as there are.
    Monospace { text: String },
}

/// A button, and what pressing it does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewButton)]
struct Button {
    /// What stands on it; left out where WhatsApp writes it in its user's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Lacak")]
    label: Option<String>,
    #[serde(flatten)]
    opens: Action,
}

/// What pressing a button does.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = unswer::PreviewAction)]
enum Action {
    /// Sends this back.
    QuickReply { payload: String },
    /// Opens a page.
    Url { url: String },
    /// Calls a telephone number.
    PhoneNumber { phone_number: String },
    /// Copies a code.
    CopyCode {
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// Fills a login code in, in your own app.
    Autofill {
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// Starts a flow.
    Flow {
        /// Its id or its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
        /// The screen that is shown first.
        #[serde(skip_serializing_if = "Option::is_none")]
        screen: Option<String>,
    },
    /// Opens the catalogue.
    Catalog {
        #[serde(skip_serializing_if = "Option::is_none")]
        thumbnail_product_retailer_id: Option<String>,
    },
    /// Shows several products.
    Mpm { sections: Vec<Section> },
    /// Shows the product of the header.
    Spm,
    /// Calls the business over WhatsApp, for so many minutes after the message has come.
    VoiceCall {
        #[serde(skip_serializing_if = "Option::is_none")]
        ttl_minutes: Option<u64>,
    },
    /// Opens an order.
    OrderDetails {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        order_details: Option<Value>,
    },
    /// Shares the recipient's contact details.
    RequestContactInfo,
    /// Something newer, by WhatsApp's name for it.
    Other { name: String },
}

/// Products under a title.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::PreviewSection)]
struct Section {
    title: String,
    /// By the catalogue's names for them.
    products: Vec<String>,
}

impl Message {
    pub(super) fn of(preview: &Preview) -> Self {
        let offer =
            |offer: &preview::Offer| Offer { text: offer.text.clone(), ends_at: offer.ends.map(|end| end.to_string()) };
        Self {
            bubble: Part::of(&preview.message),
            footer: preview.footer.clone(),
            limited_time_offer: preview.offer.as_ref().map(offer),
            cards: preview.cards.iter().map(Part::of).collect(),
            asks_to_call: preview.asks_to_call,
        }
    }
}

impl Part {
    fn of(bubble: &Bubble) -> Self {
        let body = |text: &preview::Text| Text {
            text: text.marked.clone(),
            plain: text.markup.plain(),
            blocks: text.markup.blocks.iter().map(Block::of).collect(),
        };
        let button =
            |button: &preview::Button| Button { label: button.label.clone(), opens: Action::of(&button.opens) };
        Self {
            header: bubble.header.as_ref().map(Header::of),
            body: bubble.body.as_ref().map(body),
            buttons: bubble.buttons.iter().map(button).collect(),
        }
    }
}

impl Header {
    fn of(header: &preview::Header) -> Self {
        match header {
            preview::Header::Text(text) => Self::Text { text: text.clone() },
            preview::Header::Media(kind, media) => {
                let file = media.as_ref().map(File::of).unwrap_or_default();
                match kind {
                    MediaKind::Image => Self::Image(file),
                    MediaKind::Video => Self::Video(file),
                    MediaKind::Gif => Self::Gif(file),
                    MediaKind::Document => Self::Document(file),
                }
            }
            preview::Header::Location(location) => Self::Location {
                location: location.as_ref().map(|place| Location {
                    latitude: place.latitude.clone(),
                    longitude: place.longitude.clone(),
                    name: place.name.clone(),
                    address: place.address.clone(),
                }),
            },
            preview::Header::Product(product) => Self::Product {
                product: product.as_ref().map(|product| Product {
                    product_retailer_id: product.retailer_id.clone(),
                    catalog_id: product.catalog_id.clone(),
                }),
            },
        }
    }
}

impl File {
    fn of(media: &Media) -> Self {
        let filename = media.filename.clone();
        match &media.source {
            MediaSource::Url(url) => Self { url: Some(url.clone()), id: None, filename },
            MediaSource::Id(id) => Self { url: None, id: Some(id.clone()), filename },
        }
    }
}

impl Block {
    fn of(block: &markup::Block) -> Self {
        let items = |items: &[markup::Item]| {
            items.iter().map(|item| Item { sign: item.sign.clone(), spans: Span::all(&item.spans) }).collect()
        };
        match block {
            markup::Block::Text(spans) => Self::Text { spans: Span::all(spans) },
            markup::Block::Bullets(list) => Self::Bullets { items: items(list) },
            markup::Block::Numbers(list) => Self::Numbers { items: items(list) },
            markup::Block::Quote(lines) => Self::Quote { lines: lines.iter().map(|line| Span::all(line)).collect() },
        }
    }
}

impl Span {
    fn all(spans: &[markup::Span]) -> Vec<Self> {
        spans.iter().map(Self::of).collect()
    }

    fn of(span: &markup::Span) -> Self {
        match span {
            markup::Span::Text(text) => Self::Text { text: text.clone() },
            markup::Span::Bold(spans) => Self::Bold { spans: Self::all(spans) },
            markup::Span::Italic(spans) => Self::Italic { spans: Self::all(spans) },
            markup::Span::Struck(spans) => Self::Struck { spans: Self::all(spans) },
            markup::Span::Code(text) => Self::Code { text: text.clone() },
            markup::Span::Monospace(text) => Self::Monospace { text: text.clone() },
        }
    }
}

impl Action {
    fn of(opens: &Opens) -> Self {
        match opens {
            Opens::Reply(payload) => Self::QuickReply { payload: payload.clone() },
            Opens::Url(url) => Self::Url { url: url.clone() },
            Opens::PhoneNumber(number) => Self::PhoneNumber { phone_number: number.clone() },
            Opens::Code(code) => Self::CopyCode { code: code.clone() },
            Opens::Autofill(code) => Self::Autofill { code: code.clone() },
            Opens::Flow { name, screen } => Self::Flow { flow: name.clone(), screen: screen.clone() },
            Opens::Catalog(thumbnail) => Self::Catalog { thumbnail_product_retailer_id: thumbnail.clone() },
            Opens::Products(sections) => Self::Mpm {
                sections: sections
                    .iter()
                    .map(|section| Section { title: section.title.clone(), products: section.products.clone() })
                    .collect(),
            },
            Opens::Product => Self::Spm,
            Opens::VoiceCall(minutes) => Self::VoiceCall { ttl_minutes: *minutes },
            Opens::Order(order) => Self::OrderDetails { order_details: order.clone() },
            Opens::ContactInfo => Self::RequestContactInfo,
            Opens::Other(name) => Self::Other { name: name.clone() },
        }
    }
}
