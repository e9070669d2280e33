//! What was learnt of the upstream's limits.

use kabar_domain::ids::{SenderId, WabaId};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::directory::changed;
use super::memory::Memory;
use super::rows::{moment, unknown};
use super::writer::{Command, Failure};
use crate::Error;
use crate::learnt::{Learnt, Limit};

impl Sqlite {
    pub(crate) async fn learn(&self, learnt: Learnt) -> Result<bool, Error> {
        self.0.writer.run(Learn(learnt)).await
    }
}

struct Learn(Learnt);

impl Command for Learn {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let Self(Learnt { limit, value, at }) = self;
        let what = text_of(limit);
        let known: Option<(u32, i64)> = tx
            .prepare_cached("SELECT value, learnt_at FROM learnt_limits WHERE what = ?1")?
            .query_row([&what], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        // What was reported before what is known comes late, or once more.
        if known.is_some_and(|(known, since)| known == *value || since > at.as_millis()) {
            return Ok(false);
        }
        tx.prepare_cached("INSERT OR REPLACE INTO learnt_limits (what, value, learnt_at) VALUES (?1, ?2, ?3)")?
            .execute((&what, value, at.as_millis()))?;
        changed(tx)?;
        Ok(true)
    }
}

/// All that was learnt.
pub(super) fn learnt(tx: &Transaction<'_>) -> Result<Vec<Learnt>, rusqlite::Error> {
    tx.prepare_cached("SELECT what, value, learnt_at FROM learnt_limits")?
        .query_map([], |row| Ok(Learnt { limit: limit(row, 0)?, value: row.get(1)?, at: moment(row, 2)? }))?
        .collect()
}

fn text_of(limit: &Limit) -> String {
    match limit {
        Limit::Throughput(sender) => format!("throughput:{sender}"),
        Limit::DailyRecipients(waba) => format!("daily:{waba}"),
    }
}

fn limit(row: &Row<'_>, column: usize) -> Result<Limit, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    let limit = match text.split_once(':') {
        Some(("throughput", id)) => SenderId::parse(id).ok().map(Limit::Throughput),
        Some(("daily", id)) => WabaId::parse(id).ok().map(Limit::DailyRecipients),
        _ => None,
    };
    limit.ok_or_else(|| unknown(column, Type::Text, "a limit of the upstream's"))
}
