//! Names of things, each of its own type, so that none can stand in another's place.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an id: what it should have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {shape}")]
pub struct InvalidId {
    /// What the text was meant to name.
    pub what: &'static str,
    /// What such a name looks like.
    pub shape: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $shape:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id; anything of another shape is refused.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId { what: $what, shape: $shape }) }
            }

            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && text.as_bytes()[0].is_ascii_alphanumeric()
}

fn is_digits(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

text_id!(
    /// An app: the tenant that owns templates, senders and tokens. The dialects call it *application*.
    AppId,
    "an app id",
    "1 to 64 letters, digits, `-` or `_`, beginning with a letter or digit",
    is_slug
);
text_id!(
    /// A sender: one WhatsApp business phone number, by the upstream's *phone number id*.
    SenderId,
    "a phone number id",
    "1 to 20 digits",
    is_digits
);
text_id!(
    /// A WhatsApp Business Account, to which templates and senders belong upstream.
    WabaId,
    "a WABA id",
    "1 to 20 digits",
    is_digits
);
text_id!(
    /// A template, by the upstream's id.
    TemplateId,
    "a template id",
    "1 to 20 digits",
    is_digits
);

/// The id of an access token, which names it in lists and when it is revoked; it is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(Uuid);

impl TokenId {
    /// The token id with this value.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Reads a token id in any form that UUIDs are written in.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { what: "a token id", shape: "a UUID" })
    }

    /// The value itself.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a message: a `UUIDv7`, which sorts by the time of acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msgid(Uuid);

impl Msgid {
    /// The message id with this value.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Reads a message id as it was given to the caller; nothing else names a message.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { what: "a msgid", shape: "a UUID" })
    }

    /// The sixteen bytes, in the order that sorts by time.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The value itself.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for Msgid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the OCA dialect names a template by: `<uuid with _ for ->:<template name>`. Opaque to callers; letter case does
/// not count, so it is kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateCode(String);

impl TemplateCode {
    /// The code of a template, made from a fresh `uuid` and the template's name.
    pub fn new(uuid: Uuid, name: &str) -> Self {
        Self(format!("{uuid}:{name}").replace('-', "_").to_ascii_lowercase())
    }

    /// What a caller wrote, ready to be looked up. Any text may be asked for; most name nothing.
    pub fn from_caller(text: &str) -> Self {
        Self(text.trim().to_ascii_lowercase())
    }

    /// The code as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TemplateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_another_shape_are_refused() {
        for good in ["demo", "toko-1", "A_b", "9"] {
            assert!(AppId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "_a", "a b", "a/b", "tökö", &"a".repeat(65)] {
            assert!(AppId::parse(bad).is_err(), "{bad}");
        }
        assert!(TemplateId::parse("1519350671883350").is_ok());
        for bad in ["", "12a", "+1", "123456789012345678901"] {
            assert!(TemplateId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_template_code_is_found_in_any_letter_case() {
        let code = TemplateCode::new(Uuid::nil(), "pesanan_dikirim");
        assert_eq!(code.as_str(), "00000000_0000_0000_0000_000000000000:pesanan_dikirim");
        assert_eq!(TemplateCode::from_caller(&code.as_str().to_uppercase()), code);
    }
}
