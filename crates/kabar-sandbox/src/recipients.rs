//! Recipients that end in agreed digits meet agreed ends: `99`, followed by the six digits of the platform's error code.
//!
//! This table is the whole of it; the documentation is made from it, and a new kind of end is a row here.

use serde::Serialize;

use crate::graph::errors;

/// How a recipient of the table ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The message is accepted, and a `failed` status with the code follows.
    Fails,
    /// Each send is refused with the code.
    Refused,
    /// The first two sends to the number are refused with the code; from the third on they are accepted.
    RefusedTwice,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Row {
    /// The platform's error code: six digits.
    pub code: u32,
    /// How a message to such a number ends.
    pub end: End,
    /// What a program can try out with it, in a sentence.
    pub shows: &'static str,
}

impl Row {
    /// The last eight digits of such a number.
    #[must_use]
    pub fn digits(&self) -> String {
        format!("99{:06}", self.code)
    }

    /// The title that the platform gives the code.
    #[must_use]
    pub fn title(&self) -> &'static str {
        errors::codes::row(self.code).title
    }
}

/// How often a number of the kind [`End::RefusedTwice`] is refused.
pub(crate) const REFUSALS: u32 = 2;

/// Every recipient that meets an agreed end.
#[must_use]
pub fn table() -> &'static [Row] {
    &ROWS
}

/// The row for the number of these digits, if it has one.
pub(crate) fn row_for(to_digits: &str) -> Option<&'static Row> {
    let tail = to_digits.get(to_digits.len().checked_sub(8)?..)?;
    let code = tail.strip_prefix("99")?.parse::<u32>().ok()?;
    ROWS.iter().find(|row| row.code == code)
}

const ROWS: [Row; 15] = [
    Row { code: 131_026, end: End::Fails, shows: "The number is not on WhatsApp or cannot be reached." },
    Row { code: 131_047, end: End::Fails, shows: "The window for answering the recipient has closed." },
    Row {
        code: 131_049,
        end: End::Fails,
        shows: "The platform holds back marketing; not to be repeated within a day.",
    },
    Row { code: 131_050, end: End::Fails, shows: "The recipient has stopped marketing messages." },
    Row { code: 131_053, end: End::Fails, shows: "The media of the header could not be fetched." },
    Row { code: 130_472, end: End::Fails, shows: "The recipient is part of an experiment of the platform." },
    Row { code: 130_497, end: End::Fails, shows: "The account may not write to the recipient's country." },
    Row { code: 131_030, end: End::Refused, shows: "A test number may only write to the recipients on its list." },
    Row { code: 131_021, end: End::Refused, shows: "The recipient is the sender." },
    Row { code: 131_051, end: End::Refused, shows: "The kind of message is not supported." },
    Row { code: 130_429, end: End::RefusedTwice, shows: "The sender is over its throughput; slowing down helps." },
    Row { code: 131_056, end: End::RefusedTwice, shows: "Too many messages to one recipient; others are not held up." },
    Row { code: 131_016, end: End::RefusedTwice, shows: "A service of the platform is away for a moment." },
    Row { code: 131_000, end: End::RefusedTwice, shows: "The platform failed for a reason that it does not know." },
    Row { code: 133_004, end: End::RefusedTwice, shows: "The platform's server is away for a moment." },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_eight_digits_decide() {
        assert_eq!(row_for("6281299131026").map(|row| row.end), Some(End::Fails));
        assert_eq!(row_for("99130429").map(|row| row.end), Some(End::RefusedTwice));
        assert!(row_for("6281298131026").is_none());
        assert!(row_for("6281299999999").is_none());
        assert!(row_for("131026").is_none());
        for row in table() {
            assert_eq!(row_for(&format!("62812{}", row.digits())).map(|found| found.code), Some(row.code));
            assert_eq!(errors::codes::row(row.code).code, row.code, "the code has a title");
        }
    }
}
