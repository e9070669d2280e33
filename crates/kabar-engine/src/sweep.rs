//! What time brings: messages that could not leave in time end, wherever they wait, and requests are forgotten when their
//! repetition is no longer to be expected.

use std::sync::Arc;
use std::time::Duration;

use crate::shared::Shared;

/// For how long a request is known by its name.
const REQUEST_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How often it is looked for what time has brought.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many are forgotten in one command, so that nobody waits long behind it.
const MOST_AT_ONCE: u32 = 1000;

/// Does what is due, until the engine stops.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = expire(&shared).await {
            tracing::error!(error = %err, "could not end messages whose time is up");
        }
        if let Err(err) = forget_requests(&shared).await {
            tracing::error!(error = %err, "could not forget old requests");
        }
    }
}

async fn expire(shared: &Shared) -> Result<(), kabar_store::Error> {
    let n_expired = shared.store.expire(shared.clock.now()).await?;
    if n_expired > 0 {
        tracing::warn!(messages = n_expired, "messages could not leave in time");
        shared.metrics.expired(n_expired);
    }
    Ok(())
}

async fn forget_requests(shared: &Shared) -> Result<(), kabar_store::Error> {
    let before = shared.clock.now().minus(REQUEST_LIFE);
    while shared.store.forget_requests(before, MOST_AT_ONCE).await? == MOST_AT_ONCE && !shared.stopping.is_cancelled() {
    }
    Ok(())
}
