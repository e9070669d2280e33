//! What is old is erased and forgotten, and recipients are erased on request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;
use kabar_store::retention::Swept;
use tokio::time::Instant;

use crate::shared::Shared;

/// How long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The values of messages, from their acceptance on, once they have ended; `None` for as long as the messages.
    pub values: Option<Duration>,
    /// Messages and what happened to them, likewise; `None` for ever.
    pub messages: Option<Duration>,
}

/// Values for 90 days, messages for ever.
impl Default for Options {
    fn default() -> Self {
        Self { values: Some(Duration::from_secs(90 * 86_400)), messages: None }
    }
}

/// How often it is looked for recipients to erase.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for what is old.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// After which time a recipient is looked for again, of whom something could not be erased yet.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// The pause between two steps, so that others have the store between them.
const BREATH: Duration = Duration::from_millis(20);

/// Does what is due, until the engine stops.
pub(crate) async fn keep(shared: Arc<Shared>) {
    let mut erasing = Erasing::default();
    let mut sweep_at = Instant::now();
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = erasing.erase(&shared).await {
            tracing::error!(error = %err, "could not erase a recipient");
        }
        if Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP_EVERY;
            if let Err(err) = sweep(&shared).await {
                tracing::error!(error = %err, "could not erase what is old");
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Old {
    Values,
    Messages,
}

async fn sweep(shared: &Shared) -> Result<(), kabar_store::Error> {
    let now = shared.clock.now();
    // What is forgotten need not be erased before.
    for (old, keep) in [(Old::Messages, shared.retention.messages), (Old::Values, shared.retention.values)] {
        let Some(keep) = keep else { continue };
        let (mut after, mut n_messages) = (None, 0);
        loop {
            let step: Swept = match old {
                Old::Values => shared.store.erase_values(now.minus(keep), after).await?,
                Old::Messages => shared.store.forget_messages(now.minus(keep), after).await?,
            };
            n_messages += step.messages;
            after = step.next;
            if after.is_none() || !shared.pause(BREATH).await {
                break;
            }
        }
        if n_messages > 0 {
            let what = match old {
                Old::Values => "values of messages were erased for their age",
                Old::Messages => "messages were forgotten for their age",
            };
            tracing::info!(messages = n_messages, "{what}");
        }
    }
    Ok(())
}

/// When the recipients are looked for again of whom something is left.
#[derive(Debug, Default)]
struct Erasing {
    again: HashMap<(AppId, PhoneNumber), Instant>,
}

impl Erasing {
    async fn erase(&mut self, shared: &Shared) -> Result<(), kabar_store::Error> {
        let erasures = shared.store.erasures().await?;
        if erasures.is_empty() {
            self.again.clear();
        }
        for erasure in erasures {
            let who = (erasure.app.clone(), erasure.recipient.clone());
            if self.again.get(&who).is_some_and(|again| *again > Instant::now()) {
                continue;
            }
            if shared.store.carry_out(&erasure, shared.clock.now()).await? {
                self.again.remove(&who);
                tracing::info!(app = %erasure.app, "a recipient was erased");
            } else {
                self.again.insert(who, Instant::now() + AGAIN_AFTER);
            }
            if shared.stopping.is_cancelled() {
                break;
            }
        }
        Ok(())
    }
}
