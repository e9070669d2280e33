//! What a caller asks to have sent, in nobody's dialect.

use std::fmt;

use crate::ids::TemplateCode;
use crate::phone::PhoneNumber;

mod parameter;

pub use parameter::{Action, Card, Currency, Location, Media, MediaSource, Parameter, Product, Section, TapTarget};

/// One template, with values, for one recipient.
#[derive(Debug, Clone, PartialEq)]
pub struct SendRequest {
    /// The template.
    pub template: TemplateCode,
    /// Who shall have it.
    pub recipient: PhoneNumber,
    /// What its variables shall say.
    pub values: Values,
}

/// The values of a request, in the order in which the caller gave them. `Debug` shows no value.
#[derive(Clone, PartialEq, Default)]
pub struct Values(pub Vec<Part>);

/// The values for one part of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which part.
    pub position: Position,
    /// Its values, in order; for a carousel, its cards.
    pub parameters: Vec<Parameter>,
}

/// A part of a template, or of a card, that takes values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// What stands above the text.
    Header,
    /// The text.
    Body,
    /// A button.
    Button {
        /// What the caller takes it for.
        kind: ButtonUse,
        /// Its place among the buttons of the template or the card, from 0.
        index: usize,
    },
    /// The offer whose time is limited.
    LimitedTimeOffer,
    /// The cards.
    Carousel,
    /// What the message tells of an order.
    OrderStatus,
    /// What a tap on the header's picture opens.
    TapTarget,
}

impl Position {
    /// The word for it, which dialects and upstream share.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Body => "body",
            Self::Button { .. } => "button",
            Self::LimitedTimeOffer => "limited_time_offer",
            Self::Carousel => "carousel",
            Self::OrderStatus => "order_status",
            Self::TapTarget => "tap_target_configuration",
        }
    }
}

/// What a caller may do with a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonUse {
    /// Choose what comes back when it is pressed.
    QuickReply,
    /// Say how its URL ends.
    UrlSuffix,
    /// Say which code it copies.
    CopyCode,
    /// Choose the product that stands for the catalogue.
    Catalog,
    /// Name the products that it shows.
    Mpm,
    /// Nothing: it shows the product of the header.
    Spm,
    /// Give the flow its token and its data.
    Flow,
    /// Say for how long it calls, and what is told to who answers.
    VoiceCall,
    /// Describe the order that it opens.
    OrderDetails,
}

impl ButtonUse {
    /// Every use.
    pub const ALL: [Self; 9] = [
        Self::QuickReply,
        Self::UrlSuffix,
        Self::CopyCode,
        Self::Catalog,
        Self::Mpm,
        Self::Spm,
        Self::Flow,
        Self::VoiceCall,
        Self::OrderDetails,
    ];

    /// The word for it in dialects.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UrlSuffix => "url_dynamic",
            Self::QuickReply
            | Self::CopyCode
            | Self::Catalog
            | Self::Mpm
            | Self::Spm
            | Self::Flow
            | Self::VoiceCall
            | Self::OrderDetails => self.sub_type(),
        }
    }

    /// The upstream's word for it.
    pub const fn sub_type(self) -> &'static str {
        match self {
            Self::QuickReply => "quick_reply",
            Self::UrlSuffix => "url",
            Self::CopyCode => "copy_code",
            Self::Catalog => "catalog",
            Self::Mpm => "mpm",
            Self::Spm => "spm",
            Self::Flow => "flow",
            Self::VoiceCall => "voice_call",
            Self::OrderDetails => "order_details",
        }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

/// Where in the caller's values something is wrong. The dialect knows how its own path is spelled.
///
/// Within a value, a path goes on by the names of its fields. They are the upstream's, but for `url`, where a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// In the values of which card; in those of the message itself where there is none.
    pub card: Option<CardSpot>,
    /// Where in them.
    pub place: Place,
}

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        Self { card: None, place }
    }
}

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardSpot {
    /// The place, among the parts, of the one that has the cards.
    pub part: usize,
    /// The card's place within it.
    pub card: usize,
}

/// A place in the values of a message, or of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All the values: something is missing.
    Values,
    /// The part with this place among the parts.
    Part(usize),
    /// The position that the part names.
    Position(usize),
    /// The index that the part's button names.
    ButtonIndex(usize),
    /// The kind that the part's button names.
    ButtonKind(usize),
    /// The list of the part's values; of a carousel, that of its cards.
    Parameters(usize),
    /// A value, or a card: the part's place, and the value's within it.
    Parameter(usize, usize),
    /// The index that a card names: the part's place, and the card's within it.
    CardIndex(usize, usize),
}
