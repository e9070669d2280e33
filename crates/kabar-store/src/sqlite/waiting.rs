//! Messages that wait for something else than their turn in the lane.

use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use rusqlite::types::Type;
use rusqlite::{Error, Row, Transaction};

use super::memory::lane_of;
use super::rows::unknown;
use crate::ledger::Hold;
use crate::media::FileKey;

/// What a message waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum For<'a> {
    /// To be tried again, from a moment on.
    Turn(Moment),
    /// Evidence, until a moment.
    Evidence(Moment),
    /// What it is held for being put right.
    Release(&'a Hold),
}

/// Has a message wait; for nothing else any more, if it did.
pub(super) fn wait(tx: &Transaction<'_>, id: i64, what: For<'_>) -> Result<(), Error> {
    let (kind, due, hold) = match what {
        For::Turn(due) => (1, due.as_millis(), None),
        For::Evidence(until) => (2, until.as_millis(), None),
        For::Release(hold) => (3, 0, Some(text_of(hold))),
    };
    tx.prepare_cached("INSERT OR REPLACE INTO waiting (id, lane, kind, due_at, hold) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((id, lane_of(id), kind, due, hold))?;
    Ok(())
}

/// Ends a message's waiting, if it did.
pub(super) fn no_longer_waits(tx: &Transaction<'_>, id: i64) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM waiting WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// What a message is held for, as the database has it.
pub(super) fn text_of(hold: &Hold) -> String {
    match hold {
        Hold::Template(seq) => format!("template:{seq}"),
        Hold::Sender(sender) => format!("sender:{sender}"),
        Hold::Media(file) => format!("media:{}", file.to_hex()),
    }
}

/// What a message is held for.
pub(super) fn hold(row: &Row<'_>, column: usize) -> Result<Hold, Error> {
    let text = row.get_ref(column)?.as_str()?;
    let hold = match text.split_once(':') {
        Some(("template", seq)) => seq.parse().ok().map(Hold::Template),
        Some(("sender", id)) => SenderId::parse(id).ok().map(Hold::Sender),
        Some(("media", key)) => FileKey::of_hex(key).map(Hold::Media),
        _ => None,
    };
    hold.ok_or_else(|| unknown(column, Type::Text, "what a message is held for"))
}
