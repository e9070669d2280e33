//! Reading values whose kind is not the same everywhere: ids and numbers come as numbers and as strings.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

/// A value that counts as absent when it is of an unexpected kind.
pub(crate) fn option<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A list that counts as empty when it is absent or of an unexpected kind.
pub(crate) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(option(deserializer)?.unwrap_or_default())
}

/// A text that counts as empty when it is absent or of an unexpected kind.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(option(deserializer)?.unwrap_or_default())
}

/// An id: a string, or a number.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text_of(&Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("an id is a string or a number"))
}

/// A number, written as such or as a string of digits.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number_of(&Value::deserialize(deserializer)?)
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| D::Error::custom("not a number"))
}

/// As [`number`], absent when it is neither.
pub(crate) fn option_number<'de, D: Deserializer<'de>, N: TryFrom<i64>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    Ok(number_of(&Value::deserialize(deserializer)?).and_then(|number| N::try_from(number).ok()))
}

/// The text of a string that is not empty, or the digits of a number.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The value of a whole number or of a string of digits.
pub(crate) fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
