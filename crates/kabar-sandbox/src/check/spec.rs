//! What a send by a template must provide, worked out from its components as they are read back.

use serde_json::Value;

use crate::check::placeholders;

/// The variables of a template and where they stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spec {
    pub(crate) named: bool,
    pub(crate) authentication: bool,
    pub(crate) header: Header,
    pub(crate) body: Text,
    pub(crate) buttons: Vec<Button>,
    pub(crate) cards: Vec<Self>,
    pub(crate) has_offer: bool,
    /// It has a limited-time offer whose end must be given.
    pub(crate) offer_expires: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) enum Header {
    #[default]
    None,
    Text(Text),
    /// One parameter of this kind, in lower case: `image`, `video`, `document`, `gif`, `location`, `product`.
    Of(&'static str),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// The distinct variables.
    pub(crate) variables: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Button {
    pub(crate) kind: ButtonKind,
    /// A send must have a parameter for it.
    pub(crate) needs_parameter: bool,
}

/// A kind of button that a template has or a send names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ButtonKind {
    /// In templates, and in either case as `sub_type`.
    pub(crate) wire: &'static str,
    /// In error details.
    pub(crate) name: &'static str,
}

pub(crate) const BUTTON_KINDS: [ButtonKind; 11] = [
    ButtonKind { wire: "URL", name: "Url" },
    ButtonKind { wire: "QUICK_REPLY", name: "QuickReply" },
    ButtonKind { wire: "PHONE_NUMBER", name: "PhoneNumber" },
    ButtonKind { wire: "COPY_CODE", name: "CopyCode" },
    ButtonKind { wire: "FLOW", name: "Flow" },
    ButtonKind { wire: "CATALOG", name: "Catalog" },
    ButtonKind { wire: "MPM", name: "Mpm" },
    ButtonKind { wire: "SPM", name: "Spm" },
    ButtonKind { wire: "VOICE_CALL", name: "VoiceCall" },
    ButtonKind { wire: "ORDER_DETAILS", name: "OrderDetails" },
    ButtonKind { wire: "REQUEST_CONTACT_INFO", name: "RequestContactInfo" },
];

impl ButtonKind {
    pub(crate) fn of(text: &str) -> Option<Self> {
        BUTTON_KINDS.into_iter().find(|kind| kind.wire.eq_ignore_ascii_case(text))
    }
}

/// Kinds of header that take one parameter, as a template and as a parameter spells them.
pub(crate) const HEADER_KINDS: [(&str, &str); 6] = [
    ("IMAGE", "image"),
    ("VIDEO", "video"),
    ("DOCUMENT", "document"),
    ("GIF", "gif"),
    ("LOCATION", "location"),
    ("PRODUCT", "product"),
];

impl Spec {
    /// Reads stored components.
    pub(crate) fn of(components: &[Value], named: bool, category: &str) -> Self {
        // The variable of a login code's text is the platform's own, whatever the template says of variables.
        let authentication = category == "AUTHENTICATION";
        let mut spec = Self { named: named && !authentication, authentication, ..Self::default() };
        for component in components {
            match component["type"].as_str().unwrap_or_default() {
                "HEADER" => spec.header = header(component),
                "BODY" => spec.body = text(component),
                "BUTTONS" => {
                    let buttons = component["buttons"].as_array();
                    spec.buttons = buttons.into_iter().flatten().filter_map(button).collect();
                }
                "CAROUSEL" => {
                    let cards = component["cards"].as_array();
                    let components = cards.into_iter().flatten().filter_map(|card| card["components"].as_array());
                    spec.cards = components.map(|components| Self::of(components, named, category)).collect();
                }
                "LIMITED_TIME_OFFER" => {
                    spec.has_offer = true;
                    spec.offer_expires = component["limited_time_offer"]["has_expiration"] == Value::Bool(true);
                }
                _ => {}
            }
        }
        spec
    }
}

fn header(component: &Value) -> Header {
    let format = component["format"].as_str().unwrap_or("TEXT");
    match HEADER_KINDS.iter().find(|(wire, _)| *wire == format) {
        Some((_, parameter)) => Header::Of(parameter),
        None => Header::Text(text(component)),
    }
}

fn text(component: &Value) -> Text {
    let text = component["text"].as_str().unwrap_or_default();
    Text { text: text.to_owned(), variables: placeholders::distinct(text).into_iter().map(str::to_owned).collect() }
}

fn button(button: &Value) -> Option<Button> {
    let kind = ButtonKind::of(button["type"].as_str()?)?;
    let needs_parameter = match kind.wire {
        "URL" => !placeholders::names(button["url"].as_str().unwrap_or_default()).is_empty(),
        "COPY_CODE" | "MPM" | "ORDER_DETAILS" => true,
        _ => false,
    };
    Some(Button { kind, needs_parameter })
}
