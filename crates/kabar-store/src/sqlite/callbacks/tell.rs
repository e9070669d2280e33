//! What there is to tell is written down beside what happened, in the same transaction.

use kabar_domain::callback::{CallbackId, EventType, payload};
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::Transaction;
use uuid::Uuid;

use super::super::Sqlite;
use super::super::memory::Memory;
use super::super::writer::{Command, Failure};
use super::number;
use crate::Error;

impl Sqlite {
    pub(crate) async fn test_callback(
        &self,
        app: AppId,
        id: CallbackId,
        event: Uuid,
        at: Moment,
    ) -> Result<bool, Error> {
        self.0.writer.run(Test { app, id, event, at }).await
    }
}

struct Test {
    app: AppId,
    id: CallbackId,
    event: Uuid,
    at: Moment,
}

impl Command for Test {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let Some(number) = number(tx, &self.app, self.id)? else { return Ok(false) };
        let told = Told { event: self.event, kind: EventType::Test, stream: None, at: self.at };
        put(tx, number, told, &payload::test(self.at, &self.app))?;
        Ok(true)
    }
}

/// What is told, beside its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// The event's id.
    pub(super) event: Uuid,
    /// Its type.
    pub(super) kind: EventType,
    /// What it is about.
    pub(super) stream: Option<i64>,
    /// When it happened.
    pub(super) at: Moment,
}

/// Has a callback told of an event, unless it is told already; after what it is told of the same thing before.
pub(super) fn put(tx: &Transaction<'_>, callback: i64, told: Told, body: &str) -> Result<(), rusqlite::Error> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO deliveries (callback, event, kind, stream, body, occurred_at, state, at, calls, tries)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6,
                 EXISTS (SELECT 1 FROM deliveries WHERE callback = ?1 AND stream = ?4 AND state < 2), ?6, 0, 0)",
    )?
    .execute((callback, told.event.as_bytes(), told.kind.as_str(), told.stream, body, told.at.as_millis()))?;
    Ok(())
}
