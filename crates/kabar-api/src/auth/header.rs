//! The `Authorization` header, in all the forms in which callers write it.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What the header holds. Whether a form is welcome is for the dialect to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials<'a> {
    /// There is no such header.
    Missing,
    /// It is there and holds nothing, or the word `Bearer` alone.
    Empty,
    /// Something without `Bearer` before it.
    Bare(&'a str),
    /// What follows after `Bearer`, in any letter case.
    Bearer(&'a str),
    /// Bytes that are no text.
    Unreadable,
}

/// Reads the header; where it stands twice, the first counts.
pub(crate) fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Credentials::Missing };
    let Ok(text) = value.to_str() else { return Credentials::Unreadable };
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if text.is_empty() {
        Credentials::Empty
    } else if !first.eq_ignore_ascii_case("bearer") {
        Credentials::Bare(text)
    } else if rest.trim().is_empty() {
        Credentials::Empty
    } else {
        Credentials::Bearer(rest.trim())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_form_is_told_apart() {
        let cases = [
            ("", Credentials::Empty),
            ("  ", Credentials::Empty),
            ("Bearer", Credentials::Empty),
            ("bearer  ", Credentials::Empty),
            ("a.b.c", Credentials::Bare("a.b.c")),
            ("Bearer a.b.c", Credentials::Bearer("a.b.c")),
            ("bEARER   a.b.c ", Credentials::Bearer("a.b.c")),
            ("Basic abc", Credentials::Bare("Basic abc")),
            ("Bearera.b.c", Credentials::Bare("Bearera.b.c")),
        ];
        for (text, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(text));
            assert_eq!(credentials(&headers), expected, "{text:?}");
        }
        assert_eq!(credentials(&HeaderMap::new()), Credentials::Missing);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(&[0xff, 0xfe]).unwrap());
        assert_eq!(credentials(&headers), Credentials::Unreadable);
    }
}
