//! Files that were uploaded for messages.

use kabar_domain::clock::Moment;

use super::{Engine, Store};
use crate::Error;
use crate::media::{FileKey, SentMedia};

impl Store {
    /// The files that were uploaded for messages.
    pub async fn sent_media(&self) -> Result<Vec<SentMedia>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.sent_media().await,
        }
    }

    /// Keeps a file that was uploaded for messages, in place of an earlier one with its key.
    pub async fn keep_sent_media(&self, media: SentMedia) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.keep_sent_media(media).await,
        }
    }

    /// Forgets a file that was uploaded for messages, if it is known.
    pub async fn forget_sent_media(&self, key: FileKey) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.forget_sent_media(key).await,
        }
    }

    /// Forgets the files that were uploaded before `before`, and of the others all but the newest `most`; answers how many.
    pub async fn sweep_sent_media(&self, before: Moment, most: u32) -> Result<u32, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.sweep_sent_media(before, most).await,
        }
    }
}
