//! Messages that are sent once more, on purpose.

use kabar_domain::ids::Msgid;
use kabar_domain::phone::PhoneNumber;
use rusqlite::{Error as SqlError, OptionalExtension as _, Transaction};

use super::Sqlite;
use super::accept::append;
use super::ends::find;
use super::memory::Memory;
use super::rows::{at_send, msgid, parsed};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::ledger::{NewMessage, Retried, Retry};

impl Sqlite {
    pub(crate) async fn retry(&self, retry: Retry) -> Result<Option<Retried>, Error> {
        self.0.writer.run(SendAgain(retry)).await
    }
}

struct SendAgain(Retry);

impl Command for SendAgain {
    type Answer = Option<Retried>;

    const AROUND: Around = Some((KillPoint::BeforeRetry, KillPoint::AfterRetry));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Option<Retried>, Failure> {
        let Self(retry) = self;
        let Some((of, state)) = find(tx, &retry.app, retry.of)? else { return Ok(None) };
        if let Some(before) = retried_as(tx, of)? {
            return Ok(Some(Retried::Before(before)));
        }
        if !state.is_failure() {
            return Ok(Some(Retried::NotFailed(state)));
        }
        let message = tx
            .prepare_cached("SELECT template, recipient, components, media FROM messages WHERE id = ?1")?
            .query_row([of], |row| {
            Ok(NewMessage {
                msgid: retry.msgid,
                app: retry.app.clone(),
                lane: retry.lane.clone(),
                template: row.get(0)?,
                recipient: parsed(row, 1, PhoneNumber::kept)?,
                components: row.get(2)?,
                media: at_send(row, 3)?,
                accepted_at: retry.at,
                expires_at: retry.expires_at,
            })
        })?;
        if message.components.is_empty() {
            return Ok(Some(Retried::Erased));
        }
        let by = append(tx, memory, &message)?;
        tx.prepare_cached("INSERT INTO retries (of_id, by_id) VALUES (?1, ?2)")?.execute((of, by))?;
        Ok(Some(Retried::New))
    }
}

/// The message that was sent in the place of this one.
pub(super) fn retried_as(tx: &Transaction<'_>, id: i64) -> Result<Option<Msgid>, SqlError> {
    tx.prepare_cached("SELECT m.msgid FROM retries r JOIN messages m ON m.id = r.by_id WHERE r.of_id = ?1")?
        .query_row([id], |row| msgid(row, 0))
        .optional()
}

/// The message in whose place this one was sent.
pub(super) fn retry_of(tx: &Transaction<'_>, id: i64) -> Result<Option<Msgid>, SqlError> {
    tx.prepare_cached("SELECT m.msgid FROM retries r JOIN messages m ON m.id = r.of_id WHERE r.by_id = ?1")?
        .query_row([id], |row| msgid(row, 0))
        .optional()
}
