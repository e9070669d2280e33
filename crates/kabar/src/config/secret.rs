//! Secrets in configuration: as they are, or in a file.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

/// A text that nothing prints.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Secret {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

/// The secret, from wherever it is; notes what is wrong with it under its key.
pub(super) fn read(key: &str, given: Option<&Secret>, file: Option<&Path>, wrong: &mut Vec<String>) -> Option<String> {
    let (text, key) = match (given, file) {
        (None, None) => return None,
        (Some(_), Some(_)) => {
            wrong.push(format!("{key}: give it, or {key}_file, and not both"));
            return None;
        }
        (Some(given), None) => (given.expose().to_owned(), key.to_owned()),
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(text) => (text, format!("{key}_file")),
            Err(err) => {
                wrong.push(format!("{key}_file: could not read {}: {err}", path.display()));
                return None;
            }
        },
    };
    let text = text.trim();
    if text.is_empty() {
        wrong.push(format!("{key}: is empty"));
        return None;
    }
    Some(text.to_owned())
}

/// The same for a secret that there must be; where it is missing, that is noted, and an empty text stands in for it.
pub(super) fn required(key: &str, given: Option<&Secret>, file: Option<&Path>, wrong: &mut Vec<String>) -> String {
    if given.is_none() && file.is_none() {
        wrong.push(format!("{key}: is required, here or as {key}_file"));
    }
    read(key, given, file, wrong).unwrap_or_default()
}
