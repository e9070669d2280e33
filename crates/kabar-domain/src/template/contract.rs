//! The contract of a template: what a send must provide. Compiled once from the components; binding reads it only.
//!
//! It is data that can be walked: [`Contract::message`] has the header, the text and the buttons, [`Contract::cards`] the
//! same for each card, and every variable and button says what it takes and how much of it.

use crate::clock::Moment;
use crate::fault::{Fault, Faults, Path};
use crate::reading::Node;
use crate::rule::Rule;
use crate::send::{Place, Spot, Values};
use crate::template::Category;
use crate::template::components::{Button, ButtonKind, Card, Components, Header};

mod bind;
mod need;
mod text;

pub use bind::Bound;
pub use need::{ButtonNeed, Cards, HeaderNeed, MediaKind, Slots};
pub use text::{TextNeed, Variable, VariableName};

/// Every variable of a template, its place and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// What the template is for: a login code has rules of its own.
    category: Category,
    message: Slots,
    cards: Option<Cards>,
    /// Whether a send must say when the offer ends.
    offer_ends: bool,
    /// Whether a send may say what became of an order.
    order_status: bool,
    /// Parts that this program does not know, and that a send may have to fill: such a template can't be sent by.
    unknown: Vec<String>,
}

/// Sub-categories whose messages tell what became of an order.
const OF_ORDER_STATUS: [&str; 2] = ["ORDER_STATUS", "RICH_ORDER_STATUS"];

impl Contract {
    /// Compiles the contract from components as they were created, or as the upstream lists them.
    pub fn compile(category: Category, components: &serde_json::Value) -> Self {
        // What is wrong with them does not matter here: the upstream has taken them.
        let mut passed_over = Faults::none();
        let read = Components::read(&Node::root(components), Some(category), &mut passed_over);
        let mut unknown = Vec::new();
        let limit = match (&read.header, &read.offer) {
            (Some(Header::Product), _) => Rule::BodyLengthCard,
            (_, Some(_)) => Rule::BodyLengthOffer,
            (_, None) => Rule::BodyLength,
        };
        let body = match (read.body.as_deref(), category) {
            (text, Category::Authentication) => TextNeed::login_code(text),
            (text, Category::Utility | Category::Marketing) => TextNeed::of(text.unwrap_or_default(), limit),
        };
        let message = Slots {
            header: read.header.as_ref().and_then(|header| header_need(header, &mut unknown)),
            body,
            buttons: button_needs(&read.buttons, category, &mut unknown),
        };
        let cards = read.cards.iter().map(|card| card_slots(card, category, &mut unknown)).collect();
        Self {
            category,
            message,
            cards: Cards::of(cards),
            offer_ends: read.offer.is_some_and(|offer| offer.has_expiration),
            order_status: false,
            unknown,
        }
    }

    /// The same contract for a template of that finer kind: a message by a template of `ORDER_STATUS` may say what became
    /// of an order.
    #[must_use]
    pub fn with_sub_category(mut self, sub_category: Option<&str>) -> Self {
        self.order_status = sub_category.is_some_and(|name| OF_ORDER_STATUS.contains(&name));
        self
    }

    /// The category by which it was compiled.
    pub const fn category(&self) -> Category {
        self.category
    }

    /// What the message itself needs: header, text, buttons.
    pub const fn message(&self) -> &Slots {
        &self.message
    }

    /// What stands above the text needs, if it needs anything.
    pub const fn header(&self) -> Option<&HeaderNeed> {
        self.message.header.as_ref()
    }

    /// What the text needs; it may have no variables.
    pub const fn body(&self) -> &TextNeed {
        &self.message.body
    }

    /// What the buttons need, in order, those that need nothing among them.
    pub fn buttons(&self) -> &[ButtonNeed] {
        &self.message.buttons
    }

    /// The cards, if there is a carousel.
    pub const fn cards(&self) -> Option<&Cards> {
        self.cards.as_ref()
    }

    /// Whether a send must say when the offer ends.
    pub const fn offer_ends(&self) -> bool {
        self.offer_ends
    }

    /// Whether a send may say what became of an order.
    pub const fn takes_order_status(&self) -> bool {
        self.order_status
    }

    /// Whether a send may say what a tap on the header's picture opens.
    pub fn takes_tap_target(&self) -> bool {
        self.header() == Some(&HeaderNeed::Media(MediaKind::Image))
    }

    /// Parts that this program does not know; while there are any, nothing binds.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Binds values to the variables: gives the upstream's `components`, or every mismatch at once, each at the path that
    /// `path_of` gives for its place in the caller's own spelling. What ends must end after `now`.
    pub fn bind(&self, values: &Values, now: Moment, path_of: &dyn Fn(Spot) -> Path) -> Result<Bound, Faults> {
        let mut faults = Faults::none();
        for part in &self.unknown {
            faults.push(Fault::new(path_of(Place::Values.into()), Rule::NotExpressible).with("part", part));
        }
        bind::bind(self, values, now, path_of, faults)
    }
}

fn card_slots(card: &Card, category: Category, unknown: &mut Vec<String>) -> Slots {
    Slots {
        header: card.header.as_ref().and_then(|header| header_need(header, unknown)),
        body: TextNeed::of(card.body.as_deref().unwrap_or_default(), Rule::BodyLengthCard),
        buttons: button_needs(&card.buttons, category, unknown),
    }
}

fn header_need(header: &Header, unknown: &mut Vec<String>) -> Option<HeaderNeed> {
    match header {
        Header::Text(text) => {
            let need = TextNeed::of(text, Rule::HeaderLength);
            (!need.variables().is_empty()).then_some(HeaderNeed::Text(need))
        }
        Header::Image => Some(HeaderNeed::Media(MediaKind::Image)),
        Header::Video => Some(HeaderNeed::Media(MediaKind::Video)),
        Header::Gif => Some(HeaderNeed::Media(MediaKind::Gif)),
        Header::Document => Some(HeaderNeed::Media(MediaKind::Document)),
        Header::Location => Some(HeaderNeed::Location),
        Header::Product => Some(HeaderNeed::Product),
        Header::Other(format) => {
            unknown.push(format!("HEADER {format}"));
            None
        }
    }
}

fn button_needs(buttons: &[Button], category: Category, unknown: &mut Vec<String>) -> Vec<ButtonNeed> {
    buttons.iter().map(|button| button_need(&button.kind, category, unknown)).collect()
}

fn button_need(kind: &ButtonKind, category: Category, unknown: &mut Vec<String>) -> ButtonNeed {
    match kind {
        ButtonKind::QuickReply => ButtonNeed::Payload,
        // The upstream lists the button of a login code as a URL button whose address ends in the code.
        ButtonKind::Url { dynamic: true, .. } if category == Category::Authentication => ButtonNeed::Code,
        ButtonKind::Url { dynamic: true, .. } => ButtonNeed::UrlSuffix,
        ButtonKind::Otp(_) => ButtonNeed::Code,
        ButtonKind::CopyCode { .. } => ButtonNeed::CouponCode,
        ButtonKind::Catalog => ButtonNeed::Catalog,
        ButtonKind::Mpm => ButtonNeed::Products,
        ButtonKind::Flow(_) => ButtonNeed::Flow,
        ButtonKind::VoiceCall => ButtonNeed::Call,
        ButtonKind::OrderDetails => ButtonNeed::OrderDetails,
        ButtonKind::Url { dynamic: false, .. }
        | ButtonKind::PhoneNumber
        | ButtonKind::Spm
        | ButtonKind::RequestContactInfo => ButtonNeed::Nothing,
        ButtonKind::Other(_) => {
            unknown.push(format!("a {} button", kind.name()));
            ButtonNeed::Nothing
        }
    }
}

#[cfg(test)]
mod tests;
