//! Whose turn it is: one sender's allowance and places, shared among its lanes.
//!
//! It is start-time fair queueing (Goyal, Vin and Cheng, 1996): each class has a share, and where several want more than
//! there is, each gets its share of whatever can be had, be it allowance or places. What one does not want, the others
//! get. So a campaign always moves, and a login code never waits behind it:
//!
//! - whoever has been idle goes before whoever has been served, so a code is next when it comes;
//! - a part of the allowance and of the places is kept free for the more urgent classes while they are idle, so a code
//!   finds both at once;
//! - a class that was passed over grows older in virtual time, and once it is behind its share it may use what is kept.

use crate::template::Category;

/// The classes of messages, the most urgent first.
pub const CLASSES: [Category; N_CLASSES] = [Category::Authentication, Category::Utility, Category::Marketing];

/// How many classes there are.
pub const N_CLASSES: usize = 3;

/// A figure for each class, in the order of [`CLASSES`].
pub type PerClass<T> = [T; N_CLASSES];

/// The place of a class in [`CLASSES`].
pub const fn place_of(class: Category) -> usize {
    match class {
        Category::Authentication => 0,
        Category::Utility => 1,
        Category::Marketing => 2,
    }
}

/// What a message of each class costs in virtual time: the shares are 6 to 3 to 1.
const COSTS: PerClass<u64> = [5, 10, 30];

/// What is there to be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    /// How many messages may leave now.
    pub allowance: u32,
    /// How many could leave at once at best.
    pub burst: u32,
    /// How many calls may begin now.
    pub places: u32,
    /// How many calls can be under way at once.
    pub all_places: u32,
}

impl Supply {
    /// What is kept of the allowance for a class while it is idle. All that is kept is always less than the burst.
    const fn kept_allowance(self, place: usize) -> u32 {
        match place {
            0 if self.burst >= 2 && self.burst < 4 => 1,
            0 => self.burst / 4,
            1 => self.burst / 8,
            _ => 0,
        }
    }

    /// What is kept of the places for a class while it is idle. All that is kept is always less than there are.
    const fn kept_places(self, place: usize) -> u32 {
        match place {
            0 if self.all_places >= 2 && self.all_places < 4 => 1,
            0 => self.all_places / 4,
            1 => self.all_places / 8,
            _ => 0,
        }
    }
}

/// How far each class has been served.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    /// The virtual time: where the last message that was served began.
    now: u64,
    /// Where the next message of each class would begin, if it was never idle.
    next: PerClass<u64>,
}

impl Turns {
    /// How many messages of each class may begin now, if the lanes want so many. Nothing is changed by it: what did begin
    /// is to be told by [`Turns::served`].
    pub fn share(&self, wanted: PerClass<u32>, supply: Supply) -> PerClass<u32> {
        let (mut turns, mut left, mut wanted) = (self.clone(), supply, wanted);
        let mut shared = [0; N_CLASSES];
        while let Some(place) = turns.pick(wanted, left) {
            turns.served(place, 1);
            shared[place] += 1;
            wanted[place] -= 1;
            left.allowance -= 1;
            left.places -= 1;
        }
        shared
    }

    /// How much allowance and how many places there must be at least, so that one of those who want has a turn.
    pub fn least(&self, wanted: PerClass<bool>, supply: Supply) -> (u32, u32) {
        let wanting = wanted.map(u32::from);
        let needs = (0..N_CLASSES).filter(|&place| wanted[place]).map(|place| {
            let (allowance, places, is_behind) = self.kept_from(place, wanting, supply);
            if is_behind { (1, 1) } else { (allowance + 1, places + 1) }
        });
        needs.min().unwrap_or((1, 1))
    }

    /// Counts messages of the class at this place as served.
    pub fn served(&mut self, place: usize, messages: u32) {
        for _ in 0..messages {
            let start = self.start(place);
            self.now = self.now.max(start);
            self.next[place] = start + COSTS[place];
        }
    }

    /// Where the next message of a class would begin: after its last one, and not in a past in which it was idle.
    fn start(&self, place: usize) -> u64 {
        self.next[place].max(self.now)
    }

    fn pick(&self, wanted: PerClass<u32>, left: Supply) -> Option<usize> {
        if left.allowance == 0 || left.places == 0 {
            return None;
        }
        (0..N_CLASSES)
            .filter(|&place| wanted[place] > 0 && self.may_take(place, wanted, left))
            .min_by_key(|&place| (self.start(place), place))
    }

    /// Whether a class may take one more: it leaves what is kept for the more urgent ones that are idle, unless one of
    /// them has had more than its share.
    fn may_take(&self, place: usize, wanted: PerClass<u32>, left: Supply) -> bool {
        let (allowance, places, is_behind) = self.kept_from(place, wanted, left);
        is_behind || (left.allowance > allowance && left.places > places)
    }

    /// How much allowance and how many places are kept from a class now, and whether it may use them.
    fn kept_from(&self, place: usize, wanted: PerClass<u32>, supply: Supply) -> (u32, u32, bool) {
        let (mut allowance, mut places, mut is_behind) = (0, 0, false);
        for urgent in (0..place).filter(|&urgent| wanted[urgent] == 0) {
            allowance += supply.kept_allowance(urgent);
            places += supply.kept_places(urgent);
            is_behind |= self.next[urgent] > self.start(place);
        }
        (allowance, places, is_behind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::*;

    const CODE: usize = 0;
    const CAMPAIGN: usize = 2;
    const PLENTY: u32 = u32::MAX;

    fn supply(allowance: u32) -> Supply {
        Supply { allowance, burst: 20, places: 1000, all_places: 1000 }
    }

    /// Serves what `share` gives.
    fn serve(turns: &mut Turns, wanted: PerClass<u32>, supply: Supply) -> PerClass<u32> {
        let shared = turns.share(wanted, supply);
        for (place, messages) in shared.into_iter().enumerate() {
            turns.served(place, messages);
        }
        shared
    }

    #[test]
    fn a_campaign_alone_takes_all_but_what_is_kept() {
        let mut turns = Turns::default();
        assert_eq!(serve(&mut turns, [0, 0, PLENTY], supply(20)), [0, 0, 13]);
        assert_eq!(serve(&mut turns, [0, PLENTY, 0], supply(20)), [0, 15, 0]);
        assert_eq!(serve(&mut turns, [PLENTY, 0, 0], supply(20)), [20, 0, 0]);
        let few_places = Supply { places: 500, all_places: 1000, ..supply(1000) };
        assert_eq!(serve(&mut turns, [0, 0, PLENTY], few_places), [0, 0, 125]);
    }

    #[test]
    fn a_login_code_overtakes_a_campaign_that_has_run_for_long() {
        let mut turns = Turns::default();
        for _ in 0..10_000 {
            assert_eq!(serve(&mut turns, [0, 0, 1], supply(20)), [0, 0, 1]);
        }
        assert_eq!(serve(&mut turns, [3, 0, PLENTY], supply(3)), [3, 0, 0]);
    }

    #[test]
    fn where_all_want_more_than_there_is_each_gets_its_share() {
        let mut turns = Turns::default();
        let mut sums = [0; N_CLASSES];
        for _ in 0..1000 {
            for (sum, shared) in sums.iter_mut().zip(serve(&mut turns, [PLENTY; N_CLASSES], supply(1))) {
                *sum += shared;
            }
        }
        assert_eq!(sums, [600, 300, 100]);
    }

    #[test]
    fn what_is_kept_is_for_those_who_are_behind_when_the_urgent_have_had_more_than_their_share() {
        let mut turns = Turns::default();
        // Codes that come one by one as fast as the allowance does: nobody ever waits when the campaign is looked at.
        let mut campaign = 0;
        for _ in 0..700 {
            campaign += serve(&mut turns, [0, 0, PLENTY], supply(1))[CAMPAIGN];
            serve(&mut turns, [1, 0, 0], supply(1));
        }
        assert!((90..=130).contains(&campaign), "{campaign}");
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_somebody_wants(
            history in prop::collection::vec((0_usize..N_CLASSES, 1_u32..200), 0..20),
            wanted in any::<[u8; N_CLASSES]>(),
            allowance in 0_u32..300,
            places in 0_u32..300,
        ) {
            let mut turns = Turns::default();
            for (place, messages) in history {
                turns.served(place, messages);
            }
            let wanted = wanted.map(u32::from);
            let supply = Supply { allowance, burst: 300, places, all_places: 300 };
            let shared = turns.share(wanted, supply);
            for place in 0..N_CLASSES {
                assert!(shared[place] <= wanted[place]);
            }
            let used: u32 = shared.iter().sum();
            let most = wanted.iter().sum::<u32>().min(allowance).min(places);
            // What is kept is for those who want nothing more now, and it is never more than three parts of eight.
            let kept: u32 = (0..N_CLASSES)
                .filter(|&place| wanted[place] == shared[place])
                .map(|place| supply.kept_allowance(place).max(supply.kept_places(place)))
                .sum();
            assert!(used <= most && used + kept >= most, "{used} of {most}, kept {kept}");
            if wanted[CODE] > shared[CODE] {
                assert_eq!(used, most);
            }
        }

        #[test]
        fn the_slowest_sender_still_serves_everyone(burst in 1_u32..50, all_places in 1_u32..50) {
            let supply = Supply { allowance: burst, burst, places: all_places, all_places };
            for place in 0..N_CLASSES {
                let mut wanted = [0; N_CLASSES];
                wanted[place] = 1;
                assert_eq!(Turns::default().share(wanted, supply)[place], 1);
                let (allowance, places) = Turns::default().least(wanted.map(|wanted| wanted > 0), supply);
                let least = Supply { allowance, places, ..supply };
                assert_eq!(Turns::default().share(wanted, least)[place], 1);
                let less = Supply { allowance: allowance - 1, ..least };
                assert_eq!(Turns::default().share(wanted, less)[place], 0);
            }
        }

        #[test]
        fn nobody_waits_longer_than_its_share_says(
            waiting in 0_usize..N_CLASSES,
            history in prop::collection::vec((0_usize..N_CLASSES, 1_u32..200), 0..20),
            others in prop::collection::vec(any::<[bool; N_CLASSES]>(), 60),
        ) {
            let mut turns = Turns::default();
            for (place, messages) in history {
                serve(&mut turns, { let mut wanted = [0; N_CLASSES]; wanted[place] = messages; wanted }, supply(PLENTY));
            }
            // Whatever the others do, a lane that waits is served within this many turns of one message each.
            let bound = [3, 6, 20][waiting] + 25 * usize::from(turns.next[waiting] > turns.now);
            let served = others.into_iter().position(|others| {
                let mut wanted = others.map(u32::from);
                wanted[waiting] = 1;
                serve(&mut turns, wanted, supply(20))[waiting] == 1
            });
            assert!(served.is_some_and(|turn| turn <= bound), "{served:?} with {bound}");
        }
    }
}
