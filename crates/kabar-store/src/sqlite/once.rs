//! Requests that may be repeated.

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::{Error as SqlError, OptionalExtension as _, Transaction};

use super::Sqlite;
use super::forget::{Forget, Kept};
use super::rows::msgid;
use crate::Error;
use crate::once::{Accepted, Fingerprint, Once};

impl Sqlite {
    pub(crate) async fn accepted_before(&self, app: AppId, once: Once) -> Result<Option<Accepted>, Error> {
        self.0.readers.read(move |tx| find(tx, once.key_of(&app), &once)).await
    }

    pub(crate) async fn forget_requests(&self, before: Moment, limit: u32) -> Result<u32, Error> {
        self.0.writer.run(Forget { what: Kept::Requests, before, limit }).await
    }
}

/// What became of the request, if it came before.
fn find(tx: &Transaction<'_>, key: Fingerprint, once: &Once) -> Result<Option<Accepted>, SqlError> {
    tx.prepare_cached(
        "SELECT r.content, m.msgid FROM requests r JOIN messages m ON m.id = r.message_id WHERE r.key = ?1",
    )?
    .query_row([key.0], |row| {
        let is_same = row.get_ref(0)?.as_blob()? == once.content.0;
        Ok(if is_same { Accepted::Before(msgid(row, 1)?) } else { Accepted::KeyTaken })
    })
    .optional()
}

/// Remembers the request and the number that its message is about to have, or says what became of it before. Most requests
/// are new, so it is tried to keep them first.
pub(super) fn keep_or_find(
    tx: &Transaction<'_>,
    app: &AppId,
    once: &Once,
    id: i64,
    at: Moment,
) -> Result<Option<Accepted>, SqlError> {
    let key = once.key_of(app);
    let n_kept = tx
        .prepare_cached(
            "INSERT INTO requests (key, content, message_id, accepted_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (key) DO NOTHING",
        )?
        .execute((key.0, once.content.0, id, at.as_millis()))?;
    if n_kept > 0 { Ok(None) } else { find(tx, key, once) }
}
