//! How fast, whose turn, and not before when; the time is passed in.
//!
//! Here is the pace itself, a generic cell rate algorithm (GCRA): one number is all that is kept, the moment at which the
//! next event would be due if events came evenly. It serves the limit at the door and the upstream's allowance of a sender
//! alike. Beside it: [`turns`] shares a sender's allowance among its lanes, [`throttle`] learns how much it is, [`pairs`]
//! spares recipients, [`daily`] counts them, and [`backoff`] says how long to wait after a failure.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::phone::PhoneNumber;

pub mod backoff;
pub mod daily;
pub mod pairs;
pub mod throttle;
pub mod turns;

/// A recipient as limits count it: the digits of its number, which are 15 at most, in eight bytes. `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recipient(u64);

impl Recipient {
    /// The recipient with this number.
    pub fn of(number: &PhoneNumber) -> Self {
        Self::of_text(number.digits())
    }

    /// The recipient with the number that stands in a text, whatever else does.
    pub fn of_text(text: &str) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit);
        Self(digits.fold(0, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))))
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient(…)")
    }
}

/// So many events a second, and how many may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

impl Rate {
    /// `per_second` events a second, of which a full second's worth may come at once.
    pub const fn per_second(per_second: NonZeroU32) -> Self {
        Self { per_second, burst: per_second }
    }

    /// The same rate, of which only `burst` may come at once.
    #[must_use]
    pub const fn with_burst(self, burst: NonZeroU32) -> Self {
        Self { burst, ..self }
    }

    /// How many may come at once.
    pub const fn burst(self) -> u32 {
        self.burst.get()
    }

    /// Events a second.
    pub const fn limit(self) -> u32 {
        self.per_second.get()
    }

    fn interval_nanos(self) -> u64 {
        1_000_000_000 / u64::from(self.per_second.get())
    }

    /// How far ahead of the even pace events may run.
    fn tolerance_nanos(self) -> u64 {
        self.interval_nanos() * u64::from(self.burst.get())
    }
}

/// The state of one limited thing. Times are durations since any fixed start, the same for every call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    next_even_nanos: u64,
}

/// What the pace has left after a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many events may follow at once.
    pub remaining: u32,
    /// How long until the full burst is there again.
    pub full_in: Duration,
}

impl Pace {
    /// Takes as many of `wanted` events as may happen at `now`: from none to all.
    pub fn take(&mut self, rate: Rate, now: Duration, wanted: u32) -> u32 {
        let taken = wanted.min(self.room(rate, now).remaining);
        if taken > 0 {
            let base = self.next_even_nanos.max(nanos(now));
            self.next_even_nanos = base.saturating_add(rate.interval_nanos() * u64::from(taken));
        }
        taken
    }

    /// Takes as many of `wanted` events as may happen at `now` while `reserve` of the burst stay untouched: what is urgent
    /// may then take at once what others had to leave.
    pub fn take_leaving(&mut self, rate: Rate, now: Duration, wanted: u32, reserve: u32) -> u32 {
        let free = self.room(rate, now).remaining.saturating_sub(reserve);
        self.take(rate, now, wanted.min(free))
    }

    /// Gives back events that were taken and did not happen.
    pub fn give_back(&mut self, rate: Rate, events: u32) {
        self.next_even_nanos = self.next_even_nanos.saturating_sub(rate.interval_nanos() * u64::from(events));
    }

    /// What there is at `now`, without taking any.
    pub fn room(&self, rate: Rate, now: Duration) -> Room {
        let ahead = self.next_even_nanos.saturating_sub(nanos(now));
        let free = rate.tolerance_nanos().saturating_sub(ahead) / rate.interval_nanos();
        Room { remaining: u32::try_from(free).unwrap_or(u32::MAX), full_in: Duration::from_nanos(ahead) }
    }

    /// How long after `now` one event may happen; nothing if it may happen at once.
    pub fn wait(&self, rate: Rate, now: Duration) -> Duration {
        self.wait_leaving(rate, now, 0)
    }

    /// How long after `now` one event may happen while `reserve` of the burst stay untouched; `reserve` must be less
    /// than the burst, or it is never.
    pub fn wait_leaving(&self, rate: Rate, now: Duration, reserve: u32) -> Duration {
        let needed = rate.interval_nanos().saturating_mul(u64::from(reserve) + 1);
        let latest = rate.tolerance_nanos().saturating_sub(needed);
        Duration::from_nanos(self.next_even_nanos.saturating_sub(nanos(now)).saturating_sub(latest))
    }

    /// Lets nothing happen until `until`, after which the even pace goes on without a burst.
    pub fn hold_until(&mut self, rate: Rate, until: Duration) {
        let latest = rate.tolerance_nanos() - rate.interval_nanos();
        self.next_even_nanos = self.next_even_nanos.max(nanos(until).saturating_add(latest));
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    fn rate(per_second: u32) -> Rate {
        Rate::per_second(NonZeroU32::new(per_second).unwrap())
    }

    #[test]
    fn a_full_second_may_come_at_once_and_then_the_even_pace() {
        let (rate, mut pace) = (rate(25), Pace::default());
        assert_eq!(pace.take(rate, Duration::ZERO, 40), 25);
        assert_eq!(pace.room(rate, Duration::ZERO), Room { remaining: 0, full_in: Duration::from_secs(1) });
        assert_eq!(pace.wait(rate, Duration::ZERO), Duration::from_millis(40));
        assert_eq!(pace.take(rate, Duration::from_millis(39), 1), 0);
        assert_eq!(pace.take(rate, Duration::from_millis(40), 2), 1);
        assert_eq!(pace.take(rate, Duration::from_secs(10), 40), 25);
    }

    #[test]
    fn what_is_left_for_the_urgent_is_there_for_them() {
        let (rate, mut pace) = (rate(10), Pace::default());
        assert_eq!(pace.take_leaving(rate, Duration::ZERO, 50, 3), 7);
        assert_eq!(pace.take_leaving(rate, Duration::ZERO, 50, 3), 0);
        assert_eq!(pace.wait_leaving(rate, Duration::ZERO, 3), Duration::from_millis(100));
        assert_eq!(pace.take_leaving(rate, Duration::from_millis(100), 50, 3), 1);
        assert_eq!(pace.take(rate, Duration::from_millis(100), 50), 3);
        pace.give_back(rate, 2);
        assert_eq!(pace.take(rate, Duration::from_millis(100), 50), 2);
    }

    #[test]
    fn a_hold_ends_when_it_was_said_to() {
        let (rate, mut pace) = (rate(10), Pace::default());
        pace.hold_until(rate, Duration::from_secs(3));
        assert_eq!(pace.wait(rate, Duration::from_secs(1)), Duration::from_secs(2));
        assert_eq!(pace.take(rate, Duration::from_secs(2), 1), 0);
        assert_eq!(pace.take(rate, Duration::from_secs(3), 5), 1);
    }

    proptest! {
        #[test]
        fn never_more_than_the_rate_allows_over_any_stretch(
            per_second in 1_u32..2000,
            burst in 1_u32..100,
            steps in prop::collection::vec((0_u64..500, 1_u32..50), 1..200),
        ) {
            let rate = rate(per_second).with_burst(NonZeroU32::new(burst).unwrap());
            let mut pace = Pace::default();
            let mut now = Duration::ZERO;
            let mut taken = Vec::new();
            for (wait_ms, wanted) in steps {
                now += Duration::from_millis(wait_ms);
                taken.push((now, u64::from(pace.take(rate, now, wanted))));
            }
            for from in 0..taken.len() {
                let mut sum = 0;
                for (at, n) in &taken[from..] {
                    sum += n;
                    let stretch = (*at - taken[from].0).as_nanos();
                    let allowed = u128::from(burst) + stretch / u128::from(rate.interval_nanos()) + 1;
                    assert!(u128::from(sum) <= allowed, "{sum} in {stretch} ns, allowed {allowed}");
                }
            }
        }

        #[test]
        fn after_the_wait_one_may_go(per_second in 1_u32..2000, taken in 1_u32..3000) {
            let (rate, mut pace) = (rate(per_second), Pace::default());
            pace.take(rate, Duration::ZERO, taken);
            let wait = pace.wait(rate, Duration::ZERO);
            assert_eq!(pace.take(rate, wait, 1), 1);
        }
    }
}
