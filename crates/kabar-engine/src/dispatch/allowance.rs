//! How fast a sender may send: one pace for all of its lanes, of which the less urgent leave a part to the more urgent.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kabar_domain::pacing::{Pace, Rate};
use kabar_domain::template::Category;
use tokio::time::Instant;

/// The allowance of one sender.
#[derive(Debug)]
pub(super) struct Allowance {
    start: Instant,
    pace: Mutex<Pace>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { start: Instant::now(), pace: Mutex::default() }
    }
}

/// The rate for a sender that may send so many messages a second: a quarter of a second's worth at once, which the
/// upstream takes without complaint.
pub(super) fn rate_of(throughput: u32) -> Rate {
    let per_second = NonZeroU32::new(throughput).unwrap_or(NonZeroU32::MIN);
    let burst = NonZeroU32::new(throughput / 4).unwrap_or(NonZeroU32::MIN);
    Rate::per_second(per_second).with_burst(burst)
}

/// How much of the burst a class leaves alone, so that a login code never finds it used up by a campaign.
fn reserve_of(rate: Rate, class: Category) -> u32 {
    match class {
        Category::Authentication => 0,
        Category::Utility => rate.burst() / 10,
        Category::Marketing => rate.burst() / 5,
    }
}

impl Allowance {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Takes as many of `wanted` messages as may leave now.
    pub(super) fn take(&self, rate: Rate, class: Category, wanted: u32) -> u32 {
        let now = self.now();
        self.locked(|pace| pace.take_leaving(rate, now, wanted, reserve_of(rate, class)))
    }

    /// Gives back what was taken and not used.
    pub(super) fn give_back(&self, rate: Rate, messages: u32) {
        if messages > 0 {
            self.locked(|pace| pace.give_back(rate, messages));
        }
    }

    /// How long until one message may leave.
    pub(super) fn wait(&self, rate: Rate, class: Category) -> Duration {
        let now = self.now();
        self.locked(|pace| pace.wait_leaving(rate, now, reserve_of(rate, class)))
    }

    /// Lets nothing leave for a while.
    pub(super) fn hold(&self, rate: Rate, period: Duration) {
        let until = self.now() + period;
        self.locked(|pace| pace.hold_until(rate, until));
    }

    fn locked<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        change(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_campaign_leaves_room_for_a_login_code() {
        let (allowance, rate) = (Allowance::default(), rate_of(80));
        assert_eq!(allowance.take(rate, Category::Marketing, 1000), 16);
        assert_eq!(allowance.take(rate, Category::Marketing, 1), 0);
        assert_eq!(allowance.wait(rate, Category::Authentication), Duration::ZERO);
        assert_eq!(allowance.take(rate, Category::Authentication, 1), 1);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(allowance.take(rate, Category::Marketing, 1000), 16);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_can_be_taken_and_a_hold_holds_everyone() {
        let (allowance, rate) = (Allowance::default(), rate_of(80));
        assert_eq!(allowance.take(rate, Category::Authentication, 20), 20);
        allowance.give_back(rate, 5);
        assert_eq!(allowance.take(rate, Category::Authentication, 20), 5);
        allowance.hold(rate, Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert_eq!(allowance.take(rate, Category::Authentication, 1), 0);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(allowance.take(rate, Category::Authentication, 1), 1);
    }

    #[test]
    fn the_slowest_sender_can_still_send_everything() {
        let rate = rate_of(1);
        for class in [Category::Authentication, Category::Utility, Category::Marketing] {
            assert!(reserve_of(rate, class) < rate.burst());
        }
    }
}
