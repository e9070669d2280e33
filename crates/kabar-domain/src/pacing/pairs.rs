//! How often one recipient may be written to by one sender.
//!
//! The upstream takes a message in six seconds for a recipient, and up to 45 at once, after which nothing may follow until
//! as much time has passed as those would have taken one by one (error 131056). It does not say at what moment it begins to
//! count again after a few, so the stricter reading is kept: a burst is what leaves within six seconds of its first, and
//! after it the recipient is left alone until all of it is made up for.
//!
//! Only recipients who were written to a moment ago are remembered: each message adds six seconds, so there are at most as
//! many as the sender sends in six seconds, whatever is queued.

use std::collections::HashMap;
use std::time::Duration;

use super::Recipient;

/// The time that a message to one recipient takes up.
const EVERY: Duration = Duration::from_secs(6);
/// How many may leave within that time.
const BURST: u32 = 45;
/// The time between two that were put off: a second more, so that one who comes up to a second late does not put off the
/// next one again.
const IN_LINE_EVERY: Duration = Duration::from_secs(7);
/// How long a place in the line is remembered after its time, for a message that has ended meanwhile.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
/// Below so many recipients nobody is looked for who may be forgotten.
const FEW: usize = 64;

/// The recipients of one sender who were written to a moment ago. Times are durations since any fixed start.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    recent: HashMap<Recipient, Recent>,
    tidy_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Recent {
    /// When all that was sent is made up for.
    made_up_at: Duration,
    burst_ends: Duration,
    burst_left: u32,
    /// When the first and the last of those that were put off have their turn.
    line: Option<(Duration, Duration)>,
}

impl Pairs {
    /// Asks for a message to a recipient. `None`: it may leave, and is counted as if it did. Else it is to ask again after
    /// this time; then it goes before those who ask for the first time.
    pub fn ask(&mut self, recipient: Recipient, now: Duration) -> Option<Duration> {
        self.tidy(now);
        let recent = self.recent.entry(recipient).or_insert(Recent {
            made_up_at: Duration::ZERO,
            burst_ends: Duration::ZERO,
            burst_left: 0,
            line: None,
        });
        match recent.line {
            // Whoever was put off until now.
            Some((first, last)) if first <= now => {
                if recent.made_up_at > now {
                    return Some(recent.made_up_at - now);
                }
                let next = first + IN_LINE_EVERY;
                recent.line = (next <= last).then_some((next, last));
                recent.begin(now);
                None
            }
            Some((first, last)) => {
                let place = last + IN_LINE_EVERY;
                recent.line = Some((first, place));
                Some(place - now)
            }
            None if recent.made_up_at <= now => {
                recent.begin(now);
                None
            }
            None if now < recent.burst_ends && recent.burst_left > 0 => {
                recent.burst_left -= 1;
                recent.made_up_at += EVERY;
                None
            }
            None => {
                recent.line = Some((recent.made_up_at, recent.made_up_at));
                Some(recent.made_up_at - now)
            }
        }
    }

    /// Leaves a recipient alone for a while, because the upstream said so.
    pub fn leave_alone(&mut self, recipient: Recipient, now: Duration, period: Duration) {
        let until = now + period;
        let recent = self.recent.entry(recipient).or_insert(Recent {
            made_up_at: until,
            burst_ends: until,
            burst_left: 0,
            line: None,
        });
        recent.made_up_at = recent.made_up_at.max(until);
        recent.burst_left = 0;
    }

    /// How many recipients are remembered.
    pub fn len(&self) -> usize {
        self.recent.len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty()
    }

    /// Forgets everyone who may be written to again.
    pub fn forget(&mut self, now: Duration) {
        self.recent.retain(|_, recent| {
            recent.made_up_at > now || recent.line.is_some_and(|(_, last)| last + FORGOTTEN_AFTER > now)
        });
        self.tidy_at = (2 * self.recent.len()).max(FEW);
        if self.recent.capacity() > 4 * self.tidy_at {
            self.recent.shrink_to(self.tidy_at);
        }
    }

    /// Each time that there are twice as many as were left the last time: so it costs next to nothing for each message.
    fn tidy(&mut self, now: Duration) {
        if self.recent.len() >= self.tidy_at.max(FEW) {
            self.forget(now);
        }
    }
}

impl Recent {
    fn begin(&mut self, now: Duration) {
        self.made_up_at = now + EVERY;
        self.burst_ends = now + EVERY;
        self.burst_left = BURST - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    const ANNA: Recipient = Recipient(6_281_234_567_890);
    const BUDI: Recipient = Recipient(6_281_234_567_891);

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_burst_of_45_is_made_up_for() {
        let mut pairs = Pairs::default();
        for _ in 0..45 {
            assert_eq!(pairs.ask(ANNA, s(10)), None);
        }
        assert_eq!(pairs.ask(ANNA, s(11)), Some(s(269)));
        assert_eq!(pairs.ask(BUDI, s(11)), None, "others overtake");
        assert_eq!(pairs.ask(ANNA, s(12)), Some(s(275)), "behind the one that waits already");
        assert_eq!(pairs.ask(ANNA, s(280)), None);
        assert_eq!(pairs.ask(ANNA, s(287)), None);
    }

    #[test]
    fn one_in_six_seconds_never_waits() {
        let mut pairs = Pairs::default();
        for turn in 0..500 {
            assert_eq!(pairs.ask(ANNA, s(6 * turn)), None);
        }
    }

    #[test]
    fn those_who_were_put_off_go_in_their_order_even_when_they_come_late() {
        let mut pairs = Pairs::default();
        for _ in 0..45 {
            pairs.ask(ANNA, s(0));
        }
        assert_eq!([s(1), s(2), s(3)].map(|now| now + pairs.ask(ANNA, now).unwrap()), [s(270), s(277), s(284)]);
        // The first comes a second late; a new one comes before the second's time.
        assert_eq!(pairs.ask(ANNA, s(271)), None);
        assert_eq!(pairs.ask(ANNA, s(272)), Some(s(19)));
        assert_eq!(pairs.ask(ANNA, s(277)), None);
        // Very late; then the next one has to wait, and keeps its turn.
        assert_eq!(pairs.ask(ANNA, s(289)), None);
        assert_eq!(pairs.ask(ANNA, s(291)), Some(s(4)));
        assert_eq!(pairs.ask(ANNA, s(295)), None);
        assert_eq!(pairs.ask(ANNA, s(301)), None);
    }

    #[test]
    fn whom_the_upstream_names_is_left_alone() {
        let mut pairs = Pairs::default();
        pairs.leave_alone(ANNA, s(100), s(16));
        assert_eq!(pairs.ask(ANNA, s(100)), Some(s(16)));
        assert_eq!(pairs.ask(BUDI, s(100)), None);
        assert_eq!(pairs.ask(ANNA, s(116)), None);
        pairs.leave_alone(BUDI, s(101), s(4));
        assert_eq!(pairs.ask(BUDI, s(102)), Some(s(4)), "as much as the message before it takes");
    }

    #[test]
    fn only_those_who_were_written_to_a_moment_ago_are_remembered() {
        let mut pairs = Pairs::default();
        // A thousand a second for ten minutes, each to somebody else.
        for number in 0..600_000_u64 {
            assert_eq!(pairs.ask(Recipient(number), Duration::from_millis(number)), None);
            assert!(pairs.len() <= 12_001, "{}", pairs.len());
        }
        pairs.forget(s(606));
        assert!(pairs.is_empty());
    }

    proptest! {
        #[test]
        fn never_more_than_the_upstream_takes(
            steps in prop::collection::vec((0_u64..20_000, 1_usize..60), 1..60),
        ) {
            let (mut pairs, mut now, mut sent) = (Pairs::default(), Duration::ZERO, Vec::new());
            for (wait_ms, messages) in steps {
                now += Duration::from_millis(wait_ms);
                sent.extend((0..messages).filter(|_| pairs.ask(ANNA, now).is_none()).map(|_| now));
            }
            for (from, first) in sent.iter().enumerate() {
                for (place, at) in sent.iter().enumerate().skip(from) {
                    let allowed = u128::from(BURST) + (*at - *first).as_nanos() / EVERY.as_nanos();
                    assert!((place - from + 1) as u128 <= allowed, "{} within {:?}", place - from + 1, *at - *first);
                }
            }
        }

        #[test]
        fn whoever_waits_as_long_as_it_was_told_goes_in_the_end(
            before in 1_u32..100,
            waiting in 1_usize..20,
            late_ms in prop::collection::vec(0_u64..1000, 200),
        ) {
            let mut pairs = Pairs::default();
            for _ in 0..before {
                pairs.ask(ANNA, Duration::ZERO);
            }
            let mut line: Vec<(Duration, usize)> = Vec::new();
            let mut order = Vec::new();
            for number in 0..waiting {
                match pairs.ask(ANNA, s(1)) {
                    Some(wait) => line.push((s(1) + wait, number)),
                    None => order.push(number),
                }
            }
            let mut now = s(1);
            for late in late_ms {
                line.sort_unstable();
                let Some((due, _)) = line.first().copied() else { break };
                now = now.max(due + Duration::from_millis(late));
                match pairs.ask(ANNA, now) {
                    Some(wait) => line[0].0 = now + wait,
                    None => order.push(line.remove(0).1),
                }
            }
            assert!(line.is_empty(), "{} wait in vain", line.len());
            assert!(order.is_sorted(), "{order:?}");
        }
    }
}
