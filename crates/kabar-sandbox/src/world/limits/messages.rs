//! The platform's limits on messages: of a number a second, to one recipient, and of new recipients a day.
//!
//! They are kept only where limits are enforced, and begin anew with each start.

use std::collections::{HashMap, VecDeque};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Messages of a number a second, as long as it was not upgraded.
pub(crate) const STANDARD_THROUGHPUT: u32 = 80;
/// Of an upgraded one.
pub(crate) const HIGH_THROUGHPUT: u32 = 1_000;
/// Messages to one recipient that may follow one another at once.
pub(crate) const PAIR_BURST: u32 = 45;
/// After how long there may be one more.
pub(crate) const PAIR_EVERY_MS: i64 = 6_000;
/// What a business may have as its number of unique recipients in 24 hours; 0 is no limit.
pub(crate) const DAILY_TIERS: [(u32, &str); 5] =
    [(250, "TIER_250"), (2_000, "TIER_2K"), (10_000, "TIER_10K"), (100_000, "TIER_100K"), (0, "TIER_UNLIMITED")];
/// From how many pairs on those are forgotten that have nothing to pay back.
const MANY_PAIRS: usize = 50_000;

/// What is limited, and what was used of it.
#[derive(Debug)]
pub(crate) struct MessageLimits {
    /// Messages of a number a second.
    pub(crate) per_second: u32,
    /// Unique recipients of an account in 24 hours; 0 for no limit.
    pub(crate) unique_per_day: u32,
    numbers: HashMap<String, Bucket>,
    pairs: HashMap<(String, String), Bucket>,
    accounts: HashMap<String, Recipients>,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self {
            per_second: STANDARD_THROUGHPUT,
            unique_per_day: DAILY_TIERS[0].0,
            numbers: HashMap::new(),
            pairs: HashMap::new(),
            accounts: HashMap::new(),
        }
    }
}

/// Units that come back one after the other. A message takes `cost` of them.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Milliseconds of coming back that are owed.
    owed_ms: i64,
    at: i64,
}

impl Bucket {
    /// Whether one more fits under `most_ms`, of which each takes `cost_ms`.
    fn has_room(self, cost_ms: i64, most_ms: i64, now: i64) -> bool {
        self.owed(now) + cost_ms <= most_ms
    }

    fn take(&mut self, cost_ms: i64, now: i64) {
        *self = Self { owed_ms: self.owed(now) + cost_ms, at: now };
    }

    fn owed(self, now: i64) -> i64 {
        (self.owed_ms - now.saturating_sub(self.at).max(0)).max(0)
    }
}

/// The recipients of an account whose 24 hours are not over.
#[derive(Debug, Default)]
struct Recipients {
    until: HashMap<String, i64>,
    order: VecDeque<(i64, String)>,
}

impl Recipients {
    fn forget(&mut self, now: i64) {
        while let Some((until, _)) = self.order.front()
            && *until <= now
        {
            if let Some((_, to)) = self.order.pop_front() {
                self.until.remove(&to);
            }
        }
    }
}

impl MessageLimits {
    /// Counts a message, or gives the code with which it is refused: then it counts for nothing.
    pub(crate) fn take(&mut self, number: &str, waba_id: &str, to: &str, now: i64) -> Result<(), u32> {
        // A thousandth of a millisecond's precision would change nothing: 80 a second is one in 12.5 ms.
        let scale = i64::from(self.per_second.max(1));
        let fresh = Bucket { owed_ms: 0, at: now };
        // Counted in milliseconds times the throughput, so that there is nothing to round.
        let sent = self.numbers.entry(number.to_owned()).or_insert(Bucket { owed_ms: 0, at: now * scale });
        if !sent.has_room(1_000, 1_000 * scale, now * scale) {
            return Err(130_429);
        }
        let pair = self.pairs.entry((number.to_owned(), to.to_owned())).or_insert(fresh);
        if !pair.has_room(PAIR_EVERY_MS, PAIR_EVERY_MS * i64::from(PAIR_BURST), now) {
            return Err(131_056);
        }
        let recipients = self.accounts.entry(waba_id.to_owned()).or_default();
        recipients.forget(now);
        if !recipients.until.contains_key(to) {
            let full = usize::try_from(self.unique_per_day).is_ok_and(|most| recipients.until.len() >= most);
            if self.unique_per_day > 0 && full {
                return Err(131_048);
            }
            let until = now.saturating_add(DAY_MS);
            recipients.until.insert(to.to_owned(), until);
            recipients.order.push_back((until, to.to_owned()));
        }
        sent.take(1_000, now * scale);
        pair.take(PAIR_EVERY_MS, now);
        if self.pairs.len() > MANY_PAIRS {
            self.pairs.retain(|_, pair| pair.owed(now) > 0);
        }
        Ok(())
    }

    /// Sets what is asked for, and counts from here on.
    pub(crate) fn set(&mut self, per_second: Option<u32>, unique_per_day: Option<u32>) {
        *self = Self {
            per_second: per_second.unwrap_or(self.per_second),
            unique_per_day: unique_per_day.unwrap_or(self.unique_per_day),
            accounts: std::mem::take(&mut self.accounts),
            pairs: std::mem::take(&mut self.pairs),
            numbers: HashMap::new(),
        };
    }

    /// The platform's name for the number of unique recipients.
    pub(crate) fn tier(&self) -> &'static str {
        DAILY_TIERS.iter().find(|(most, _)| *most == self.unique_per_day).map_or("TIER_UNLIMITED", |(_, name)| name)
    }

    /// The platform's name for the throughput.
    pub(crate) fn level(&self) -> &'static str {
        if self.per_second >= HIGH_THROUGHPUT { "HIGH" } else { "STANDARD" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `n` messages to different recipients are taken at this moment.
    fn taken(limits: &mut MessageLimits, n: u32, now: i64) -> u32 {
        (0..n).map(|to| u32::from(limits.take("1", "9", &format!("{now}-{to}"), now).is_ok())).sum()
    }

    #[test]
    fn a_number_sends_eighty_a_second_and_may_save_up_a_second() {
        let mut limits = MessageLimits { unique_per_day: 0, ..MessageLimits::default() };
        assert_eq!(taken(&mut limits, 200, 0), 80);
        assert_eq!(taken(&mut limits, 200, 100), 8);
        assert_eq!(limits.take("1", "9", "x", 112), Err(130_429));
        assert_eq!(limits.take("1", "9", "x", 113), Ok(()));
        assert_eq!(limits.take("2", "9", "x", 113), Ok(()), "another number has its own");
        assert_eq!(taken(&mut limits, 200, 60_000), 80, "no more than a second is saved up");
        limits.set(Some(HIGH_THROUGHPUT), None);
        assert_eq!((taken(&mut limits, 2_000, 70_000), limits.level()), (1_000, "HIGH"));
    }

    #[test]
    fn a_recipient_takes_45_at_once_and_then_one_in_six_seconds() {
        let mut limits = MessageLimits::default();
        let taken = |limits: &mut MessageLimits, n: u32, now: i64| -> u32 {
            (0..n).map(|_| u32::from(limits.take("1", "9", "62812", now).is_ok())).sum()
        };
        assert_eq!(taken(&mut limits, 60, 0), 45);
        assert_eq!(limits.take("1", "9", "62812", 5_999), Err(131_056));
        assert_eq!(taken(&mut limits, 60, 6_000), 1);
        assert_eq!(limits.take("1", "9", "62813", 6_000), Ok(()), "others are not held up");
        assert_eq!(taken(&mut limits, 60, 6_000 + 45 * PAIR_EVERY_MS), 45);
    }

    #[test]
    fn a_day_has_so_many_recipients_and_each_counts_once() {
        let mut limits = MessageLimits { per_second: 100_000, ..MessageLimits::default() };
        assert_eq!((taken(&mut limits, 300, 0), limits.tier()), (250, "TIER_250"));
        assert_eq!(limits.take("1", "9", "0-7", 1), Ok(()), "it has been counted");
        assert_eq!(limits.take("1", "9", "new", DAY_MS - 1), Err(131_048));
        assert_eq!(limits.take("1", "8", "new", 1), Ok(()), "another account has its own");
        assert_eq!(limits.take("1", "9", "new", DAY_MS), Ok(()));
        limits.set(None, Some(0));
        assert_eq!((taken(&mut limits, 300, DAY_MS + 1), limits.tier()), (300, "TIER_UNLIMITED"));
    }
}
