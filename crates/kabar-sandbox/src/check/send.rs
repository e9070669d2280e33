//! The platform's checks of a send against its template, in its order: counts, kinds, buttons, values, lengths.

use serde_json::Value;

use crate::check::placeholders;
use crate::check::sent::{Parameter, Sent, SentButton};
use crate::check::spec::{Header, Spec, Text};
use crate::graph::errors::GraphError;

mod actions;
mod values;

use values::check_value;

/// Characters of a header and of a body with their variables filled.
const MAX_HEADER_CHARS: usize = 60;
const MAX_BODY_CHARS: usize = 1024;
/// Characters of what is told to who answers a call.
const MAX_CALL_PAYLOAD_CHARS: usize = 512;
/// Characters of a login code.
const MAX_LOGIN_CODE_CHARS: usize = 15;

/// Checks what was sent against what the template needs.
pub(crate) fn check(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    check_counts(spec, sent)?;
    check_kinds(spec, sent)?;
    check_buttons(spec, sent)?;
    check_values(spec, sent)?;
    check_lengths(spec, sent)?;
    if sent.header.is_some() && matches!(spec.header, Header::None) {
        return Err(GraphError::send(132_018, "header: Unexpected component, the template has no header"));
    }
    check_offer(spec, sent)?;
    check_beside(sent)?;
    check_cards(spec, sent)
}

fn check_counts(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    if let Header::Text(text) = &spec.header {
        check_count("header", sent.header.as_deref().unwrap_or_default(), text)?;
    }
    check_count("body", &sent.body, &spec.body)
}

fn check_count(place: &str, parameters: &[Parameter<'_>], text: &Text) -> Result<(), GraphError> {
    let (given, expected) = (parameters.len(), text.variables.len());
    if given == expected {
        return Ok(());
    }
    Err(GraphError::send(
        132_000,
        format!(
            "{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
        ),
    ))
}

fn check_kinds(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    let header = sent.header.as_deref().unwrap_or_default();
    match &spec.header {
        Header::None => {}
        Header::Text(text) => check_text_kinds("header", header, text, spec.named)?,
        Header::Of(kind) => {
            let given = match header {
                [parameter] => parameter.kind,
                _ => "unknown",
            };
            if given != *kind {
                return Err(mismatch("header", kind, given));
            }
        }
    }
    check_text_kinds("body", &sent.body, &spec.body, spec.named)
}

fn check_text_kinds(place: &str, parameters: &[Parameter<'_>], text: &Text, named: bool) -> Result<(), GraphError> {
    for parameter in parameters {
        if !matches!(parameter.kind, "text" | "currency" | "date_time") {
            return Err(mismatch(place, "text", parameter.kind));
        }
        if named {
            let name = parameter.name.filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| GraphError::send(100, "Parameter name is missing or empty"))?;
            if !text.variables.iter().any(|variable| variable == name) {
                return Err(GraphError::send(132_012, format!("{place}: the template has no parameter named {name}")));
            }
            if parameters.iter().filter(|other| other.name == Some(name)).count() > 1 {
                return Err(GraphError::send(132_012, format!("{place}: the parameter {name} is given twice")));
            }
        }
    }
    Ok(())
}

fn mismatch(place: &str, expected: &str, received: &str) -> GraphError {
    let (expected, received) = (expected.to_ascii_uppercase(), received.to_ascii_uppercase());
    GraphError::send(132_012, format!("{place}: Format mismatch, expected {expected}, received {received}"))
}

fn check_buttons(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    for (position, button) in sent.buttons.iter().enumerate() {
        let index = button.index;
        let Some(expected) = spec.buttons.get(index) else {
            return Err(GraphError::send(132_018, format!("buttons: the template has no button at index {index}")));
        };
        if expected.kind != button.kind {
            return Err(GraphError::send(
                132_018,
                format!("Button at index {index} must be of type {}", expected.kind.name),
            ));
        }
        if sent.buttons.iter().take(position).any(|earlier| earlier.index == index) {
            return Err(GraphError::send(132_018, format!("buttons: Button at index {index} is given twice")));
        }
        let takes_none = !expected.needs_parameter && matches!(expected.kind.wire, "URL" | "PHONE_NUMBER");
        if takes_none && !button.parameters.is_empty() {
            return Err(GraphError::send(132_018, format!("buttons: Button at index {index} takes no parameter")));
        }
    }
    for (index, expected) in spec.buttons.iter().enumerate() {
        let given = sent.buttons.iter().find(|button| button.index == index);
        if expected.needs_parameter && given.is_none_or(|button| button.parameters.is_empty()) {
            let details =
                format!("buttons: Button at index {index} of type {} requires a parameter", expected.kind.name);
            return Err(GraphError::send(131_008, details));
        }
    }
    sent.buttons.iter().try_for_each(check_button_parameters)
}

fn check_button_parameters(button: &SentButton<'_>) -> Result<(), GraphError> {
    let expected: &[&str] = match button.kind.wire {
        "URL" => &["text"],
        "QUICK_REPLY" => &["payload"],
        "COPY_CODE" => &["coupon_code"],
        "VOICE_CALL" => &["ttl_minutes", "payload"],
        "SPM" | "PHONE_NUMBER" | "REQUEST_CONTACT_INFO" => &[],
        _ => &["action"],
    };
    let (index, n_parameters) = (button.index, button.parameters.len());
    if n_parameters > expected.len() {
        let details = format!("buttons: Button at index {index} has {n_parameters} parameters, not {}", expected.len());
        return Err(GraphError::send(132_018, details));
    }
    for (place, parameter) in button.parameters.iter().enumerate() {
        if !expected.contains(&parameter.kind) {
            return Err(mismatch(&format!("buttons: Button at index {index}"), expected[0], parameter.kind));
        }
        if button.parameters.iter().take(place).any(|earlier| earlier.kind == parameter.kind) {
            let details = format!("buttons: Button at index {index} has two parameters of type {}", parameter.kind);
            return Err(GraphError::send(132_018, details));
        }
        if parameter.kind == "action" {
            actions::check(button.kind, parameter)?;
        }
        let payload = parameter.value.and_then(Value::as_str).filter(|_| button.kind.wire == "VOICE_CALL");
        if payload.is_some_and(|payload| payload.chars().count() > MAX_CALL_PAYLOAD_CHARS) {
            let details = format!("buttons: Payload exceeds the parameter length limit {MAX_CALL_PAYLOAD_CHARS}");
            return Err(GraphError::send(132_018, details));
        }
    }
    Ok(())
}

fn check_values(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    let header = sent.header.as_deref().unwrap_or_default();
    let buttons = sent.buttons.iter().flat_map(|button| &button.parameters);
    header.iter().chain(&sent.body).chain(buttons).try_for_each(check_value)?;
    if spec.authentication {
        check_login_code("body", &sent.body)?;
        sent.buttons.iter().try_for_each(|button| check_login_code("buttons", &button.parameters))?;
    }
    Ok(())
}

fn check_login_code(place: &str, parameters: &[Parameter<'_>]) -> Result<(), GraphError> {
    let too_long = |parameter: &Parameter<'_>| shown(parameter).chars().count() > MAX_LOGIN_CODE_CHARS;
    match parameters.iter().position(too_long) {
        Some(index) => Err(GraphError::send(
            132_018,
            format!(
                "{place}: Parameter at index {} exceeds the parameter length limit {MAX_LOGIN_CODE_CHARS}",
                index + 1
            ),
        )),
        None => Ok(()),
    }
}

/// Whether a text is an address of the web to the letter.
pub(crate) fn is_web_address(text: &str) -> bool {
    let uri = text.parse::<http::Uri>().ok().filter(|_| !text.contains(char::is_whitespace));
    uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty())
    })
}

fn check_lengths(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    let header_chars = match (&spec.header, sent.header.as_deref()) {
        (Header::Text(text), Some(parameters)) => filled_length(text, parameters, spec.named),
        _ => 0,
    };
    let body_chars = filled_length(&spec.body, &sent.body, spec.named);
    for (place, chars, limit) in [("header", header_chars, MAX_HEADER_CHARS), ("body", body_chars, MAX_BODY_CHARS)] {
        if chars > limit {
            let details = format!("{place}: the text with its parameters has {chars} characters, at most {limit}");
            return Err(GraphError::send(132_005, details));
        }
    }
    Ok(())
}

fn filled_length(text: &Text, parameters: &[Parameter<'_>], named: bool) -> usize {
    placeholders::filled_length(&text.text, |variable| {
        let parameter = if named {
            parameters.iter().find(|parameter| parameter.name == Some(variable))
        } else {
            parameters.get(variable.parse::<usize>().ok()?.checked_sub(1)?)
        };
        parameter.map(shown)
    })
}

/// The text that the recipient sees in a parameter's place.
fn shown<'a>(parameter: &Parameter<'a>) -> &'a str {
    let value = parameter.value;
    let text = match parameter.kind {
        "text" => value.and_then(Value::as_str),
        _ => value.and_then(|value| value.get("fallback_value")).and_then(Value::as_str),
    };
    text.unwrap_or_default()
}

fn check_offer(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    let Some(parameters) = &sent.offer else {
        return if spec.offer_expires { Err(no_end()) } else { Ok(()) };
    };
    if !spec.has_offer {
        let details = "limited_time_offer: Unexpected component, the template has no limited-time offer";
        return Err(GraphError::send(132_018, details));
    }
    let [parameter] = parameters.as_slice() else { return Err(no_end()) };
    if parameter.kind != "limited_time_offer" {
        return Err(mismatch("limited_time_offer", "limited_time_offer", parameter.kind));
    }
    if parameter.value.and_then(|value| value.get("expiration_time_ms")?.as_i64()).is_none() {
        return Err(no_end());
    }
    Ok(())
}

fn no_end() -> GraphError {
    GraphError::send(131_008, "Parameter of type limited_time_offer is missing expiration_time_ms value")
}

/// What stands beside the parts of the template: what became of an order, and what a tap opens.
fn check_beside(sent: &Sent<'_>) -> Result<(), GraphError> {
    for (kind, parameters) in &sent.beside {
        match parameters.as_slice() {
            [parameter] if parameter.kind == *kind => actions::check_beside(parameter)?,
            [parameter] => return Err(mismatch(kind, kind, parameter.kind)),
            _ => return Err(GraphError::send(131_008, format!("{kind}: exactly one parameter is required"))),
        }
    }
    Ok(())
}

fn check_cards(spec: &Spec, sent: &Sent<'_>) -> Result<(), GraphError> {
    let given = sent.cards.as_deref().unwrap_or_default();
    let Some(first) = spec.cards.first() else {
        return match sent.cards {
            Some(_) => Err(GraphError::send(132_018, "carousel: Unexpected component, the template has no carousel")),
            None => Ok(()),
        };
    };
    // The cards of a product carousel are all alike: the template has two, a send may have up to ten.
    let of_products = matches!(first.header, Header::Of("product"));
    let right_count = if of_products { (2..=10).contains(&given.len()) } else { given.len() == spec.cards.len() };
    if !right_count {
        let details =
            format!("carousel: number of cards ({}) does not match the template ({})", given.len(), spec.cards.len());
        return Err(GraphError::send(132_000, details));
    }
    given.iter().enumerate().try_for_each(|(index, card)| check(spec.cards.get(index).unwrap_or(first), card))
}

#[cfg(test)]
mod tests;
