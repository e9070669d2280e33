//! The body of a send request, read as far as it can be understood, with every fault noted.
//!
//! Both spellings of the page and of its callers are understood (`sub_types` and `sub_type`, `url_dynamic` and `url`,
//! an index as number or as digits, one object or a list), and fields that nobody knows are passed over. The caption of
//! a document becomes the name under which the recipient sees the file; a picture's or a film's has no place in the
//! upstream's template messages, and is dropped.

use kabar_domain::fault::{Faults, Path};
use kabar_domain::ids::TemplateCode;
use kabar_domain::phone::{InvalidPhoneNumber, PhoneNumber};
use kabar_domain::reading::{Node, ObjectNode, one_of};
use kabar_domain::rule::Rule;
use kabar_domain::send::{ButtonUse, Media, Parameter, Part, Position, Spot, Values};
use serde_json::Value;

/// What was understood of a body, and what was not.
#[derive(Debug)]
pub(super) struct Reading {
    /// What is wrong with it so far: the template may find more.
    pub(super) faults: Faults,
    pub(super) template: Option<TemplateCode>,
    pub(super) recipient: Option<PhoneNumber>,
    /// The values, as many as could be read; `None` where there is no list of them to speak of.
    pub(super) values: Option<Values>,
    pub(super) spelling: Spelling,
}

/// How the caller spelled the values, so that later faults name them in the caller's own words.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    parts: Vec<PartSpelling>,
}

#[derive(Debug)]
struct PartSpelling {
    /// The part's place in `payload`, which parts that could not be read have as well.
    place: usize,
    /// Under which key a button's kind stands.
    kind_key: &'static str,
    /// Whether `parameters` is the one parameter itself.
    one_object: bool,
}

impl Spelling {
    /// Where in the body something stands.
    pub(super) fn path_of(&self, spot: Spot) -> Path {
        let payload = payload_path();
        let part = |part: usize| match self.parts.get(part) {
            Some(spelling) => payload.index(spelling.place),
            None => payload.clone(),
        };
        match spot {
            Spot::Values => payload,
            Spot::Part(place) => part(place),
            Spot::Position(place) => part(place).key("position"),
            Spot::ButtonIndex(place) => part(place).key("index"),
            Spot::ButtonKind(place) => part(place).key(self.parts.get(place).map_or(SUB_TYPES, |part| part.kind_key)),
            Spot::Parameters(place) => part(place).key("parameters"),
            Spot::Parameter(place, index) => {
                let parameters = part(place).key("parameters");
                let one_object = self.parts.get(place).is_some_and(|part| part.one_object);
                if one_object { parameters } else { parameters.index(index) }
            }
        }
    }
}

const SUB_TYPES: &str = "sub_types";
const SUB_TYPE: &str = "sub_type";

fn payload_path() -> Path {
    Path::root().key("message").key("template").key("payload")
}

/// Reads a body.
pub(super) fn read(body: &Value) -> Reading {
    let mut reading = Reading {
        faults: Faults::none(),
        template: None,
        recipient: None,
        values: None,
        spelling: Spelling::default(),
    };
    let mut faults = Faults::none();
    if let Some(object) = Node::root(body).object(&mut faults) {
        if let Some(message) = object.required("message", &mut faults).and_then(|node| node.object(&mut faults)) {
            read_message(&message, &mut reading, &mut faults);
        }
        reading.recipient =
            object.required("phone_number", &mut faults).and_then(|node| read_phone(&node, &mut faults));
    }
    reading.faults = faults;
    reading
}

fn read_message(message: &ObjectNode<'_>, reading: &mut Reading, faults: &mut Faults) {
    if let Some(kind) = message.required("type", faults) {
        one_of(&kind, &[("template", ())], false, faults);
    }
    let Some(template) = message.required("template", faults).and_then(|node| node.object(faults)) else { return };
    reading.template = template.required_text("template_code_id", faults).map(TemplateCode::from_caller);
    reading.values = match template.optional("payload") {
        None => Some(Values::default()),
        Some(payload) => payload.array(faults).map(|parts| read_parts(&parts, &mut reading.spelling, faults)),
    };
}

fn read_phone(node: &Node<'_>, faults: &mut Faults) -> Option<PhoneNumber> {
    match PhoneNumber::parse(node.text(faults)?) {
        Ok(number) => Some(number),
        Err(invalid) => {
            faults.push(node.fault(match invalid {
                InvalidPhoneNumber::CountryCode => Rule::CountryCode,
                InvalidPhoneNumber::NotDigits
                | InvalidPhoneNumber::TooShort
                | InvalidPhoneNumber::TooLong
                | InvalidPhoneNumber::Impossible => Rule::PhoneNumber,
            }));
            None
        }
    }
}

fn read_parts(nodes: &[Node<'_>], spelling: &mut Spelling, faults: &mut Faults) -> Values {
    let mut parts = Vec::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        let Some(object) = node.object(faults) else { continue };
        let kind_key = if object.optional(SUB_TYPES).is_none() && object.optional(SUB_TYPE).is_some() {
            SUB_TYPE
        } else {
            SUB_TYPES
        };
        if let Some((part, one_object)) = read_part(&object, kind_key, faults) {
            parts.push(part);
            spelling.parts.push(PartSpelling { place, kind_key, one_object });
        }
    }
    Values(parts)
}

/// The kinds of part, before it is known which button.
#[derive(Debug, Clone, Copy)]
enum Place {
    Header,
    Body,
    Button,
}

const PLACES: &[(&str, Place)] = &[("header", Place::Header), ("body", Place::Body), ("button", Place::Button)];

/// Gives the part, and whether its parameters are one object.
fn read_part(object: &ObjectNode<'_>, kind_key: &'static str, faults: &mut Faults) -> Option<(Part, bool)> {
    let place = object.required("position", faults).and_then(|node| one_of(&node, PLACES, false, faults));
    let position = match place {
        None => None,
        Some(Place::Header) => Some(Position::Header),
        Some(Place::Body) => Some(Position::Body),
        Some(Place::Button) => {
            let kind = object.required(kind_key, faults).and_then(|node| read_kind(&node, faults));
            let index = object.required("index", faults).and_then(|node| read_index(&node, faults));
            kind.zip(index).map(|(kind, index)| Position::Button { kind, index })
        }
    };
    let given = object.required("parameters", faults);
    let one_object =
        matches!(place, Some(Place::Button)) && given.as_ref().is_some_and(|node| node.value().is_object());
    let nodes = match given {
        None => Vec::new(),
        Some(object) if one_object => vec![object],
        Some(list) => list.array(faults).unwrap_or_default(),
    };
    // Without a place nobody knows what kinds of value would be right.
    let place = place?;
    let parameters =
        nodes.iter().map(|node| read_parameter(node, place, faults).unwrap_or(Parameter::Unreadable)).collect();
    Some((Part { position: position?, parameters }, one_object))
}

fn read_kind(node: &Node<'_>, faults: &mut Faults) -> Option<ButtonUse> {
    // `url` is what callers write; the page, and so the sentence, has the others.
    if node.value().as_str() == Some("url") {
        return Some(ButtonUse::UrlSuffix);
    }
    let kinds = [("quick_reply", ButtonUse::QuickReply), ("url_dynamic", ButtonUse::UrlSuffix)];
    one_of(node, &kinds, false, faults)
}

fn read_index(node: &Node<'_>, faults: &mut Faults) -> Option<usize> {
    if let Some(text) = node.value().as_str()
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(index) = text.parse()
    {
        return Some(index);
    }
    node.count(faults).and_then(|index| usize::try_from(index).ok())
}

/// The kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Image,
    Video,
    Document,
    Payload,
}

const IN_HEADER: &[(&str, Kind)] =
    &[("text", Kind::Text), ("image", Kind::Image), ("video", Kind::Video), ("document", Kind::Document)];
const IN_BODY: &[(&str, Kind)] = &[("text", Kind::Text)];
const IN_BUTTON: &[(&str, Kind)] = &[("payload", Kind::Payload), ("text", Kind::Text)];

fn read_parameter(node: &Node<'_>, place: Place, faults: &mut Faults) -> Option<Parameter> {
    let object = node.object(faults)?;
    let kinds = match place {
        Place::Header => IN_HEADER,
        Place::Body => IN_BODY,
        Place::Button => IN_BUTTON,
    };
    let kind = object.required("type", faults).and_then(|node| one_of(&node, kinds, false, faults))?;
    match kind {
        Kind::Text => object.required_text("text", faults).map(|text| Parameter::Text(text.to_owned())),
        Kind::Payload => object.required_text("payload", faults).map(|text| Parameter::Payload(text.to_owned())),
        Kind::Image => read_media(&object, "image", faults).map(Parameter::Image),
        Kind::Video => read_media(&object, "video", faults).map(Parameter::Video),
        Kind::Document => read_media(&object, "document", faults).map(Parameter::Document),
    }
}

fn read_media(object: &ObjectNode<'_>, key: &'static str, faults: &mut Faults) -> Option<Media> {
    let media = object.required(key, faults)?.object(faults)?;
    let caption = media.optional("caption").and_then(|node| node.string(faults)).filter(|text| !text.trim().is_empty());
    let node = media.required("url", faults)?;
    let url = node.text(faults)?;
    let is_web = |scheme: &str| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if !url.split_once("://").is_some_and(|(scheme, _)| is_web(scheme)) {
        faults.push(node.fault(Rule::MediaUrl));
        return None;
    }
    Some(Media { url: url.to_owned(), filename: caption.map(str::to_owned) })
}

#[cfg(test)]
#[path = "read/tests.rs"]
mod tests;
