//! The journal of webhook calls.

use kabar_domain::clock::Moment;

use super::{Engine, Store};
use crate::Error;
use crate::journal::{CallHead, KeptCall, NewCall, Place, Range, Replay};

impl Store {
    /// Keeps a webhook call, and answers how many bytes of the disk its body takes. Of refused calls the newest
    /// [`MOST_REFUSED`](crate::journal::MOST_REFUSED) are kept.
    pub async fn keep_call(&self, call: NewCall) -> Result<u64, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.keep_call(call).await,
        }
    }

    /// Calls of a part of the journal after a place in it, oldest first, at most `limit`.
    pub async fn calls(&self, range: Range, after: Place, limit: u32) -> Result<Vec<CallHead>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.calls(range, after, limit).await,
        }
    }

    /// The call with this number, whole.
    pub async fn call(&self, id: i64) -> Result<Option<KeptCall>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.call(id).await,
        }
    }

    /// Forgets calls that came before this moment, at most `limit`; answers how many.
    pub async fn forget_calls(&self, before: Moment, limit: u32) -> Result<u32, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.forget_calls(before, limit).await,
        }
    }

    /// Forgets reports of messages that nobody knows, of before this moment, at most `limit`; answers how many.
    pub async fn forget_uncorrelated(&self, before: Moment, limit: u32) -> Result<u32, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.forget_uncorrelated(before, limit).await,
        }
    }

    /// Has a part of the journal taken in once more, by whoever serves this store; answers the wish's number.
    pub async fn ask_for_replay(&self, range: Range, at: Moment) -> Result<i64, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.ask_for_replay(range, at).await,
        }
    }

    /// The oldest wish that is not done.
    pub async fn next_replay(&self) -> Result<Option<Replay>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.next_replay().await,
        }
    }

    /// How far a wish is.
    pub async fn replay(&self, id: i64) -> Result<Option<Replay>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.replay(id).await,
        }
    }

    /// Says how far a wish is.
    pub async fn replayed(&self, replay: Replay) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.replayed(replay).await,
        }
    }
}
