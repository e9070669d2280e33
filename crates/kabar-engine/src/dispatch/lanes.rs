//! Which senders are at work, and what they share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kabar_domain::ids::SenderId;
use kabar_domain::message::Lane;
use kabar_domain::pacing::turns::place_of;
use kabar_domain::template::Category;
use kabar_store::Store;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dispatch::accounts::Accounts;
use crate::dispatch::desk::Desk;
use crate::dispatch::outcomes::Outcomes;
use crate::metrics::Metrics;

/// The senders that are at work, or were a moment ago.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// How many calls of one sender may be under way at once.
    pub(super) calls_at_once: u32,
    /// How many calls of all senders together may be under way at once; login codes have room of their own.
    places: Semaphore,
    places_of_codes: Semaphore,
    /// The senders' own work, and their calls.
    pub(super) tasks: TaskTracker,
    pub(super) outcomes: Outcomes,
    pub(super) accounts: Accounts,
    /// From when on desks count their time.
    start: Instant,
    stopping: CancellationToken,
    desks: Mutex<HashMap<SenderId, Arc<Desk>>>,
}

/// A sender from which nothing leaves until a person has put something right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSender {
    /// Which.
    pub sender: SenderId,
    /// Why, in words for operators.
    pub why: String,
}

impl Lanes {
    /// `calls_in_all` of all senders together, of which a quarter is kept for login codes.
    pub(crate) fn new(calls_at_once: usize, calls_in_all: usize, stopping: CancellationToken, store: Store) -> Self {
        let of_codes = (calls_in_all / 4).max(1);
        Self {
            places: Semaphore::new(calls_in_all.saturating_sub(of_codes).clamp(1, Semaphore::MAX_PERMITS)),
            places_of_codes: Semaphore::new(of_codes.min(Semaphore::MAX_PERMITS)),
            calls_at_once: u32::try_from(calls_at_once.max(1)).unwrap_or(u32::MAX),
            tasks: TaskTracker::new(),
            outcomes: Outcomes::start(store),
            accounts: Accounts::default(),
            start: Instant::now(),
            stopping,
            desks: Mutex::default(),
        }
    }

    /// A place for a call, given back when it is dropped. It is waited for: each call takes a connection, and a thousand
    /// senders together must not take more than the system gives.
    pub(super) async fn place(&self, class: Category) -> Option<SemaphorePermit<'_>> {
        let places = if class == Category::Authentication { &self.places_of_codes } else { &self.places };
        // They are never closed.
        places.acquire().await.ok()
    }

    /// Waits until every call that was begun has come back, and its outcome is written down.
    pub(crate) async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.outcomes.finished().await;
    }

    /// Wakes a lane; gives the desk of its sender if that is not at work, and is to be set to work now.
    pub(super) fn wake(&self, lane: &Lane) -> Option<Arc<Desk>> {
        if self.stopping.is_cancelled() {
            return None;
        }
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = match desks.get(&lane.sender) {
            Some(desk) => desk,
            None => desks.entry(lane.sender.clone()).or_insert_with(|| Arc::new(Desk::new(self.start))),
        };
        desk.wake(place_of(lane.class)).then(|| Arc::clone(desk))
    }

    /// Has every sender look again at what it waits for: its access token may have been replaced.
    pub(crate) fn look_again(&self) {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(|desk| desk.look_again());
    }

    /// The senders that wait for a person, in the order of their ids.
    pub(crate) fn held(&self) -> Vec<HeldSender> {
        let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let held = desks.iter().filter_map(|(sender, desk)| Some((sender, desk.needs_a_person()?)));
        let mut held: Vec<_> =
            held.map(|(sender, why)| HeldSender { sender: sender.clone(), why: why.to_string() }).collect();
        held.sort_by(|a, b| a.sender.cmp(&b.sender));
        held
    }

    /// Forgets the senders of which there is nothing to remember.
    pub(super) fn tidy(&self) {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        desks.retain(|_, desk| Arc::strong_count(desk) > 1 || !desk.is_as_new());
        desks.shrink_to_fit();
    }

    /// Brings the gauges of senders up to date.
    pub(super) fn measure(&self, metrics: &Metrics) {
        let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut held, mut slowed, mut calls) = (0, 0, 0);
        for desk in desks.values() {
            let state = desk.summary();
            held += u64::from(state.needs_a_person);
            slowed += u64::from(state.is_slowed);
            calls += u64::from(state.calls);
        }
        drop(desks);
        metrics.set_senders(held, slowed, calls);
    }
}
