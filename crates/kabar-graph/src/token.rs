//! The credential of a call.

use std::fmt;

use http::HeaderValue;

/// A Graph access token. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    header: HeaderValue,
}

impl AccessToken {
    /// Takes a token as Meta gave it, without the word `Bearer`; white space around it is cut off.
    ///
    /// # Errors
    ///
    /// [`BadToken`] when it is empty or can't stand in a header.
    pub fn new(token: &str) -> Result<Self, BadToken> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadToken);
        }
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| BadToken)?;
        header.set_sensitive(true);
        Ok(Self { header })
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// The same credential by the word that uploads want.
    pub(crate) fn oauth_header(&self) -> HeaderValue {
        let token = self.header.as_bytes().strip_prefix(b"Bearer ").unwrap_or_default();
        let header = HeaderValue::try_from([b"OAuth ".as_slice(), token].concat());
        let mut header = header.expect("what can follow one word in a header can follow another");
        header.set_sensitive(true);
        header
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(hidden)")
    }
}

/// The text can't be an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an access token is a word of printable ASCII characters")]
pub struct BadToken;

#[cfg(test)]
mod tests {
    use super::AccessToken;

    #[test]
    fn a_token_is_never_printed() {
        let token = AccessToken::new(" EAAGsecret \n").unwrap();
        assert_eq!(format!("{token:?} {:?}", token.header()), "AccessToken(hidden) Sensitive");
        assert_eq!(token.header().as_bytes(), b"Bearer EAAGsecret");
        assert_eq!(token.oauth_header().as_bytes(), b"OAuth EAAGsecret");
        assert_eq!(format!("{:?}", token.oauth_header()), "Sensitive");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused() {
        for bad in ["", "  ", "two words", "line\nbreak", "ključ"] {
            assert!(AccessToken::new(bad).is_err(), "{bad:?}");
        }
    }
}
