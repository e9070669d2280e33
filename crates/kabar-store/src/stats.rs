//! What statistics are made of: how many messages there are of each kind.

use std::collections::HashMap;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::message::{Lane, State};
use kabar_domain::pricing::Pricing;

/// Moments of statistics are known to a quarter of an hour: midnight is a multiple of it in every time zone.
pub const SLOT: Duration = Duration::from_secs(15 * 60);
pub(crate) const SLOT_MILLIS: i64 = 15 * 60 * 1000;

/// All that statistics know of a message; messages of which the same is known are told as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Its lane.
    pub lane: Lane,
    /// When it was accepted: the beginning of that quarter of an hour.
    pub accepted: Moment,
    /// The template, by the store's number for it.
    pub template: i64,
    /// How far it has come.
    pub state: State,
    /// Why it failed, if it did.
    pub code: Option<u32>,
    /// The leading digits of the recipient's number, as many as a price depends on.
    pub prefix: String,
    /// How it is charged, as the upstream said.
    pub pricing: Option<Pricing>,
    /// When it was delivered: the beginning of that quarter of an hour.
    pub delivered: Option<Moment>,
}

/// How many messages, and how many replies to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages.
    pub messages: u64,
    /// Presses of their quick-reply buttons.
    pub replies: u64,
}

impl Tally {
    /// Adds another.
    pub const fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.replies += other.replies;
    }
}

/// One piece of a walk over the messages of an app.
pub type Piece = HashMap<Fact, Tally>;

/// The beginning of the quarter of an hour.
pub(crate) const fn slot_of(millis: i64) -> i64 {
    millis.div_euclid(SLOT_MILLIS)
}

pub(crate) const fn moment_of(slot: i64) -> Moment {
    Moment::from_millis(slot.saturating_mul(SLOT_MILLIS))
}
