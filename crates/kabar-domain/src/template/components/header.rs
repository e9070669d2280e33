//! HEADER: what stands above the text.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::sample::Purpose;
use crate::template::Category;
use crate::template::components::{Setting, examples};
use crate::template::placeholder::Placeholders;
use crate::template::text;

/// What stands above the text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// A line of text, with at most one variable.
    Text(String),
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A short film that plays by itself.
    Gif,
    /// A file.
    Document,
    /// A place on a map.
    Location,
    /// A product of the catalogue.
    Product,
    /// Something newer, by the upstream's name for it.
    Other(String),
}

impl Header {
    /// The format by the upstream's name for it.
    pub fn format(&self) -> &str {
        match self {
            Self::Text(_) => "TEXT",
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::Gif => "GIF",
            Self::Document => "DOCUMENT",
            Self::Location => "LOCATION",
            Self::Product => "PRODUCT",
            Self::Other(format) => format,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Image,
    Document,
    Video,
    Location,
    Gif,
    Product,
}

#[rustfmt::skip]
const FORMATS: &[(&str, Format)] = &[
    ("TEXT", Format::Text), ("IMAGE", Format::Image), ("DOCUMENT", Format::Document), ("VIDEO", Format::Video),
    ("LOCATION", Format::Location), ("GIF", Format::Gif), ("PRODUCT", Format::Product),
];

pub(super) fn read(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Option<Header> {
    let format = object.required("format", faults)?;
    let Some(known) = one_of(&format, FORMATS, true, faults) else {
        return format.value().as_str().map(|text| Header::Other(text.to_ascii_uppercase()));
    };
    let fields: &[&str] = match known {
        Format::Text => &["type", "format", "text", "example"],
        Format::Image | Format::Document | Format::Video | Format::Gif => &["type", "format", "example"],
        Format::Location | Format::Product => &["type", "format"],
    };
    object.only(&format!("HEADER {}", name_of(known)), fields, faults);
    let (header, purpose) = match known {
        Format::Text => return read_text(object, setting, faults),
        Format::Location => return Some(Header::Location),
        Format::Product => {
            if setting.is_not(Category::Marketing) {
                faults.push(object.fault("format", Rule::HeaderProductCategory));
            }
            return Some(Header::Product);
        }
        Format::Gif => {
            faults.push(object.fault("format", Rule::HeaderGif));
            (Header::Gif, Purpose::Gif)
        }
        Format::Image => (Header::Image, Purpose::Image),
        Format::Video => (Header::Video, Purpose::Video),
        Format::Document => (Header::Document, Purpose::Document),
    };
    examples::check_handle(object, purpose, faults);
    Some(header)
}

fn name_of(format: Format) -> &'static str {
    FORMATS.iter().find(|(_, candidate)| *candidate == format).map_or("", |(name, _)| name)
}

fn read_text(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Option<Header> {
    let node = object.required("text", faults)?;
    let text = node.text(faults)?;
    let placeholders = Placeholders::of(text);
    placeholders.check(setting.format, node.path(), faults);
    if !Rule::HeaderPlaceholders.allows(placeholders.count()) {
        faults.push(node.fault(Rule::HeaderPlaceholders));
    }
    text::check_length(&node, text, Rule::HeaderLength, faults);
    check_shape(&node, &placeholders, Rule::HeaderShape, faults);
    examples::check_header(object, &placeholders, setting.format, faults);
    Some(Header::Text(text.to_owned()))
}

/// Notes line breaks, emoji and formatting by the rule, and what may be formatting as a warning.
pub(super) fn check_shape(node: &Node<'_>, placeholders: &Placeholders<'_>, rule: Rule, faults: &mut Faults) {
    let mut found = text::line_breaks_and_emoji(node.value().as_str().unwrap_or_default());
    found.extend(text::formatting(placeholders));
    if !found.is_empty() {
        faults.push(node.fault(rule).with("found", found.join(", ")));
    }
    let lone = text::lone_marks(placeholders);
    if !lone.is_empty() {
        faults.push(node.fault(Rule::FormattingMark).with("found", lone.join(" ")));
    }
}
