//! The dispatcher of one lane.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::message::Lane;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::dispatch::allowance::{Allowance, rate_of};
use crate::dispatch::attempt;
use crate::dispatch::lanes::Signal;
use crate::shared::Shared;

/// How long to wait before the store is asked again after it failed.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How many messages are taken from the lane in one write.
const MOST_AT_ONCE: usize = 256;

/// Sends what is due in a lane until nothing is, or the engine stops. Attempts are begun in the lane's order; the calls
/// themselves go on side by side.
pub(super) async fn run(shared: Arc<Shared>, lane: Lane, signal: Arc<Signal>) {
    let places = Arc::new(Semaphore::new(shared.lanes.calls_at_once));
    let allowance = shared.lanes.allowance(&lane.sender);
    while !shared.stopping.is_cancelled() {
        signal.lower();
        if step(&shared, &lane, &places, &allowance).await == Step::NothingDue && shared.lanes.retire(&lane, &signal) {
            return;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// There may be more.
    GoOn,
    /// Nothing is due in this lane now.
    NothingDue,
}

/// Begins as many attempts as there are places, allowance and messages for.
async fn step(shared: &Arc<Shared>, lane: &Lane, places: &Arc<Semaphore>, allowance: &Arc<Allowance>) -> Step {
    let Some(sender) = shared.directory.sender(&lane.sender) else {
        tracing::error!(sender = %lane.sender, "messages wait for a sender that is no longer there");
        return Step::NothingDue;
    };
    let Some(access_token) = &sender.access_token else { return Step::NothingDue };
    let rate = rate_of(sender.sender.throughput);
    let Some(mut free) = free_places(shared, places).await else { return Step::GoOn };
    let wanted = u32::try_from(free.len()).unwrap_or(u32::MAX);
    let taken = allowance.take(rate, lane.class, wanted);
    if taken == 0 {
        shared.pause(allowance.wait(rate, lane.class).max(Duration::from_millis(1))).await;
        return Step::GoOn;
    }
    let begun = match shared.store.begin_attempts(lane, taken, shared.clock.now()).await {
        Ok(begun) => begun,
        Err(err) => {
            tracing::error!(error = %err, sender = %lane.sender, "could not begin attempts");
            allowance.give_back(rate, taken);
            shared.pause(RETRY_AFTER).await;
            return Step::GoOn;
        }
    };
    let n_begun = u32::try_from(begun.len()).unwrap_or(taken);
    allowance.give_back(rate, taken.saturating_sub(n_begun));
    let Some(outcomes) = shared.lanes.outcomes.handle() else { return Step::GoOn };
    for (message, place) in begun.into_iter().zip(free.drain(..)) {
        let call = attempt::Attempt {
            shared: Arc::clone(shared),
            sender: lane.sender.clone(),
            class: lane.class,
            access_token: access_token.clone(),
            allowance: Arc::clone(allowance),
            rate,
        };
        let outcomes = outcomes.clone();
        shared.lanes.tasks.spawn(async move {
            let outcome = call.make(message).await;
            drop(place);
            // The receiver lives as long as this task can.
            drop(outcomes.send(outcome).await);
        });
    }
    if n_begun < taken { Step::NothingDue } else { Step::GoOn }
}

/// Waits for a place, and takes all that are free; `None` when the engine stops meanwhile.
async fn free_places(shared: &Shared, places: &Arc<Semaphore>) -> Option<Vec<OwnedSemaphorePermit>> {
    let first = tokio::select! {
        () = shared.stopping.cancelled() => return None,
        place = Arc::clone(places).acquire_owned() => place.ok()?,
    };
    let mut free = vec![first];
    while free.len() < MOST_AT_ONCE
        && let Ok(place) = Arc::clone(places).try_acquire_owned()
    {
        free.push(place);
    }
    Some(free)
}
