//! Ends that are not the outcome of an attempt.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Reason, State, own_code};
use rusqlite::{Error as SqlError, OptionalExtension as _, Transaction};

use super::Sqlite;
use super::attempts::keep_event;
use super::memory::Memory;
use super::rows::state;
use super::waiting::no_longer_waits;
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::ledger::TakenBack;

impl Sqlite {
    pub(crate) async fn take_back(&self, app: AppId, msgid: Msgid, now: Moment) -> Result<Option<TakenBack>, Error> {
        self.must_serve()?;
        self.0.writer.run(TakeBack { app, msgid, now }).await
    }
}

struct TakeBack {
    app: AppId,
    msgid: Msgid,
    now: Moment,
}

impl Command for TakeBack {
    type Answer = Option<TakenBack>;

    const AROUND: Around = Some((KillPoint::BeforeCancel, KillPoint::AfterCancel));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Option<TakenBack>, Failure> {
        let Some((id, state)) = find(tx, &self.app, self.msgid)? else { return Ok(None) };
        if state == State::Cancelled {
            return Ok(Some(TakenBack::Done));
        }
        if state != State::Accepted {
            return Ok(Some(TakenBack::TooLate(state)));
        }
        // Attempts are begun by this same thread, so none can be begun between the question and the end.
        if memory.is_under_way(tx, id)? {
            return Ok(Some(TakenBack::TooLate(State::BeingSent)));
        }
        let reason = Reason { code: own_code::CANCELLED, text: "it was taken back before it left".to_owned() };
        end(tx, memory, id, state, State::Cancelled, self.now, reason)?;
        Ok(Some(TakenBack::Done))
    }
}

/// An app's message, and how far it has come.
pub(super) fn find(tx: &Transaction<'_>, app: &AppId, msgid: Msgid) -> Result<Option<(i64, State)>, SqlError> {
    tx.prepare_cached("SELECT id, state FROM messages WHERE msgid = ?1 AND app = ?2")?
        .query_row((msgid.as_bytes(), app.as_str()), |row| Ok((row.get(0)?, state(row, 1)?)))
        .optional()
}

/// Ends a message that is in a state, as another that is declared here.
pub(super) fn end(
    tx: &Transaction<'_>,
    memory: &mut Memory,
    id: i64,
    old: State,
    declared: State,
    at: Moment,
    reason: Reason,
) -> Result<(), SqlError> {
    let Some(new) = old.ended(declared) else { return Ok(()) };
    let reason = if new == declared { reason } else { reason.after_lost_answer() };
    keep_event(tx, memory, id, new, at, Some(&reason))?;
    no_longer_waits(tx, id)?;
    let ended = if memory.is_secret(tx, id)? {
        "UPDATE messages SET state = ?2, components = '' WHERE id = ?1"
    } else {
        "UPDATE messages SET state = ?2 WHERE id = ?1"
    };
    tx.prepare_cached(ended)?.execute((id, new.to_code()))?;
    Ok(())
}
