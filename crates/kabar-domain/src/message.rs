//! The life of a message, as data.
//!
//! A message's state is the furthest that any of its events took it. So events that come late, twice or out of order give
//! the same view in any order, and evidence that arrives after the end still corrects it.

use std::fmt;

use crate::clock::Moment;
use crate::ids::SenderId;
use crate::template::Category;

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
    /// An attempt was begun whose outcome is not known.
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
    const ALL: [Self; 11] = [
        Self::Accepted,
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
        !matches!(self, Self::Accepted | Self::InDoubt)
    }

    /// The number by which the store knows it. It never changes its meaning.
    pub const fn to_code(self) -> i64 {
        match self {
            Self::Accepted => 0,
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

    /// The state with this number.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.to_code() == code)
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

/// Kabar's own numbers for ends that the upstream has no number for. They are far from the upstream's.
pub mod own_code {
    /// An attempt's outcome stayed unknown.
    pub const OUTCOME_UNKNOWN: u32 = 900_001;
    /// The time ran out before the message could leave.
    pub const EXPIRED: u32 = 900_002;
    /// It was taken back.
    pub const CANCELLED: u32 = 900_003;
    /// The upstream refused without a number of its own.
    pub const REFUSED: u32 = 900_004;
}

/// Something that happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, by the clock of whoever reports it.
    pub at: Moment,
    /// How far it took the message.
    pub state: State,
    /// Why, for a bad end.
    pub reason: Option<Reason>,
}

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Everything that happened, oldest first.
    pub events: Vec<Event>,
}

impl History {
    /// The history of these events, whatever order they come in.
    pub fn of(mut events: Vec<Event>) -> Self {
        events.sort_by_key(|event| (event.at, event.state));
        Self { events }
    }

    /// How far the message has come; `None` for a history without events.
    pub fn state(&self) -> Option<State> {
        self.events.iter().map(|event| event.state).max()
    }

    /// Why it ended badly, if it did: the reason of the state it is in.
    pub fn reason(&self) -> Option<&Reason> {
        let state = self.state()?;
        self.events.iter().filter(|event| event.state == state).find_map(|event| event.reason.as_ref())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::InDoubt => "in doubt",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Rejected => "rejected",
            Self::Submitted => "submitted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, prop, proptest};

    use super::*;

    #[test]
    fn codes_are_distinct_and_grow_with_the_weight() {
        assert!(State::ALL.is_sorted_by(|a, b| a < b && a.to_code() < b.to_code()));
        for state in State::ALL {
            assert_eq!(State::from_code(state.to_code()), Some(state));
        }
        assert_eq!(State::from_code(55), None);
    }

    fn some_events() -> impl Strategy<Value = Vec<Event>> {
        let event = (0_i64..5, prop::sample::select(State::ALL.to_vec()), prop::option::of(0_u32..3)).prop_map(
            |(at, state, code)| Event {
                at: Moment::from_seconds(at),
                state,
                reason: code.map(|code| Reason { code, text: String::new() }),
            },
        );
        prop::collection::vec(event, 1..8)
    }

    proptest! {
        #[test]
        fn the_state_is_the_same_in_any_order(
            (events, shuffled) in some_events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        ) {
            assert_eq!(History::of(events.clone()).state(), History::of(shuffled).state());
            let folded = events.iter().fold(State::Accepted, |state, event| state.after(event.state));
            assert_eq!(folded, History::of(events).state().unwrap().after(State::Accepted));
        }
    }
}
