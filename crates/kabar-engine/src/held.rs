//! Held messages: they wait until their template or their sender is well again.
//!
//! Whoever judges a message at the point of its attempt may have it held. Whether what it waits for has been put right is
//! asked here, again and again, of what is known now. So nothing stays held because the news came while the hold was
//! being written down, or while Kabar was not running; and whoever brings the news need do nothing else.

use std::sync::Arc;
use std::time::Duration;

use kabar_store::ledger::Hold;

use crate::shared::Shared;
use crate::templates::guard;

/// How often it is asked.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Lets held messages go when what they wait for is put right, until the engine stops.
pub(crate) async fn release(shared: Arc<Shared>) {
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = release_well(&shared).await {
            tracing::error!(error = %err, "could not let held messages go");
        }
    }
}

async fn release_well(shared: &Arc<Shared>) -> Result<(), kabar_store::Error> {
    for hold in shared.store.holds().await? {
        if must_wait(shared, &hold) {
            continue;
        }
        let lanes = shared.store.release_held(&hold, shared.clock.now()).await?;
        tracing::info!(?hold, lanes = lanes.len(), "held messages go on");
        for lane in &lanes {
            crate::dispatch::wake(shared, lane);
        }
    }
    Ok(())
}

/// Whether what messages are held for is still to be put right. What no longer exists is nothing to wait for: the attempt
/// ends its messages.
fn must_wait(shared: &Shared, hold: &Hold) -> bool {
    match hold {
        Hold::Template(seq) => {
            shared.templates.by_seq(*seq).is_some_and(|template| guard::must_wait(shared, &template))
        }
        // Nothing comes that was on its way when an earlier process ended: who is let go has it fetched again.
        Hold::Media(file) => shared.attached.is_coming(*file),
        Hold::Sender(id) => shared.directory.sender(id).is_some_and(|sender| sender.access_token.is_none()),
    }
}
