//! The buttons of a new template: how many of which kind, in what order, and what each must have.

use serde_json::{Map, Value};

use crate::check::components::{at_most, missing, n_filled, only, text_of};
use crate::check::keys::{object, one_of, required_string, string};
use crate::check::send::is_web_address;
use crate::check::{placeholders, text};
use crate::graph::errors::GraphError;

const KINDS: [&str; 11] = [
    "QUICK_REPLY",
    "URL",
    "PHONE_NUMBER",
    "COPY_CODE",
    "FLOW",
    "CATALOG",
    "MPM",
    "SPM",
    "VOICE_CALL",
    "ORDER_DETAILS",
    "REQUEST_CONTACT_INFO",
];

/// Labels that are the platform's own.
const FIXED_LABELS: [(&str, &str); 4] = [
    ("CATALOG", "View catalog"),
    ("MPM", "View items"),
    ("SPM", "View"),
    ("REQUEST_CONTACT_INFO", "Share Contact Info"),
];

const MAX_BUTTONS: usize = 10;
/// Characters.
const MAX_LABEL_CHARS: usize = 25;
const MAX_URL_CHARS: usize = 2_000;
/// The platform's pages say both 15 and 20.
const MAX_CODE_CHARS: usize = 20;

/// Checks the buttons of a component. Those of a limited-time offer begin with the code.
pub(crate) fn check(component: &Map<String, Value>, path: &str, is_offer: bool) -> Result<(), GraphError> {
    let buttons = component.get("buttons").and_then(Value::as_array).filter(|buttons| !buttons.is_empty());
    let buttons = buttons.ok_or_else(|| missing("BUTTONS", "buttons"))?;
    let path = format!("{path}['buttons']");
    let mut kinds = Vec::new();
    for (index, button) in buttons.iter().enumerate() {
        let path = format!("{path}[{index}]");
        kinds.push(check_button(object(button, &path)?, &path)?);
    }
    check_counts(&kinds, &path)?;
    check_order(&kinds, &path, is_offer)
}

fn check_counts(kinds: &[&str], path: &str) -> Result<(), GraphError> {
    if kinds.len() > MAX_BUTTONS {
        return Err(GraphError::parameter(format!("Param {path} must have at most {MAX_BUTTONS} elements.")));
    }
    for kind in KINDS {
        let max = match kind {
            "QUICK_REPLY" => MAX_BUTTONS,
            "URL" => 2,
            _ => 1,
        };
        if kinds.iter().filter(|other| **other == kind).count() > max {
            let message = format!("Param {path} must have at most {max} buttons of type {kind}.");
            return Err(GraphError::parameter(message));
        }
    }
    Ok(())
}

/// Quick replies stand together, before the others or behind them.
fn check_order(kinds: &[&str], path: &str, is_offer: bool) -> Result<(), GraphError> {
    let n_turns = kinds.windows(2).filter(|pair| (pair[0] == "QUICK_REPLY") != (pair[1] == "QUICK_REPLY")).count();
    if n_turns > 1 {
        let message = format!("Param {path} must have its buttons of type QUICK_REPLY grouped together.");
        return Err(GraphError::parameter(message));
    }
    let place = |kind: &str| kinds.iter().position(|other| *other == kind);
    match (place("COPY_CODE"), place("URL")) {
        (Some(code), Some(url)) if is_offer && code > url => {
            let message = format!("Param {path} must have the button of type COPY_CODE before the one of type URL.");
            Err(GraphError::parameter(message))
        }
        _ => Ok(()),
    }
}

/// Checks a button; gives its kind.
fn check_button(button: &Map<String, Value>, path: &str) -> Result<&'static str, GraphError> {
    let type_path = format!("{path}['type']");
    let kind = one_of(required_string(button, "type", &type_path)?, &KINDS, &type_path)?;
    let known: &[&str] = match kind {
        "URL" => &["type", "text", "url", "example", "app_deep_link"],
        "PHONE_NUMBER" => &["type", "text", "phone_number"],
        "COPY_CODE" => &["type", "example"],
        "FLOW" => &["type", "text", "flow_id", "flow_name", "flow_json", "flow_action", "navigate_screen", "icon"],
        _ => &["type", "text"],
    };
    only(button, "BUTTONS", known)?;
    if kind != "COPY_CODE" {
        check_label(text_of(button, "BUTTONS")?, kind, path)?;
    }
    match kind {
        "URL" => check_url(button, path)?,
        "PHONE_NUMBER" => check_phone_number(button, path)?,
        "COPY_CODE" => at_most(example(button).ok_or_else(|| missing("BUTTONS", "example"))?, MAX_CODE_CHARS)?,
        "FLOW" => check_flow(button, path)?,
        _ => {}
    }
    Ok(kind)
}

fn check_label(label: &str, kind: &str, path: &str) -> Result<(), GraphError> {
    check_label_form(label)?;
    match FIXED_LABELS.iter().find(|(fixed, _)| *fixed == kind) {
        Some((_, fixed)) if !fixed.eq_ignore_ascii_case(label) => {
            Err(GraphError::not_one_of(&format!("{path}['text']"), &[fixed]))
        }
        _ => Ok(()),
    }
}

/// Checks the length and the form of a label.
pub(crate) fn check_label_form(label: &str) -> Result<(), GraphError> {
    let refused = |sentence: &str| GraphError::creation(Some(2_388_060), "Button format is incorrect", sentence);
    if label.chars().count() > MAX_LABEL_CHARS {
        return Err(refused("The text of a button can have 25 characters at most."));
    }
    let has_variables = !placeholders::names(label).is_empty();
    if has_variables || text::has_newline(label) || text::has_formatting(label) || text::n_emoji(label) > 0 {
        return Err(refused("Buttons can't have any variables, newlines, emojis or formatting characters."));
    }
    Ok(())
}

/// The one example of a button, bare or in an array.
fn example(button: &Map<String, Value>) -> Option<&str> {
    match button.get("example")? {
        Value::String(example) => Some(example.as_str()).filter(|example| !example.is_empty()),
        Value::Array(examples) if n_filled(Some(examples)) == 1 => examples.first()?.as_str(),
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn check_url(button: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let url = button.get("url").and_then(Value::as_str).ok_or_else(|| missing("BUTTONS", "url"))?;
    at_most(url, MAX_URL_CHARS)?;
    let variables = placeholders::names(url);
    let fixed = url.strip_suffix("{{1}}").unwrap_or(url);
    let filled = if variables.is_empty() { url.to_owned() } else { format!("{fixed}x") };
    if fixed.contains("{{") || !is_web_address(&filled) {
        return Err(GraphError::parameter(format!("Param {path}['url'] is not a valid URI.")));
    }
    let host = filled.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase));
    let to_whatsapp = |host: &str| {
        ["wa.me", "whatsapp.com"].iter().any(|known| host == *known || host.ends_with(&format!(".{known}")))
    };
    if host.is_some_and(|host| to_whatsapp(&host)) {
        let sentence = "Direct links to WhatsApp aren't allowed for buttons.";
        return Err(GraphError::creation(Some(2_388_081), "Error while adding button URL", sentence));
    }
    if variables.is_empty() || example(button).is_some() { Ok(()) } else { Err(missing("BUTTONS", "example")) }
}

fn check_phone_number(button: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let number = button.get("phone_number").ok_or_else(|| missing("BUTTONS", "phone_number"))?;
    let digits = number.as_str().map(|number| number.strip_prefix('+').unwrap_or(number));
    let valid = digits
        .is_some_and(|digits| (5..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if valid { Ok(()) } else { Err(GraphError::phone_number(&format!("{path}['phone_number']"))) }
}

fn check_flow(button: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let ways = ["flow_id", "flow_name", "flow_json"];
    if ways.iter().filter(|way| button.get(**way).is_some_and(|value| !value.is_null())).count() != 1 {
        return Err(missing("BUTTONS", "flow_id"));
    }
    let sets: [(&str, &[&'static str]); 2] =
        [("flow_action", &["navigate", "data_exchange"]), ("icon", &["DOCUMENT", "PROMOTION", "REVIEW"])];
    for (key, set) in sets {
        if let Some(value) = button.get(key).filter(|value| !value.is_null()) {
            let path = format!("{path}['{key}']");
            one_of(string(value, &path)?, set, &path)?;
        }
    }
    Ok(())
}
