//! Looking into JSON of which no shape is certain.

use serde_json::Value;

use crate::wire::tolerant;

/// The text under a key: of a string that is not empty, or a number's digits.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    tolerant::text_of(value.get(key)?)
}

/// As [`text`]; `NONE` is how Meta writes that there is nothing.
pub(super) fn said(value: &Value, key: &str) -> Option<String> {
    text(value, key).filter(|text| text != "NONE")
}

/// The number under a key, or in the string of digits there.
pub(super) fn number(value: &Value, key: &str) -> Option<i64> {
    tolerant::number_of(value.get(key)?)
}

/// The elements of the list under a key; none when there is no list.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
