//! The platform's limits on an account: templates, creations an hour, calls an hour; those on messages are in
//! [`messages`].
//!
//! Calls and creations are always counted, so that the usage header is true; they are refused only where the limits are
//! enforced. The counts begin anew with each start.

pub(crate) mod messages;

use std::collections::{HashMap, VecDeque};

use crate::world::limits::messages::MessageLimits;

const HOUR_MS: i64 = 3600 * 1000;
/// Management calls an hour for an account with a number, and every account of the sandbox has one.
pub(crate) const MAX_CALLS: usize = 5_000;
/// Creations of templates an hour.
pub(crate) const MAX_CREATIONS: usize = 100;
/// Templates of an account, each language counted; of a business that is not verified, and of one that is.
const MAX_TEMPLATES: usize = 250;
const MAX_TEMPLATES_VERIFIED: usize = 6_000;

/// What is limited, and what was used of it.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// Whether what is over a limit is refused.
    pub(crate) enforced: bool,
    pub(crate) messages: MessageLimits,
    accounts: HashMap<String, Used>,
}

#[derive(Debug, Default)]
struct Used {
    calls: VecDeque<i64>,
    creations: VecDeque<i64>,
}

/// How much of an hour's calls an account has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Of the calls or of the creations, whichever is nearer to its limit; above 100 when calls are refused.
    pub(crate) percent: usize,
    /// Until a call is taken again; 0 when it would be now.
    pub(crate) minutes_to_wait: i64,
}

impl Limits {
    /// Counts a message where limits are enforced, or gives the code with which it is refused.
    pub(crate) fn take_message(&mut self, number: &str, waba_id: &str, to: &str, now: i64) -> Result<(), u32> {
        if self.enforced { self.messages.take(number, waba_id, to, now) } else { Ok(()) }
    }

    /// Templates that an account may have.
    pub(crate) fn max_templates(&self) -> usize {
        if self.enforced { MAX_TEMPLATES } else { MAX_TEMPLATES_VERIFIED }
    }

    /// Counts a management call; false if it is one too many.
    pub(crate) fn take_call(&mut self, waba_id: &str, now: i64) -> bool {
        let enforced = self.enforced;
        take(&mut self.of(waba_id, now).calls, MAX_CALLS, enforced, now)
    }

    /// Counts a creation; false if it is one too many.
    pub(crate) fn take_creation(&mut self, waba_id: &str, now: i64) -> bool {
        let enforced = self.enforced;
        take(&mut self.of(waba_id, now).creations, MAX_CREATIONS, enforced, now)
    }

    /// What an account has used up to now.
    pub(crate) fn usage(&mut self, waba_id: &str, now: i64) -> Usage {
        let enforced = self.enforced;
        let used = self.of(waba_id, now);
        let percent = (used.calls.len() * 100).div_ceil(MAX_CALLS);
        let percent = percent.max((used.creations.len() * 100).div_ceil(MAX_CREATIONS));
        let waits = [(&used.calls, MAX_CALLS), (&used.creations, MAX_CREATIONS)];
        let wait = waits.into_iter().filter_map(|(times, max)| {
            // It is over when the oldest one that stands in the way is an hour old.
            let blocking = times.len().checked_sub(max)?;
            times.get(blocking).map(|at| at.saturating_add(HOUR_MS).saturating_sub(now))
        });
        let wait_ms = wait.max().filter(|_| enforced).unwrap_or(0);
        Usage { percent, minutes_to_wait: wait_ms.saturating_add(59_999) / 60_000 }
    }

    fn of(&mut self, waba_id: &str, now: i64) -> &mut Used {
        let used = self.accounts.entry(waba_id.to_owned()).or_default();
        for times in [&mut used.calls, &mut used.creations] {
            while times.front().is_some_and(|at| at.saturating_add(HOUR_MS) <= now) {
                times.pop_front();
            }
        }
        used
    }
}

fn take(times: &mut VecDeque<i64>, max: usize, enforced: bool, now: i64) -> bool {
    if times.len() >= max {
        if enforced {
            return false;
        }
        // Where nothing is refused the oldest makes room, so that the list stays short.
        times.pop_front();
    }
    times.push_back(now);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_later_all_is_free_again() {
        let mut limits = Limits { enforced: true, ..Limits::default() };
        for at in 0..100 {
            assert!(limits.take_creation("1", at));
        }
        assert!(!limits.take_creation("1", 100));
        assert!(limits.take_creation("2", 100), "another account has its own");
        assert_eq!(limits.usage("1", 100), Usage { percent: 100, minutes_to_wait: 60 });
        assert!(limits.take_creation("1", HOUR_MS));
        assert_eq!(limits.usage("3", 0), Usage { percent: 0, minutes_to_wait: 0 });
    }

    #[test]
    fn what_is_not_enforced_is_counted_and_taken() {
        let mut limits = Limits::default();
        for at in 0..200 {
            assert!(limits.take_creation("1", at));
        }
        assert_eq!(limits.usage("1", 200), Usage { percent: 100, minutes_to_wait: 0 });
        assert_eq!(limits.max_templates(), 6_000);
    }
}
