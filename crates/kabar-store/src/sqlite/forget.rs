//! Rows that are kept for a while go, the oldest first and a few at a time.

use kabar_domain::clock::Moment;
use rusqlite::Transaction;

use super::memory::Memory;
use super::writer::{Command, Failure};

/// What is kept for a while.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    /// Requests that may be repeated.
    Requests,
    /// Webhook calls of the upstream.
    Calls,
    /// Reports of messages that are not known.
    Uncorrelated,
}

/// Has what is older than a moment go, at most so many; answers how many that were.
pub(super) struct Forget {
    pub(super) what: Kept,
    pub(super) before: Moment,
    pub(super) limit: u32,
}

impl Command for Forget {
    type Answer = u32;

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<u32, Failure> {
        let statement = match self.what {
            Kept::Requests => {
                "DELETE FROM requests WHERE key IN
                 (SELECT key FROM requests WHERE accepted_at < ?1 ORDER BY accepted_at LIMIT ?2)"
            }
            Kept::Calls => {
                "DELETE FROM webhook_calls WHERE id IN
                 (SELECT id FROM webhook_calls WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)"
            }
            Kept::Uncorrelated => {
                // Whether there are any is asked again.
                memory.has_uncorrelated = None;
                "DELETE FROM uncorrelated WHERE (wamid, state, at) IN
                 (SELECT wamid, state, at FROM uncorrelated WHERE at < ?1 ORDER BY at LIMIT ?2)"
            }
        };
        let n_gone = tx.prepare_cached(statement)?.execute((self.before.as_millis(), self.limit))?;
        Ok(u32::try_from(n_gone).unwrap_or(self.limit))
    }
}
