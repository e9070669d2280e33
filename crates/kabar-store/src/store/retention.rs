//! Statistics, and what is erased and forgotten.

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;

use super::{Engine, Store};
use crate::Error;
use crate::retention::{Erasure, SweepPlace, Swept};
use crate::stats::Piece;

/// A walk over an app's messages of a span of time, in pieces between which others read and write.
pub struct StatsWalk(crate::sqlite::StatsWalk);

impl std::fmt::Debug for StatsWalk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("StatsWalk").finish_non_exhaustive()
    }
}

impl StatsWalk {
    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Piece>, Error> {
        self.0.next().await
    }

    /// Whether all pieces together count every message once; to be asked at the end. Where messages were forgotten
    /// meanwhile they may not, and the walk is to be made again.
    pub async fn is_whole(&self) -> Result<bool, Error> {
        self.0.is_whole().await
    }
}

impl Store {
    /// Walks over what an app accepted from a moment until before another; both are beginnings of quarters of an hour.
    /// What was forgotten is told like what is there.
    pub async fn walk_stats(&self, app: &AppId, from: Moment, to: Moment) -> Result<StatsWalk, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.walk_stats(app.clone(), from, to).await.map(StatsWalk),
        }
    }

    /// A step of erasing the values of messages that were accepted before `before` and have ended. It begins at the first
    /// lane, or goes on where the last step ended.
    pub async fn erase_values(&self, before: Moment, after: Option<SweepPlace>) -> Result<Swept, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.erase_values(before, after).await,
        }
    }

    /// A step of forgetting messages that were accepted before `before` and have ended, with all that happened to them.
    /// Statistics stay as they are.
    pub async fn forget_messages(&self, before: Moment, after: Option<SweepPlace>) -> Result<Swept, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.forget_messages(before, after).await,
        }
    }

    /// Keeps the wish that a recipient is erased from all that an app has until now. It is carried out by the process that
    /// serves.
    pub async fn ask_erasure(&self, app: &AppId, recipient: &PhoneNumber, at: Moment) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.ask_erasure(app.clone(), recipient.clone(), at).await,
        }
    }

    /// The recipients who are to be erased, in the order in which that was asked.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.erasures().await,
        }
    }

    /// Erases a recipient: messages that have not left are cancelled, and of those that have ended only the leading digits
    /// of the number stay. Deliveries say no more. `false` if a message has not ended yet: then it is to be done again. It
    /// walks over all messages; however many they are, other commands are carried out meanwhile. Only for the process
    /// that serves.
    pub async fn carry_out(&self, erasure: &Erasure, now: Moment) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.carry_out(erasure.clone(), now).await,
        }
    }
}
