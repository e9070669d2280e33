//! The components of a template, read from JSON: as far as they can be understood, with every fault noted.
//!
//! Reading never fails: what an app wants to create is refused when anything was noted, and what the upstream already has
//! is taken as it is. Letter case of the enums does not count, since the upstream's own answers and examples use both.

use serde_json::Value;

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::{Category, ParameterFormat};

mod authentication;
mod beside;
mod body;
mod buttons;
mod carousel;
mod examples;
mod footer;
mod header;
mod offer;

pub(crate) use buttons::is_absolute_url;
pub use buttons::{Button, ButtonKind, Flow, FlowName, Otp, OtpKind};
pub use carousel::Card;
pub use header::Header;
pub use offer::Offer;

/// What of a template matters to a send and to its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components {
    /// What stands above the text.
    pub header: Option<Header>,
    /// The text. It is absent only where the upstream writes it (authentication).
    pub body: Option<String>,
    /// Whether there is a BODY component at all, with or without a text of its own.
    pub has_body: bool,
    /// The small line below.
    pub footer: Option<String>,
    /// The buttons, in order.
    pub buttons: Vec<Button>,
    /// The cards of a carousel, in order.
    pub cards: Vec<Card>,
    /// The offer whose time is limited.
    pub offer: Option<Offer>,
    /// Whether the recipient is asked to allow calls.
    pub asks_to_call: bool,
    /// Whether the upstream's line about keeping a login code to oneself is shown.
    pub security_line: bool,
    /// For how many minutes a login code is valid, where the template says so.
    pub code_expiration_minutes: Option<u32>,
}

/// Kinds of component: those of the dialect's page, and what the upstream has beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Greeting,
    Header,
    Body,
    Footer,
    Buttons,
    Carousel,
    LimitedTimeOffer,
    CallPermissionRequest,
}

#[rustfmt::skip]
const KINDS: &[(&str, Kind)] = &[
    ("GREETING", Kind::Greeting), ("HEADER", Kind::Header), ("BODY", Kind::Body), ("FOOTER", Kind::Footer),
    ("BUTTONS", Kind::Buttons), ("CAROUSEL", Kind::Carousel), ("LIMITED_TIME_OFFER", Kind::LimitedTimeOffer),
    ("CALL_PERMISSION_REQUEST", Kind::CallPermissionRequest),
];

/// What must be known to judge a component.
#[derive(Debug, Clone, Copy)]
struct Setting {
    /// The template's category, where it could be read.
    category: Option<Category>,
    format: ParameterFormat,
    /// Which rule says how long the body may be.
    body_length: Rule,
}

impl Setting {
    /// Whether the category is known, and another one than that.
    fn is_not(self, category: Category) -> bool {
        self.category.is_some_and(|known| known != category)
    }
}

impl Components {
    /// Reads the array at `node` as the components of a template whose variables are numbered.
    pub fn read(node: &Node<'_>, category: Option<Category>, faults: &mut Faults) -> Self {
        Self::read_in(node, category, ParameterFormat::Positional, faults)
    }

    /// Reads the array at `node` as the components of a template whose variables are written in that way.
    pub fn read_in(node: &Node<'_>, category: Option<Category>, format: ParameterFormat, faults: &mut Faults) -> Self {
        let mut components = Self::default();
        let Some(elements) = node.array(faults) else { return components };
        let setting = Setting { category, format, body_length: body_length(&elements) };
        let mut seen: Vec<(Kind, ObjectNode<'_>)> = Vec::new();
        for element in &elements {
            let Some((kind, object)) = kind_of(element, faults) else { continue };
            if seen.iter().any(|(other, _)| *other == kind) {
                faults.push(element.fault(Rule::ComponentTwice).with("component", name_of(kind)));
                continue;
            }
            components.read_one(kind, &object, setting, faults);
            seen.push((kind, object));
        }
        if !components.has_body {
            faults.push(node.fault(Rule::BodyMissing));
        }
        beside::check(&components, &seen, node, setting, faults);
        components
    }

    fn read_one(&mut self, kind: Kind, object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) {
        let authentication = setting.category == Some(Category::Authentication);
        match kind {
            Kind::Header if authentication => {
                // What the upstream lists is understood all the same.
                self.header = header::read(object, setting, &mut Faults::none());
            }
            Kind::Body => {
                self.has_body = true;
                self.body = if authentication {
                    self.security_line = authentication::read_security_line(object, faults);
                    authentication::read_fixed_text(object, faults)
                } else {
                    body::read(object, setting, faults)
                };
            }
            Kind::Footer if authentication => {
                self.code_expiration_minutes = authentication::read_expiration(object, faults);
                self.footer = authentication::read_fixed_text(object, faults);
            }
            Kind::Header => self.header = header::read(object, setting, faults),
            Kind::Footer => self.footer = footer::read(object, faults),
            Kind::Buttons => self.buttons = buttons::read(object, setting, faults),
            Kind::Greeting => offer::read_greeting(object, faults),
            Kind::CallPermissionRequest => {
                self.asks_to_call = true;
                object.only(name_of(kind), &["type"], faults);
            }
            Kind::Carousel => self.cards = carousel::read(object, setting, faults),
            Kind::LimitedTimeOffer => self.offer = offer::read(object, setting, faults),
        }
    }
}

/// An element's kind, and the element as an object.
fn kind_of<'a>(element: &Node<'a>, faults: &mut Faults) -> Option<(Kind, ObjectNode<'a>)> {
    let object = element.object(faults)?;
    let kind = one_of(&object.required("type", faults)?, KINDS, true, faults)?;
    Some((kind, object))
}

fn name_of(kind: Kind) -> &'static str {
    KINDS.iter().find(|(_, candidate)| *candidate == kind).map_or("", |(name, _)| name)
}

/// How long the body may be depends on what stands beside it.
fn body_length(elements: &[Node<'_>]) -> Rule {
    let is = |element: &Value, key: &str, word: &str| {
        element.get(key).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    let values = || elements.iter().map(Node::value);
    if values().any(|element| is(element, "type", "HEADER") && is(element, "format", "PRODUCT")) {
        Rule::BodyLengthCard
    } else if values().any(|element| is(element, "type", "LIMITED_TIME_OFFER")) {
        Rule::BodyLengthOffer
    } else {
        Rule::BodyLength
    }
}
