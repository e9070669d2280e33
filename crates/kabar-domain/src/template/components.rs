//! The components of a template, read from JSON: as far as they can be understood, with every fault noted.
//!
//! Reading never fails: what an app wants to create is refused when anything was noted, and what the upstream already has
//! is taken as it is. Letter case of the enums does not count, since the upstream's own answers and examples use both.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::Category;
use crate::template::placeholder::Placeholders;

mod buttons;
mod examples;

pub(crate) use buttons::is_absolute_url;
pub use buttons::{Button, ButtonKind};

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
    /// Kinds of component that are passed on as they are, such as `CAROUSEL`.
    pub others: Vec<&'static str>,
}

/// What stands above the text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// A line of text, with at most one variable.
    Text(String),
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A place on a map.
    Location,
    /// Something newer, by the upstream's name for it.
    Other(String),
}

/// Kinds of component, as the dialect's page lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Greeting,
    Header,
    Body,
    Footer,
    Buttons,
    Carousel,
    LimitedTimeOffer,
}

#[rustfmt::skip]
const KINDS: &[(&str, Kind)] = &[
    ("GREETING", Kind::Greeting), ("HEADER", Kind::Header), ("BODY", Kind::Body), ("FOOTER", Kind::Footer),
    ("BUTTONS", Kind::Buttons), ("CAROUSEL", Kind::Carousel), ("LIMITED_TIME_OFFER", Kind::LimitedTimeOffer),
];

/// Formats of a header, as the dialect's page lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Image,
    Document,
    Video,
    Location,
}

#[rustfmt::skip]
const FORMATS: &[(&str, Format)] = &[
    ("TEXT", Format::Text), ("IMAGE", Format::Image), ("DOCUMENT", Format::Document), ("VIDEO", Format::Video),
    ("LOCATION", Format::Location),
];

impl Components {
    /// Reads the array at `node`.
    pub fn read(node: &Node<'_>, category: Option<Category>, faults: &mut Faults) -> Self {
        let mut components = Self::default();
        let Some(elements) = node.array(faults) else { return components };
        let mut seen: Vec<Kind> = Vec::new();
        for element in &elements {
            let Some(object) = element.object(faults) else { continue };
            let Some(type_node) = object.required("type", faults) else { continue };
            let Some(kind) = one_of(&type_node, KINDS, true, faults) else { continue };
            if seen.contains(&kind) {
                faults.push(element.fault(Rule::ComponentTwice).with("component", name_of(kind)));
                continue;
            }
            seen.push(kind);
            components.read_one(kind, &object, category, faults);
        }
        if !components.has_body {
            faults.push(node.fault(Rule::BodyMissing));
        }
        components
    }

    fn read_one(&mut self, kind: Kind, object: &ObjectNode<'_>, category: Option<Category>, faults: &mut Faults) {
        match kind {
            Kind::Header => self.header = read_header(object, faults),
            Kind::Body => {
                self.has_body = true;
                self.body = read_body(object, category, faults);
            }
            Kind::Footer => self.footer = read_footer(object, category, faults),
            Kind::Buttons => self.buttons = buttons::read(object, faults),
            Kind::Greeting => read_greeting(object, faults),
            Kind::Carousel | Kind::LimitedTimeOffer => self.others.push(name_of(kind)),
        }
    }
}

fn name_of(kind: Kind) -> &'static str {
    KINDS.iter().find(|(_, candidate)| *candidate == kind).map_or("", |(name, _)| name)
}

fn read_header(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<Header> {
    let format = object.required("format", faults)?;
    let Some(known) = one_of(&format, FORMATS, true, faults) else {
        return format.value().as_str().map(|text| Header::Other(text.to_ascii_uppercase()));
    };
    match known {
        Format::Text => {
            let text = object.required_text("text", faults)?;
            let path = object.path().key("text");
            let placeholders = Placeholders::of(text);
            placeholders.check_numbered(&path, faults);
            if placeholders.count() > 1 {
                faults.push(object.fault("text", Rule::HeaderPlaceholders));
            }
            examples::check_list(object, "header_text", placeholders.count(), faults);
            Some(Header::Text(text.to_owned()))
        }
        Format::Location => Some(Header::Location),
        Format::Image | Format::Document | Format::Video => {
            examples::check_handle(object, faults);
            Some(match known {
                Format::Image => Header::Image,
                Format::Video => Header::Video,
                Format::Document | Format::Text | Format::Location => Header::Document,
            })
        }
    }
}

fn read_body(object: &ObjectNode<'_>, category: Option<Category>, faults: &mut Faults) -> Option<String> {
    if category == Some(Category::Authentication) {
        // The upstream writes the text itself, and answers with it when the template is read.
        let text = object.optional("text");
        if let Some(text) = &text {
            faults.push(text.fault(Rule::AuthenticationFixed));
        }
        if let Some(flag) = object.optional("add_security_recommendation") {
            flag.boolean(faults);
        }
        return text.and_then(|text| text.value().as_str()).map(str::to_owned);
    }
    let text = object.required_text("text", faults)?;
    let placeholders = Placeholders::of(text);
    placeholders.check_numbered(&object.path().key("text"), faults);
    examples::check_rows(object, "body_text", placeholders.count(), faults);
    Some(text.to_owned())
}

fn read_footer(object: &ObjectNode<'_>, category: Option<Category>, faults: &mut Faults) -> Option<String> {
    if category == Some(Category::Authentication) {
        if let Some(minutes) = object.optional("code_expiration_minutes")
            && let Some(minutes_count) = minutes.count(faults)
            && !(1..=90).contains(&minutes_count)
        {
            faults.push(minutes.fault(Rule::OutOfRange).with("min", 1).with("max", 90));
        }
        let text = object.optional("text");
        if let Some(text) = &text {
            faults.push(text.fault(Rule::AuthenticationFixed));
        }
        return text.and_then(|text| text.value().as_str()).map(str::to_owned);
    }
    let text = object.required_text("text", faults)?;
    if !Placeholders::of(text).is_empty() {
        faults.push(object.fault("text", Rule::FooterPlaceholder));
    }
    Some(text.to_owned())
}

/// GREETING has no documented shape: an object with an optional text of at most 1,024 characters.
fn read_greeting(object: &ObjectNode<'_>, faults: &mut Faults) {
    if let Some(node) = object.optional("text")
        && let Some(text) = node.string(faults)
    {
        let length = text.chars().count();
        if length > 1024 {
            faults.push(node.fault(Rule::TooLong).with("max", 1024).with("got", length));
        }
    }
}
