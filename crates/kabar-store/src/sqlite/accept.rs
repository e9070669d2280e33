//! Messages come in.

use kabar_domain::message::State;
use rusqlite::Transaction;

use super::Sqlite;
use super::memory::Memory;
use super::writer::{Command, Failure};
use crate::Error;
use crate::ledger::NewMessage;

impl Sqlite {
    pub(crate) async fn accept(&self, message: NewMessage) -> Result<(), Error> {
        self.0.writer.run(Accept(message)).await
    }
}

struct Accept(NewMessage);

impl Command for Accept {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<(), Failure> {
        let Self(message) = self;
        let lane = memory.lane_of_app(tx, &message.app, &message.lane)?;
        let id = lane.last_id + 1;
        tx.prepare_cached(
            "INSERT INTO messages
             (id, msgid, app, template, recipient, components, state, attempts, accepted_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)",
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
        ))?;
        lane.last_id = id;
        Ok(())
    }
}
