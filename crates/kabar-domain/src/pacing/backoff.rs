//! How long to wait before a failed call is made again.

use std::time::Duration;

/// The longest wait between two attempts for one message.
pub const LONGEST: Duration = Duration::from_secs(300);

/// A part of a wait that chance decides, from none to all of it: so that what failed together does not come back together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jitter(f64);

impl Jitter {
    /// A share from 0 to 1; what is outside becomes the nearer of the two.
    pub const fn of(share: f64) -> Self {
        Self(share.clamp(0.0, 1.0))
    }

    /// Draws from random bits, evenly.
    pub fn draw(bits: u32) -> Self {
        Self(f64::from(bits) / f64::from(u32::MAX))
    }

    /// Half of the wait, and as much of the other half as chance decides.
    pub fn spread(self, wait: Duration) -> Duration {
        let half = wait / 2;
        half + half.mul_f64(self.0)
    }
}

/// The wait after so many attempts in vain, from the first: 1, 2, 4 … seconds, [`LONGEST`] at most, of which the jitter
/// decides a half.
pub fn growing(attempts: u32, jitter: Jitter) -> Duration {
    let seconds = 1_u64 << attempts.saturating_sub(1).min(16);
    jitter.spread(Duration::from_secs(seconds).min(LONGEST))
}

/// The wait after so many refusals of one recipient, from the first: 1, 4, 16 … seconds as the upstream asks (131056),
/// [`LONGEST`] at most.
pub fn of_pair(attempts: u32) -> Duration {
    Duration::from_secs(4_u64.pow(attempts.saturating_sub(1).min(8))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let all = Jitter::of(1.0);
        let seconds = |attempts| growing(attempts, all).as_secs();
        assert_eq!([0, 1, 2, 3, 8, 9, 10, 40, u32::MAX].map(seconds), [1, 1, 2, 4, 128, 256, 300, 300, 300]);
        assert_eq!(growing(1, Jitter::of(0.0)), Duration::from_millis(500));
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 99].map(|n| of_pair(n).as_secs()), [1, 1, 4, 16, 64, 256, 300, 300]);
    }

    proptest! {
        #[test]
        fn chance_decides_a_half_at_most(attempts in any::<u32>(), bits in any::<u32>()) {
            let wait = growing(attempts, Jitter::draw(bits));
            let longest = growing(attempts, Jitter::of(7.0));
            assert!(longest / 2 <= wait && wait <= longest, "{wait:?} of {longest:?}");
        }
    }
}
