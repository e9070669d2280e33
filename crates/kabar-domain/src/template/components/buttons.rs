//! Buttons of a template.

use crate::fault::{Fault, Faults};
use crate::phone::PhoneNumber;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::placeholder::Placeholders;

/// A button as far as a send is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its kind.
    pub kind: ButtonKind,
    /// Its label, where it has one of its own.
    pub text: Option<String>,
}

/// Kinds of button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ButtonKind {
    /// Answers with a payload.
    QuickReply,
    /// Opens a page; with a variable at the end of its URL, or without.
    Url {
        /// The URL as the template has it.
        url: String,
        /// Whether a send must say how the URL ends.
        dynamic: bool,
    },
    /// Calls a number.
    PhoneNumber,
    /// Copies or fills in a login code.
    Otp,
    /// A kind whose value this crate does not bind, by the upstream's name for it.
    Other(String),
}

/// Kinds of button, as the dialect's page lists them, and what the upstream has beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    QuickReply,
    Url,
    PhoneNumber,
    Otp,
    Flow,
    Passed(&'static str),
}

#[rustfmt::skip]
const KINDS: &[(&str, Kind)] = &[
    ("QUICK_REPLY", Kind::QuickReply), ("URL", Kind::Url), ("PHONE_NUMBER", Kind::PhoneNumber), ("OTP", Kind::Otp),
    ("MPM", Kind::Passed("MPM")), ("CATALOG", Kind::Passed("CATALOG")), ("FLOW", Kind::Flow),
    ("VOICE_CALL", Kind::Passed("VOICE_CALL")),
];

/// Reads `buttons[]` of a BUTTONS component.
pub(super) fn read(object: &ObjectNode<'_>, faults: &mut Faults) -> Vec<Button> {
    let Some(list) = object.required("buttons", faults) else { return Vec::new() };
    let Some(elements) = list.array(faults) else { return Vec::new() };
    if elements.is_empty() {
        faults.push(list.fault(Rule::EmptyList));
    }
    elements.iter().map(|element| read_one(element, faults)).collect()
}

/// Every element gives a button, so that positions stay true whatever is wrong with one of them.
fn read_one(element: &Node<'_>, faults: &mut Faults) -> Button {
    let unknown = |name: &str| Button { kind: ButtonKind::Other(name.to_ascii_uppercase()), text: None };
    let Some(object) = element.object(faults) else { return unknown("") };
    let Some(type_node) = object.required("type", faults) else { return unknown("") };
    let Some(kind) = one_of(&type_node, KINDS, true, faults) else {
        return unknown(type_node.value().as_str().unwrap_or_default());
    };
    let text = match kind {
        // The upstream has a label of its own for these.
        Kind::Otp | Kind::Passed(_) => object.optional("text").and_then(|node| node.text(faults)),
        Kind::QuickReply | Kind::Url | Kind::PhoneNumber | Kind::Flow => object.required_text("text", faults),
    };
    let kind = match kind {
        Kind::QuickReply => ButtonKind::QuickReply,
        Kind::Url => read_url(&object, faults),
        Kind::PhoneNumber => {
            if let Some(node) = object.required("phone_number", faults)
                && !is_phone_number(&node)
            {
                faults.push(node.fault(Rule::ButtonPhone));
            }
            ButtonKind::PhoneNumber
        }
        Kind::Otp => {
            if let Some(node) = object.required("otp_type", faults) {
                one_of(&node, &[("COPY_CODE", ()), ("ONE_TAP", ()), ("ZERO_TAP", ())], true, faults);
            }
            ButtonKind::Otp
        }
        Kind::Flow => {
            if let Some(node) = object.required("flow_id", faults)
                && !node.value().is_u64()
            {
                node.text(faults);
            }
            ButtonKind::Other("FLOW".to_owned())
        }
        Kind::Passed(name) => ButtonKind::Other(name.to_owned()),
    };
    Button { kind, text: text.map(str::to_owned) }
}

/// The page calls it a string, and its sample error a number: digits with an optional `+`, or a JSON number.
fn is_phone_number(node: &Node<'_>) -> bool {
    let text = match node.value().as_str() {
        Some(text) => text.to_owned(),
        None => match node.value().as_u64() {
            Some(number) => number.to_string(),
            None => return false,
        },
    };
    // A local number is the upstream's to judge; what is not made of digits is no number at all.
    PhoneNumber::parse(&text).is_ok()
        || (text.len() <= 20
            && text.strip_prefix('+').unwrap_or(&text).bytes().all(|b| b.is_ascii_digit())
            && text.len() > 1)
}

fn read_url(object: &ObjectNode<'_>, faults: &mut Faults) -> ButtonKind {
    let Some(url) = object.required_text("url", faults) else {
        return ButtonKind::Url { url: String::new(), dynamic: false };
    };
    let path = object.path().key("url");
    if !is_absolute_url(url) {
        faults.push(Fault::new(path.clone(), Rule::NotUrl));
    }
    let placeholders = Placeholders::of(url);
    placeholders.check_numbered(&path, faults);
    let dynamic = !placeholders.is_empty();
    if placeholders.occurrences() > 1 || (dynamic && !url.trim_end().ends_with("}}")) {
        faults.push(Fault::new(path, Rule::UrlPlaceholder));
    }
    if dynamic {
        check_example(object, faults);
    }
    ButtonKind::Url { url: url.to_owned(), dynamic }
}

/// `example` of a URL button: a list with one text; the upstream takes a bare text too.
fn check_example(object: &ObjectNode<'_>, faults: &mut Faults) {
    let Some(node) = object.required("example", faults) else { return };
    if node.value().is_string() {
        node.text(faults);
        return;
    }
    let Some(texts) = node.array(faults) else { return };
    if texts.len() != 1 {
        faults.push(node.fault(Rule::ExampleCount).with("want", 1).with("got", texts.len()));
    }
    for text in &texts {
        text.text(faults);
    }
}

/// Whether a text is a URL with a scheme of the web and a host.
pub(crate) fn is_absolute_url(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &text[8..]
    } else if lower.starts_with("http://") {
        &text[7..]
    } else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
