//! The shape of a new template's components, for all categories but authentication.

use serde_json::{Map, Value};

use crate::check::keys::{array, object, one_of, required_string};
use crate::check::placeholders;
use crate::check::send::is_web_address;
use crate::graph::errors::GraphError;

const TYPES: [&str; 8] =
    ["HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST", "GREETING"];
const FORMATS: [&str; 7] = ["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "GIF", "LOCATION", "PRODUCT"];
const BUTTON_TYPES: [&str; 11] = [
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

/// A component with its type in upper case.
pub(crate) type Typed<'a> = (&'a Map<String, Value>, &'static str);

/// Checks the components of a template: known kinds, one of each, one body, and what each must have.
pub(crate) fn check(components: &[Value], named: bool) -> Result<(), GraphError> {
    check_at(components, named, "components", true)
}

fn check_at(components: &[Value], named: bool, name: &str, needs_body: bool) -> Result<(), GraphError> {
    for (index, (component, kind)) in typed(components, name)?.into_iter().enumerate() {
        let path = format!("{name}[{index}]");
        match kind {
            "HEADER" => check_header(component, named, &path)?,
            "BODY" => check_body(component, named)?,
            "FOOTER" => {
                only(component, kind, &["type", "text"])?;
                text_of(component, kind)?;
            }
            "BUTTONS" => {
                only(component, kind, &["type", "buttons"])?;
                check_buttons(component, &path)?;
            }
            "CAROUSEL" => {
                only(component, kind, &["type", "cards"])?;
                check_cards(component, named, &path)?;
            }
            "LIMITED_TIME_OFFER" => {
                only(component, kind, &["type", "limited_time_offer"])?;
                component
                    .get("limited_time_offer")
                    .and_then(Value::as_object)
                    .ok_or_else(|| missing(kind, "limited_time_offer"))?;
            }
            "CALL_PERMISSION_REQUEST" => only(component, kind, &["type"])?,
            _ => {}
        }
    }
    if needs_body && !typed(components, name)?.iter().any(|(_, kind)| *kind == "BODY") {
        return Err(missing("BODY", "text"));
    }
    Ok(())
}

/// The components with their types, each of which may be there once.
pub(crate) fn typed<'a>(components: &'a [Value], name: &str) -> Result<Vec<Typed<'a>>, GraphError> {
    let mut typed: Vec<Typed<'_>> = Vec::new();
    for (index, component) in components.iter().enumerate() {
        let path = format!("{name}[{index}]");
        let component = object(component, &path)?;
        let type_path = format!("{path}['type']");
        let kind = one_of(required_string(component, "type", &type_path)?, &TYPES, &type_path)?;
        if typed.iter().any(|(_, other)| *other == kind) {
            return Err(GraphError::parameter(format!("Param {name} must have only one component of type {kind}.")));
        }
        typed.push((component, kind));
    }
    Ok(typed)
}

/// A component, or a button within it, lacks a field.
pub(crate) fn missing(kind: &str, field: &str) -> GraphError {
    GraphError::creation(
        Some(2_388_043),
        "Message template \"components\" param is missing expected field(s)",
        format!("component of type {kind} is missing expected field(s) ({field})"),
    )
}

/// A component, or a button within it, has a field that it must not have.
pub(crate) fn unexpected(kind: &str, field: &str) -> GraphError {
    GraphError::creation(
        Some(2_388_042),
        "Message template \"components\" param contains unexpected field(s)",
        format!("component of type {kind} has unexpected field(s) ({field})"),
    )
}

/// Refuses a field that is not one of `known`.
pub(crate) fn only(component: &Map<String, Value>, kind: &str, known: &[&str]) -> Result<(), GraphError> {
    match component.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(unexpected(kind, key)),
        None => Ok(()),
    }
}

fn text_of<'a>(component: &'a Map<String, Value>, kind: &str) -> Result<&'a str, GraphError> {
    let text = component.get("text").and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| missing(kind, "text"))
}

fn check_header(component: &Map<String, Value>, named: bool, path: &str) -> Result<(), GraphError> {
    let kind = "HEADER";
    only(component, kind, &["type", "format", "text", "example"])?;
    let format = component.get("format").and_then(Value::as_str).ok_or_else(|| missing(kind, "format"))?;
    let format = one_of(format, &FORMATS, &format!("{path}['format']"))?;
    let example = component.get("example");
    match format {
        "TEXT" => {
            let text = text_of(component, kind)?;
            check_numbering(text, named, 2_388_047, "Message header format is incorrect")?;
            let variables = placeholders::distinct(text);
            if variables.len() > 1 {
                let text = "The message header can have one variable at most.";
                return Err(GraphError::creation(Some(2_388_047), "Message header format is incorrect", text));
            }
            let examples = example.and_then(|example| example.get("header_text")).and_then(Value::as_array);
            let named_examples = example.and_then(|example| example.get("header_text_named_params"));
            let exemplified = if named {
                all_named(&variables, named_examples)
            } else {
                variables.len() == n_filled(examples.map(Vec::as_slice)) || variables.is_empty()
            };
            if exemplified { Ok(()) } else { Err(missing(kind, "example")) }
        }
        "LOCATION" | "PRODUCT" => only(component, kind, &["type", "format"]),
        _ => {
            only(component, kind, &["type", "format", "example"])?;
            let handles = example.and_then(|example| example.get("header_handle")).and_then(Value::as_array);
            if n_filled(handles.map(Vec::as_slice)) == 0 { Err(missing(kind, "example")) } else { Ok(()) }
        }
    }
}

fn check_body(component: &Map<String, Value>, named: bool) -> Result<(), GraphError> {
    let kind = "BODY";
    only(component, kind, &["type", "text", "example"])?;
    let text = text_of(component, kind)?;
    check_numbering(text, named, 2_388_072, "Message body format is incorrect")?;
    let variables = placeholders::distinct(text);
    if variables.is_empty() {
        return Ok(());
    }
    let example = component.get("example");
    let exemplified = if named {
        all_named(&variables, example.and_then(|example| example.get("body_text_named_params")))
    } else {
        let n_examples = match example.and_then(|example| example.get("body_text")) {
            // One variable's example may stand there bare.
            Some(Value::String(text)) => usize::from(!text.is_empty()),
            Some(Value::Array(sets)) => n_filled(sets.first().and_then(Value::as_array).map(Vec::as_slice)),
            _ => 0,
        };
        n_examples == variables.len()
    };
    if exemplified { Ok(()) } else { Err(missing(kind, "example")) }
}

fn check_numbering(text: &str, named: bool, subcode: u32, title: &str) -> Result<(), GraphError> {
    let variables = placeholders::distinct(text);
    if named {
        return match variables.iter().find(|name| !placeholders::is_name(name)) {
            Some(name) => {
                let text =
                    format!("The variable {{{{{name}}}}} needs a name of lowercase letters, digits and underscores.");
                Err(GraphError::creation(Some(subcode), title, text))
            }
            None => Ok(()),
        };
    }
    if placeholders::numbered_without_gaps(&variables) {
        return Ok(());
    }
    let text = "The variables must be numbered from {{1}} upwards without a gap.";
    Err(GraphError::creation(Some(subcode), title, text))
}

/// How many strings there are that are not empty; none if one of the values is something else.
fn n_filled(values: Option<&[Value]>) -> usize {
    let values = values.unwrap_or_default();
    let all = values.iter().all(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    if all { values.len() } else { 0 }
}

/// Whether each variable has its example, and there are no others.
fn all_named(variables: &[&str], examples: Option<&Value>) -> bool {
    let examples = examples.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let has_example = |variable: &&str| {
        examples.iter().any(|example| {
            example["param_name"] == **variable && example["example"].as_str().is_some_and(|text| !text.is_empty())
        })
    };
    examples.len() == variables.len() && variables.iter().all(has_example)
}

fn check_buttons(component: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let buttons = component.get("buttons").and_then(Value::as_array).filter(|buttons| !buttons.is_empty());
    let buttons = buttons.ok_or_else(|| missing("BUTTONS", "buttons"))?;
    for (index, button) in buttons.iter().enumerate() {
        let path = format!("{path}['buttons'][{index}]");
        check_button(object(button, &path)?, &path)?;
    }
    Ok(())
}

fn check_button(button: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let type_path = format!("{path}['type']");
    let kind = one_of(required_string(button, "type", &type_path)?, &BUTTON_TYPES, &type_path)?;
    let known: &[&str] = match kind {
        "URL" => &["type", "text", "url", "example", "app_deep_link"],
        "PHONE_NUMBER" => &["type", "text", "phone_number"],
        "COPY_CODE" => &["type", "example"],
        "FLOW" => &["type", "text", "flow_id", "flow_name", "flow_json", "flow_action", "navigate_screen", "icon"],
        _ => &["type", "text"],
    };
    only(button, "BUTTONS", known)?;
    if kind != "COPY_CODE" {
        text_of(button, "BUTTONS")?;
    }
    let has_example = || match button.get("example") {
        Some(Value::String(example)) => !example.is_empty(),
        Some(Value::Array(examples)) => n_filled(Some(examples)) == 1,
        _ => false,
    };
    match kind {
        "URL" => {
            let url = button.get("url").and_then(Value::as_str).ok_or_else(|| missing("BUTTONS", "url"))?;
            let variables = placeholders::names(url);
            let fixed = url.strip_suffix("{{1}}").unwrap_or(url);
            let filled = if variables.is_empty() { url.to_owned() } else { format!("{fixed}x") };
            if fixed.contains("{{") || !is_web_address(&filled) {
                return Err(GraphError::parameter(format!("Param {path}['url'] is not a valid URI.")));
            }
            if variables.is_empty() || has_example() { Ok(()) } else { Err(missing("BUTTONS", "example")) }
        }
        "PHONE_NUMBER" => {
            let number = button.get("phone_number").ok_or_else(|| missing("BUTTONS", "phone_number"))?;
            let digits = number.as_str().map(|number| number.strip_prefix('+').unwrap_or(number));
            let valid = digits.is_some_and(|digits| {
                (5..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            if valid { Ok(()) } else { Err(GraphError::phone_number(&format!("{path}['phone_number']"))) }
        }
        "COPY_CODE" if !has_example() => Err(missing("BUTTONS", "example")),
        _ => Ok(()),
    }
}

fn check_cards(component: &Map<String, Value>, named: bool, path: &str) -> Result<(), GraphError> {
    let cards = component.get("cards").ok_or_else(|| missing("CAROUSEL", "cards"))?;
    let path = format!("{path}['cards']");
    let cards = array(cards, &path)?;
    if cards.is_empty() {
        return Err(missing("CAROUSEL", "cards"));
    }
    for (index, card) in cards.iter().enumerate() {
        let card_path = format!("{path}[{index}]");
        let components =
            object(card, &card_path)?.get("components").ok_or_else(|| missing("CAROUSEL", "components"))?;
        let components_path = format!("{card_path}['components']");
        check_at(array(components, &components_path)?, named, &components_path, false)?;
    }
    Ok(())
}
