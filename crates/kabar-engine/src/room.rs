//! Whether there is room for another message: a bound on how many wait, and on how little the disk may have left.
//!
//! What was accepted is never dropped, so what can't be kept is refused at the door. The bound on the disk is above nothing,
//! because outcomes and reports of what was accepted still have to be written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use kabar_store::ledger::Counts;

use crate::shared::Shared;

/// How often it is looked how much there is.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Above what nothing more is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many messages may wait to be sent, those of all apps together.
    pub most_waiting: u64,
    /// How many bytes the disk must have left.
    pub least_free_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { most_waiting: 10_000_000, least_free_bytes: 64 << 20 }
    }
}

/// Why there is no room for another message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// Too many wait.
    #[error("too many messages wait to be sent")]
    TooManyWait,
    /// The disk has too little left.
    #[error("the disk is nearly full")]
    DiskNearlyFull,
}

impl NoRoom {
    /// After how many seconds it is worth asking again.
    pub const fn retry_after_seconds(self) -> u64 {
        match self {
            Self::TooManyWait => 5,
            Self::DiskNearlyFull => 30,
        }
    }
}

/// How much room there is, as of the last look.
#[derive(Debug)]
pub(crate) struct Room {
    bounds: Bounds,
    waiting: AtomicU64,
    /// Messages that were accepted since.
    accepted: AtomicU64,
    disk_is_low: AtomicBool,
}

impl Room {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, waiting: AtomicU64::new(0), accepted: AtomicU64::new(0), disk_is_low: AtomicBool::new(false) }
    }

    /// Whether another message may be accepted.
    pub(crate) fn check(&self) -> Result<(), NoRoom> {
        if self.disk_is_low.load(Ordering::Relaxed) {
            return Err(NoRoom::DiskNearlyFull);
        }
        let waiting = self.waiting.load(Ordering::Relaxed).saturating_add(self.accepted.load(Ordering::Relaxed));
        if waiting >= self.bounds.most_waiting { Err(NoRoom::TooManyWait) } else { Ok(()) }
    }

    /// Says that a message was accepted.
    pub(crate) fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were accepted since the last look: to be asked before the store is, for those are in what it tells.
    fn accepted_since(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Takes notice of what there is; `None` for a disk that can't be asked.
    fn look(&self, counts: &Counts, free_bytes: Option<u64>, accepted_before: u64) {
        self.waiting.store(counts.waiting + counts.held + counts.being_sent, Ordering::Relaxed);
        self.accepted.fetch_sub(accepted_before, Ordering::Relaxed);
        let is_low = free_bytes.is_some_and(|free| free < self.bounds.least_free_bytes);
        if self.disk_is_low.swap(is_low, Ordering::Relaxed) != is_low {
            match is_low {
                true => tracing::error!(free_bytes, "the disk is nearly full: no more messages are accepted"),
                false => tracing::info!(free_bytes, "the disk has room again"),
            }
        }
    }
}

/// Looks how much there is, until the engine stops.
pub(crate) async fn watch(shared: Arc<Shared>) {
    loop {
        look(&shared).await;
        if !shared.pause(LOOK_EVERY).await {
            return;
        }
    }
}

/// Looks how much there is, once.
pub(crate) async fn look(shared: &Shared) {
    let accepted_before = shared.room.accepted_since();
    let free_bytes = shared.store.free_bytes().await;
    match shared.store.counts().await {
        Ok(counts) => shared.room.look(&counts, free_bytes, accepted_before),
        Err(err) => tracing::error!(error = %err, "could not look how many messages wait"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(waiting: u64, held: u64, being_sent: u64) -> Counts {
        Counts { waiting, held, being_sent, in_doubt: 100, ..Counts::default() }
    }

    #[test]
    fn nothing_is_accepted_above_the_bound_until_some_have_left() {
        let room = Room::new(Bounds { most_waiting: 10, least_free_bytes: 0 });
        room.look(&waiting(5, 2, 1), None, 0);
        for _ in 0..2 {
            assert_eq!(room.check(), Ok(()));
            room.accepted();
        }
        assert_eq!(room.check(), Err(NoRoom::TooManyWait));
        // One comes between the question and the answer, and is in neither.
        let before = room.accepted_since();
        room.accepted();
        room.look(&waiting(9, 0, 0), None, before);
        assert_eq!(room.check(), Err(NoRoom::TooManyWait));
        room.look(&waiting(9, 0, 0), None, 1);
        assert_eq!(room.check(), Ok(()));
    }

    #[test]
    fn nothing_is_accepted_on_a_disk_that_is_nearly_full_until_it_has_room() {
        let room = Room::new(Bounds { most_waiting: 10, least_free_bytes: 1000 });
        for (free, expected) in [
            (Some(1000), Ok(())),
            (Some(999), Err(NoRoom::DiskNearlyFull)),
            (Some(0), Err(NoRoom::DiskNearlyFull)),
            (Some(1001), Ok(())),
            (None, Ok(())),
        ] {
            room.look(&Counts::default(), free, 0);
            assert_eq!(room.check(), expected, "{free:?}");
        }
    }
}
