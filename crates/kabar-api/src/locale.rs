//! In which language a caller wants to be answered.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use kabar_domain::catalogue::Locale;

/// The first of our languages that `Accept-Language` asks for, or the dialect's own.
pub(crate) fn of(headers: &HeaderMap, default: Locale) -> Locale {
    headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(Locale::from_accept_language)
        .unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_dialects_own_language_stands_unless_another_is_asked_for() {
        let cases = [
            (None, Locale::Indonesian, Locale::Indonesian),
            (None, Locale::English, Locale::English),
            (Some("id"), Locale::English, Locale::Indonesian),
            (Some("en-US,en;q=0.9"), Locale::Indonesian, Locale::English),
            (Some("fr"), Locale::Indonesian, Locale::Indonesian),
            (Some("*"), Locale::English, Locale::English),
        ];
        for (header, default, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(text) = header {
                headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            }
            assert_eq!(of(&headers, default), expected, "{header:?}");
        }
    }
}
