//! What the parts of a template need.

use std::ops::RangeInclusive;

use crate::rule::Rule;
use crate::send::ButtonUse;
use crate::template::contract::TextNeed;

/// What a message, or a card, needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// What stands above the text, where it needs something.
    pub header: Option<HeaderNeed>,
    /// The text; without variables it needs nothing.
    pub body: TextNeed,
    /// One for each button, in order.
    pub buttons: Vec<ButtonNeed>,
}

impl Slots {
    /// Whether a send may leave it all out.
    pub fn is_optional(&self) -> bool {
        self.header.is_none()
            && self.body.variables().is_empty()
            && !self.buttons.iter().copied().any(ButtonNeed::is_required)
    }
}

/// What a header needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderNeed {
    /// A text for its variable.
    Text(TextNeed),
    /// A file.
    Media(MediaKind),
    /// A place on a map.
    Location,
    /// A product of the catalogue.
    Product,
}

impl HeaderNeed {
    /// The kind of value, in the words of the dialects and the upstream.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Media(kind) => kind.word(),
            Self::Location => "location",
            Self::Product => "product",
        }
    }
}

/// Kinds of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A short film that plays by itself.
    Gif,
    /// A file, which has a name.
    Document,
}

impl MediaKind {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Gif => "gif",
            Self::Document => "document",
        }
    }
}

/// What a button needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonNeed {
    /// It takes no value.
    Nothing,
    /// It takes a payload of at most [`Rule::PayloadLength`] characters, and has its label for one when none is given.
    Payload,
    /// It must be told how its URL ends, in at most [`Rule::UrlLength`] characters.
    UrlSuffix,
    /// It must have the code of the body, and is given it where the caller does not.
    Code,
    /// It must be told which code it copies: letters and digits, at most [`Rule::CouponLength`].
    CouponCode,
    /// It takes a product that stands for the catalogue.
    Catalog,
    /// It must be told which products it shows.
    Products,
    /// It takes a token and data for its flow.
    Flow,
    /// It takes for how many minutes it calls, and a payload.
    Call,
    /// It must be told of the order.
    OrderDetails,
}

impl ButtonNeed {
    /// Whether a send without a value for it is refused. A login code's button is filled from the body.
    pub const fn is_required(self) -> bool {
        match self {
            Self::UrlSuffix | Self::CouponCode | Self::Products | Self::OrderDetails => true,
            Self::Nothing | Self::Payload | Self::Code | Self::Catalog | Self::Flow | Self::Call => false,
        }
    }

    /// What the caller must take it for, if it takes anything.
    pub const fn button_use(self) -> Option<ButtonUse> {
        match self {
            Self::Nothing => None,
            Self::Payload => Some(ButtonUse::QuickReply),
            Self::UrlSuffix | Self::Code => Some(ButtonUse::UrlSuffix),
            Self::CouponCode => Some(ButtonUse::CopyCode),
            Self::Catalog => Some(ButtonUse::Catalog),
            Self::Products => Some(ButtonUse::Mpm),
            Self::Flow => Some(ButtonUse::Flow),
            Self::Call => Some(ButtonUse::VoiceCall),
            Self::OrderDetails => Some(ButtonUse::OrderDetails),
        }
    }

    /// The kind of its one value; a call has a second one, its payload.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Payload => "payload",
            Self::UrlSuffix | Self::Code => "text",
            Self::CouponCode => "coupon_code",
            Self::Catalog | Self::Products | Self::Flow | Self::OrderDetails => "action",
            Self::Call => "ttl_minutes",
        }
    }
}

/// The cards of a carousel: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cards(Vec<Slots>);

impl Cards {
    pub(super) fn of(cards: Vec<Slots>) -> Option<Self> {
        (!cards.is_empty()).then_some(Self(cards))
    }

    /// Whether the cards show products. All are alike then, and a send has as many as it wants.
    pub fn are_products(&self) -> bool {
        self.0[0].header == Some(HeaderNeed::Product)
    }

    /// How many cards a send must have.
    pub fn count(&self) -> RangeInclusive<usize> {
        if self.are_products() {
            Rule::CarouselCards.min()..=Rule::CarouselCards.max()
        } else {
            self.0.len()..=self.0.len()
        }
    }

    /// What the card at a place needs. Cards of products beyond those that the template has are like its first.
    pub fn card(&self, index: usize) -> Option<&Slots> {
        match self.0.get(index) {
            None if self.count().contains(&(index + 1)) => self.0.first(),
            found => found,
        }
    }

    /// The cards that the template has.
    pub fn defined(&self) -> &[Slots] {
        &self.0
    }
}
