//! The platform's checks of a send against its template, in its order: counts, kinds, buttons, values, lengths.

use serde_json::Value;

use crate::check::placeholders;
use crate::check::sent::{Parameter, Sent, SentButton};
use crate::check::spec::{Header, Spec, Text};
use crate::graph::errors::GraphError;

/// Characters of a header and of a body with their variables filled.
const MAX_HEADER_CHARS: usize = 60;
const MAX_BODY_CHARS: usize = 1024;
/// Characters of a login code.
const MAX_LOGIN_CODE_CHARS: usize = 15;
/// Characters of a coupon code; the platform's pages say both 15 and 20.
const MAX_COUPON_CODE_CHARS: usize = 20;

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
        _ => &["action"],
    };
    let (index, n_parameters) = (button.index, button.parameters.len());
    if n_parameters > expected.len() {
        let details = format!("buttons: Button at index {index} has {n_parameters} parameters, not {}", expected.len());
        return Err(GraphError::send(132_018, details));
    }
    match button.parameters.iter().find(|parameter| !expected.contains(&parameter.kind)) {
        Some(parameter) => Err(mismatch(&format!("buttons: Button at index {index}"), expected[0], parameter.kind)),
        None => Ok(()),
    }
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

fn check_value(parameter: &Parameter<'_>) -> Result<(), GraphError> {
    let kind = parameter.kind;
    let missing = |key: &str| GraphError::send(131_008, format!("Parameter of type {kind} is missing {key} value"));
    let text = || parameter.value.and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| missing(kind));
    let part = |key: &str| {
        let part = parameter.value.and_then(|value| value.get(key)).filter(|part| !part.is_null() && **part != "");
        part.map(|_| ()).ok_or_else(|| missing(key))
    };
    match kind {
        "text" => check_text(text()?),
        "payload" => text().map(|_| ()),
        "coupon_code" if text()?.chars().count() > MAX_COUPON_CODE_CHARS => {
            let details = format!("Coupon code exceeds the parameter length limit {MAX_COUPON_CODE_CHARS}");
            Err(GraphError::send(132_018, details))
        }
        "currency" => ["fallback_value", "code", "amount_1000"].into_iter().try_for_each(part),
        "date_time" => part("fallback_value"),
        "location" => ["latitude", "longitude"].into_iter().try_for_each(part),
        "product" => part("product_retailer_id"),
        "image" | "video" | "gif" | "document" => check_media(parameter),
        _ => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), GraphError> {
    if text.contains(['\n', '\r', '\t']) || text.contains("     ") {
        let details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
        return Err(GraphError::send(132_018, details));
    }
    Ok(())
}

fn check_media(parameter: &Parameter<'_>) -> Result<(), GraphError> {
    let (kind, path) = (parameter.kind, format!("{}['{}']", parameter.path, parameter.kind));
    let media = parameter.value.and_then(Value::as_object);
    let media =
        media.ok_or_else(|| GraphError::send(131_008, format!("Parameter of type {kind} is missing {kind} value")))?;
    let known: &[&str] = if kind == "document" { &["id", "link", "filename"] } else { &["id", "link"] };
    crate::check::keys::only(media, known, &path)?;
    match (media.get("id"), media.get("link")) {
        (Some(id), None) => match id.as_str().filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())) {
            Some(_) => Ok(()),
            None => Err(GraphError::parameter(format!(
                "Param {path}['id'] is not a valid whatsapp business account media attachment ID"
            ))),
        },
        (None, Some(link)) => match link.as_str().filter(|link| is_link(link)) {
            Some(_) => Ok(()),
            None => Err(GraphError::parameter(format!("Param {path}['link'] is not a valid URI."))),
        },
        _ => Err(GraphError::send(131_009, format!("{path}: exactly one of id and link must be given"))),
    }
}

/// Whether a text has the form of a link to media. No more is known of what the platform takes than that it begins with
/// `http` or `https`: whether there is such a file shows when it is fetched.
fn is_link(text: &str) -> bool {
    let rest =
        text.split_once("://").filter(|(scheme, _)| ["http", "https"].iter().any(|s| s.eq_ignore_ascii_case(scheme)));
    let is_whole = rest.is_some_and(|(_, rest)| rest.starts_with(|first| !matches!(first, '/' | '?' | '#')));
    is_whole && !text.contains(|char: char| char.is_whitespace() || char.is_control())
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
    let end = sent.offer.first().and_then(|parameter| parameter.value?.get("expiration_time_ms"));
    if spec.offer_expires && end.is_none_or(|end| !end.is_number()) {
        let details = "Parameter of type limited_time_offer is missing expiration_time_ms value";
        return Err(GraphError::send(131_008, details));
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
