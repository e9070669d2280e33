//! To how many recipients an account may write first within a day.
//!
//! The upstream counts the recipients to whom a business wrote by itself, templates of every category, within the last 24
//! hours: 250, 2,000, 10,000 or 100,000, or without a limit. Who was written to within that time may be written to again.
//! A part is kept for the more urgent classes, so that a campaign that has used up the day leaves room for login codes.
//!
//! Each recipient is remembered in about 24 bytes, and never more of them than the limit; without a limit nobody is.

use std::collections::HashMap;
use std::time::Duration;

use super::Recipient;
use crate::clock::Moment;
use crate::template::Category;

/// How long a recipient counts.
pub const DAY: Duration = Duration::from_secs(24 * 3600);
/// The largest limit that there is; what is above it is none.
pub const LARGEST: u32 = 100_000;
/// How exactly it is remembered when a recipient was written to last: it counts a little longer than a day.
const SLOT: Duration = Duration::from_secs(300);
const SLOT_MS: i64 = 300_000;
const SLOTS_A_DAY: i64 = 24 * 12;

/// The recipients of one account within the last 24 hours.
#[derive(Debug, Clone)]
pub struct Daily {
    limit: u32,
    recipients: HashMap<Recipient, i64>,
    /// As of when those whose day is over were forgotten.
    tidied: i64,
    /// The slot of whom was written to the longest ago, or of somebody before.
    oldest: i64,
}

/// Whether a recipient may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// Yes, and it counts already.
    Known,
    /// Yes, and it counts from now on.
    New,
    /// No, and not before this moment.
    Full {
        /// When the next recipient stops counting.
        until: Moment,
    },
}

impl Daily {
    /// Nobody was written to yet; `limit` is brought down to [`LARGEST`].
    pub fn new(limit: u32) -> Self {
        Self { limit: limit.min(LARGEST), recipients: HashMap::new(), tidied: 0, oldest: i64::MAX }
    }

    /// How many recipients there may be.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// Changes the limit; who was written to still counts.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit.min(LARGEST);
    }

    /// How many recipients count at this moment.
    pub fn used(&mut self, now: Moment) -> u32 {
        self.tidy(slot_of(now));
        u32::try_from(self.recipients.len()).unwrap_or(u32::MAX)
    }

    /// Asks for a message of a class to a recipient; if it may leave, the recipient is counted.
    pub fn ask(&mut self, recipient: Recipient, class: Category, now: Moment) -> Day {
        let slot = slot_of(now);
        let used = self.used(now);
        if let Some(last) = self.recipients.get_mut(&recipient) {
            *last = slot;
            return Day::Known;
        }
        if used >= self.limit - self.kept_from(class) {
            let freed = self.oldest.min(slot).saturating_add(SLOTS_A_DAY + 1);
            return Day::Full { until: Moment::from_millis(freed.saturating_mul(SLOT_MS)).max(now.plus(SLOT)) };
        }
        self.note(recipient, now);
        Day::New
    }

    /// Counts a recipient that was written to at this moment, whatever the limit is.
    pub fn note(&mut self, recipient: Recipient, at: Moment) {
        let slot = slot_of(at);
        let last = self.recipients.entry(recipient).or_insert(slot);
        *last = slot.max(*last);
        self.oldest = self.oldest.min(slot);
    }

    /// Takes back a recipient that was [`Day::New`] and was not written to after all.
    pub fn take_back(&mut self, recipient: Recipient) {
        self.recipients.remove(&recipient);
    }

    /// How many recipients a class leaves to those that are more urgent.
    const fn kept_from(&self, class: Category) -> u32 {
        match class {
            Category::Authentication => 0,
            Category::Utility => self.limit / 50,
            Category::Marketing => self.limit / 20,
        }
    }

    fn tidy(&mut self, slot: i64) {
        if self.tidied == slot {
            return;
        }
        self.tidied = slot;
        let mut oldest = i64::MAX;
        self.recipients.retain(|_, last| {
            let counts = last.saturating_add(SLOTS_A_DAY) >= slot;
            if counts {
                oldest = oldest.min(*last);
            }
            counts
        });
        self.oldest = oldest;
    }
}

const fn slot_of(moment: Moment) -> i64 {
    moment.as_millis().div_euclid(SLOT_MS)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::{prop, proptest};

    use super::*;

    const START: Moment = Moment::from_seconds(1_800_000_000);

    fn at(hours: u64) -> Moment {
        START.plus(Duration::from_secs(hours * 3600))
    }

    #[test]
    fn who_was_written_to_within_a_day_may_be_written_to_again() {
        let mut daily = Daily::new(10);
        for number in 0..10 {
            assert_eq!(daily.ask(Recipient(number), Category::Authentication, at(number)), Day::New);
        }
        assert_eq!(daily.ask(Recipient(3), Category::Marketing, at(10)), Day::Known);
        let Day::Full { until } = daily.ask(Recipient(99), Category::Authentication, at(10)) else {
            panic!("the day is full");
        };
        assert!(until > at(24) && until <= at(24).plus(SLOT), "{until}");
        assert_eq!(daily.ask(Recipient(99), Category::Authentication, until), Day::New);
        assert_eq!(daily.used(at(27)), 8, "none, one and two are over, and 99 has come");
        assert_eq!(daily.used(at(29)), 7, "three was written to again, and four is over");
        assert_eq!(daily.used(at(60)), 0);
    }

    #[test]
    fn a_campaign_leaves_room_for_login_codes() {
        let mut daily = Daily::new(250);
        let mut numbers = 0..;
        let mut send = |daily: &mut Daily, class| {
            (&mut numbers).take(300).filter(|n| daily.ask(Recipient(*n), class, START) == Day::New).count()
        };
        assert_eq!(send(&mut daily, Category::Marketing), 238);
        assert_eq!(send(&mut daily, Category::Utility), 7);
        assert_eq!(send(&mut daily, Category::Authentication), 5);
        daily.set_limit(2000);
        assert_eq!(send(&mut daily, Category::Marketing), 300);
    }

    #[test]
    fn a_limit_that_was_lowered_counts_those_who_were_there() {
        let mut daily = Daily::new(2000);
        for number in 0..1000 {
            daily.note(Recipient(number), START);
        }
        daily.set_limit(250);
        assert!(matches!(daily.ask(Recipient(5000), Category::Authentication, at(1)), Day::Full { .. }));
        daily.take_back(Recipient(7));
        assert_eq!(daily.used(at(1)), 999);
        assert_eq!(Daily::new(u32::MAX).limit(), LARGEST);
    }

    proptest! {
        #[test]
        fn never_more_recipients_within_a_day_than_the_limit(
            limit in 1_u32..30,
            steps in prop::collection::vec((0_u64..7200, 0_u64..60), 1..300),
        ) {
            let mut daily = Daily::new(limit);
            let mut now = START;
            let mut last: HashMap<u64, Moment> = HashMap::new();
            for (wait, number) in steps {
                now = now.plus(Duration::from_secs(wait));
                match daily.ask(Recipient(number), Category::Marketing, now) {
                    Day::Known | Day::New => drop(last.insert(number, now)),
                    Day::Full { until } => assert!(until > now && until <= now.plus(DAY + 2 * SLOT)),
                }
                let recent = last.values().filter(|at| now.since(**at) < DAY).count();
                assert!(recent <= limit as usize, "{recent} of {limit}");
            }
        }
    }
}
