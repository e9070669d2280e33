//! What the journal of webhook calls needs beside those who write in it: old calls are forgotten, and parts of it are taken
//! in once more where somebody wishes so.

use std::sync::Arc;
use std::time::Duration;

use kabar_store::journal::{Replay, Tally};

use crate::intake::{self, Refused, Taken};
use crate::shared::Shared;

/// How often is looked whether anybody wishes a replay.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often old calls are forgotten: each so many looks.
const LOOKS_TO_FORGET: u32 = 60;
/// The pause between two steps, so that others have the store between them.
const BREATH: Duration = Duration::from_millis(20);
/// How many calls are forgotten in one step.
const MOST_FORGOTTEN: u32 = 500;
/// How many calls are taken in once more in one step.
const MOST_REPLAYED: u32 = 100;
/// For how long a report waits for the answer that gives a message its id. Answers come within minutes.
const UNCORRELATED_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Looks after the journal, until the engine stops.
pub(crate) async fn keep(shared: Arc<Shared>) {
    let mut looks = 0_u32;
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = replay(&shared).await {
            tracing::error!(error = %err, "could not take in webhook calls once more");
        }
        if looks.is_multiple_of(LOOKS_TO_FORGET)
            && let Err(err) = forget(&shared).await
        {
            tracing::error!(error = %err, "could not forget old webhook calls");
        }
        looks = looks.wrapping_add(1);
    }
}

async fn forget(shared: &Shared) -> Result<(), kabar_store::Error> {
    let now = shared.clock.now();
    let before = now.minus(shared.journal_keep);
    while shared.store.forget_calls(before, MOST_FORGOTTEN).await? == MOST_FORGOTTEN && shared.pause(BREATH).await {}
    let before = now.minus(UNCORRELATED_LIFE);
    while shared.store.forget_uncorrelated(before, MOST_FORGOTTEN).await? == MOST_FORGOTTEN
        && shared.pause(BREATH).await
    {}
    Ok(())
}

/// Does what somebody wished for, a step at a time: after a crash it goes on where it was.
async fn replay(shared: &Arc<Shared>) -> Result<(), kabar_store::Error> {
    while let Some(mut replay) = shared.store.next_replay().await? {
        while replay.done_at.is_none() {
            if !shared.pause(BREATH).await {
                return Ok(());
            }
            replay = step(shared, replay).await?;
        }
        let Tally { calls, refused, unreadable, news, known, uncorrelated } = replay.tally;
        tracing::info!(
            replay = replay.id,
            calls,
            refused,
            unreadable,
            news,
            known,
            uncorrelated,
            "webhook calls were taken in once more"
        );
    }
    Ok(())
}

async fn step(shared: &Arc<Shared>, mut replay: Replay) -> Result<Replay, kabar_store::Error> {
    let heads = shared.store.calls(replay.range, replay.place, MOST_REPLAYED).await?;
    for head in &heads {
        replay.place = head.place();
        // It may have been forgotten meanwhile.
        let Some(kept) = shared.store.call(head.id).await? else { continue };
        let tally = &mut replay.tally;
        tally.calls += 1;
        match intake::judge(shared, &kept.call.body, kept.call.signature.as_deref()) {
            Ok(call) => {
                let Taken { news, known, uncorrelated } = intake::take_in(shared, &call.changes).await?;
                tally.news += news;
                tally.known += known;
                tally.uncorrelated += uncorrelated;
            }
            Err(Refused::Unreadable { .. }) => tally.unreadable += 1,
            Err(Refused::Unsigned | Refused::NotItsAccount { .. }) => tally.refused += 1,
        }
    }
    if heads.is_empty() {
        replay.done_at = Some(shared.clock.now());
    }
    shared.store.replayed(replay).await?;
    Ok(replay)
}
