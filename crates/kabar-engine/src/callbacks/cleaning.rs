//! What was delivered long ago is forgotten.

use std::sync::Arc;
use std::time::Duration;

use crate::shared::Shared;

/// How often is looked for what can go.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The pause between two steps, so that others have the store between them.
const BREATH: Duration = Duration::from_millis(20);
/// How many deliveries go in one step.
const MOST_AT_ONCE: u32 = 500;

/// Cleans up now and then, until the engine stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    while shared.pause(LOOK_EVERY).await {
        while step(&shared).await && shared.pause(BREATH).await {}
    }
}

/// A step of cleaning; `true` if there may be more to do.
pub(super) async fn step(shared: &Shared) -> bool {
    let now = shared.clock.now();
    let before = now.minus(shared.callbacks.options.keep);
    match shared.store.clean_deliveries(before, now, MOST_AT_ONCE).await {
        Ok(cleaned) => {
            if cleaned.given_up > 0 {
                tracing::warn!(n_given_up = cleaned.given_up, "deliveries waited too long for a paused callback");
            }
            cleaned.removed + cleaned.given_up > 0
        }
        Err(err) => {
            tracing::error!(error = %err, "could not clean up deliveries");
            false
        }
    }
}
