//! Keeps the directory's copy in memory true.

use std::sync::Arc;
use std::time::Duration;

use crate::shared::Shared;

/// How often the store is asked whether anything changed: by the command line, or by another node.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Follows what other processes change, until the engine stops.
pub(crate) async fn watch(shared: Arc<Shared>) {
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = shared.suppressed.refresh(&shared.store).await {
            tracing::error!(error = %err, "could not look who has stopped marketing");
        }
        let known = shared.directory.version();
        let changed = match shared.store.directory_version().await {
            Ok(version) => version != known,
            Err(err) => {
                tracing::error!(error = %err, "could not look whether apps, senders or tokens changed");
                continue;
            }
        };
        if !changed {
            continue;
        }
        match shared.directory.refresh(&shared.store).await {
            Ok(()) => shared.lanes.look_again(),
            Err(err) => tracing::error!(error = %err, "could not read apps, senders and tokens"),
        }
    }
}
