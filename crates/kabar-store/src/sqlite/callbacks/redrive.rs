//! Deliveries are made again because somebody asks for it.

use kabar_domain::callback::CallbackId;
use kabar_domain::callback::request::Redrive;
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::{OptionalExtension as _, Transaction};
use uuid::Uuid;

use super::super::Sqlite;
use super::super::memory::Memory;
use super::super::writer::{Command, Failure};
use super::number;
use crate::Error;

/// How many deliveries are looked at in one command.
const CHUNK: u32 = 500;

impl Sqlite {
    pub(crate) async fn redrive_one(
        &self,
        app: AppId,
        id: CallbackId,
        event: Uuid,
        now: Moment,
    ) -> Result<bool, Error> {
        self.0.writer.run(One { app, id, event, now }).await
    }

    pub(crate) async fn redrive(
        &self,
        app: AppId,
        id: CallbackId,
        range: Redrive,
        now: Moment,
    ) -> Result<Option<u64>, Error> {
        let (mut n_redriven, mut after) = (0, (range.from.as_millis(), 0));
        loop {
            let step = Step { app: app.clone(), id, range, now, after };
            let Some(done) = self.0.writer.run(step).await? else { return Ok(None) };
            n_redriven += done.redriven;
            match done.next {
                Some(next) => after = next,
                None => return Ok(Some(n_redriven)),
            }
        }
    }

    /// Makes due what waits for its next try.
    pub(super) async fn hasten(&self, app: AppId, id: CallbackId, now: Moment) -> Result<(), Error> {
        while self.0.writer.run(Hasten { app: app.clone(), id, now }).await? {}
        Ok(())
    }
}

struct One {
    app: AppId,
    id: CallbackId,
    event: Uuid,
    now: Moment,
}

impl Command for One {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let Some(callback) = number(tx, &self.app, self.id)? else { return Ok(false) };
        let found = tx
            .prepare_cached("SELECT id, state, stream FROM deliveries WHERE callback = ?1 AND event = ?2")?
            .query_row((callback, self.event.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((delivery, state, stream)) = found else { return Ok(false) };
        again(tx, callback, Ended { delivery, state, stream }, self.now)?;
        Ok(true)
    }
}

/// A delivery as it is found.
#[derive(Clone, Copy)]
struct Ended {
    delivery: i64,
    state: i64,
    stream: Option<i64>,
}

/// Has a delivery made again, with all tries before it; after what waits of the same stream already. One that comes after
/// another stays where it is.
fn again(tx: &Transaction<'_>, callback: i64, ended: Ended, now: Moment) -> Result<(), rusqlite::Error> {
    if ended.state < 2 {
        tx.prepare_cached("UPDATE deliveries SET at = ?2, tries = 0 WHERE id = ?1 AND state = 0")?
            .execute((ended.delivery, now.as_millis()))?;
        return Ok(());
    }
    tx.prepare_cached(
        "UPDATE deliveries SET at = ?2, tries = 0, state =
         EXISTS (SELECT 1 FROM deliveries WHERE callback = ?3 AND stream = ?4 AND state < 2)
         WHERE id = ?1",
    )?
    .execute((ended.delivery, now.as_millis(), callback, ended.stream))?;
    Ok(())
}

/// Goes through a part of a range. `None` if there is no such callback.
struct Step {
    app: AppId,
    id: CallbackId,
    range: Redrive,
    now: Moment,
    /// Time and number of the last one that was looked at.
    after: (i64, i64),
}

struct Done {
    redriven: u64,
    next: Option<(i64, i64)>,
}

impl Command for Step {
    type Answer = Option<Done>;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<Option<Done>, Failure> {
        let Some(callback) = number(tx, &self.app, self.id)? else { return Ok(None) };
        let found: Vec<(i64, Ended)> = tx
            .prepare_cached(
                "SELECT occurred_at, id, state, stream FROM deliveries
                 WHERE callback = ?1 AND (occurred_at, id) > (?2, ?3) AND occurred_at < ?4
                 ORDER BY occurred_at, id LIMIT ?5",
            )?
            .query_map((callback, self.after.0, self.after.1, self.range.to.as_millis(), CHUNK), |row| {
                Ok((row.get(0)?, Ended { delivery: row.get(1)?, state: row.get(2)?, stream: row.get(3)? }))
            })?
            .collect::<Result<_, _>>()?;
        let mut redriven = 0;
        for (_, ended) in &found {
            if ended.state == 3 || (ended.state == 2 && self.range.delivered_too) {
                again(tx, callback, *ended, self.now)?;
                redriven += 1;
            }
        }
        let next = found.last().filter(|_| found.len() == CHUNK as usize).map(|(at, ended)| (*at, ended.delivery));
        Ok(Some(Done { redriven, next }))
    }
}

/// `true` while there may be more.
struct Hasten {
    app: AppId,
    id: CallbackId,
    now: Moment,
}

impl Command for Hasten {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let Some(callback) = number(tx, &self.app, self.id)? else { return Ok(false) };
        let n_hastened = tx
            .prepare_cached(
                "UPDATE deliveries SET at = ?2 WHERE id IN
                 (SELECT id FROM deliveries WHERE callback = ?1 AND state = 0 AND at > ?2 LIMIT ?3)",
            )?
            .execute((callback, self.now.as_millis(), CHUNK))?;
        Ok(n_hastened == CHUNK as usize)
    }
}
