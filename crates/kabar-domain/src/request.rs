//! What a request to send says beside what it sends.

use std::fmt;
use std::time::Duration;

use crate::fault::{Fault, Path};
use crate::rule::Rule;

/// What a caller calls a request, so that it may be repeated without being done twice. Printable ASCII, 1 to 255
/// characters; it may hold anything, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads a key, as it stands: blanks around it are cut, quotation marks are not.
    pub fn parse(text: &[u8], path: &Path) -> Result<Self, Fault> {
        let text = text.trim_ascii();
        let is_printable = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
        match std::str::from_utf8(text) {
            Ok(text) if is_printable && Rule::IdempotencyKey.allows(text.len()) => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err(Fault::new(path.clone(), Rule::IdempotencyKey)),
        }
    }

    /// The key as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey")
    }
}

/// Reads for how many seconds a message may wait to be sent.
pub fn waiting_time(seconds: u64, path: &Path) -> Result<Duration, Fault> {
    if usize::try_from(seconds).is_ok_and(|seconds| Rule::ExpiresIn.allows(seconds)) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(Fault::new(path.clone(), Rule::ExpiresIn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_plain_text() {
        let path = Path::root().key("Idempotency-Key");
        let long = "k".repeat(255);
        for text in ["a", "pesanan 17/2026", "\"quoted\"", long.as_str()] {
            assert_eq!(IdempotencyKey::parse(text.as_bytes(), &path).unwrap().as_str(), text);
        }
        assert_eq!(IdempotencyKey::parse(b"  a\t", &path).unwrap().as_str(), "a");
        for bytes in [&b""[..], b"  ", "k".repeat(256).as_bytes(), b"a\tb", "é".as_bytes(), b"\xff"] {
            assert_eq!(IdempotencyKey::parse(bytes, &path).unwrap_err().rule, Rule::IdempotencyKey);
        }
        assert!(!format!("{:?}", IdempotencyKey::parse(b"secret", &path)).contains("secret"));
    }
}
