//! Recipients who get no marketing.

use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;

use super::{Engine, Store};
use crate::Error;
use crate::suppression::{Preference, Query, StopReply, Suppression, Wish};

impl Store {
    /// Keeps what recipients wish, in their order, a few thousand in a transaction; answers for how many that was a change.
    /// If it breaks off, those at the beginning are kept, and to say all once more changes nothing for them. What a
    /// recipient said before what is known of them changes nothing. [`Error::NoSuchApp`].
    pub async fn suppress(&self, wishes: Vec<Wish>) -> Result<u64, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.suppress(wishes).await,
        }
    }

    /// Keeps what the upstream reports of recipients' choices; answers whether anything changed.
    pub async fn prefer(&self, preferences: Vec<Preference>) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.prefer(preferences).await,
        }
    }

    /// Keeps which quick replies were pressed, if they are ones that stop marketing; answers whether anything changed.
    pub async fn stop_by_reply(&self, replies: Vec<StopReply>) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.stop_by_reply(replies).await,
        }
    }

    /// Says by which quick replies recipients stop an app's marketing. [`Error::NoSuchApp`].
    pub async fn set_stop_replies(&self, app: &AppId, texts: Vec<String>) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.set_stop_replies(app.clone(), texts).await,
        }
    }

    /// By which quick replies recipients stop an app's marketing; `None` if there is no such app.
    pub async fn stop_replies(&self, app: &AppId) -> Result<Option<Vec<String>>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.stop_replies(app.clone()).await,
        }
    }

    /// Whether a recipient gets no marketing of an app, and since when and why.
    pub async fn suppression(&self, app: &AppId, recipient: &PhoneNumber) -> Result<Option<Suppression>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.suppression(app.clone(), recipient.clone()).await,
        }
    }

    /// Recipients who get no marketing of an app, in the order of their numbers, at most `limit`.
    pub async fn suppressions(&self, app: &AppId, query: Query, limit: u32) -> Result<Vec<Suppression>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.suppressions(app.clone(), query, limit).await,
        }
    }

    /// What changed after the change of this number (0 for none), of all apps, at most `limit`.
    pub async fn suppression_changes(&self, after: i64, limit: u32) -> Result<Vec<Suppression>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.suppression_changes(after, limit).await,
        }
    }
}
