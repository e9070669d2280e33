//! The values of a send, each by itself: what its kind must have, and within which bounds.

use serde_json::{Map, Value};

use crate::check::keys::only;
use crate::check::sent::Parameter;
use crate::graph::errors::GraphError;

/// Characters of a coupon code; the platform's pages say both 15 and 20.
const MAX_COUPON_CODE_CHARS: usize = 20;
/// For how many minutes a button can be called by.
const MAX_TTL_MINUTES: u64 = 43_200;

pub(super) fn check_value(parameter: &Parameter<'_>) -> Result<(), GraphError> {
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
        "coupon_code" => check_coupon(text()?),
        "currency" => {
            ["fallback_value", "code", "amount_1000"].into_iter().try_for_each(part)?;
            check_currency(parameter)
        }
        "date_time" => part("fallback_value"),
        "location" => {
            ["latitude", "longitude"].into_iter().try_for_each(part)?;
            check_location(parameter)
        }
        "product" => {
            part("product_retailer_id")?;
            known_keys(parameter, &["product_retailer_id", "catalog_id"])
        }
        "ttl_minutes" => check_ttl(parameter),
        "image" | "video" | "gif" | "document" => check_media(parameter),
        _ => Ok(()),
    }
}

fn check_coupon(code: &str) -> Result<(), GraphError> {
    if code.chars().count() > MAX_COUPON_CODE_CHARS {
        let details = format!("Coupon code exceeds the parameter length limit {MAX_COUPON_CODE_CHARS}");
        return Err(GraphError::send(132_018, details));
    }
    if !code.chars().all(|char| char.is_ascii_alphanumeric()) {
        return Err(GraphError::send(132_018, "Coupon code must be alphanumeric"));
    }
    Ok(())
}

fn check_currency(parameter: &Parameter<'_>) -> Result<(), GraphError> {
    known_keys(parameter, &["fallback_value", "code", "amount_1000"])?;
    let value = |key: &str| parameter.value.and_then(|value| value.get(key));
    let code = value("code").and_then(Value::as_str).unwrap_or_default();
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(invalid(parameter, "code", "is not a currency of ISO 4217"));
    }
    let is_amount = value("amount_1000").is_some_and(Value::is_i64);
    if is_amount { Ok(()) } else { Err(invalid(parameter, "amount_1000", "is not a whole number")) }
}

fn check_location(parameter: &Parameter<'_>) -> Result<(), GraphError> {
    known_keys(parameter, &["latitude", "longitude", "name", "address"])?;
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = parameter.value.and_then(|value| value.get(key));
        // The platform's pages have them as text, and its client libraries as numbers too.
        let degrees = value.and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse::<f64>().ok()));
        if !degrees.is_some_and(|degrees| degrees.abs() <= most) {
            return Err(invalid(parameter, key, "is out of range"));
        }
    }
    Ok(())
}

fn check_ttl(parameter: &Parameter<'_>) -> Result<(), GraphError> {
    let minutes = parameter.value.and_then(Value::as_u64);
    if minutes.is_some_and(|minutes| (1..=MAX_TTL_MINUTES).contains(&minutes)) {
        return Ok(());
    }
    Err(GraphError::send(131_009, format!("ttl_minutes must be between 1 and {MAX_TTL_MINUTES}")))
}

fn invalid(parameter: &Parameter<'_>, key: &str, why: &str) -> GraphError {
    GraphError::send(131_009, format!("{}['{}']['{key}'] {why}", parameter.path, parameter.kind))
}

/// Refuses a misspelt key of the object that a value is.
fn known_keys(parameter: &Parameter<'_>, known: &[&str]) -> Result<(), GraphError> {
    let nothing = Map::new();
    let object = parameter.value.and_then(Value::as_object).unwrap_or(&nothing);
    only(object, known, &format!("{}['{}']", parameter.path, parameter.kind))
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
    only(media, known, &path)?;
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
