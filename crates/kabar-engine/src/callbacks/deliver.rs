//! What is due is delivered: a task for each callback that has something due, with so many calls at once.
//!
//! What is under way is remembered here alone. After a crash it is due as before, and is called again with the same id.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use kabar_domain::callback::PauseReason;
use kabar_store::callback::{CallOutcome, CallVerdict, CallbackKey, DeliveryKey, DueDelivery, Endpoint};
use tokio::task::JoinSet;

use crate::callbacks::call::{self, Called};
use crate::shared::Shared;

/// How often is looked for callbacks whose next tries have come due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many deliveries of a callback are taken at once.
const MOST_AT_ONCE: usize = 64;
/// How long to wait before the store is asked again after it failed.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Delivers what is due, at once and then again and again, until the engine stops; then waits for the calls under way.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut workers = JoinSet::new();
    let mut working = HashSet::new();
    while !shared.stopping.is_cancelled() {
        start(&shared, &mut workers, &mut working).await;
        tokio::select! {
            () = shared.stopping.cancelled() => {}
            () = shared.callbacks.woken() => {}
            () = shared.store.told() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            Some(ended) = workers.join_next() => {
                match ended {
                    Ok(callback) => drop(working.remove(&callback)),
                    // It is not known whose it was.
                    Err(_) => {
                        tracing::error!("the deliveries of a callback ended by a panic");
                        while workers.join_next().await.is_some() {}
                        working.clear();
                    }
                }
            }
        }
    }
    while workers.join_next().await.is_some() {}
}

/// Starts a worker for each callback that has something due, and has none.
async fn start(shared: &Arc<Shared>, workers: &mut JoinSet<CallbackKey>, working: &mut HashSet<CallbackKey>) {
    let now = shared.clock.now();
    let due = match shared.store.callbacks_due(now).await {
        Ok(due) => due,
        Err(err) => {
            tracing::error!(error = %err, "could not look for callbacks that are due");
            return;
        }
    };
    for callback in due {
        if !shared.callbacks.is_held(callback, now) && working.insert(callback) {
            let shared = Arc::clone(shared);
            workers.spawn(async move {
                Worker::new(shared, callback).work_off().await;
                callback
            });
        }
    }
}

/// Works off what is due of one callback.
pub(super) struct Worker {
    shared: Arc<Shared>,
    callback: CallbackKey,
    /// What was taken and not begun yet; at most [`MOST_AT_ONCE`].
    queue: VecDeque<DueDelivery>,
    /// What was begun and is not settled yet.
    under_way: HashSet<DeliveryKey>,
    calls: JoinSet<Called>,
    endpoint: Option<Arc<Endpoint>>,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>, callback: CallbackKey) -> Self {
        Self {
            shared,
            callback,
            queue: VecDeque::new(),
            under_way: HashSet::new(),
            calls: JoinSet::new(),
            endpoint: None,
        }
    }

    /// Makes calls until nothing is due, the callback is held or paused, or the engine stops.
    pub(super) async fn work_off(mut self) {
        loop {
            self.begin().await;
            let Some(first) = self.calls.join_next().await else { return };
            let mut ended = vec![first];
            while let Some(next) = self.calls.try_join_next() {
                ended.push(next);
            }
            // A call that panicked is still due, and begun by whoever comes next.
            let called: Vec<Called> = ended.into_iter().filter_map(Result::ok).collect();
            if !self.settle(called).await {
                return;
            }
        }
    }

    /// Begins as many calls as there are places and deliveries for.
    async fn begin(&mut self) {
        let shared = Arc::clone(&self.shared);
        let state = &shared.callbacks;
        loop {
            let places = state.places_of(self.callback).saturating_sub(self.calls.len());
            if places == 0 || shared.stopping.is_cancelled() || state.is_held(self.callback, shared.clock.now()) {
                return;
            }
            if self.queue.is_empty() && !self.take().await {
                return;
            }
            let Some(endpoint) = &self.endpoint else { return };
            for delivery in self.queue.drain(..places.min(self.queue.len())) {
                self.under_way.insert(delivery.key);
                let (shared, endpoint, pool) =
                    (Arc::clone(&shared), Arc::clone(endpoint), state.pool_of(self.callback));
                self.calls.spawn(async move {
                    let _place = pool.acquire_owned().await;
                    call::make(&shared, &endpoint, &delivery).await
                });
            }
        }
    }

    /// Takes what is due and not under way; `false` if there is nothing.
    async fn take(&mut self) -> bool {
        let limit = u32::try_from(MOST_AT_ONCE + self.under_way.len()).unwrap_or(u32::MAX);
        let now = self.shared.clock.now();
        match self.shared.store.deliveries_due(self.callback, now, limit).await {
            Ok(Some((endpoint, due))) => {
                self.endpoint = Some(Arc::new(endpoint));
                let fresh = due.into_iter().filter(|delivery| !self.under_way.contains(&delivery.key));
                self.queue = fresh.take(MOST_AT_ONCE).collect();
                !self.queue.is_empty()
            }
            Ok(None) => false,
            Err(err) => {
                tracing::error!(error = %err, "could not read what is to be delivered");
                self.shared.callbacks.hold(self.callback, now.plus(RETRY_AFTER));
                false
            }
        }
    }

    /// Notes how calls came out, and writes it down; `false` if that can't be done any more.
    async fn settle(&mut self, called: Vec<Called>) -> bool {
        let mut outcomes = Vec::with_capacity(called.len());
        for Called { outcome, wish } in called {
            let state = &self.shared.callbacks;
            self.shared.metrics.callback_call(counted(&outcome));
            match outcome.verdict {
                CallVerdict::Delivered => state.went_well(self.callback, outcome.took),
                CallVerdict::Later(_) | CallVerdict::GivenUp => state.failed(self.callback, wish, outcome.at),
            }
            outcomes.push(outcome);
        }
        let paused = loop {
            match self.shared.store.settle_deliveries(outcomes.clone()).await {
                Ok(paused) => break paused,
                Err(err) => {
                    tracing::error!(error = %err, "could not write down how calls of a callback came out");
                    if matches!(err, kabar_store::Error::Closed) || !self.shared.pause(RETRY_AFTER).await {
                        return false;
                    }
                }
            }
        };
        for outcome in &outcomes {
            self.under_way.remove(&outcome.delivery);
        }
        self.tell(&outcomes, !paused.is_empty());
        if !paused.is_empty() {
            self.queue.clear();
        }
        true
    }

    /// Tells the operator what nobody else may notice.
    fn tell(&self, outcomes: &[CallOutcome], is_paused: bool) {
        let Some(endpoint) = &self.endpoint else { return };
        let (callback, app) = (endpoint.id, &endpoint.app);
        let n_given_up = outcomes.iter().filter(|outcome| outcome.verdict == CallVerdict::GivenUp).count();
        if n_given_up > 0 {
            tracing::warn!(%callback, %app, n_given_up, "deliveries were given up after all their calls");
        }
        if is_paused {
            let reason = outcomes.iter().find_map(|outcome| outcome.pause).map_or("", PauseReason::as_str);
            self.shared.metrics.callback_pause(reason);
            tracing::error!(%callback, %app, reason, "a callback is paused: what there is to tell waits until it is resumed");
        }
    }
}

fn counted(outcome: &CallOutcome) -> &'static str {
    match outcome.verdict {
        CallVerdict::Delivered => "delivered",
        CallVerdict::Later(_) => "later",
        CallVerdict::GivenUp => "given_up",
    }
}
