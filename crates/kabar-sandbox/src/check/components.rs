//! The shape of a new template's components, for all categories but authentication.

use serde_json::{Map, Value};

use crate::check::keys::{object, one_of, required_string};
use crate::check::{buttons, carousel, placeholders, text};
use crate::graph::errors::GraphError;

const TYPES: [&str; 8] =
    ["HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST", "GREETING"];
const FORMATS: [&str; 7] = ["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "GIF", "LOCATION", "PRODUCT"];

/// Characters of texts.
const MAX_HEADER_CHARS: usize = 60;
const MAX_BODY_CHARS: usize = 1024;
const MAX_OFFER_BODY_CHARS: usize = 600;
const MAX_CARD_BODY_CHARS: usize = 160;
const MAX_FOOTER_CHARS: usize = 60;
const MAX_OFFER_CHARS: usize = 16;
const MAX_EMOJI: usize = 10;

/// A component with its type in upper case.
pub(crate) type Typed<'a> = (&'a Map<String, Value>, &'static str);

/// What is known of a template when its components are checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) category: &'a str,
    pub(crate) named: bool,
    /// Within a card of a carousel.
    pub(crate) in_card: bool,
}

/// Checks the components of a template: known kinds, one of each, one body, and what each must have and must not.
pub(crate) fn check(components: &[Value], category: &str, named: bool) -> Result<(), GraphError> {
    check_at(components, Setting { category, named, in_card: false }, "components")
}

/// Checks the components at `name`, of a template or of a card.
pub(crate) fn check_at(components: &[Value], setting: Setting<'_>, name: &str) -> Result<(), GraphError> {
    let typed = typed(components, name)?;
    let has = |kind: &str| typed.iter().any(|(_, other)| *other == kind);
    let is_offer = has("LIMITED_TIME_OFFER");
    let is_product = |(component, kind): &Typed<'_>| {
        let format = component.get("format").and_then(Value::as_str).unwrap_or_default();
        *kind == "HEADER" && format.eq_ignore_ascii_case("PRODUCT")
    };
    let max_body_chars = match (setting.in_card || typed.iter().any(is_product), is_offer) {
        (true, _) => MAX_CARD_BODY_CHARS,
        (false, true) => MAX_OFFER_BODY_CHARS,
        (false, false) => MAX_BODY_CHARS,
    };
    for (index, (component, kind)) in typed.iter().enumerate() {
        let path = format!("{name}[{index}]");
        match *kind {
            "HEADER" => check_header(component, setting, is_offer, &path)?,
            "BODY" => check_body(component, setting.named, max_body_chars)?,
            "FOOTER" => check_footer(component)?,
            "BUTTONS" => {
                only(component, kind, &["type", "buttons"])?;
                buttons::check(component, &path, is_offer)?;
            }
            "CAROUSEL" if setting.in_card => return Err(unexpected("CAROUSEL", "cards")),
            "CAROUSEL" => {
                only(component, kind, &["type", "cards"])?;
                carousel::check(component, setting, &path)?;
            }
            "LIMITED_TIME_OFFER" => check_offer(component, setting.category, has("FOOTER"))?,
            "CALL_PERMISSION_REQUEST" => only(component, kind, &["type"])?,
            // A greeting, which the platform names and does not describe.
            _ => {}
        }
    }
    if !setting.in_card && !has("BODY") {
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

/// The text of a component or a button, which must be there.
pub(crate) fn text_of<'a>(component: &'a Map<String, Value>, kind: &str) -> Result<&'a str, GraphError> {
    let text = component.get("text").and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| missing(kind, "text"))
}

/// Refuses a text of more than so many characters.
pub(crate) fn at_most(text: &str, max_chars: usize) -> Result<(), GraphError> {
    if text.chars().count() <= max_chars {
        return Ok(());
    }
    let sentence = "A field in your template has exceeded the maximum character limit allowed.";
    Err(GraphError::creation(Some(2_388_040), "Character limit exceeded", sentence))
}

fn check_header(
    component: &Map<String, Value>,
    setting: Setting<'_>,
    is_offer: bool,
    path: &str,
) -> Result<(), GraphError> {
    let kind = "HEADER";
    only(component, kind, &["type", "format", "text", "example"])?;
    let format = component.get("format").and_then(Value::as_str).ok_or_else(|| missing(kind, "format"))?;
    let format = one_of(format, &FORMATS, &format!("{path}['format']"))?;
    if is_offer && !matches!(format, "IMAGE" | "VIDEO") {
        return Err(GraphError::not_one_of(&format!("{path}['format']"), &["IMAGE", "VIDEO"]));
    }
    if setting.in_card && !matches!(format, "IMAGE" | "VIDEO" | "PRODUCT") {
        return Err(GraphError::not_one_of(&format!("{path}['format']"), &["IMAGE", "VIDEO", "PRODUCT"]));
    }
    if format == "PRODUCT" && setting.category != "MARKETING" {
        return Err(GraphError::not_one_of("category", &["MARKETING"]));
    }
    match format {
        "TEXT" => check_header_text(component, setting.named),
        "LOCATION" | "PRODUCT" => only(component, kind, &["type", "format"]),
        _ => {
            only(component, kind, &["type", "format", "example"])?;
            let example = component.get("example").filter(|example| !example.is_null());
            let handles = example.ok_or_else(|| missing(kind, "example"))?.get("header_handle");
            match handles.and_then(Value::as_array).map(Vec::as_slice) {
                Some([Value::String(handle)]) if !handle.is_empty() => check_handle(handle),
                Some([Value::String(_)]) => Err(missing(kind, "example.header_url")),
                _ => Err(missing(kind, "example")),
            }
        }
    }
}

/// A handle is any text but a web address, which people put there by mistake.
fn check_handle(handle: &str) -> Result<(), GraphError> {
    if handle.starts_with("http://") || handle.starts_with("https://") {
        return Err(wrong_file());
    }
    Ok(())
}

/// The sample of a header is none, or of another type than the header.
pub(crate) fn wrong_file() -> GraphError {
    let text = "Header handle is invalid or of the wrong type.";
    GraphError::creation(Some(2_388_084), "File type not supported", text)
}

fn check_header_text(component: &Map<String, Value>, named: bool) -> Result<(), GraphError> {
    let kind = "HEADER";
    let title = "Message header format is incorrect";
    let text = text_of(component, kind)?;
    at_most(text, MAX_HEADER_CHARS)?;
    if text::has_newline(text) || text::has_formatting(text) || text::n_emoji(text) > 0 {
        let sentence = "The message header can't have any new lines, formatting characters, emojis or asterisks.";
        return Err(GraphError::creation(Some(2_388_047), title, sentence));
    }
    check_numbering(text, named, 2_388_047, title)?;
    let variables = placeholders::distinct(text);
    if variables.len() > 1 {
        let sentence = "The message header can have one variable at most.";
        return Err(GraphError::creation(Some(2_388_047), title, sentence));
    }
    let example = component.get("example");
    let examples = example.and_then(|example| example.get("header_text")).and_then(Value::as_array);
    let named_examples = example.and_then(|example| example.get("header_text_named_params"));
    let exemplified = if named {
        all_named(&variables, named_examples)
    } else {
        variables.len() == n_filled(examples.map(Vec::as_slice))
    };
    if exemplified || variables.is_empty() { Ok(()) } else { Err(missing(kind, "example")) }
}

/// The checks of a body in the order in which the platform was seen to make them: its form, the ratio of variables to
/// words, the edges.
fn check_body(component: &Map<String, Value>, named: bool, max_chars: usize) -> Result<(), GraphError> {
    let kind = "BODY";
    let title = "Message body format is incorrect";
    only(component, kind, &["type", "text", "example"])?;
    let text = text_of(component, kind)?;
    at_most(text, max_chars)?;
    if text::has_blank_lines(text) || text::is_only_variables(text) || text::n_emoji(text) > MAX_EMOJI {
        let sentence = "The message body can't have more than two consecutive newline characters, only have parameters, \
                        or have more than 10 emojis.";
        return Err(GraphError::creation(Some(2_388_072), title, sentence));
    }
    check_numbering(text, named, 2_388_072, title)?;
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
    if !exemplified {
        return Err(missing(kind, "example"));
    }
    if text::is_too_variable(text) {
        let sentence = "This template has too many variables for its length. Reduce the number of variables or increase \
                        the message length.";
        return Err(GraphError::creation(Some(2_388_293), "Parameters words ratio exceeds limit", sentence));
    }
    if text::has_variable_at_edge(text) {
        let sentence = "Variables can't be at the start or end of the template.";
        return Err(GraphError::creation(Some(2_388_299), "Leading or trailing params not allowed", sentence));
    }
    Ok(())
}

fn check_footer(component: &Map<String, Value>) -> Result<(), GraphError> {
    let title = "Message footer format is incorrect";
    only(component, "FOOTER", &["type", "text"])?;
    let text = text_of(component, "FOOTER")?;
    at_most(text, MAX_FOOTER_CHARS)?;
    if text::has_newline(text) || text::n_emoji(text) > 0 {
        let sentence = "The message footer can't have any newlines or emojis.";
        return Err(GraphError::creation(Some(2_388_073), title, sentence));
    }
    if !placeholders::names(text).is_empty() {
        return Err(GraphError::creation(Some(2_388_073), title, "The message footer can't have any variables."));
    }
    Ok(())
}

fn check_offer(component: &Map<String, Value>, category: &str, has_footer: bool) -> Result<(), GraphError> {
    let kind = "LIMITED_TIME_OFFER";
    only(component, kind, &["type", "limited_time_offer"])?;
    let offer = component.get("limited_time_offer").and_then(Value::as_object);
    let offer = offer.ok_or_else(|| missing(kind, "limited_time_offer"))?;
    only(offer, kind, &["text", "has_expiration"])?;
    at_most(text_of(offer, kind)?, MAX_OFFER_CHARS)?;
    if offer.get("has_expiration").is_some_and(|expires| !expires.is_boolean()) {
        let path = "components['limited_time_offer']['has_expiration']";
        return Err(GraphError::parameter(format!("Param {path} must be a boolean.")));
    }
    if category != "MARKETING" {
        return Err(GraphError::not_one_of("category", &["MARKETING"]));
    }
    if has_footer { Err(unexpected("FOOTER", "text")) } else { Ok(()) }
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
pub(crate) fn n_filled(values: Option<&[Value]>) -> usize {
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
