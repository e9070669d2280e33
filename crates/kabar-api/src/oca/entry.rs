//! The entries of error 39: one for each thing that is wrong with the body.

use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::fault::{Fault, Faults, Path, Step};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A body that is wrong in more places than this is answered with so many.
const MAX_ENTRIES: usize = 200;
/// Longer texts are cut before they are repeated, in characters.
const MAX_TEXT: usize = 200;
/// Larger objects and lists are not repeated, in bytes of JSON.
const MAX_TREE_BYTES: usize = 1000;

/// One thing that is wrong with the body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::ErrorEntry)]
pub(super) struct Entry {
    /// What stands there. It is left out where nothing does, and where it may be part of a login code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>, example = "0812")]
    value: Option<Value>,
    /// What is wrong with it, in English, or in Indonesian with `Accept-Language: id`.
    #[schema(example = "Invalid country code")]
    msg: String,
    /// Where it stands, such as `message.template.payload[0].parameters[1].text`.
    #[schema(example = "phone_number")]
    param: String,
    /// Where: `body`, or `headers` for what is wrong with a header.
    #[schema(example = "body")]
    location: &'static str,
}

/// What of a body may be repeated to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Everything.
    All,
    /// Nothing that could hold a value for the template: it is for login codes, or nobody knows what it is for.
    NoValues,
}

/// The only places of a body that are repeated in any case, if a plain value stands there.
const PLAIN_PLACES: [&str; 3] = ["phone_number", "message.type", "message.template.template_code_id"];

impl Entry {
    /// About the body as a whole, of which nothing is repeated.
    pub(super) fn of_body(msg: &str) -> Self {
        Self { value: None, msg: msg.to_owned(), param: String::new(), location: "body" }
    }

    /// About a header, whose value is not repeated.
    pub(super) fn of_header(fault: &Fault, locale: Locale) -> Self {
        Self { value: None, msg: sentence(fault, locale), param: fault.path.to_string(), location: "headers" }
    }

    /// An entry as the documentation shows it.
    pub(super) fn about_phone_number() -> Self {
        Self {
            value: Some(Value::from("0812")),
            msg: "Invalid country code".to_owned(),
            param: "phone_number".to_owned(),
            location: "body",
        }
    }

    /// An entry for each fault, in order.
    pub(super) fn all(faults: &Faults, body: &Value, repeat: Repeat, locale: Locale) -> Vec<Self> {
        faults
            .iter()
            .take(MAX_ENTRIES)
            .map(|fault| Self {
                value: value_at(body, &fault.path, repeat),
                msg: sentence(fault, locale),
                param: fault.path.to_string(),
                location: "body",
            })
            .collect()
    }
}

fn value_at(body: &Value, path: &Path, repeat: Repeat) -> Option<Value> {
    let found = path.steps().iter().try_fold(body, |value, step| match step {
        Step::Key(key) => value.get(key.as_ref()),
        Step::Index(index) => value.get(index),
    })?;
    let is_tree = matches!(found, Value::Object(_) | Value::Array(_));
    if repeat == Repeat::NoValues && (is_tree || !PLAIN_PLACES.contains(&path.to_string().as_str())) {
        return None;
    }
    match found {
        Value::String(text) => Some(Value::String(cut(text))),
        Value::Object(_) | Value::Array(_) => (found.to_string().len() <= MAX_TREE_BYTES).then(|| found.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(found.clone()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kabar_domain::rule::Rule;
    use serde_json::json;

    use super::*;

    fn payload() -> Path {
        Path::root().key("message").key("template").key("payload")
    }

    fn values(repeat: Repeat, body: &Value, paths: &[Path]) -> Vec<Option<Value>> {
        let mut faults = Faults::none();
        for path in paths {
            faults.push(Fault::new(path.clone(), Rule::Required));
        }
        Entry::all(&faults, body, repeat, Locale::English).into_iter().map(|entry| entry.value).collect()
    }

    #[test]
    fn what_stands_there_is_repeated_within_reason() {
        let body = json!({
            "phone_number": "9".repeat(300),
            "message": { "type": null, "template": { "payload": [{ "position": "body", "parameters": [7] }] } }
        });
        let part = payload().index(0);
        let paths = [
            Path::root().key("phone_number"),
            Path::root().key("message").key("type"),
            Path::root().key("nothing").key("there"),
            part.key("parameters").index(0),
            part.key("parameters").index(1),
            part.key("parameters"),
        ];
        assert_eq!(
            values(Repeat::All, &body, &paths),
            [
                Some(json!(format!("{}…", "9".repeat(200)))),
                Some(Value::Null),
                None,
                Some(json!(7)),
                None,
                Some(json!([7]))
            ]
        );
        let large = json!({ "message": { "template": { "payload": ["x".repeat(2000)] } } });
        assert_eq!(values(Repeat::All, &large, &[payload()]), [None]);
    }

    #[test]
    fn a_login_code_is_never_repeated_wherever_it_stands() {
        let code = "483920";
        let bodies = [
            json!({ "phone_number": "0812", "message": { "type": "x", "template": { "template_code_id": "a:b",
                "payload": [{ "position": "body", "parameters": [{ "type": "text", "text": code }] }] } } }),
            // Encoded twice, and put in wrong places.
            json!({ "message": json!({ "template": { "payload": code } }).to_string() }),
            json!({ "message": { "type": [code], "template": code } }),
            json!({ "phone_number": { "x": code }, "message": { "template": { "template_code_id": [code] } } }),
            json!(code),
        ];
        let part = payload().index(0);
        let paths = [
            Path::root(),
            Path::root().key("phone_number"),
            Path::root().key("message"),
            Path::root().key("message").key("type"),
            Path::root().key("message").key("template"),
            Path::root().key("message").key("template").key("template_code_id"),
            payload(),
            part.clone(),
            part.key("position"),
            part.key("parameters"),
            part.key("parameters").index(0),
            part.key("parameters").index(0).key("text"),
        ];
        for body in &bodies {
            let found = values(Repeat::NoValues, body, &paths);
            assert!(!serde_json::to_string(&found).unwrap().contains(code), "{body}");
        }
        let found = values(Repeat::NoValues, &bodies[0], &paths);
        assert_eq!(found[1], Some(json!("0812")));
        assert_eq!(found[5], Some(json!("a:b")));
    }

    #[test]
    fn a_body_that_is_all_wrong_is_answered_within_bounds() {
        let mut faults = Faults::none();
        for index in 0..5000 {
            faults.push(Fault::new(payload().index(index), Rule::Required));
        }
        assert_eq!(Entry::all(&faults, &Value::Null, Repeat::All, Locale::English).len(), MAX_ENTRIES);
    }
}
