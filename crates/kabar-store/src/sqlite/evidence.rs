//! What the upstream reports of messages.

use kabar_domain::message::State;
use kabar_domain::pricing::Pricing;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::attempts::keep_event;
use super::memory::Memory;
use super::rows::state;
use super::uncorrelated;
use super::waiting::no_longer_waits;
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::ledger::{Recorded, Report};

impl Sqlite {
    pub(crate) async fn record(&self, reports: Vec<Report>) -> Result<Vec<Recorded>, Error> {
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        self.0.writer.run(Record(reports)).await
    }
}

struct Record(Vec<Report>);

impl Command for Record {
    type Answer = Vec<Recorded>;

    const AROUND: Around = Some((KillPoint::BeforeRecord, KillPoint::AfterRecord));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Vec<Recorded>, Failure> {
        self.0.iter().map(|report| record(tx, memory, report).map_err(Failure::from)).collect()
    }
}

struct Known {
    id: i64,
    state: State,
    has_wamid: bool,
    pricing: Option<i64>,
}

fn record(tx: &Transaction<'_>, memory: &mut Memory, report: &Report) -> Result<Recorded, rusqlite::Error> {
    let Some(known) = find(tx, report)? else {
        uncorrelated::keep(tx, memory, report)?;
        return Ok(Recorded::Uncorrelated);
    };
    let event = &report.event;
    if !known.has_wamid {
        tx.prepare_cached("UPDATE messages SET wamid = ?2 WHERE id = ?1")?.execute((known.id, &report.wamid))?;
    }
    let is_new = keep_event(tx, memory, known.id, event.state, event.at, event.reason.as_ref())?;
    let state = known.state.after(event.state);
    // Nothing told is less than anything.
    let pricing = known.pricing.max(report.pricing.map(Pricing::to_code));
    if state != known.state || pricing != known.pricing {
        let became = if state.is_settled() && memory.is_secret(tx, known.id)? {
            "UPDATE messages SET state = ?2, pricing = ?3, components = '' WHERE id = ?1"
        } else {
            "UPDATE messages SET state = ?2, pricing = ?3 WHERE id = ?1"
        };
        tx.prepare_cached(became)?.execute((known.id, state.to_code(), pricing))?;
        if state != known.state && state.is_settled() {
            no_longer_waits(tx, known.id)?;
        }
    }
    Ok(if is_new { Recorded::New } else { Recorded::Known })
}

/// By our own id if it is told; a message that was sent twice has two of the upstream's, of which only the newest is kept.
fn find(tx: &Transaction<'_>, report: &Report) -> Result<Option<Known>, rusqlite::Error> {
    if let Some(msgid) = report.msgid {
        let known = tx
            .prepare_cached("SELECT id, state, wamid IS NOT NULL, pricing FROM messages WHERE msgid = ?1")?
            .query_row([msgid.as_bytes()], found)
            .optional()?;
        if known.is_some() {
            return Ok(known);
        }
    }
    tx.prepare_cached("SELECT id, state, wamid IS NOT NULL, pricing FROM messages WHERE wamid = ?1")?
        .query_row([&report.wamid], found)
        .optional()
}

fn found(row: &Row<'_>) -> Result<Known, rusqlite::Error> {
    Ok(Known { id: row.get(0)?, state: state(row, 1)?, has_wamid: row.get(2)?, pricing: row.get(3)? })
}
