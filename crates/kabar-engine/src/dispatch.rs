//! The second step of a message: its sender takes it in turn, within what the upstream allows, and calls the upstream.
//!
//! A sender is a task that lives while one of its lanes has something to send; an idle one costs nothing. Whose turn it is
//! among its lanes, and how fast, is decided at its desk.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::message::Lane;
use tokio::time::Instant;

use crate::shared::Shared;

mod accounts;
mod attempt;
mod decision;
pub(crate) mod desk;
pub(crate) mod lanes;
mod noting;
mod outcomes;
mod serve;
mod telling;
mod turned;

/// How often the store is asked for lanes whose retries have come due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the store is asked for every lane in which something waits: each is woken when something comes into it, so
/// this is for what nobody has thought of.
const LOOK_AT_ALL_EVERY: Duration = Duration::from_secs(60);

/// Says that a lane may have something to send.
pub(crate) fn wake(shared: &Arc<Shared>, lane: &Lane) {
    if let Some(desk) = shared.lanes.wake(lane) {
        shared.lanes.tasks.spawn(serve::run(Arc::clone(shared), lane.sender.clone(), desk));
    }
}

/// Wakes every lane that has something due, at once and then again and again until the engine stops.
pub(crate) async fn wake_due_lanes(shared: Arc<Shared>) {
    let mut looked_at_all: Option<Instant> = None;
    loop {
        let at_all = looked_at_all.is_none_or(|at| at.elapsed() >= LOOK_AT_ALL_EVERY);
        match due_lanes(&shared, at_all).await {
            Ok(lanes) => {
                lanes.iter().for_each(|lane| wake(&shared, lane));
                if at_all {
                    looked_at_all = Some(Instant::now());
                    shared.lanes.tidy();
                }
            }
            Err(err) => tracing::error!(error = %err, "could not look for messages that are due"),
        }
        shared.lanes.measure(&shared.metrics);
        if !shared.pause(LOOK_EVERY).await {
            return;
        }
    }
}

async fn due_lanes(shared: &Shared, at_all: bool) -> Result<Vec<Lane>, kabar_store::Error> {
    let now = shared.clock.now();
    if !at_all {
        return shared.store.lanes_due(now).await;
    }
    let backlog = shared.store.backlog().await?;
    Ok(backlog.into_iter().filter(|waiting| waiting.due <= now).map(|waiting| waiting.lane).collect())
}
