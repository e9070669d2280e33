//! Whole answers written down, without what is different each time.

use http::Version;

use crate::http::Exchange;
use crate::indent::indented;

/// The headers that callers go by, in the order in which they are shown.
const CONTRACT_HEADERS: [&str; 6] =
    ["content-type", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after", "allow"];

/// Those whose value depends on what other tests are doing; that they are numbers is part of the contract.
const CHANGING_HEADERS: [&str; 3] = ["x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];

impl Exchange {
    /// The whole answer as text: the status line, the headers that are part of the contract, and the body, JSON with one
    /// field a line in the order in which it came. What differs from run to run is replaced by what it is: `[uuid]`,
    /// `[id]` for 15 to 17 digits, `[time]`, `[seconds]` for a recent Unix time, and `[number]` in headers.
    pub fn snapshot(&self) -> String {
        let version = if self.version == Version::HTTP_11 { "HTTP/1.1" } else { "another version of HTTP" };
        let mut text = format!("{version} {}\n", self.status);
        for name in CONTRACT_HEADERS {
            for value in self.headers.get_all(name) {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                let changing = CHANGING_HEADERS.contains(&name) && value.parse::<u64>().is_ok();
                let value = if changing { "[number]".to_owned() } else { value };
                text.extend([name, ": ", &value, "\n"]);
            }
        }
        if !self.body.is_empty() {
            let body = self.text();
            text.push('\n');
            text.push_str(&redacted(&indented(&body).unwrap_or(body)));
        }
        text.trim_end().to_owned()
    }
}

/// The same text without what differs from run to run.
pub(crate) fn redacted(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut redacted = String::with_capacity(text.len());
    let mut place = 0;
    while place < bytes.len() {
        let rest = &text[place..];
        let after_word = place > 0 && is_word(bytes[place - 1]);
        match found(rest).filter(|_| !after_word) {
            Some((what, length)) => {
                redacted.push_str(what);
                place += length;
            }
            None => {
                let Some(char) = rest.chars().next() else { break };
                redacted.push(char);
                place += char.len_utf8();
            }
        }
    }
    redacted
}

/// What a text begins with, and how long that is.
fn found(text: &str) -> Option<(&'static str, usize)> {
    for (pattern, what) in [(UUID, "[uuid]"), (CODE, "[uuid]"), (TIME, "[time]"), (TIME_ZONED, "[time]")] {
        if fits(text, pattern) {
            return Some((what, pattern.len()));
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !text.as_bytes().get(digits).is_some_and(|&byte| is_word(byte));
    match digits {
        15..=17 if ends => Some(("[id]", digits)),
        10 if ends && (text.starts_with("17") || text.starts_with("18") || text.starts_with("19")) => {
            Some(("[seconds]", digits))
        }
        _ => None,
    }
}

/// `h` stands for a hexadecimal digit in lower case, `d` for a decimal one, everything else for itself.
const UUID: &str = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
/// The first half of a template code.
const CODE: &str = "hhhhhhhh_hhhh_hhhh_hhhh_hhhhhhhhhhhh";
const TIME: &str = "dddd-dd-ddTdd:dd:dd.dddZ";
const TIME_ZONED: &str = "dddd-dd-ddTdd:dd:dd.ddd+00:00";

fn fits(text: &str, pattern: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = |(&byte, want): (&u8, u8)| match want {
        b'h' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        b'd' => byte.is_ascii_digit(),
        _ => byte == want,
    };
    bytes.len() >= pattern.len()
        && bytes.iter().zip(pattern.bytes()).all(fits)
        && !bytes.get(pattern.len()).is_some_and(|&byte| is_word(byte))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    #[test]
    fn what_differs_is_replaced_and_nothing_else() {
        let cases = [
            ("\"0190a3b4-0000-7000-8000-00000000abcd\"", "\"[uuid]\""),
            ("0190a3b4_0000_7000_8000_00000000abcd:order_update", "[uuid]:order_update"),
            ("0190a3b4-0000-7000-8000-00000000abcde", "0190a3b4-0000-7000-8000-00000000abcde"),
            ("\"2026-11-21T21:34:00.123Z\"", "\"[time]\""),
            ("2026-11-21T21:34:00Z", "2026-11-21T21:34:00Z"),
            ("\"1519350671883350\"", "\"[id]\""),
            ("x1519350671883350", "x1519350671883350"),
            ("12345678901234, 123456789012345678", "12345678901234, 123456789012345678"),
            ("+6281381475159", "+6281381475159"),
            ("1795000000", "[seconds]"),
            ("1234567890", "1234567890"),
            ("tökö – 131026", "tökö – 131026"),
        ];
        for (text, expected) in cases {
            assert_eq!(redacted(text), expected);
        }
    }

    #[test]
    fn an_answer_is_shown_as_it_came() {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", HeaderValue::from_static("24"));
        headers.insert("x-ratelimit-reset", HeaderValue::from_static("soon"));
        headers.insert("date", HeaderValue::from_static("today"));
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let body = Bytes::from_static(br#"{"msgid":"0190a3b4-0000-7000-8000-00000000abcd","success":true}"#);
        let exchange = Exchange { version: Version::HTTP_11, status: StatusCode::OK, headers, body };
        let expected = "HTTP/1.1 200 OK\ncontent-type: application/json\nx-ratelimit-remaining: [number]\n\
            x-ratelimit-reset: soon\n\n{\n  \"msgid\": \"[uuid]\",\n  \"success\": true\n}";
        assert_eq!(exchange.snapshot(), expected);
    }
}
