//! Messages come in.

use kabar_domain::message::State;
use rusqlite::Transaction;

use super::Sqlite;
use super::memory::Memory;
use super::once;
use super::rows::at_send_code;
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::ledger::NewMessage;
use crate::once::{Accepted, Once};

impl Sqlite {
    pub(crate) async fn accept(&self, message: NewMessage) -> Result<(), Error> {
        self.0.writer.run(Accept { message, once: None }).await.map(drop)
    }

    pub(crate) async fn accept_once(&self, message: NewMessage, once: Once) -> Result<Accepted, Error> {
        self.0.writer.run(Accept { message, once: Some(once) }).await
    }
}

struct Accept {
    message: NewMessage,
    once: Option<Once>,
}

impl Command for Accept {
    type Answer = Accepted;

    const AROUND: Around = Some((KillPoint::BeforeAccept, KillPoint::AfterAccept));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Accepted, Failure> {
        let message = &self.message;
        if let Some(once) = &self.once {
            let id = memory.lane_of_app(tx, &message.app, &message.lane)?.last_id + 1;
            // Nobody else writes meanwhile, so of requests that come at once the first is new, and the others find it.
            if let Some(before) = once::keep_or_find(tx, &message.app, once, id, message.accepted_at)? {
                return Ok(before);
            }
        }
        append(tx, memory, message)?;
        Ok(Accepted::New)
    }
}

/// Puts a message at the end of its lane.
pub(super) fn append(tx: &Transaction<'_>, memory: &mut Memory, message: &NewMessage) -> Result<i64, rusqlite::Error> {
    let lane = memory.lane_of_app(tx, &message.app, &message.lane)?;
    let id = lane.last_id + 1;
    tx.prepare_cached(
        "INSERT INTO messages
         (id, msgid, app, template, recipient, components, state, attempts, accepted_at, expires_at, media)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)",
    )?
    .execute((
        id,
        message.msgid.as_bytes(),
        message.app.as_str(),
        message.template,
        message.recipient.as_e164(),
        &message.components,
        State::Accepted.to_code(),
        message.accepted_at.as_millis(),
        message.expires_at.as_millis(),
        message.media.map(at_send_code),
    ))?;
    lane.last_id = id;
    Ok(id)
}
