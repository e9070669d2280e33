//! Messages that are held until something is put right.

use std::collections::BTreeSet;

use kabar_domain::clock::Moment;
use kabar_domain::message::Lane;
use rusqlite::{OptionalExtension as _, Transaction};

use super::Sqlite;
use super::memory::{Memory, lane_of};
use super::notes;
use super::rows::lane;
use super::waiting::{hold, text_of};
use super::writer::{Command, Failure};
use crate::Error;
use crate::ledger::Hold;

/// How many messages are let go in one transaction.
const CHUNK: u32 = 4096;

impl Sqlite {
    pub(crate) async fn holds(&self) -> Result<Vec<Hold>, Error> {
        self.0.readers.read(holds).await
    }

    pub(crate) async fn release_held(&self, hold: Hold, now: Moment) -> Result<Vec<Lane>, Error> {
        let hold = text_of(&hold);
        let mut lanes = BTreeSet::new();
        loop {
            let released = self.0.writer.run(Release { hold: hold.clone(), now }).await?;
            let is_last = released.n_messages < CHUNK as usize;
            lanes.extend(released.lanes);
            if is_last {
                return Ok(lanes.into_iter().collect());
            }
        }
    }
}

/// Goes from one to the next by the index, so that it costs a look-up for each, however many messages are held.
fn holds(tx: &Transaction<'_>) -> Result<Vec<Hold>, rusqlite::Error> {
    let mut next = tx.prepare_cached("SELECT hold FROM waiting WHERE kind = 3 AND hold > ?1 ORDER BY hold LIMIT 1")?;
    let mut found = Vec::new();
    let mut last = String::new();
    while let Some(one) = next.query_row([&last], |row| hold(row, 0)).optional()? {
        last = text_of(&one);
        found.push(one);
    }
    Ok(found)
}

/// Lets a part of what is held for one thing go.
struct Release {
    hold: String,
    now: Moment,
}

struct Released {
    n_messages: usize,
    lanes: Vec<Lane>,
}

impl Command for Release {
    type Answer = Released;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<Released, Failure> {
        let ids: Vec<i64> = tx
            .prepare_cached("SELECT id FROM waiting WHERE kind = 3 AND hold = ?1 ORDER BY id LIMIT ?2")?
            .query_map((&self.hold, CHUNK), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut lanes = Vec::new();
        // One lane's messages are next to one another.
        for of_lane in ids.chunk_by(|a, b| lane_of(*a) == lane_of(*b)) {
            let (Some(first), Some(last)) = (of_lane.first(), of_lane.last()) else { continue };
            tx.prepare_cached(
                "UPDATE waiting SET kind = 1, due_at = ?4, hold = NULL
                 WHERE kind = 3 AND hold = ?1 AND id BETWEEN ?2 AND ?3",
            )?
            .execute((&self.hold, first, last, self.now.as_millis()))?;
            for id in of_lane {
                notes::keep(tx, *id, &notes::released(self.now))?;
            }
            lanes.push(
                tx.prepare_cached("SELECT sender, class FROM lanes WHERE number = ?1")?
                    .query_row([lane_of(*first)], |row| lane(row, 0))?,
            );
        }
        Ok(Released { n_messages: ids.len(), lanes })
    }
}
