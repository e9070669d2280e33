//! Doubts: attempts whose outcome is not known, and for which no evidence came in time.
//!
//! Evidence is a status webhook that echoes our msgid, and it settles a doubt by itself, in the ledger. What is left
//! after the wait is decided here, by the class of the message, and never by guessing: a login code that is still valid
//! is sent again, since a second code does no harm and none does; everything else ends as *outcome unknown*.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::message::{Reason, State, own_code};
use kabar_domain::template::Category;
use kabar_store::ledger::{Doubt, Outcome, Verdict};

use crate::gateway::Shared;

/// How often doubts are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many doubts are settled in one command.
const MOST_AT_ONCE: u32 = 500;

/// Settles doubts whose wait is over, until the engine stops.
pub(crate) async fn settle(shared: Arc<Shared>) {
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = settle_due(&shared).await {
            tracing::error!(error = %err, "could not settle doubts");
        }
    }
}

async fn settle_due(shared: &Arc<Shared>) -> Result<(), kabar_store::Error> {
    loop {
        let now = shared.clock.now();
        let doubts = shared.store.doubts_due(now, MOST_AT_ONCE).await?;
        if doubts.is_empty() {
            return Ok(());
        }
        for doubt in &doubts {
            tracing::warn!(msgid = %doubt.msgid, sender = %doubt.lane.sender, "no evidence came for a message in doubt");
        }
        let outcomes =
            doubts.iter().map(|doubt| Outcome { key: doubt.key, at: now, verdict: verdict_on(doubt, now) }).collect();
        shared.store.settle(outcomes).await?;
        for doubt in &doubts {
            crate::dispatch::wake(shared, &doubt.lane);
        }
    }
}

fn verdict_on(doubt: &Doubt, now: Moment) -> Verdict {
    if doubt.lane.class == Category::Authentication && doubt.expires_at > now {
        return Verdict::Later { due: now };
    }
    Verdict::Ended {
        state: State::OutcomeUnknown,
        reason: Reason {
            code: own_code::OUTCOME_UNKNOWN,
            text: "the upstream's answer was lost, and it reported nothing about the message".to_owned(),
        },
    }
}
