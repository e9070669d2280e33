//! The second step of a message: its lane's dispatcher takes it in turn, within the sender's allowance, and calls the
//! upstream.
//!
//! A lane's dispatcher is a task that lives while the lane has something to send; an idle lane costs nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kabar_domain::ids::SenderId;
use kabar_domain::message::Lane;
use kabar_store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gateway::Shared;

mod allowance;
mod attempt;
mod lane;
mod outcomes;

use allowance::Allowance;
use outcomes::Outcomes;

/// How often the store is asked for lanes whose retries have come due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The lanes that are at work.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    calls_at_once: usize,
    stopping: CancellationToken,
    tasks: TaskTracker,
    lanes: Mutex<HashMap<Lane, Arc<Signal>>>,
    allowances: Mutex<HashMap<SenderId, Arc<Allowance>>>,
    outcomes: Outcomes,
}

/// Tells a lane's dispatcher that more may have come since it last looked.
#[derive(Debug, Default)]
struct Signal {
    woken: AtomicBool,
}

impl Dispatcher {
    pub(crate) fn new(calls_at_once: usize, stopping: CancellationToken, store: Store) -> Self {
        Self {
            calls_at_once: calls_at_once.max(1),
            stopping,
            tasks: TaskTracker::new(),
            lanes: Mutex::default(),
            allowances: Mutex::default(),
            outcomes: Outcomes::start(store),
        }
    }

    /// Waits until every call that was begun has come back, and its outcome is written down.
    pub(crate) async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.outcomes.finished().await;
    }

    fn allowance(&self, sender: &SenderId) -> Arc<Allowance> {
        let mut allowances = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(allowances.entry(sender.clone()).or_default())
    }

    /// Ends the lane's work unless it was woken since `signal` was last lowered: whoever wakes a lane finds it either at
    /// work, or gone.
    fn retire(&self, lane: &Lane, signal: &Signal) -> bool {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let done = !signal.woken.load(Ordering::SeqCst);
        if done {
            lanes.remove(lane);
        }
        done
    }
}

/// Says that a lane may have something to send.
pub(crate) fn wake(shared: &Arc<Shared>, lane: &Lane) {
    let dispatcher = &shared.dispatcher;
    if dispatcher.stopping.is_cancelled() {
        return;
    }
    let mut lanes = dispatcher.lanes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(signal) = lanes.get(lane) {
        signal.woken.store(true, Ordering::SeqCst);
        return;
    }
    let signal = Arc::new(Signal::default());
    lanes.insert(lane.clone(), Arc::clone(&signal));
    dispatcher.tasks.spawn(lane::run(Arc::clone(shared), lane.clone(), signal));
}

/// Wakes every lane that has something due, at once and then again and again until the engine stops.
pub(crate) async fn wake_due_lanes(shared: Arc<Shared>) {
    loop {
        match shared.store.backlog().await {
            Ok(backlog) => {
                let now = shared.clock.now();
                for waiting in backlog.iter().filter(|waiting| waiting.due <= now) {
                    wake(&shared, &waiting.lane);
                }
            }
            Err(err) => tracing::error!(error = %err, "could not look for messages that are due"),
        }
        if !shared.pause(LOOK_EVERY).await {
            return;
        }
    }
}
