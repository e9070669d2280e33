//! Which lanes are at work, and what they share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kabar_domain::ids::SenderId;
use kabar_domain::message::Lane;
use kabar_store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dispatch::allowance::Allowance;
use crate::dispatch::outcomes::Outcomes;

/// The lanes that are at work.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// How many calls of one lane may be under way at once.
    pub(super) calls_at_once: usize,
    /// The lanes' own work, and their calls.
    pub(super) tasks: TaskTracker,
    pub(super) outcomes: Outcomes,
    stopping: CancellationToken,
    at_work: Mutex<HashMap<Lane, Arc<Signal>>>,
    allowances: Mutex<HashMap<SenderId, Arc<Allowance>>>,
}

/// Tells a lane that more may have come since it last looked.
#[derive(Debug, Default)]
pub(super) struct Signal {
    woken: AtomicBool,
}

impl Lanes {
    pub(crate) fn new(calls_at_once: usize, stopping: CancellationToken, store: Store) -> Self {
        Self {
            calls_at_once: calls_at_once.max(1),
            tasks: TaskTracker::new(),
            outcomes: Outcomes::start(store),
            stopping,
            at_work: Mutex::default(),
            allowances: Mutex::default(),
        }
    }

    /// Waits until every call that was begun has come back, and its outcome is written down.
    pub(crate) async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.outcomes.finished().await;
    }

    pub(super) fn allowance(&self, sender: &SenderId) -> Arc<Allowance> {
        let mut allowances = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(allowances.entry(sender.clone()).or_default())
    }

    /// Wakes a lane that is at work; gives the signal of one that is not, and is to be set to work now.
    pub(super) fn wake(&self, lane: &Lane) -> Option<Arc<Signal>> {
        if self.stopping.is_cancelled() {
            return None;
        }
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signal) = at_work.get(lane) {
            signal.woken.store(true, Ordering::SeqCst);
            return None;
        }
        let signal = Arc::new(Signal::default());
        at_work.insert(lane.clone(), Arc::clone(&signal));
        Some(signal)
    }

    /// Ends a lane's work unless it was woken since its signal was last lowered: whoever wakes a lane finds it either at
    /// work, or gone.
    pub(super) fn retire(&self, lane: &Lane, signal: &Signal) -> bool {
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        let done = !signal.woken.load(Ordering::SeqCst);
        if done {
            at_work.remove(lane);
        }
        done
    }
}

impl Signal {
    /// Says that the lane is about to look.
    pub(super) fn lower(&self) {
        self.woken.store(false, Ordering::SeqCst);
    }
}
