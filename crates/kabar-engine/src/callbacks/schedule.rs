//! When a call that did not go well is made again.

use std::time::Duration;

use uuid::Uuid;

/// The pauses after the first call, the second, and so on: what Standard Webhooks 1.0 gives as an example. In all three
/// days and some hours; then the delivery is given up.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

/// The longest that a callback's own wish to wait is followed.
pub(super) const LONGEST_WISH: Duration = Duration::from_secs(24 * 3600);

/// How many calls in a row must fail before a callback is called more seldom.
const PATIENCE: u32 = 3;
/// The longest pause between two calls of a callback that fails.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// How long to wait after the call number `calls`, from 1; `None` when it was the last. A tenth more or less, by event
/// and call, so that what failed together does not come back together.
pub(super) fn pause_after(event: Uuid, calls: u32) -> Option<Duration> {
    let place = usize::try_from(calls).ok()?.checked_sub(1)?;
    let pause = PAUSES.get(place)?;
    let (high, low) = event.as_u64_pair();
    let mixed = (high ^ low).wrapping_add(u64::from(calls)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let per_mille = u32::try_from(900 + mixed % 201).unwrap_or(1000);
    Some(*pause * per_mille / 1000)
}

/// How long nothing is sent to a callback of which so many calls failed in a row. One that is down is asked now and then;
/// what there is to tell waits meanwhile, and uses up none of its own calls.
pub(super) fn hold_after(failures: u32) -> Option<Duration> {
    let doublings = failures.checked_sub(PATIENCE)?;
    Some(Duration::from_secs(1 << doublings.min(6)).min(LONGEST_HOLD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_over_three_days_and_then_end() {
        for event in (0..500).map(|number: u128| Uuid::from_u128(number << 60)) {
            let pauses: Vec<Duration> = (1..).map_while(|calls| pause_after(event, calls)).collect();
            assert_eq!(pauses.len(), PAUSES.len());
            for (pause, planned) in pauses.iter().zip(PAUSES) {
                assert!((planned * 9 / 10..=planned * 11 / 10).contains(pause), "{pause:?}");
            }
            let days = pauses.iter().sum::<Duration>().as_secs_f64() / 86_400.0;
            assert!((2.8..3.5).contains(&days), "{days}");
        }
        assert_eq!(pause_after(Uuid::nil(), 0), None);
    }

    #[test]
    fn what_failed_together_comes_back_spread() {
        let mut pauses: Vec<Duration> =
            (0..200).filter_map(|number: u128| pause_after(Uuid::from_u128(number * 977), 2)).collect();
        pauses.sort();
        pauses.dedup();
        assert!(pauses.len() > 80, "only {} different pauses", pauses.len());
    }

    #[test]
    fn a_callback_that_is_down_is_asked_at_least_once_a_minute() {
        let seconds: Vec<u64> = (0..40).map(|failures| hold_after(failures).map_or(0, |hold| hold.as_secs())).collect();
        assert_eq!(seconds[..11], [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(seconds[39], 60);
    }
}
