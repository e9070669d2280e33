//! Languages that the upstream knows templates in.

use std::fmt;

/// A language of a template, such as `id` or `en_US`: one that the upstream knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageCode(&'static str);

impl LanguageCode {
    /// Finds a language by its code, spelled as the upstream spells it (`en_US`, not `en-US`). `None` for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        KNOWN.binary_search(&text).ok().map(|found| Self(KNOWN[found]))
    }

    /// The code as it is written.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Every language, sorted by code.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|code| Self(code))
    }
}

impl fmt::Display for LanguageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Meta's page of supported languages as of November 2025, and two that a public client lists beside them (`ar_SA`, `es_VE`).
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "af", "ar", "ar_AE", "ar_EG", "ar_LB", "ar_MA", "ar_QA", "ar_SA", "az", "be_BY", "bg", "bn", "bn_IN", "ca", "cs",
    "da", "de", "de_AT", "de_CH", "el", "en", "en_AE", "en_AU", "en_CA", "en_GB", "en_GH", "en_IE", "en_IN", "en_JM",
    "en_MY", "en_NZ", "en_QA", "en_SG", "en_UG", "en_US", "en_ZA", "es", "es_AR", "es_CL", "es_CO", "es_CR", "es_DO",
    "es_EC", "es_ES", "es_HN", "es_MX", "es_PA", "es_PE", "es_UY", "es_VE", "et", "fa", "fi", "fil", "fr", "fr_BE",
    "fr_CA", "fr_CH", "fr_CI", "fr_MA", "ga", "gu", "ha", "he", "hi", "hr", "hu", "id", "it", "ja", "ka", "kk", "kn",
    "ko", "ky_KG", "lo", "lt", "lv", "mk", "ml", "mr", "ms", "nb", "nl", "nl_BE", "pa", "pl", "prs_AF", "ps_AF",
    "pt_BR", "pt_PT", "ro", "ru", "rw_RW", "si_LK", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk",
    "ur", "uz", "vi", "zh_CN", "zh_HK", "zh_TW", "zu",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_code_twice() {
        assert!(KNOWN.is_sorted_by(|a, b| a < b));
        assert_eq!(LanguageCode::all().count(), 113);
    }

    #[test]
    fn only_the_upstreams_spelling_is_a_language() {
        assert_eq!(LanguageCode::parse("id").unwrap().as_str(), "id");
        assert_eq!(LanguageCode::parse("en_US").unwrap().to_string(), "en_US");
        for bad in ["", "ID", "en-US", "pt", "zh", "xx", "en_us"] {
            assert!(LanguageCode::parse(bad).is_none(), "{bad}");
        }
    }
}
