//! Recipients' phone numbers.

use std::fmt;

use rlibphonenumber::{ParseError, ValidationError};

/// A phone number with its country code, in E.164. Made only by parsing, so it always has a country code that exists
/// and a length that is possible there. `Debug` shows its last four digits only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// The most digits that a number has, country code included (E.164).
const MAX_DIGITS: usize = 15;

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhoneNumber {
    /// There is no country code, or no country has it: `0812…` is a number for dialling within a country.
    #[error("no country code")]
    CountryCode,
    /// Something else than digits after an optional `+`.
    #[error("not digits")]
    NotDigits,
    /// No number of that country is so short.
    #[error("too short")]
    TooShort,
    /// No number of that country is so long.
    #[error("too long")]
    TooLong,
    /// Between the shortest and the longest, but no number of that country has this length.
    #[error("impossible")]
    Impossible,
}

impl PhoneNumber {
    /// Loads the numbering plans of all countries, which otherwise the first number that is read waits for.
    pub fn warm_up() {
        drop(Self::parse("+6281234567890"));
    }

    /// Reads a number written as country code and number, with or without a leading `+`.
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidPhoneNumber::NotDigits);
        }
        if digits.starts_with('0') {
            return Err(InvalidPhoneNumber::CountryCode);
        }
        if digits.len() > MAX_DIGITS {
            return Err(InvalidPhoneNumber::TooLong);
        }
        let international = format!("+{digits}");
        let number = rlibphonenumber::PhoneNumber::parse(&international, None).map_err(|err| match err {
            ParseError::InvalidCountryCode => InvalidPhoneNumber::CountryCode,
            ParseError::TooLongNsn => InvalidPhoneNumber::TooLong,
            ParseError::TooShortNsn | ParseError::TooShortAfterIdd | ParseError::NotANumber(_) => {
                InvalidPhoneNumber::TooShort
            }
        })?;
        number.is_possible_with_reason().map_err(|err| match err {
            ValidationError::InvalidCountryCode => InvalidPhoneNumber::CountryCode,
            ValidationError::TooShort => InvalidPhoneNumber::TooShort,
            ValidationError::TooLong => InvalidPhoneNumber::TooLong,
            _ => InvalidPhoneNumber::Impossible,
        })?;
        // As it was written, and not as the library would mend it: what the caller asks for later is what was given.
        Ok(Self(international))
    }

    /// A number that was read before, and kept as [`PhoneNumber::as_e164`] gives it. The numbering plans are not asked
    /// again, for they may have changed since; anything that was never such a number is refused.
    pub fn kept(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let is_number = (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if is_number { Ok(Self(text.to_owned())) } else { Err(InvalidPhoneNumber::NotDigits) }
    }

    /// What is left of a number that was erased: where it is, by as many digits as a price depends on, and nobody's.
    #[must_use]
    pub fn erased(&self) -> Self {
        Self(self.0.chars().take(1 + crate::rates::PREFIX_DIGITS).collect())
    }

    /// The number in E.164, such as `+6281234567890`.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// The digits without the `+`, as the upstream names a recipient.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// The last four digits, for logs.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.last_four())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_same_number_are_one() {
        let with = PhoneNumber::parse("+6281381475159").unwrap();
        let without = PhoneNumber::parse("6281381475159").unwrap();
        assert_eq!(with, without);
        assert_eq!(with.as_e164(), "+6281381475159");
        assert_eq!(with.digits(), "6281381475159");
    }

    #[test]
    fn what_is_no_number_says_why() {
        use InvalidPhoneNumber as E;
        let cases = [
            ("", E::NotDigits),
            ("+", E::NotDigits),
            ("0812", E::CountryCode),
            ("081381475159", E::CountryCode),
            ("+081381475159", E::CountryCode),
            ("++6281381475159", E::NotDigits),
            ("62 813 8147", E::NotDigits),
            ("62813-8147", E::NotDigits),
            ("nomor", E::NotDigits),
            ("６２８１３", E::NotDigits),
            ("999123456789", E::CountryCode),
            ("62", E::TooShort),
            ("6281381475159123456", E::TooLong),
        ];
        for (text, expected) in cases {
            assert_eq!(PhoneNumber::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn numbers_of_many_countries_are_read() {
        for text in [
            "6281234567890",
            "16505551234",
            "6591234567",
            "60123456789",
            "447911123456",
            "5511998765432",
            "919876543210",
        ] {
            assert!(PhoneNumber::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_was_kept_is_read_as_it_was() {
        let number = PhoneNumber::parse("6281234567890").unwrap();
        assert_eq!(PhoneNumber::kept(number.as_e164()), Ok(number));
        for text in ["", "+", "6281234567890", "+62 812", "+6281234567890123", "+62812a"] {
            assert_eq!(PhoneNumber::kept(text), Err(InvalidPhoneNumber::NotDigits), "{text}");
        }
    }

    #[test]
    fn of_an_erased_number_its_country_is_left() {
        let erased = PhoneNumber::parse("6281381475159").unwrap().erased();
        assert_eq!(erased.as_e164(), "+6281");
        assert_eq!(PhoneNumber::kept("+6281"), Ok(erased.clone()));
        assert_eq!(erased.erased(), erased);
    }

    #[test]
    fn debug_shows_four_digits() {
        assert_eq!(format!("{:?}", PhoneNumber::parse("6281381475159").unwrap()), "…5159");
    }
}
