//! The life of a message, as data.
//!
//! A message's state is the furthest that any of its events took it. So events that come late, twice or out of order give
//! the same view in any order, and evidence that arrives after the end still corrects it. Which step may follow which is a
//! table ([`TRANSITIONS`]), and every history is a path in it.

use std::fmt;

use crate::ids::SenderId;
use crate::template::Category;

mod history;
mod note;
mod search;
pub mod story;
mod transitions;

pub use history::{Event, History};
pub use note::{Answer, KeptNote, Note, NoteKind};
pub use search::Search;
pub use transitions::{Cause, TRANSITIONS, Transition};

/// Where messages queue: one sender and one class of messages. Messages of one lane leave in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Who sends.
    pub sender: SenderId,
    /// How urgent: the category of the template.
    pub class: Category,
}

/// How far a message has come. The order of the variants is the order of their weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// On disk, and waiting for its turn.
    Accepted,
    /// An attempt was begun, and has no outcome yet. Follows from where the message stands, and is no event of its own.
    BeingSent,
    /// An attempt was begun whose outcome is not known. It stays so while it is tried again.
    InDoubt,
    /// Its time ran out before it could leave.
    Expired,
    /// Taken back before it left.
    Cancelled,
    /// In doubt, and no evidence came in time: it is not sent again.
    OutcomeUnknown,
    /// The upstream never took it.
    Rejected,
    /// The upstream took it.
    Submitted,
    /// The upstream sent it on.
    Sent,
    /// The upstream took it and reported later that it could not deliver it.
    Failed,
    /// It is on the recipient's phone.
    Delivered,
    /// The recipient opened it.
    Read,
}

impl State {
    /// Every state, by weight.
    pub const ALL: [Self; 12] = [
        Self::Accepted,
        Self::BeingSent,
        Self::InDoubt,
        Self::Expired,
        Self::Cancelled,
        Self::OutcomeUnknown,
        Self::Rejected,
        Self::Submitted,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// The state after an event that says `other`: whichever of the two is further.
    #[must_use]
    pub fn after(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether Kabar has nothing left to do for the message. The upstream may still report on it.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Accepted | Self::BeingSent | Self::InDoubt)
    }

    /// What becomes of a message in this state for which Kabar declares an end; `None` if it has ended, or was taken,
    /// already. An attempt in doubt may have arrived, so that its message can't be said never to have been sent, however
    /// later attempts came out: its outcome is unknown.
    pub const fn ended(self, end: Self) -> Option<Self> {
        match self {
            Self::Accepted | Self::BeingSent => Some(end),
            Self::InDoubt => Some(Self::OutcomeUnknown),
            Self::Expired
            | Self::Cancelled
            | Self::OutcomeUnknown
            | Self::Rejected
            | Self::Submitted
            | Self::Sent
            | Self::Failed
            | Self::Delivered
            | Self::Read => None,
        }
    }

    /// Whether a message that came to this may be sent once more on purpose: it did not reach its recipient, as far as is
    /// known, and it was not taken back.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Expired | Self::OutcomeUnknown | Self::Rejected | Self::Failed)
    }

    /// The number by which the store knows it. It never changes its meaning.
    pub const fn to_code(self) -> i64 {
        match self {
            Self::Accepted => 0,
            Self::BeingSent => 5,
            Self::InDoubt => 10,
            Self::Expired => 20,
            Self::Cancelled => 30,
            Self::OutcomeUnknown => 40,
            Self::Rejected => 50,
            Self::Submitted => 60,
            Self::Sent => 70,
            Self::Failed => 80,
            Self::Delivered => 90,
            Self::Read => 100,
        }
    }

    /// Its name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::BeingSent => "being_sent",
            Self::InDoubt => "in_doubt",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Rejected => "rejected",
            Self::Submitted => "submitted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The state with this number.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.to_code() == code)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeingSent => "being sent",
            Self::InDoubt => "in doubt",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Accepted
            | Self::Expired
            | Self::Cancelled
            | Self::Rejected
            | Self::Submitted
            | Self::Sent
            | Self::Failed
            | Self::Delivered
            | Self::Read => self.as_str(),
        })
    }
}

/// Why a message came to a bad end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The upstream's number, or one of Kabar's own (see [`own_code`]).
    pub code: u32,
    /// What the upstream said, or Kabar's own words.
    pub text: String,
}

impl Reason {
    /// The same for a message of which an earlier attempt may have arrived: then nobody knows what became of it.
    #[must_use]
    pub fn after_lost_answer(self) -> Self {
        let text = format!("the answer to an earlier attempt was lost; the last attempt ended so: {}", self.text);
        Self { code: own_code::OUTCOME_UNKNOWN, text }
    }
}

/// Kabar's own numbers for ends that the upstream has no number for. They are far from the upstream's.
pub mod own_code {
    /// An attempt's outcome stayed unknown.
    pub const OUTCOME_UNKNOWN: u32 = 900_001;
    /// The time ran out before the message could leave.
    pub const EXPIRED: u32 = 900_002;
    /// It was taken back.
    pub const CANCELLED: u32 = 900_003;
    /// The recipient has stopped the app's marketing.
    pub const SUPPRESSED: u32 = 900_006;
    /// The upstream refused without a number of its own.
    pub const REFUSED: u32 = 900_004;
    /// A file that it names by its URL can't be had, or can't be sent.
    pub const MEDIA: u32 = 900_005;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_grow_with_the_weight() {
        assert!(State::ALL.is_sorted_by(|a, b| a < b && a.to_code() < b.to_code()));
        for state in State::ALL {
            assert_eq!(State::from_code(state.to_code()), Some(state));
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::from_code(55), None);
    }
}
