//! A sender that is held: nothing leaves but one message now and then, to see whether it is well again. So nothing is
//! burnt that would fail alike.

use std::fmt;
use std::time::Duration;

use kabar_graph::token::AccessToken;

/// Why a sender is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// The upstream refuses whatever the sender does, with this code, until a person has put something right.
    Refused(u32),
    /// It has no access token.
    NoToken,
    /// The upstream is at work on it, and says so with this code; it gets well by itself.
    BeingWorkedOn(u32),
    /// The upstream asks to be left alone for so long.
    Asked(Duration),
    /// The upstream can't be reached.
    Unreachable,
}

impl Why {
    /// Whether it lasts until a person does something.
    pub(crate) const fn needs_a_person(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::NoToken)
    }

    /// How long it is waited before the first try, and at most before a later one; each wait is twice the one before it.
    const fn waits(&self) -> (Duration, Duration) {
        match self {
            Self::Refused(_) | Self::NoToken => (Duration::from_secs(15), Duration::from_secs(300)),
            Self::BeingWorkedOn(_) => (Duration::from_secs(10), Duration::from_secs(20)),
            Self::Asked(period) => (*period, *period),
            Self::Unreachable => (Duration::from_millis(250), Duration::from_secs(15)),
        }
    }
}

/// In words for operators.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(code) => match kabar_graph::errors::row(*code) {
                Some(row) => write!(f, "code {code}: {}", row.meaning),
                None => write!(f, "code {code}"),
            },
            Self::NoToken => f.write_str("it has no access token"),
            Self::BeingWorkedOn(code) => write!(f, "code {code}: the upstream is at work on it"),
            Self::Asked(period) => write!(f, "the upstream asks for a pause of {} s", period.as_secs()),
            Self::Unreachable => f.write_str("the upstream can't be reached"),
        }
    }
}

/// A sender's hold.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    why: Why,
    /// With which it was refused.
    token: Option<AccessToken>,
    since: Duration,
    /// When the next message is tried.
    next: Duration,
    wait: Duration,
    /// Since when a message is under way to see whether the sender is well.
    trying: Option<Duration>,
}

impl Hold {
    pub(super) fn new(why: Why, token: Option<AccessToken>, now: Duration) -> Self {
        let (wait, _) = why.waits();
        Self { why, token, since: now, next: now + wait, wait, trying: None }
    }

    pub(super) const fn why(&self) -> &Why {
        &self.why
    }

    /// How long until a message may be tried; `None` while one is.
    pub(super) fn wait(&self, now: Duration) -> Option<Duration> {
        if self.trying.is_some() { None } else { Some(self.next.saturating_sub(now)) }
    }

    /// If the token is another one now, it is tried at once.
    pub(super) fn look_at(&mut self, token: Option<&AccessToken>, now: Duration) {
        if self.why.needs_a_person() && self.token.as_ref() != token {
            self.token = token.cloned();
            self.next = self.next.min(now);
        }
    }

    /// A message is under way.
    pub(super) fn try_it(&mut self, now: Duration) {
        self.trying = Some(now);
    }

    /// The message that was to be tried was not, or nothing is known of it: the next one is.
    pub(super) fn not_tried(&mut self) {
        self.trying = None;
    }

    /// Whether a call that was begun at this moment says something about the sender as it is now.
    pub(super) fn is_ended_by(&self, begun: Duration) -> bool {
        begun > self.since && self.trying.is_some_and(|trying| begun >= trying)
    }

    /// Another call failed alike. Those that were under way before say nothing new.
    pub(super) fn again(&mut self, why: &Why, begun: Duration, now: Duration) {
        let is_try = self.is_ended_by(begun);
        if *why != self.why {
            let (wait, _) = why.waits();
            self.wait = wait;
            self.next = self.next.max(now + wait);
            self.why = why.clone();
        } else if is_try {
            let (_, longest) = why.waits();
            self.wait = (self.wait * 2).min(longest);
            self.next = now + self.wait;
        }
        if is_try {
            self.trying = None;
        }
    }
}
