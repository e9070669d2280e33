//! As much of JSON Schema as our schemas use. A word that is not known here is a failure, so that none is passed over.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::Regex;
use serde_json::{Map, Value};

/// Whether a schema takes a value.
pub(super) fn accepts(schema: &Value, value: &Value) -> bool {
    match schema {
        Value::Bool(all) => *all,
        Value::Object(words) => words.iter().all(|(word, said)| holds(word, said, words, value)),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => panic!("no schema: {schema}"),
    }
}

fn holds(word: &str, said: &Value, words: &Map<String, Value>, value: &Value) -> bool {
    let list = || said.as_array().unwrap().iter();
    let number = || said.as_f64().unwrap();
    let length = || usize::try_from(said.as_u64().unwrap()).unwrap();
    match word {
        "$schema" | "title" | "description" | "examples" | "minContains" | "maxContains" => true,
        "const" => said == value,
        "enum" => list().any(|choice| choice == value),
        "type" => match said.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            other => panic!("the type {other}"),
        },
        "oneOf" => list().filter(|schema| accepts(schema, value)).count() == 1,
        "anyOf" => list().any(|schema| accepts(schema, value)),
        "allOf" => list().all(|schema| accepts(schema, value)),
        "not" => !accepts(said, value),
        "required" => {
            value.as_object().is_none_or(|object| list().all(|key| object.contains_key(key.as_str().unwrap())))
        }
        "properties" => value.as_object().is_none_or(|object| {
            said.as_object()
                .unwrap()
                .iter()
                .all(|(key, schema)| object.get(key).is_none_or(|value| accepts(schema, value)))
        }),
        "minItems" => value.as_array().is_none_or(|items| items.len() >= length()),
        "maxItems" => value.as_array().is_none_or(|items| items.len() <= length()),
        "prefixItems" => {
            value.as_array().is_none_or(|items| list().zip(items).all(|(schema, item)| accepts(schema, item)))
        }
        "items" => {
            let before = words.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
            value.as_array().is_none_or(|items| items.iter().skip(before).all(|item| accepts(said, item)))
        }
        "contains" => value.as_array().is_none_or(|items| {
            let bound = |word: &str, or: u64| words.get(word).map_or(or, |said| said.as_u64().unwrap());
            let n_found = items.iter().filter(|item| accepts(said, item)).count() as u64;
            (bound("minContains", 1)..=bound("maxContains", u64::MAX)).contains(&n_found)
        }),
        "pattern" => value.as_str().is_none_or(|text| matches(said.as_str().unwrap(), text)),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= length()),
        "minimum" => value.as_f64().is_none_or(|given| given >= number()),
        "maximum" => value.as_f64().is_none_or(|given| given <= number()),
        "exclusiveMinimum" => value.as_f64().is_none_or(|given| given > number()),
        other => panic!("the word {other}"),
    }
}

/// Patterns are few and asked often, and each takes long to compile.
static PATTERNS: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());

fn matches(pattern: &str, text: &str) -> bool {
    let mut patterns = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    if !patterns.contains_key(pattern) {
        patterns.insert(pattern.to_owned(), Regex::new(pattern).unwrap());
    }
    patterns[pattern].is_match(text)
}
