//! Values, each as far as any dialect can read it. Whether a value is one that the upstream takes is seen when it is bound.

use std::fmt;

use serde_json::{Map, Value};

use crate::clock::Moment;
use crate::send::Part;

/// One value. `Debug` shows its kind only.
#[derive(Clone, PartialEq)]
pub enum Parameter {
    /// Text for a variable, which is known by its place.
    Text(String),
    /// Text for a variable with a name.
    NamedText {
        /// The variable's name.
        name: String,
        /// The text.
        text: String,
    },
    /// An amount of money in a variable's place.
    Currency(Currency),
    /// A date or a time in a variable's place: the text that is shown.
    DateTime(String),
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A short film that plays by itself.
    Gif(Media),
    /// A file.
    Document(Media),
    /// A place on a map.
    Location(Location),
    /// A product of the catalogue.
    Product(Product),
    /// What a quick reply sends back, or what is told to who answers a call.
    Payload(String),
    /// The code that a button copies.
    CouponCode(String),
    /// When an offer ends.
    OfferEnds(Moment),
    /// For how many minutes a button calls.
    TtlMinutes(u64),
    /// What a button does that needs more than a text.
    Action(Action),
    /// What became of an order, in the upstream's spelling.
    OrderStatus(Value),
    /// What a tap on the header's picture opens.
    TapTargets(Vec<TapTarget>),
    /// A card of a carousel.
    Card(Card),
    /// A value that is already known to be unreadable, so that the places of the others stay true. It binds to nothing.
    Unreadable,
}

/// An amount of money.
#[derive(Clone, PartialEq, Eq)]
pub struct Currency {
    /// What is shown where the amount can't be written in the recipient's way.
    pub fallback: String,
    /// ISO 4217.
    pub code: String,
    /// The amount, in thousandths.
    pub amount_1000: i64,
}

/// A file.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// Where it is.
    pub source: MediaSource,
    /// What a document is shown as.
    pub filename: Option<String>,
}

impl Media {
    /// A file on the web, without a name.
    pub fn at(url: impl Into<String>) -> Self {
        Self { source: MediaSource::Url(url.into()), filename: None }
    }
}

/// Where a file is.
#[derive(Clone, PartialEq, Eq)]
pub enum MediaSource {
    /// On the web, by http or https: the upstream fetches it.
    Url(String),
    /// At the upstream already, by the id that it gave when the file was uploaded for messages.
    Id(String),
}

/// A place on a map.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    /// Degrees, as a decimal number.
    pub latitude: String,
    /// Degrees, as a decimal number.
    pub longitude: String,
    /// What is there.
    pub name: String,
    /// How it is found.
    pub address: String,
}

/// A product of a catalogue.
#[derive(Clone, PartialEq, Eq)]
pub struct Product {
    /// Which product, by the catalogue's name for it.
    pub retailer_id: String,
    /// Which catalogue, by the upstream's id.
    pub catalog_id: String,
}

/// What a button does, where a text could not say it.
#[derive(Clone, PartialEq)]
pub enum Action {
    /// Opens the catalogue.
    Catalog {
        /// The product whose picture is shown; the catalogue's first without one.
        thumbnail: Option<String>,
    },
    /// Shows products.
    Mpm {
        /// The product whose picture is shown.
        thumbnail: String,
        /// The products.
        sections: Vec<Section>,
    },
    /// Starts a flow.
    Flow {
        /// By what the flow's answer is known again.
        token: Option<String>,
        /// What its first screen is given.
        data: Option<Map<String, Value>>,
    },
    /// Opens an order, in the upstream's spelling.
    OrderDetails(Value),
}

/// Products under a title.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    /// The title.
    pub title: String,
    /// The products, by the catalogue's names for them.
    pub products: Vec<String>,
}

/// What a tap opens.
#[derive(Clone, PartialEq, Eq)]
pub struct TapTarget {
    /// The page.
    pub url: String,
    /// What it is called.
    pub title: String,
}

/// The values for a card.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Its place in the carousel, from 0.
    pub index: usize,
    /// Its values.
    pub parts: Vec<Part>,
}

impl Parameter {
    /// What kind of value it is, in the words of the dialects and the upstream.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::NamedText { .. } => "text",
            Self::Currency(_) => "currency",
            Self::DateTime(_) => "date_time",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Gif(_) => "gif",
            Self::Document(_) => "document",
            Self::Location(_) => "location",
            Self::Product(_) => "product",
            Self::Payload(_) => "payload",
            Self::CouponCode(_) => "coupon_code",
            Self::OfferEnds(_) => "limited_time_offer",
            Self::TtlMinutes(_) => "ttl_minutes",
            Self::Action(_) => "action",
            Self::OrderStatus(_) => "order_status",
            Self::TapTargets(_) => "tap_target_configuration",
            Self::Card(_) => "card",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(card) => card.fmt(f),
            Self::Text(_)
            | Self::NamedText { .. }
            | Self::Currency(_)
            | Self::DateTime(_)
            | Self::Image(_)
            | Self::Video(_)
            | Self::Gif(_)
            | Self::Document(_)
            | Self::Location(_)
            | Self::Product(_)
            | Self::Payload(_)
            | Self::CouponCode(_)
            | Self::OfferEnds(_)
            | Self::TtlMinutes(_)
            | Self::Action(_)
            | Self::OrderStatus(_)
            | Self::TapTargets(_)
            | Self::Unreadable => f.write_str(self.kind()),
        }
    }
}

macro_rules! shows_no_value {
    ($($kind:ident: $word:literal),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($word)
            }
        }
    )*};
}

shows_no_value!(
    Currency: "currency", Media: "media", MediaSource: "media source", Location: "location", Product: "product",
    Action: "action", Section: "section", TapTarget: "tap target"
);
