//! Reports of messages that are not known yet by the id under which the upstream reports them. They are taken up when the
//! answer of the send tells that id.

use kabar_domain::clock::Moment;
use kabar_domain::message::State;
use kabar_domain::pricing::Pricing;
use rusqlite::{Error as SqlError, Transaction};

use super::Sqlite;
use super::attempts::keep_event;
use super::forget::{Forget, Kept};
use super::memory::Memory;
use super::rows::{moment, reason, state};
use crate::Error;
use crate::ledger::Report;

impl Sqlite {
    pub(crate) async fn forget_uncorrelated(&self, before: Moment, limit: u32) -> Result<u32, Error> {
        self.0.writer.run(Forget { what: Kept::Uncorrelated, before, limit }).await
    }
}

/// Keeps a report for later.
pub(super) fn keep(tx: &Transaction<'_>, memory: &mut Memory, report: &Report) -> Result<(), SqlError> {
    let reason = report.event.reason.as_ref();
    tx.prepare_cached(
        "INSERT OR IGNORE INTO uncorrelated (wamid, state, at, code, text, pricing) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        &report.wamid,
        report.event.state.to_code(),
        report.event.at.as_millis(),
        reason.map(|reason| reason.code),
        reason.map(|reason| reason.text.as_str()),
        report.pricing.map(Pricing::to_code),
    ))?;
    memory.has_uncorrelated = Some(true);
    Ok(())
}

/// Takes up what was reported of a message before its id was known, and answers how far that takes it from `known`. It
/// costs nothing while there are no such reports at all.
pub(super) fn take_up(
    tx: &Transaction<'_>,
    memory: &mut Memory,
    id: i64,
    wamid: &str,
    known: State,
) -> Result<State, SqlError> {
    if !any(tx, memory)? {
        return Ok(known);
    }
    let mut reports =
        tx.prepare_cached("SELECT state, at, code, text, pricing FROM uncorrelated WHERE wamid = ?1 ORDER BY at")?;
    let reports: Vec<_> = reports
        .query_map([wamid], |row| Ok((state(row, 0)?, moment(row, 1)?, reason(row, 2)?, row.get(4)?)))?
        .collect::<Result<_, _>>()?;
    let (mut furthest, mut pricing): (State, Option<i64>) = (known, None);
    for (state, at, reason, told) in &reports {
        keep_event(tx, memory, id, *state, *at, reason.as_ref())?;
        furthest = furthest.after(*state);
        pricing = pricing.max(*told);
    }
    if pricing.is_some() {
        tx.prepare_cached("UPDATE messages SET pricing = max(coalesce(pricing, -1), ?2) WHERE id = ?1")?
            .execute((id, pricing))?;
    }
    if !reports.is_empty() {
        tx.prepare_cached("DELETE FROM uncorrelated WHERE wamid = ?1")?.execute([wamid])?;
    }
    Ok(furthest)
}

fn any(tx: &Transaction<'_>, memory: &mut Memory) -> Result<bool, SqlError> {
    if let Some(known) = memory.has_uncorrelated {
        return Ok(known);
    }
    let any = tx.prepare_cached("SELECT 1 FROM uncorrelated LIMIT 1")?.exists([])?;
    memory.has_uncorrelated = Some(any);
    Ok(any)
}
