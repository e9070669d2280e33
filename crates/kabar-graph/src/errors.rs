//! What Meta's error codes mean, and what to do about each.
//!
//! Codes, titles and statuses are Meta's; the sentences and the advice are ours. Meta states a time for 131049 (24 hours),
//! 131056 (4^n seconds), 134101 (10 minutes) and 133015 (5 minutes); the rest of the advice is read out of its words.

mod codes;
mod creation;
mod what_to_do;

use codes::CODES;
use creation::CREATION_ERRORS;
use what_to_do::WHAT_TO_DO;

/// What is known about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// The code; 200 stands for 200 to 299.
    pub code: u32,
    /// Meta's title; where Meta has none, a short one of ours.
    pub title: &'static str,
    /// What it means, for people, in English.
    pub meaning: &'static str,
    /// What it means, for people, in Indonesian.
    pub meaning_id: &'static str,
    /// The documented HTTP status; 400 where none is documented. Real answers differ at times: decide on the code.
    pub http_status: u16,
    /// What to do about it.
    pub advice: Advice,
}

/// What to do with a message, or with what else was asked for, after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    /// It can't be done as it was asked for: give it up.
    Never,
    /// A passing fault of Meta's: try again after growing pauses, a few times.
    Transient,
    /// Too many calls: nothing more of this sender (for templates: of this WABA) for a while, then on.
    RateLimit,
    /// Too many messages from this sender to this recipient: try again after 4^n seconds; other recipients are not concerned.
    PairLimit,
    /// This one not before so many seconds have passed.
    Later {
        /// How long to wait.
        seconds: u32,
    },
    /// Nothing of this sender before so many seconds have passed; it gets well by itself.
    PauseSender {
        /// How long to wait.
        seconds: u32,
    },
    /// Every message of this sender would fail alike until a person has put its account, number or token right.
    HoldSender,
    /// Every message of this template would fail alike until its state upstream changes: give this one up, and read the template again.
    TemplateBlocked,
}

/// A way in which Meta refuses a new or edited template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreationError {
    /// The subcode (`error_subcode`).
    pub subcode: u32,
    /// The code with which it comes.
    pub code: u32,
    /// Meta's title (`error_user_title`); where it is not known, a short one of ours.
    pub title: &'static str,
    /// What it means, for people, in English.
    pub meaning: &'static str,
    /// What it means, for people, in Indonesian.
    pub meaning_id: &'static str,
}

/// The row of a code; every code from 200 to 299 has the same.
#[must_use]
pub fn row(code: u32) -> Option<&'static ErrorRow> {
    let code = if (200..=299).contains(&code) { 200 } else { code };
    CODES.binary_search_by_key(&code, |row| row.code).ok().map(|index| &CODES[index])
}

/// All rows, by code.
#[must_use]
pub fn rows() -> &'static [ErrorRow] {
    CODES
}

/// What to do about a code. For one that is not in the table the HTTP status decides: 429 is a rate limit, from 500 on it is
/// transient, and all else is for ever.
#[must_use]
pub fn advice(code: u32, http_status: u16) -> Advice {
    match row(code) {
        Some(row) => row.advice,
        None if http_status == 429 => Advice::RateLimit,
        None if http_status >= 500 => Advice::Transient,
        None => Advice::Never,
    }
}

/// What somebody does about a code, in English and in Indonesian.
#[must_use]
pub fn what_to_do(code: u32) -> Option<(&'static str, &'static str)> {
    let code = row(code)?.code;
    let place = WHAT_TO_DO.binary_search_by_key(&code, |(one, ..)| *one).ok()?;
    let (_, english, indonesian) = WHAT_TO_DO[place];
    Some((english, indonesian))
}

/// The row of a subcode with which a template is refused.
#[must_use]
pub fn creation_subcode(subcode: u32) -> Option<&'static CreationError> {
    CREATION_ERRORS.binary_search_by_key(&subcode, |error| error.subcode).ok().map(|index| &CREATION_ERRORS[index])
}

/// All ways in which a template is refused, by subcode.
#[must_use]
pub fn creation_errors() -> &'static [CreationError] {
    CREATION_ERRORS
}

#[cfg(test)]
mod tests {
    use super::{Advice, advice, creation_errors, creation_subcode, row, rows, what_to_do};

    #[test]
    fn every_code_stands_once_and_in_order() {
        assert!(rows().windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(creation_errors().windows(2).all(|pair| pair[0].subcode < pair[1].subcode));
        for one in rows() {
            assert_eq!(row(one.code), Some(one));
        }
        for one in creation_errors() {
            assert_eq!(creation_subcode(one.subcode), Some(one));
        }
    }

    #[test]
    fn every_row_speaks_both_languages() {
        let rows = rows().iter().map(|row| (row.code, row.title, row.meaning, row.meaning_id));
        let creation = creation_errors().iter().map(|row| (row.subcode, row.title, row.meaning, row.meaning_id));
        for (code, title, meaning, meaning_id) in rows.chain(creation) {
            assert!(!title.is_empty(), "{code}");
            assert!(meaning.ends_with('.') && meaning_id.ends_with('.'), "{code}: a sentence ends with a full stop");
            assert_ne!(meaning, meaning_id, "{code}");
        }
    }

    #[test]
    fn for_every_row_there_is_something_to_do() {
        let codes: Vec<u32> = rows().iter().map(|row| row.code).collect();
        assert_eq!(super::WHAT_TO_DO.iter().map(|(code, ..)| *code).collect::<Vec<u32>>(), codes);
        for row in rows() {
            let (english, indonesian) = what_to_do(row.code).unwrap();
            assert!(english.ends_with('.') && indonesian.ends_with('.'), "{}", row.code);
            assert!(english != indonesian && english != row.meaning && indonesian != row.meaning_id, "{}", row.code);
        }
        assert_eq!((what_to_do(250), what_to_do(999_999)), (what_to_do(200), None));
    }

    #[test]
    fn every_status_is_one_of_an_error() {
        for row in rows() {
            assert!((400..600).contains(&row.http_status), "{}", row.code);
        }
    }

    #[test]
    fn permission_codes_share_a_row() {
        for code in [200, 201, 250, 299] {
            assert_eq!(row(code).unwrap().code, 200);
        }
        assert_eq!((row(199), row(300)), (None, None));
    }

    #[test]
    fn advice_for_each_kind_of_trouble() {
        for (code, expected) in [
            (0, Advice::HoldSender),
            (2, Advice::Transient),
            (4, Advice::RateLimit),
            (10, Advice::HoldSender),
            (190, Advice::HoldSender),
            (230, Advice::HoldSender),
            (368, Advice::HoldSender),
            (130_429, Advice::RateLimit),
            (131_000, Advice::Transient),
            (131_026, Advice::Never),
            (131_031, Advice::HoldSender),
            (131_042, Advice::HoldSender),
            (131_049, Advice::Later { seconds: 86_400 }),
            (131_056, Advice::PairLimit),
            (131_057, Advice::PauseSender { seconds: 60 }),
            (132_000, Advice::Never),
            (132_015, Advice::TemplateBlocked),
            (132_016, Advice::TemplateBlocked),
            (133_010, Advice::HoldSender),
            (134_101, Advice::Later { seconds: 600 }),
        ] {
            assert_eq!(advice(code, 400), expected, "{code}");
        }
    }

    #[test]
    fn a_code_that_is_not_in_the_table_goes_by_its_status() {
        assert_eq!(row(999_999), None);
        assert_eq!(advice(999_999, 400), Advice::Never);
        assert_eq!(advice(999_999, 404), Advice::Never);
        assert_eq!(advice(999_999, 429), Advice::RateLimit);
        assert_eq!(advice(999_999, 500), Advice::Transient);
        assert_eq!(advice(999_999, 503), Advice::Transient);
    }
}
