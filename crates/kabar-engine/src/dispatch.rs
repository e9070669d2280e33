//! The second step of a message: its lane takes it in turn, within the sender's allowance, and calls the upstream.
//!
//! A lane is a task that lives while it has something to send; an idle lane costs nothing.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::message::Lane;

use crate::shared::Shared;

mod allowance;
mod attempt;
mod lane;
pub(crate) mod lanes;
mod outcomes;

/// How often the store is asked for lanes whose retries have come due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Says that a lane may have something to send.
pub(crate) fn wake(shared: &Arc<Shared>, lane: &Lane) {
    if let Some(signal) = shared.lanes.wake(lane) {
        shared.lanes.tasks.spawn(lane::run(Arc::clone(shared), lane.clone(), signal));
    }
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
