//! What a send request says beside what it sends: what it is called, how long its message may wait, and how the files that
//! it names go to the upstream.
//!
//! All of it is Kabar's own, and the vendor's page has none of it: the header `Idempotency-Key`, `message.expires_in` and
//! `message.media`.

use http::{HeaderMap, HeaderName};
use kabar_domain::attached::AtSend;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::reading::{Node, one_of};
use kabar_domain::request::{IdempotencyKey, waiting_time};
use kabar_domain::rule::Rule;
use kabar_engine::accept::Terms;
use kabar_store::once::{Fingerprint, Once};
use serde_json::Value;

/// The header that names a request.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What was understood, and what was not.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) terms: Terms,
    /// What is wrong in the body.
    pub(super) faults: Faults,
    /// What is wrong with the header.
    pub(super) header: Option<Fault>,
}

/// Reads it. For a request with a name, the document's keys are put in order.
pub(super) fn read(headers: &HeaderMap, document: &mut Value) -> Reading {
    let mut reading = Reading::default();
    match key_in(headers) {
        Ok(None) => {}
        Ok(Some(key)) => reading.terms.once = Some(Once { key, content: fingerprint(document) }),
        Err(fault) => reading.header = Some(fault),
    }
    reading.terms.expires_in = expires_in(document, &mut reading.faults);
    reading.terms.media = media(document, &mut reading.faults);
    reading
}

fn key_in(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Fault> {
    let path = Path::root().key("Idempotency-Key");
    let mut values = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Fault::new(path, Rule::IdempotencyKey));
    }
    IdempotencyKey::parse(value.as_bytes(), &path).map(Some)
}

/// What the body says as JSON. In which order its keys stand, and what is between them, says nothing.
fn fingerprint(document: &mut Value) -> Fingerprint {
    document.sort_all_objects();
    Fingerprint::of(&[super::NAME.as_bytes(), document.to_string().as_bytes()])
}

fn expires_in(document: &Value, faults: &mut Faults) -> Option<std::time::Duration> {
    let path = Path::root().key("message").key("expires_in");
    let value = document.get("message")?.get("expires_in").filter(|value| !value.is_null())?;
    let node = Node::at(value, path);
    // A number below zero is a number, and out of range.
    let seconds = if value.as_i64().is_some_and(|seconds| seconds < 0) { 0 } else { node.count(faults)? };
    waiting_time(seconds, node.path()).map_err(|fault| faults.push(fault)).ok()
}

fn media(document: &Value, faults: &mut Faults) -> Option<AtSend> {
    let path = Path::root().key("message").key("media");
    let value = document.get("message")?.get("media").filter(|value| !value.is_null())?;
    one_of(&Node::at(value, path), &AtSend::WORDS, false, faults)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn headers(keys: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for key in keys {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(key).unwrap());
        }
        headers
    }

    fn named(text: &str) -> Fingerprint {
        let mut document: Value = serde_json::from_str(text).unwrap();
        read(&headers(&[b"a"]), &mut document).terms.once.unwrap().content
    }

    #[test]
    fn the_same_is_said_in_any_order_of_keys() {
        let one = named(r#"{"a":{"x":1,"y":[{"p":1,"q":2}]},"b":"c"}"#);
        assert_eq!(one, named(r#" {"b":"c" , "a":{"y":[{"q":2,"p":1}],"x":1}}"#));
        assert_ne!(one, named(r#"{"a":{"x":1,"y":[{"p":1,"q":3}]},"b":"c"}"#));
        assert_ne!(named("[1,2]"), named("[2,1]"));
    }

    #[test]
    fn a_key_that_is_none_or_that_is_two_is_a_fault() {
        for keys in [&[&b""[..]][..], &[b"a\xff"], &[b"a", b"a"], &["k".repeat(256).as_bytes()]] {
            let reading = read(&headers(keys), &mut json!({}));
            assert_eq!(reading.header.unwrap().rule, Rule::IdempotencyKey);
            assert!(reading.terms.once.is_none());
        }
        assert!(read(&headers(&[]), &mut json!({})).terms.once.is_none());
    }

    #[test]
    fn how_long_a_message_may_wait_is_read() {
        let read = |value: Value| read(&HeaderMap::new(), &mut json!({ "message": { "expires_in": value } }));
        assert_eq!(read(json!(90)).terms.expires_in, Some(Duration::from_secs(90)));
        for (value, rule) in [
            (json!(0), Rule::ExpiresIn),
            (json!(-5), Rule::ExpiresIn),
            (json!(2_592_001), Rule::ExpiresIn),
            (json!(u64::MAX), Rule::ExpiresIn),
            (json!(1.5), Rule::WrongType),
            (json!("90"), Rule::WrongType),
        ] {
            let rules: Vec<Rule> = read(value.clone()).faults.iter().map(|fault| fault.rule).collect();
            assert_eq!(rules, [rule], "{value}");
        }
        let nothing = read(Value::Null);
        assert!(nothing.terms.expires_in.is_none() && nothing.faults.is_empty());
    }

    #[test]
    fn how_files_go_is_read() {
        let read = |value: Value| read(&HeaderMap::new(), &mut json!({ "message": { "media": value } }));
        assert_eq!(read(json!("link")).terms.media, Some(AtSend::Link));
        assert_eq!(read(json!("upload")).terms.media, Some(AtSend::Upload));
        for (value, rule) in
            [(json!("Link"), Rule::NotOneOf), (json!(""), Rule::NotOneOf), (json!(true), Rule::WrongType)]
        {
            let rules: Vec<Rule> = read(value.clone()).faults.iter().map(|fault| fault.rule).collect();
            assert_eq!(rules, [rule], "{value}");
        }
        let nothing = read(Value::Null);
        assert!(nothing.terms.media.is_none() && nothing.faults.is_empty());
    }
}
