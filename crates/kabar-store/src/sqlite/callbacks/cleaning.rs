//! What nobody needs any more goes, step by step.

use kabar_domain::clock::Moment;
use rusqlite::{OptionalExtension as _, Transaction};

use super::super::Sqlite;
use super::super::memory::Memory;
use super::super::writer::{Command, Failure};
use super::queue::next_of_stream;
use crate::Error;
use crate::callback::Cleaned;

impl Sqlite {
    pub(crate) async fn clean_deliveries(&self, before: Moment, now: Moment, limit: u32) -> Result<Cleaned, Error> {
        self.0.writer.run(Clean { before, now, limit }).await
    }
}

struct Clean {
    before: Moment,
    now: Moment,
    limit: u32,
}

impl Command for Clean {
    type Answer = Cleaned;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<Cleaned, Failure> {
        let mut cleaned = Cleaned { removed: self.ended(tx)?, given_up: 0 };
        if cleaned.removed == 0 {
            cleaned.removed = self.of_a_removed_callback(tx)?;
        }
        if cleaned.removed == 0 {
            cleaned.given_up = self.waited_in_vain(tx)?;
        }
        Ok(cleaned)
    }
}

impl Clean {
    fn ended(&self, tx: &Transaction<'_>) -> Result<u64, rusqlite::Error> {
        let ids: Vec<i64> = tx
            .prepare_cached("SELECT id FROM deliveries WHERE state >= 2 AND at < ?1 ORDER BY at LIMIT ?2")?
            .query_map((self.before.as_millis(), self.limit), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        remove(tx, &ids)
    }

    fn of_a_removed_callback(&self, tx: &Transaction<'_>) -> Result<u64, rusqlite::Error> {
        let callback: Option<i64> = tx
            .prepare_cached("SELECT number FROM callbacks WHERE removed_at IS NOT NULL ORDER BY number LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        let Some(callback) = callback else { return Ok(0) };
        let ids: Vec<i64> = tx
            .prepare_cached("SELECT id FROM deliveries WHERE callback = ?1 LIMIT ?2")?
            .query_map((callback, self.limit), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if ids.is_empty() {
            tx.prepare_cached("DELETE FROM callbacks WHERE number = ?1")?.execute([callback])?;
            return Ok(1);
        }
        remove(tx, &ids)
    }

    /// Whose callback is paused, and has been for too long. They are kept once more as long, to be asked for again.
    fn waited_in_vain(&self, tx: &Transaction<'_>) -> Result<u64, rusqlite::Error> {
        let waiting: Vec<(i64, i64, Option<i64>)> = tx
            .prepare_cached(
                "SELECT d.id, d.callback, d.stream FROM callbacks c JOIN deliveries d ON d.callback = c.number
                 WHERE c.paused_at IS NOT NULL AND d.state = 0 AND d.at < ?1 LIMIT ?2",
            )?
            .query_map((self.before.as_millis(), self.limit), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        for (id, callback, stream) in &waiting {
            tx.prepare_cached("UPDATE deliveries SET state = 3, at = ?2 WHERE id = ?1")?
                .execute((id, self.now.as_millis()))?;
            next_of_stream(tx, *callback, *stream)?;
        }
        Ok(waiting.len() as u64)
    }
}

fn remove(tx: &Transaction<'_>, ids: &[i64]) -> Result<u64, rusqlite::Error> {
    for id in ids {
        tx.prepare_cached("DELETE FROM delivery_calls WHERE delivery = ?1")?.execute([id])?;
        tx.prepare_cached("DELETE FROM deliveries WHERE id = ?1")?.execute([id])?;
    }
    Ok(ids.len() as u64)
}
