//! What the engine remembers of callbacks: how each of them does, and how many calls are under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_outbound::Client;
use kabar_store::callback::CallbackKey;
use tokio::sync::{Notify, Semaphore};

use crate::callbacks::{Options, schedule};

/// How many bytes of an answer are taken. Nothing of it is read; it is taken so that the connection can be used again.
const MOST_ANSWER_BYTES: usize = 64 * 1024;
/// How many calls are under way at once, to callbacks that do well and to all others. A callback that hangs takes its
/// places among those that hang too.
const QUICK_PLACES: usize = 128;
const SLOW_PLACES: usize = 128;
/// How many calls of one callback are under way at once, while it does well.
const PLACES_OF_ONE: usize = 16;
/// A callback that needs longer than this for an answer is slow.
const SLOW: Duration = Duration::from_secs(2);

/// What the engine remembers of callbacks.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) options: Options,
    pub(super) client: Client,
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    health: Mutex<HashMap<CallbackKey, Health>>,
    woken: Notify,
}

/// How a callback does. One that does well is not remembered.
#[derive(Debug, Clone, Copy, Default)]
struct Health {
    /// How many calls failed in a row.
    failures: u32,
    /// Until when nothing is sent to it.
    held_until: Option<Moment>,
    /// Whether its last answer was slow.
    is_slow: bool,
}

impl State {
    pub(crate) fn new(options: Options) -> Self {
        let client = Client::new(kabar_outbound::Options {
            total_timeout: options.timeout,
            max_response_bytes: MOST_ANSWER_BYTES,
            max_idle_per_host: PLACES_OF_ONE,
            allow: options.allow.clone(),
            ..kabar_outbound::Options::default()
        });
        Self {
            options,
            client,
            quick: Arc::new(Semaphore::new(QUICK_PLACES)),
            slow: Arc::new(Semaphore::new(SLOW_PLACES)),
            health: Mutex::default(),
            woken: Notify::new(),
        }
    }

    /// Says that there may be something to deliver.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Waits until somebody says so.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Whether nothing is to be sent to a callback now.
    pub(super) fn is_held(&self, callback: CallbackKey, now: Moment) -> bool {
        self.health().get(&callback).and_then(|health| health.held_until).is_some_and(|until| until > now)
    }

    /// How many calls of a callback may be under way: one that fails is tried with a single one.
    pub(super) fn places_of(&self, callback: CallbackKey) -> usize {
        let failures = self.health().get(&callback).map_or(0, |health| health.failures);
        if schedule::hold_after(failures).is_some() { 1 } else { PLACES_OF_ONE }
    }

    /// Where the calls of a callback have their places.
    pub(super) fn pool_of(&self, callback: CallbackKey) -> Arc<Semaphore> {
        let is_well = self.health().get(&callback).is_none_or(|health| health.failures == 0 && !health.is_slow);
        Arc::clone(if is_well { &self.quick } else { &self.slow })
    }

    /// Notes that a call went well.
    pub(super) fn went_well(&self, callback: CallbackKey, took: Duration) {
        let mut health = self.health();
        if took >= SLOW {
            health.insert(callback, Health { is_slow: true, ..Health::default() });
        } else {
            health.remove(&callback);
        }
    }

    /// Notes that a call failed, and for how long the callback asks to be left alone.
    pub(super) fn failed(&self, callback: CallbackKey, wish: Option<Duration>, now: Moment) {
        let mut all = self.health();
        let health = all.entry(callback).or_default();
        health.failures = health.failures.saturating_add(1);
        let hold = schedule::hold_after(health.failures).max(wish);
        health.held_until = hold.map(|hold| now.plus(hold)).max(health.held_until);
    }

    /// Leaves a callback alone for a while, through no fault of its own.
    pub(super) fn hold(&self, callback: CallbackKey, until: Moment) {
        self.health().entry(callback).or_default().held_until = Some(until);
    }

    /// Treats all callbacks as if they did well, until they show otherwise.
    pub(super) fn forget_health(&self) {
        self.health().clear();
    }

    fn health(&self) -> MutexGuard<'_, HashMap<CallbackKey, Health>> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
