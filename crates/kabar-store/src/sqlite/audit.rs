//! A look at every message, from outside of what works on them.

use rusqlite::{Row, Transaction};

use super::Sqlite;
use super::rows::{lane, msgid, state};
use crate::Error;
use crate::ledger::{Audited, MessageKey, Whereabouts};

impl Sqlite {
    pub(crate) async fn audit(&self, after: Option<MessageKey>, limit: u32) -> Result<Vec<Audited>, Error> {
        let after = after.map_or(0, |key| key.0);
        self.0.readers.read(move |tx| audit(tx, after, limit)).await
    }
}

/// Where each message is is read from all tables that could say so, and not from what the writer goes by.
fn audit(tx: &Transaction<'_>, after: i64, limit: u32) -> Result<Vec<Audited>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT m.id, m.msgid, l.sender, l.class, m.state, m.id > l.claimed_to, w.kind,
             EXISTS (SELECT 1 FROM claims c WHERE m.id BETWEEN c.first_id AND c.last_id),
             (SELECT count(*) FROM message_events e WHERE e.message_id = m.id AND e.state = 10)
         FROM messages m JOIN lanes l ON l.number = m.id >> 40 LEFT JOIN waiting w ON w.id = m.id
         WHERE m.id > ?1 ORDER BY m.id LIMIT ?2",
    )?
    .query_map((after, limit), audited)?
    .collect()
}

fn audited(row: &Row<'_>) -> Result<Audited, rusqlite::Error> {
    let state = state(row, 4)?;
    let in_order: bool = row.get(5)?;
    let kind: Option<i64> = row.get(6)?;
    let claimed: bool = row.get(7)?;
    let whereabouts = match kind {
        _ if state.is_settled() => Whereabouts::Ended,
        Some(1) => Whereabouts::Waiting,
        Some(2) => Whereabouts::InDoubt,
        Some(3) => Whereabouts::Held,
        Some(_) => Whereabouts::Nowhere,
        None if in_order => Whereabouts::Waiting,
        None if claimed => Whereabouts::BeingSent,
        None => Whereabouts::Nowhere,
    };
    Ok(Audited {
        key: MessageKey(row.get(0)?),
        msgid: msgid(row, 1)?,
        lane: lane(row, 2)?,
        state,
        whereabouts,
        doubts: row.get(8)?,
    })
}
