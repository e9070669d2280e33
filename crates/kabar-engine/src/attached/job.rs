//! A file on its way: fetched and uploaded, again and again while that fails for the time being and somebody waits, and then
//! those who wait are let go.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::ids::SenderId;
use kabar_domain::message::Reason;
use kabar_domain::pacing::backoff::{self, Jitter};
use kabar_domain::template::contract::MediaKind;
use kabar_store::kill::KillPoint;
use kabar_store::ledger::Hold;
use kabar_store::media::{FileKey, SentMedia};

use crate::attached::get::{Failed, Got, Uploaded, get};
use crate::attached::known::{ASKED_AGAIN, Came, is_named};
use crate::shared::Shared;

/// A file that is to be looked at.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: FileKey,
    pub(super) sender: SenderId,
    pub(super) kind: MediaKind,
    pub(super) url: String,
}

/// Does it, until the engine stops.
pub(super) async fn run(shared: Arc<Shared>, job: Job) {
    let stopping = shared.stopping.clone();
    // Whoever waits then is on disk as held, and is let go at the next start.
    if let Some(came) = stopping.run_until_cancelled(come(&shared, &job)).await {
        shared.attached.lock().known.came(job.key, came, shared.clock.now());
        release(&shared, job.key).await;
    }
}

async fn come(shared: &Shared, job: &Job) -> Came {
    let mut failures = 0_u32;
    loop {
        let kept = shared.attached.lock().known.kept(job.key).cloned();
        let failed = match get(shared, job, kept.as_ref()).await {
            Ok(got) => return keep(shared, job, kept, got).await,
            Err(failed) => failed,
        };
        failures += 1;
        let (now, host) = (shared.clock.now(), host_of(&job.url));
        let (sender, kind, file) = (&job.sender, job.kind.word(), job.key);
        let (why, wait) = match failed {
            Failed::ForEver(reason) => {
                tracing::warn!(%sender, kind, host, ?file, why = %reason.text, "a file for messages can't be sent: they are rejected");
                shared.metrics.attached("refused", 1);
                if kept.is_some()
                    && let Err(err) = shared.store.forget_sent_media(job.key).await
                {
                    tracing::error!(error = %err, "could not forget a file that is no longer there");
                }
                return Came::Refused(reason);
            }
            Failed::ForNow { why, wait } => (why, wait),
        };
        shared.metrics.attached("failed", 1);
        if let Some(kept) = kept.filter(|kept| is_named(kept, now)) {
            tracing::warn!(%sender, kind, host, ?file, why, "could not see whether a file for messages has changed: the known one goes on");
            return Came::Kept(kept, now.plus(ASKED_AGAIN));
        }
        // Those who wait end when their time is up; not before, lest they begin anew.
        let until = shared.attached.lock().known.waited_for_until(job.key);
        let left = until.map(|until| until.since(now)).unwrap_or_default();
        let wait = wait.unwrap_or_else(|| backoff::growing(failures, chance(job.key, failures))).min(left);
        if left.is_zero() {
            tracing::error!(%sender, kind, host, ?file, why, "a file for messages did not come in time: they expire");
            return Came::GivenUp;
        }
        tracing::warn!(
            %sender, kind, host, ?file, why, again_in_seconds = wait.as_secs(), "a file for messages did not come: its messages wait"
        );
        tokio::time::sleep(wait).await;
    }
}

/// Keeps what the upstream has now.
async fn keep(shared: &Shared, job: &Job, kept: Option<SentMedia>, got: Got) -> Came {
    let now = shared.clock.now();
    let media = match (got, kept) {
        (Got::Same(seen), Some(kept)) => {
            shared.metrics.attached("unchanged", 1);
            let seen = seen.unwrap_or_else(|| kabar_outbound::Seen {
                etag: kept.etag.clone(),
                last_modified: kept.last_modified.clone(),
            });
            SentMedia { etag: seen.etag, last_modified: seen.last_modified, checked_at: now, ..kept }
        }
        (Got::New(uploaded), _) => {
            shared.store.reach(KillPoint::MediaUploaded);
            let Uploaded { media_id, sha256, seen, size_bytes } = uploaded;
            tracing::info!(
                sender = %job.sender, kind = job.kind.word(), host = host_of(&job.url), file = ?job.key, media_id, size_bytes,
                "uploaded a file for messages"
            );
            shared.metrics.attached("uploaded", 1);
            SentMedia {
                key: job.key,
                media_id,
                sha256,
                etag: seen.etag,
                last_modified: seen.last_modified,
                uploaded_at: now,
                checked_at: now,
            }
        }
        // Nobody says of what is not known that it is the same.
        (Got::Same(_), None) => return Came::GivenUp,
    };
    // Not kept, it is merely uploaded once more after the next start.
    if let Err(err) = shared.store.keep_sent_media(media.clone()).await {
        tracing::error!(error = %err, "could not keep the id of a file that was uploaded for messages");
    }
    Came::Kept(media, now.plus(shared.attached.recheck))
}

/// Lets go who waits. Whoever is being put on hold just now is let go by [`crate::held`].
async fn release(shared: &Arc<Shared>, key: FileKey) {
    match shared.store.release_held(&Hold::Media(key), shared.clock.now()).await {
        Ok(lanes) => lanes.iter().for_each(|lane| crate::dispatch::wake(shared, lane)),
        Err(err) => tracing::error!(error = %err, "could not let messages go that waited for a file"),
    }
}

fn chance(key: FileKey, failures: u32) -> Jitter {
    Jitter::draw(key.bits() ^ failures.wrapping_mul(0x9E37_79B9))
}

/// The host of a URL: what stands behind it may be somebody's.
fn host_of(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or_default()
}

/// A file can't be had, told with its URL. What stands behind a question mark is often a secret, and is left out.
pub(super) fn reason(code: u32, job: &Job, why: &str) -> Reason {
    const MOST_CHARS: usize = 200;
    let shown = job.url.split(['?', '#']).next().unwrap_or_default();
    let mut url: String = shown.chars().take(MOST_CHARS).collect();
    if url.len() < job.url.len() {
        url.push('…');
    }
    Reason { code, text: format!("the {} at {url}: {why}", job.kind.word()) }
}

/// How long a failure lasts where nobody said.
pub(super) const fn for_now(why: String, wait: Option<Duration>) -> Failed {
    Failed::ForNow { why, wait }
}
