//! Reading JSON objects strictly: a key that the platform does not know is refused, so that a misspelt one is seen.

use serde_json::{Map, Value};

use crate::graph::errors::GraphError;

/// The object at `name`.
pub(crate) fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, GraphError> {
    value.as_object().ok_or_else(|| GraphError::parameter(format!("Param {name} must be a JSON object.")))
}

/// The array at `name`.
pub(crate) fn array<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], GraphError> {
    let array = value.as_array().map(Vec::as_slice);
    array.ok_or_else(|| GraphError::parameter(format!("Param {name} must be an array.")))
}

/// The string at `name`.
pub(crate) fn string<'a>(value: &'a Value, name: &str) -> Result<&'a str, GraphError> {
    value.as_str().ok_or_else(|| GraphError::parameter(format!("Param {name} must be a string.")))
}

/// A string that must be there and not be empty.
pub(crate) fn required_string<'a>(
    object: &'a Map<String, Value>,
    key: &str,
    name: &str,
) -> Result<&'a str, GraphError> {
    match object.get(key) {
        None | Some(Value::Null) => Err(GraphError::required(name)),
        Some(value) => {
            let text = string(value, name)?;
            if text.is_empty() { Err(GraphError::required(name)) } else { Ok(text) }
        }
    }
}

/// Refuses a key of `object` that is not one of `known`.
pub(crate) fn only(object: &Map<String, Value>, known: &[&str], name: &str) -> Result<(), GraphError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(GraphError::unexpected_key(key, name)),
        None => Ok(()),
    }
}

/// The upper-case form of an enum's value, if it is one of `set`; the platform takes either case.
pub(crate) fn one_of(text: &str, set: &[&'static str], name: &str) -> Result<&'static str, GraphError> {
    set.iter().find(|known| known.eq_ignore_ascii_case(text)).copied().ok_or_else(|| GraphError::not_one_of(name, set))
}
