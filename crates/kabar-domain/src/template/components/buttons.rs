//! Buttons of a template.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::Category;
use crate::template::components::header::check_shape;
use crate::template::components::{Setting, examples};
use crate::template::placeholder::Placeholders;
use crate::template::text;

mod flow;
mod link;
mod otp;
mod set;

pub use flow::{Flow, FlowName};
pub(crate) use link::is_absolute_url;
pub use otp::{Otp, OtpKind};
pub(super) use set::check_number;

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
    Otp(Otp),
    /// Copies a coupon's code, which a send gives.
    CopyCode {
        /// The example that reviewers saw.
        example: String,
    },
    /// Starts a flow.
    Flow(Flow),
    /// Opens the catalogue.
    Catalog,
    /// Opens several products, which a send names.
    Mpm,
    /// Opens the product of the header.
    Spm,
    /// Calls the business over WhatsApp.
    VoiceCall,
    /// Opens an order, which a send describes.
    OrderDetails,
    /// Asks for the recipient's contact details.
    RequestContactInfo,
    /// A kind that this crate does not know, by the upstream's name for it.
    Other(String),
}

/// Kinds of button: those of the dialect's page, and what the upstream has beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    QuickReply,
    Url,
    PhoneNumber,
    Otp,
    Mpm,
    Catalog,
    Flow,
    VoiceCall,
    CopyCode,
    Spm,
    OrderDetails,
    RequestContactInfo,
}

#[rustfmt::skip]
const KINDS: &[(&str, Kind)] = &[
    ("QUICK_REPLY", Kind::QuickReply), ("URL", Kind::Url), ("PHONE_NUMBER", Kind::PhoneNumber), ("OTP", Kind::Otp),
    ("MPM", Kind::Mpm), ("CATALOG", Kind::Catalog), ("FLOW", Kind::Flow), ("VOICE_CALL", Kind::VoiceCall),
    ("COPY_CODE", Kind::CopyCode), ("SPM", Kind::Spm), ("ORDER_DETAILS", Kind::OrderDetails),
    ("REQUEST_CONTACT_INFO", Kind::RequestContactInfo),
];

pub(super) fn name_of(kind: Kind) -> &'static str {
    KINDS.iter().find(|(_, candidate)| *candidate == kind).map_or("", |(name, _)| name)
}

impl ButtonKind {
    /// The kind's name as the upstream writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::QuickReply => name_of(Kind::QuickReply),
            Self::Url { .. } => name_of(Kind::Url),
            Self::PhoneNumber => name_of(Kind::PhoneNumber),
            Self::Otp(_) => name_of(Kind::Otp),
            Self::CopyCode { .. } => name_of(Kind::CopyCode),
            Self::Flow(_) => name_of(Kind::Flow),
            Self::Catalog => name_of(Kind::Catalog),
            Self::Mpm => name_of(Kind::Mpm),
            Self::Spm => name_of(Kind::Spm),
            Self::VoiceCall => name_of(Kind::VoiceCall),
            Self::OrderDetails => name_of(Kind::OrderDetails),
            Self::RequestContactInfo => name_of(Kind::RequestContactInfo),
            Self::Other(name) => name,
        }
    }
}

/// Reads `buttons[]` of a BUTTONS component, and what its buttons must be together.
pub(super) fn read(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Vec<Button> {
    object.only("BUTTONS", &["type", "buttons"], faults);
    let Some(list) = object.required("buttons", faults) else { return Vec::new() };
    let Some(elements) = list.array(faults) else { return Vec::new() };
    if elements.is_empty() {
        faults.push(list.fault(Rule::EmptyList));
    }
    let buttons: Vec<Button> = elements.iter().map(|element| read_one(element, setting, faults)).collect();
    set::check(&list, &elements, &buttons, setting, faults);
    buttons
}

/// Every element gives a button, so that positions stay true whatever is wrong with one of them.
fn read_one(element: &Node<'_>, setting: Setting, faults: &mut Faults) -> Button {
    let unknown = |name: &str| Button { kind: ButtonKind::Other(name.to_ascii_uppercase()), text: None };
    let Some(object) = element.object(faults) else { return unknown("") };
    let Some(type_node) = object.required("type", faults) else { return unknown("") };
    let Some(kind) = one_of(&type_node, KINDS, true, faults) else {
        return unknown(type_node.value().as_str().unwrap_or_default());
    };
    // A URL button of an authentication template is the upstream's own listing of an OTP button.
    object.only(name_of(kind), fields_of(kind), faults);
    let text = read_label(&object, kind, faults);
    let kind = match kind {
        Kind::QuickReply => ButtonKind::QuickReply,
        Kind::Url => link::read_url(&object, faults),
        Kind::PhoneNumber => link::read_phone_number(&object, faults),
        Kind::Otp => {
            if setting.is_not(Category::Authentication) {
                faults.push(type_node.fault(Rule::OtpCategory));
            }
            ButtonKind::Otp(otp::read(&object, faults))
        }
        Kind::Flow => ButtonKind::Flow(flow::read(&object, faults)),
        Kind::CopyCode => read_copy_code(&object, faults),
        Kind::Mpm => ButtonKind::Mpm,
        Kind::Catalog => ButtonKind::Catalog,
        Kind::Spm => ButtonKind::Spm,
        Kind::VoiceCall => ButtonKind::VoiceCall,
        Kind::OrderDetails => ButtonKind::OrderDetails,
        Kind::RequestContactInfo => ButtonKind::RequestContactInfo,
    };
    Button { kind, text: text.map(str::to_owned) }
}

/// The fields that a button may have. The dialect's page lists `example` for a button of any kind; where the upstream has
/// no use for one, it is not passed on.
const fn fields_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Url => &["type", "text", "url", "example", "app_deep_link"],
        Kind::PhoneNumber => &["type", "text", "phone_number", "example"],
        Kind::CopyCode => &["type", "example"],
        Kind::Flow => {
            &["type", "text", "flow_id", "flow_name", "flow_json", "flow_action", "navigate_screen", "icon", "example"]
        }
        Kind::Otp => otp::FIELDS,
        Kind::QuickReply
        | Kind::Mpm
        | Kind::Catalog
        | Kind::VoiceCall
        | Kind::Spm
        | Kind::OrderDetails
        | Kind::RequestContactInfo => &["type", "text", "example"],
    }
}

fn read_label<'a>(object: &ObjectNode<'a>, kind: Kind, faults: &mut Faults) -> Option<&'a str> {
    let node = match kind {
        // The upstream has a label of its own for a code to be copied, and one in each language for login codes.
        Kind::CopyCode => return object.optional("text").and_then(|node| node.value().as_str()),
        Kind::Otp => object.optional("text")?,
        Kind::QuickReply
        | Kind::Url
        | Kind::PhoneNumber
        | Kind::Mpm
        | Kind::Catalog
        | Kind::Flow
        | Kind::VoiceCall
        | Kind::Spm
        | Kind::OrderDetails
        | Kind::RequestContactInfo => object.required("text", faults)?,
    };
    let text = read_label_at(&node, faults)?;
    let fixed = match kind {
        Kind::Catalog => Some(Rule::LabelCatalog),
        Kind::Mpm => Some(Rule::LabelMpm),
        Kind::Spm => Some(Rule::LabelSpm),
        Kind::RequestContactInfo => Some(Rule::LabelContactInfo),
        Kind::QuickReply
        | Kind::Url
        | Kind::PhoneNumber
        | Kind::Otp
        | Kind::Flow
        | Kind::VoiceCall
        | Kind::CopyCode
        | Kind::OrderDetails => None,
    };
    if let Some(rule) = fixed.filter(|rule| !rule.row().words.contains(&text)) {
        faults.push(node.fault(rule));
    }
    if kind == Kind::VoiceCall {
        text::check_length(&node, text, Rule::LabelVoiceCall, faults);
    }
    Some(text)
}

/// A label: short, and nothing but text.
fn read_label_at<'a>(node: &Node<'a>, faults: &mut Faults) -> Option<&'a str> {
    let text = node.text(faults)?;
    text::check_length(node, text, Rule::LabelLength, faults);
    let placeholders = Placeholders::of(text);
    if placeholders.is_empty() {
        check_shape(node, &placeholders, Rule::LabelShape, faults);
    } else {
        let found = placeholders.names().first().map_or_else(String::new, |name| format!("{{{{{name}}}}}"));
        faults.push(node.fault(Rule::LabelShape).with("found", found));
    }
    Some(text)
}

fn read_copy_code(object: &ObjectNode<'_>, faults: &mut Faults) -> ButtonKind {
    let Some(node) = examples::read_one(object, faults) else { return ButtonKind::CopyCode { example: String::new() } };
    let code = node.value().as_str().unwrap_or_default();
    text::check_length(&node, code, Rule::CopyCodeLength, faults);
    if Rule::CopyCodeLength.allows(code.chars().count()) {
        text::check_length(&node, code, Rule::CopyCodeClose, faults);
    }
    ButtonKind::CopyCode { example: code.to_owned() }
}
