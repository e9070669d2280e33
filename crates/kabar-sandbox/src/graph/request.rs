//! Reading a Graph call: version, path, token, and parameters from the query and the body.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, header};
use serde_json::{Map, Value};

use crate::graph::errors::GraphError;

/// The version that an unversioned path gets, and the newest that the sandbox speaks for.
pub(crate) const NEWEST_VERSION: &str = "v26.0";

/// A Graph call, before it is known what it means.
#[derive(Debug)]
pub(crate) struct GraphCall {
    pub(crate) method: Method,
    pub(crate) version: String,
    /// The path behind the version.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// Those of the query, those of the body over them; without the access token.
    pub(crate) parameters: Map<String, Value>,
    /// The body was no readable JSON.
    pub(crate) unreadable: bool,
    pub(crate) token: Option<String>,
    /// `http://` and the host that was called, for the links of a list.
    pub(crate) origin: String,
}

impl GraphCall {
    /// Reads the parts of an HTTP request.
    pub(crate) fn read(parts: &Parts, body: &Bytes) -> Self {
        let path = parts.uri.path();
        let mut segments: Vec<String> =
            path.split('/').filter(|segment| !segment.is_empty()).map(|segment| decode(segment, false)).collect();
        let version = match segments.first() {
            Some(first) if is_version(first) => segments.remove(0),
            _ => NEWEST_VERSION.to_owned(),
        };
        let query = pairs(parts.uri.query().unwrap_or_default());
        let mut parameters = Map::new();
        for (key, value) in &query {
            parameters.insert(key.clone(), Value::String(value.clone()));
        }
        let content_type = header_text(parts, &header::CONTENT_TYPE).unwrap_or_default();
        let mut unreadable = false;
        if content_type.starts_with("application/x-www-form-urlencoded") {
            for (key, value) in pairs(&String::from_utf8_lossy(body)) {
                parameters.insert(key, form_value(value));
            }
        } else if !body.is_empty() {
            match serde_json::from_slice(body).map(unwrapped) {
                Ok(Value::Object(object)) => parameters.extend(object),
                _ => unreadable = true,
            }
        }
        let in_parameters = parameters.remove("access_token");
        let in_header = header_text(parts, &header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
            known.then(|| token.trim().to_owned())
        });
        let token = in_header.or_else(|| in_parameters.as_ref().and_then(Value::as_str).map(str::to_owned));
        let host = header_text(parts, &header::HOST).unwrap_or("localhost");
        Self {
            method: parts.method.clone(),
            version,
            segments,
            query,
            parameters,
            unreadable,
            token: token.filter(|token| !token.is_empty()),
            origin: format!("http://{host}"),
        }
    }

    /// A parameter's text; numbers and booleans of a JSON body included.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.parameters.get(key)? {
            Value::String(text) => Some(text.clone()),
            other @ (Value::Number(_) | Value::Bool(_)) => Some(other.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A parameter that may have several values: one text, a JSON array as text, or `key[0]=…&key[1]=…`.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        let indexed = self.query.iter().filter(|(name, _)| {
            name.strip_prefix(key).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'))
        });
        let mut texts: Vec<String> = indexed.map(|(_, value)| value.clone()).collect();
        if let Some(text) = self.text(key) {
            match serde_json::from_str::<Vec<Value>>(&text) {
                Ok(array) => texts.extend(array.iter().map(bare)),
                Err(_) => texts.push(text),
            }
        }
        texts.retain(|text| !text.is_empty());
        texts
    }

    /// A parameter that is a list of ids, codes or enum values: as [`GraphCall::texts`], a JSON array of the body, or one
    /// text with commas.
    pub(crate) fn list(&self, key: &str) -> Vec<String> {
        let mut list = self.texts(key);
        list.extend(self.parameters.get(key).and_then(Value::as_array).into_iter().flatten().map(bare));
        list.iter()
            .flat_map(|text| text.split(','))
            .map(|text| text.trim().to_owned())
            .filter(|t| !t.is_empty())
            .collect()
    }

    /// Whether a parameter is there, in any of its spellings.
    pub(crate) fn has(&self, key: &str) -> bool {
        let is_there = |name: &String| name == key || name.strip_prefix(key).is_some_and(|rest| rest.starts_with('['));
        self.parameters.keys().any(is_there)
    }

    /// The names in `fields`, without what stands in braces behind them.
    pub(crate) fn fields(&self) -> Option<Vec<String>> {
        let text = self.text("fields").filter(|text| !text.is_empty())?;
        let mut depth = 0_u32;
        let mut fields = vec![String::new()];
        for char in text.chars() {
            match char {
                '{' | '(' => depth += 1,
                '}' | ')' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => fields.push(String::new()),
                char if depth == 0 && !char.is_whitespace() => {
                    if let Some(field) = fields.last_mut() {
                        field.push(char);
                    }
                }
                _ => {}
            }
        }
        fields.retain(|field| !field.is_empty());
        Some(fields)
    }

    /// Refuses a call whose body could not be read.
    pub(crate) fn check_readable(&self) -> Result<(), GraphError> {
        if self.unreadable {
            return Err(GraphError::parameter("Invalid parameter: the request's body is not a JSON object."));
        }
        Ok(())
    }
}

/// A text without its quotes, a number as it is written.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Some clients write their JSON object as a JSON string once more.
fn unwrapped(body: Value) -> Value {
    let inner = body.as_str().and_then(|text| serde_json::from_str(text).ok());
    inner.unwrap_or(body)
}

fn header_text<'a>(parts: &'a Parts, name: &header::HeaderName) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit())
            && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

/// A form's value: what looks like a JSON object or array is read as one.
fn form_value(value: String) -> Value {
    if value.starts_with(['{', '[']) {
        serde_json::from_str(&value).unwrap_or(Value::String(value))
    } else {
        Value::String(value)
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(k, v)| (decode(k, true), decode(v, true)))
        .collect()
}

fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let hex = text.get(index + 1..index + 3).filter(|_| byte == b'%');
        if let Some(value) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(value);
            index += 3;
        } else {
            decoded.push(if byte == b'+' && plus_is_space { b' ' } else { byte });
            index += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Escapes a text for use in a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => {
                encoded.push('%');
                for nibble in [byte >> 4, byte & 0x0f] {
                    encoded.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
                }
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &str, uri: &str, content_type: &str, body: &str) -> GraphCall {
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header("host", "graph.test")
            .header("content-type", content_type);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        GraphCall::read(&parts, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn the_version_is_optional_and_the_token_is_no_parameter() {
        let call = read("POST", "/v21.0/123/messages?access_token=t%2B1", "application/json", r#"{"to":"62"}"#);
        assert_eq!((call.version.as_str(), call.segments.join("/").as_str()), ("v21.0", "123/messages"));
        assert_eq!(call.token.as_deref(), Some("t+1"));
        assert_eq!(call.parameters.keys().collect::<Vec<_>>(), ["to"]);
        assert_eq!(read("GET", "/123", "", "").version, NEWEST_VERSION);
    }

    #[test]
    fn a_form_carries_json_in_its_values() {
        let call = read("POST", "/1/x", "application/x-www-form-urlencoded", "a=%7B%22b%22%3A1%7D&c=d+e");
        assert_eq!(Value::Object(call.parameters), serde_json::json!({"a": {"b": 1}, "c": "d e"}));
    }

    #[test]
    fn lists_come_in_three_spellings_and_fields_may_have_braces() {
        let call = read(
            "GET",
            "/1?status=%5B%22A%22%2C%22B%22%5D&language[0]=id&language[1]=en&category=C&fields=id,q{a,b},n",
            "",
            "",
        );
        assert_eq!(call.texts("status"), ["A", "B"]);
        assert_eq!(call.texts("language"), ["id", "en"]);
        assert_eq!(call.texts("category"), ["C"]);
        assert!(call.has("language") && !call.has("lang"));
        let call = read("POST", "/1", "application/json", r#""{\"ids\": [1, \"2\"], \"more\": \"3, 4\"}""#);
        assert_eq!((call.list("ids"), call.list("more")), (vec!["1".into(), "2".into()], vec!["3".into(), "4".into()]));
        let call = read("GET", "/1?status=%5B%22A%22%2C%22B%22%5D&fields=id,q{a,b},n", "", "");
        assert_eq!(call.fields().unwrap(), ["id", "q", "n"]);
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let text = "a b+c&d=é%{}";
        assert_eq!(decode(&encode(text), true), text);
    }
}
