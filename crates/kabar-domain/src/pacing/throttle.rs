//! How fast a sender may send, as far as is known: what the upstream says, corrected by what it refuses.
//!
//! After a refusal for speed (130429) the pace is cut to a part, once for all calls that were under way together, and comes
//! back little by little. The speed at which it was refused is remembered: up to just below it the pace comes back fast,
//! past it very slowly, so that a sender that is slower than it is said to be is not refused again and again.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Rate;

/// The share of the upstream's limit that is used: with a burst of the rest, not more than the limit leaves in any second,
/// and calls that take turns of different length on their way still fit.
const USED: f64 = 0.95;
/// What is left of the pace after a refusal.
const CUT_TO: f64 = 0.7;
/// How much of the limit comes back in a second.
const BACK_PER_SECOND: f64 = 1.0 / 60.0;
/// How near to the speed that was refused it becomes slow.
const NEAR: f64 = 0.97;
/// How far past that speed it is forgotten.
const PAST: f64 = 1.05;
/// How much of the speed that was refused comes back in a second near it.
const BACK_PER_SECOND_NEAR: f64 = 1.0 / 2000.0;

/// What is known of one sender's speed. Times are durations since any fixed start.
#[derive(Debug, Clone)]
pub struct Throttle {
    /// Messages a second that the upstream says it takes.
    limit: NonZeroU32,
    /// The part of the limit that is used now, from nearly none to all of it.
    level: f64,
    /// The level at which the upstream refused last.
    refused_at: Option<f64>,
    as_of: Duration,
    cut_at: Option<Duration>,
}

impl Throttle {
    /// A sender of which the upstream takes so many messages a second.
    pub const fn new(limit: NonZeroU32) -> Self {
        Self { limit, level: 1.0, refused_at: None, as_of: Duration::ZERO, cut_at: None }
    }

    /// Takes what the upstream, or the operator, says now. A new limit forgets what was learnt of the old one.
    pub fn set_limit(&mut self, limit: NonZeroU32) {
        if limit != self.limit {
            *self = Self { as_of: self.as_of, cut_at: self.cut_at, ..Self::new(limit) };
        }
    }

    /// The rate at this moment. At most a twentieth of a second's worth leaves at once.
    pub fn rate(&mut self, now: Duration) -> Rate {
        self.recover(now);
        let per_second = part_of(self.limit, USED * self.level);
        Rate::per_second(per_second).with_burst(part_of(self.limit, (1.0 - USED) * self.level))
    }

    /// Whether the sender is slower now than the upstream says it may be.
    pub fn is_cut(&self) -> bool {
        self.level < 1.0
    }

    /// The upstream refused a call for speed that was begun at this moment. `true` if the pace was cut for it; calls that
    /// were begun before the last cut tell nothing new.
    pub fn refused(&mut self, begun: Duration, now: Duration) -> bool {
        if self.cut_at.is_some_and(|cut_at| begun <= cut_at) {
            return false;
        }
        self.recover(now);
        self.refused_at = Some(self.level);
        self.level = (self.level * CUT_TO).max(0.5 / f64::from(self.limit.get()));
        self.cut_at = Some(now);
        true
    }

    fn recover(&mut self, now: Duration) {
        let mut seconds = now.saturating_sub(self.as_of).as_secs_f64();
        self.as_of = self.as_of.max(now);
        // At most three stretches: up to near the speed that was refused, past it, and on.
        while seconds > 0.0 && self.level < 1.0 {
            let (per_second, until) = match self.refused_at {
                Some(refused) if self.level < NEAR * refused => (BACK_PER_SECOND, NEAR * refused),
                Some(refused) if self.level < PAST * refused => (BACK_PER_SECOND_NEAR * refused, PAST * refused),
                Some(_) | None => {
                    self.refused_at = None;
                    (BACK_PER_SECOND, 1.0)
                }
            };
            let needed = (until - self.level) / per_second;
            self.level = if seconds < needed { self.level + seconds * per_second } else { until };
            seconds -= needed;
        }
        if self.level >= 1.0 {
            self.level = 1.0;
            self.refused_at = None;
        }
    }
}

/// A part of a number, rounded down, and one at least.
fn part_of(whole: NonZeroU32, part: f64) -> NonZeroU32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and the whole")]
    let part = (f64::from(whole.get()) * part + 1e-6).floor().max(0.0) as u32;
    NonZeroU32::new(part).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::super::Pace;
    use super::*;

    fn throttle(limit: u32) -> Throttle {
        Throttle::new(NonZeroU32::new(limit).unwrap())
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn in_no_second_leaves_more_than_the_limit() {
        for limit in [1, 2, 10, 20, 80, 1000, 1_000_000] {
            let rate = throttle(limit).rate(Duration::ZERO);
            assert!(rate.limit() + rate.burst() <= limit.max(2), "{limit}: {rate:?}");
            assert!(f64::from(rate.limit()) >= 0.9 * f64::from(limit) - 1.0, "{limit}: {rate:?}");
        }
        let rate = throttle(80).rate(Duration::ZERO);
        assert_eq!((rate.limit(), rate.burst()), (76, 4));
    }

    #[test]
    fn calls_that_were_under_way_together_cut_once() {
        let mut throttle = throttle(100);
        assert!(throttle.refused(s(10), s(11)));
        assert!(!throttle.refused(s(10), s(11)) && !throttle.refused(s(11), s(12)));
        let rate = throttle.rate(s(11));
        assert_eq!((rate.limit(), rate.burst(), throttle.is_cut()), (66, 3, true));
        assert!(throttle.refused(s(12), s(12)));
        assert!(throttle.rate(s(12)).limit() < 50);
    }

    #[test]
    fn it_comes_back_and_is_careful_near_what_was_refused() {
        let mut throttle = throttle(1000);
        throttle.refused(s(1), s(1));
        assert_eq!(throttle.rate(s(1)).limit(), 665);
        let near = throttle.rate(s(20)).limit();
        assert!((915..=925).contains(&near), "{near}");
        assert!(throttle.is_cut());
        assert_eq!(throttle.rate(s(100)).limit(), 950);
        assert!(!throttle.is_cut());
    }

    #[test]
    fn a_new_limit_begins_anew() {
        let mut throttle = throttle(80);
        throttle.refused(s(1), s(1));
        throttle.set_limit(NonZeroU32::new(80).unwrap());
        assert!(throttle.is_cut());
        throttle.set_limit(NonZeroU32::new(1000).unwrap());
        assert!(!throttle.is_cut());
        assert_eq!(throttle.rate(s(2)).limit(), 950);
    }

    /// A sender of which the upstream takes fewer than it says: how many leave within `seconds`, and how many of them are
    /// refused.
    fn against(limit: u32, truth: u32, seconds: u64) -> (u32, u32) {
        let (mut throttle, mut pace) = (throttle(limit), Pace::default());
        let truth = Rate::per_second(NonZeroU32::new(truth).unwrap());
        let (mut upstream, mut sent, mut refused) = (Pace::default(), 0, 0);
        let mut now = Duration::ZERO;
        while now < s(seconds) {
            let rate = throttle.rate(now);
            if pace.take(rate, now, 1) == 1 {
                sent += 1;
                if upstream.take(truth, now, 1) == 0 {
                    refused += 1;
                    throttle.refused(now, now);
                }
            }
            now += Duration::from_millis(1);
        }
        (sent, refused)
    }

    #[test]
    fn a_sender_that_is_slower_than_it_is_said_to_be_is_seldom_refused() {
        let (sent, refused) = against(80, 20, 3600);
        assert!(refused * 1000 <= sent, "{refused} of {sent}");
        assert!(sent > 20 * 3600 * 85 / 100, "{sent} of {}", 20 * 3600);
        assert_eq!(against(80, 80, 600).1, 0);
    }

    proptest! {
        #[test]
        fn the_pace_stays_between_one_and_the_limit(
            limit in 1_u32..2000,
            refusals in prop::collection::vec(0_u64..100, 0..60),
        ) {
            let mut throttle = throttle(limit);
            let mut now = Duration::ZERO;
            for wait in refusals {
                now += s(wait);
                throttle.refused(now, now);
                let rate = throttle.rate(now);
                assert!((1..=limit).contains(&rate.limit()) && (1..=limit).contains(&rate.burst()));
            }
            assert_eq!(throttle.rate(now + s(10_000)), Throttle::new(NonZeroU32::new(limit).unwrap()).rate(now));
        }
    }
}
