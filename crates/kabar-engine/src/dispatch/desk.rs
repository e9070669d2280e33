//! The desk of one sender: whose turn it is among its lanes, how fast, and what stands in the way. It makes no call and
//! asks no store; time and news are brought to it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kabar_domain::pacing::pairs::Pairs;
use kabar_domain::pacing::throttle::Throttle;
use kabar_domain::pacing::turns::{N_CLASSES, PerClass, Supply, Turns};
use kabar_domain::pacing::{Pace, Rate, Recipient};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::directory::KnownSender;

pub(crate) mod hold;
#[cfg(test)]
mod tests;

use hold::{Hold, Why};

/// How many messages of a lane are begun in one write.
const MOST_AT_ONCE: u32 = 256;
/// For how long messages that are not urgent wait for one another, so that they are begun in one write.
const GATHER_PER_SECOND: u32 = 50;
/// How many places are left to become free, so that messages that are not urgent are begun in one write.
const GATHER_PLACES: u32 = 16;

/// The desk of one sender.
#[derive(Debug)]
pub(crate) struct Desk {
    start: Instant,
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug)]
struct State {
    /// Whether a task serves the desk.
    at_work: bool,
    /// Whether something may have come into a lane since it was found empty.
    woken: PerClass<bool>,
    /// Until when a lane is left alone.
    closed: PerClass<Duration>,
    /// Calls that may be begun, or are under way.
    calls: u32,
    turns: Turns,
    throttle: Throttle,
    pace: Pace,
    /// The rate of the last plan.
    rate: Rate,
    pairs: Pairs,
    hold: Option<Hold>,
    /// For what the app was told last that the sender is held; `None` when it goes on.
    told: Option<Why>,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Begin up to so many messages of each class.
    Begin(PerClass<u32>),
    /// Wait for news, or for so long.
    Wait(Option<Duration>),
    /// Nothing waits: the desk is left, until it is woken.
    Leave,
}

/// What a call says about its sender.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// The upstream answered for this message, well or not: the sender is well.
    Answered,
    /// The call was not made, or its answer was lost: nothing.
    Nothing,
    /// Too fast. Nothing should follow for so long, if the upstream says how long.
    TooFast(Option<Duration>),
    /// The recipient is to be left alone for so long.
    LeaveAlone(Duration),
    /// All that would follow would fail alike.
    Hold(Why),
}

/// What is counted of a sender.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    pub(super) needs_a_person: bool,
    pub(super) is_slowed: bool,
    pub(super) calls: u32,
}

impl Desk {
    pub(super) fn new(start: Instant) -> Self {
        let throttle = Throttle::new(std::num::NonZeroU32::MIN);
        let state = State {
            at_work: false,
            woken: [false; N_CLASSES],
            closed: [Duration::ZERO; N_CLASSES],
            calls: 0,
            turns: Turns::default(),
            rate: Rate::per_second(std::num::NonZeroU32::MIN),
            throttle,
            pace: Pace::default(),
            pairs: Pairs::default(),
            hold: None,
            told: None,
        };
        Self { start, state: Mutex::new(state), news: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by which the desk goes.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Waits until something has changed since the last time.
    pub(super) async fn changed(&self) {
        self.news.notified().await;
    }

    /// Something may have come into a lane. `true` if the desk is not served, and is to be from now on.
    pub(super) fn wake(&self, place: usize) -> bool {
        let mut state = self.lock();
        let is_news = !state.woken[place];
        state.woken[place] = true;
        let was_left = !std::mem::replace(&mut state.at_work, true);
        drop(state);
        if is_news && !was_left {
            self.news.notify_one();
        }
        was_left
    }

    /// Has whoever serves the desk look again.
    pub(super) fn look_again(&self) {
        self.news.notify_one();
    }

    /// The sender is no longer there: the desk is left, until it is woken.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.woken = [false; N_CLASSES];
        state.at_work = false;
    }

    /// Says what to do now. What it says to begin is taken from the allowance and the places; what is not begun after all
    /// is to be given back by [`Desk::begun`].
    pub(super) fn plan(&self, known: &KnownSender, all_places: u32) -> Plan {
        let now = self.now();
        let mut state = self.lock();
        if state.woken == [false; N_CLASSES] {
            state.at_work = false;
            return Plan::Leave;
        }
        state.throttle.set_limit(known.throughput);
        state.rate = state.throttle.rate(now);
        let wanted = state.wanted(now);
        match state.check_hold(known, now) {
            Some(Plan::Begin(_)) => state.probe(wanted, now),
            Some(plan) => plan,
            None => state.share(wanted, all_places, now),
        }
    }

    /// So many of a class were asked for, and so many were there.
    pub(super) fn begun(&self, place: usize, asked: u32, begun: u32) {
        let mut state = self.lock();
        state.turns.served(place, begun);
        state.give_back(asked.saturating_sub(begun));
        if begun == asked {
            state.woken[place] = true;
        } else if begun == 0
            && let Some(hold) = &mut state.hold
        {
            hold.not_tried();
        }
    }

    /// The store could not be asked.
    pub(super) fn not_begun(&self, place: usize, asked: u32) {
        let mut state = self.lock();
        state.give_back(asked);
        state.woken[place] = true;
        if let Some(hold) = &mut state.hold {
            hold.not_tried();
        }
    }

    /// Asks whether a message that was begun may leave now, as far as its recipient is concerned; else how long it is to
    /// be put off.
    pub(super) fn ask_for(&self, recipient: Recipient) -> Option<Duration> {
        let now = self.now();
        self.lock().pairs.ask(recipient, now)
    }

    /// A message that was begun is put off: no call is made for it.
    pub(super) fn put_off(&self) {
        let mut state = self.lock();
        state.give_back(1);
        if let Some(hold) = &mut state.hold {
            hold.not_tried();
        }
    }

    /// Leaves a lane alone for a while.
    pub(super) fn close(&self, place: usize, period: Duration) {
        let until = self.now() + period;
        self.lock().closed[place] = until;
    }

    /// A call that was begun at this moment has come back with news. Gives what the sender is held for if that is new, or
    /// the hold that it ends.
    pub(super) fn came_back(&self, begun: Duration, recipient: Recipient, news: &News, known: &KnownSender) -> Told {
        let now = self.now();
        let mut state = self.lock();
        state.calls = state.calls.saturating_sub(1);
        let told = match news {
            News::Answered => state.lift(begun),
            News::Nothing => {
                state.not_tried(begun);
                Told::Nothing
            }
            News::TooFast(wait) => state.too_fast(begun, now, *wait, known),
            News::LeaveAlone(period) => {
                state.pairs.leave_alone(recipient, now, *period);
                state.lift(begun)
            }
            News::Hold(why) => state.hold(why, begun, now, known),
        };
        drop(state);
        self.news.notify_one();
        told
    }

    /// For what a person must put the sender right, if one must.
    pub(super) fn needs_a_person(&self) -> Option<Why> {
        self.lock().hold.as_ref().map(Hold::why).filter(|why| why.needs_a_person()).cloned()
    }

    /// What the app has not been told yet: that the sender is held until a person does something, and for what, or, with
    /// `None` in it, that it goes on. A sender that is held for something else in between does not go on.
    pub(super) fn untold(&self) -> Option<Option<Why>> {
        let mut state = self.lock();
        match state.hold.as_ref().map(Hold::why) {
            Some(why) if why.needs_a_person() && state.told.as_ref() != Some(why) => {
                let why = why.clone();
                state.told = Some(why.clone());
                Some(Some(why))
            }
            None => state.told.take().map(|_| None),
            Some(_) => None,
        }
    }

    pub(super) fn summary(&self) -> Summary {
        let state = self.lock();
        Summary {
            needs_a_person: state.hold.as_ref().is_some_and(|hold| hold.why().needs_a_person()),
            is_slowed: state.throttle.is_cut(),
            calls: state.calls,
        }
    }

    /// Whether a new desk would do the same as this one.
    pub(super) fn is_as_new(&self) -> bool {
        let now = self.now();
        let mut state = self.lock();
        state.pairs.forget(now);
        state.throttle.rate(now);
        !state.at_work
            && state.calls == 0
            && state.hold.is_none()
            && state.pairs.is_empty()
            && !state.throttle.is_cut()
            && state.closed.iter().all(|until| *until <= now)
            && state.pace.room(state.rate, now).full_in == Duration::ZERO
    }
}

/// What an operator should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing.
    Nothing,
    /// The sender is held from now on.
    Held(Why),
    /// The sender goes on.
    GoesOn(Why),
    /// The pace was cut.
    Slowed,
}

impl State {
    /// The lanes that are to be looked into, and until when the others are closed.
    fn wanted(&self, now: Duration) -> PerClass<bool> {
        std::array::from_fn(|place| self.woken[place] && self.closed[place] <= now)
    }

    fn check_hold(&mut self, known: &KnownSender, now: Duration) -> Option<Plan> {
        if known.access_token.is_none() && self.hold.is_none() {
            self.hold = Some(Hold::new(Why::NoToken, None, now));
        }
        let hold = self.hold.as_mut()?;
        hold.look_at(known.access_token.as_ref(), now);
        if known.access_token.is_none() {
            return Some(Plan::Wait(None));
        }
        Some(match hold.wait(now) {
            None => Plan::Wait(None),
            Some(Duration::ZERO) => Plan::Begin([0; N_CLASSES]),
            Some(wait) => Plan::Wait(Some(wait)),
        })
    }

    /// One message of the most urgent lane, to see whether the sender is well again.
    fn probe(&mut self, wanted: PerClass<bool>, now: Duration) -> Plan {
        let Some(place) = wanted.iter().position(|wanted| *wanted) else { return self.wait_for_lanes(now) };
        if self.pace.take(self.rate, now, 1) == 0 {
            return Plan::Wait(Some(self.pace.wait(self.rate, now)));
        }
        self.calls += 1;
        self.woken[place] = false;
        if let Some(hold) = &mut self.hold {
            hold.try_it(now);
        }
        let mut begin = [0; N_CLASSES];
        begin[place] = 1;
        Plan::Begin(begin)
    }

    fn share(&mut self, wanted: PerClass<bool>, all_places: u32, now: Duration) -> Plan {
        if wanted == [false; N_CLASSES] {
            return self.wait_for_lanes(now);
        }
        let most = wanted.map(|wanted| if wanted { MOST_AT_ONCE } else { 0 });
        let room = self.pace.room(self.rate, now);
        let supply = Supply {
            allowance: room.remaining,
            burst: self.rate.burst(),
            places: all_places.saturating_sub(self.calls),
            all_places,
        };
        let shared = self.turns.share(most, supply);
        let sum: u32 = shared.iter().sum();
        let (least_allowance, least_places) = self.turns.least(wanted, supply);
        let is_urgent = wanted[0];
        let gathered = if is_urgent {
            1
        } else {
            let of_allowance = (self.rate.limit() / GATHER_PER_SECOND).min(supply.burst + 1 - least_allowance);
            let of_places = GATHER_PLACES.min(all_places + 1 - least_places);
            of_allowance.min(of_places).max(1)
        };
        if sum < gathered {
            let needed = least_allowance + gathered - 1;
            if supply.allowance >= needed {
                // Places become free by calls that come back.
                return Plan::Wait(None);
            }
            let wait = self.pace.wait_leaving(self.rate, now, needed - 1);
            return Plan::Wait(Some(wait.max(Duration::from_millis(1))));
        }
        self.calls += self.pace.take(self.rate, now, sum);
        for (woken, shared) in self.woken.iter_mut().zip(shared) {
            *woken &= shared == 0;
        }
        Plan::Begin(shared)
    }

    /// All lanes that have something are closed.
    fn wait_for_lanes(&self, now: Duration) -> Plan {
        let closed = self.woken.iter().zip(self.closed).filter(|(woken, until)| **woken && *until > now);
        Plan::Wait(closed.map(|(_, until)| until.saturating_sub(now)).min())
    }

    fn give_back(&mut self, messages: u32) {
        if messages > 0 {
            self.pace.give_back(self.rate, messages);
            self.calls = self.calls.saturating_sub(messages);
        }
    }

    fn lift(&mut self, begun: Duration) -> Told {
        match self.hold.take_if(|hold| hold.is_ended_by(begun)) {
            Some(hold) => Told::GoesOn(hold.why().clone()),
            None => Told::Nothing,
        }
    }

    fn not_tried(&mut self, begun: Duration) {
        if let Some(hold) = &mut self.hold
            && hold.is_ended_by(begun)
        {
            hold.not_tried();
        }
    }

    fn too_fast(&mut self, begun: Duration, now: Duration, wait: Option<Duration>, known: &KnownSender) -> Told {
        let was_cut = self.throttle.refused(begun, now);
        if let Some(wait) = wait {
            return self.hold(&Why::Asked(wait), begun, now, known);
        }
        if was_cut {
            self.pace.hold_until(self.rate, now + Duration::from_secs(1));
            return Told::Slowed;
        }
        Told::Nothing
    }

    fn hold(&mut self, why: &Why, begun: Duration, now: Duration, known: &KnownSender) -> Told {
        // Its messages are back in their lanes, where nobody else tells of them.
        self.woken = [true; N_CLASSES];
        match &mut self.hold {
            Some(hold) => {
                let is_news = hold.why() != why && why.needs_a_person();
                hold.again(why, begun, now);
                if is_news { Told::Held(why.clone()) } else { Told::Nothing }
            }
            None => {
                self.hold = Some(Hold::new(why.clone(), known.access_token.clone(), now));
                Told::Held(why.clone())
            }
        }
    }
}
