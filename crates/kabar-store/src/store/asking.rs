//! Questions about messages, one or many.

use kabar_domain::ids::{AppId, Msgid};

use super::{Engine, Store};
use crate::Error;
use crate::ledger::Told;
use crate::search::{Page, Question};

impl Store {
    /// A message of an app with everything that was noted on its way.
    pub async fn noted(&self, app: &AppId, msgid: Msgid) -> Result<Option<Told>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.noted(app.clone(), msgid).await,
        }
    }

    /// Whose message this is.
    pub async fn app_of(&self, msgid: Msgid) -> Result<Option<AppId>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.app_of(msgid).await,
        }
    }

    /// A page of messages, newest first. Costs a bounded amount of work, however many messages there are: where it has to
    /// pass over many, the page is not full, and says where to go on.
    pub async fn search(&self, question: Question) -> Result<Page, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.search(question).await,
        }
    }
}
