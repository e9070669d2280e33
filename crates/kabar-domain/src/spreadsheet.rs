//! What goes into files that people open in spreadsheets.

use std::borrow::Cow;

/// The text as a cell. What a spreadsheet would take for a formula gets an apostrophe before it, which makes it a text.
pub fn harmless(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}
