//! Keeps the upstream's webhooks coming: every account is asked for them at the start, and when it is new.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::shared::Shared;

/// How often is looked for accounts that are not subscribed yet.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest pause after the upstream did not let us subscribe.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Subscribes every account once, and again and again where that fails, until the engine stops.
pub(crate) async fn keep(shared: Arc<Shared>) {
    let Some(webhook_uri) = shared.webhook_uri.clone() else { return };
    let mut subscribed = HashSet::new();
    let mut pause = LOOK_EVERY;
    loop {
        let mut failed = false;
        for account in shared.directory.accounts() {
            if subscribed.contains(&account.waba) {
                continue;
            }
            let asked = shared.graph.subscribe(
                &account.access_token,
                account.waba.as_str(),
                &webhook_uri,
                &shared.verify_token,
            );
            match asked.await {
                Ok(()) => {
                    tracing::info!(waba = %account.waba, "subscribed to the upstream's webhooks");
                    subscribed.insert(account.waba);
                }
                Err(err) => {
                    failed = true;
                    tracing::warn!(waba = %account.waba, error = %err, "could not subscribe to the upstream's webhooks");
                }
            }
        }
        pause = if failed { (pause * 2).min(LONGEST_PAUSE) } else { LOOK_EVERY };
        if !shared.pause(pause).await {
            return;
        }
    }
}
