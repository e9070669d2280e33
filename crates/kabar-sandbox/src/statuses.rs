//! What becomes of an accepted message, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long after its acceptance each status of a message is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Until `sent`; a message that fails is told so then.
    pub sent: Duration,
    /// Until `delivered`.
    pub delivered: Duration,
    /// Until `read`.
    pub read: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self { sent: Duration::from_millis(100), delivered: Duration::from_millis(300), read: Duration::from_secs(1) }
    }
}

/// A status of a message, as webhooks spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Sent,
    Delivered,
    Read,
    Failed,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }

    /// Milliseconds from the acceptance of a message until this status.
    pub(crate) fn delay_ms(self, timings: &Timings) -> i64 {
        let delay = match self {
            Self::Sent | Self::Failed => timings.sent,
            Self::Delivered => timings.delivered,
            Self::Read => timings.read,
        };
        i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)
    }
}

/// What a recipient's phone does with messages by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Habit {
    /// It receives them, and they are read.
    #[default]
    Reads,
    /// It receives them, and nobody reads them.
    Receives,
    /// It is off: nothing arrives.
    Off,
}

impl Habit {
    pub(crate) const ALL: [Self; 3] = [Self::Reads, Self::Receives, Self::Off];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Receives => "receives",
            Self::Off => "off",
        }
    }

    /// The habit of this name.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|habit| habit.as_str() == text)
    }

    /// Whether a message reaches this status without anybody's doing.
    pub(crate) fn reaches(self, status: Status) -> bool {
        match status {
            Status::Sent | Status::Failed => true,
            Status::Delivered => self != Self::Off,
            Status::Read => self == Self::Reads,
        }
    }
}

/// The statuses of a message, in order. One that fails is never `sent`: the platform tells only the failure.
pub(crate) fn plan(fails: bool) -> &'static [Status] {
    if fails { &[Status::Failed] } else { &[Status::Sent, Status::Delivered, Status::Read] }
}
