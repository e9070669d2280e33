//! What is old goes: first the values of messages, then the messages. Statistics lose nothing by it.

use kabar_domain::clock::Moment;
use kabar_domain::message::State;
use rusqlite::{Error as SqlError, OptionalExtension as _, Transaction};

use super::Sqlite;
use super::memory::{Memory, before_first, lane_of};
use super::rows::state;
use super::stats::{FACTS, RawFact};
use super::writer::{Command, Failure};
use crate::Error;
use crate::retention::{SweepPlace, Swept};

/// How many messages are looked at in one command, so that nobody waits long behind it.
const AT_ONCE: u32 = 500;

impl Sqlite {
    pub(crate) async fn erase_values(&self, before: Moment, after: Option<SweepPlace>) -> Result<Swept, Error> {
        self.0.writer.run(EraseValues { before, after }).await
    }

    pub(crate) async fn forget_messages(&self, before: Moment, after: Option<SweepPlace>) -> Result<Swept, Error> {
        self.0.writer.run(ForgetMessages { before, after }).await
    }
}

struct EraseValues {
    before: Moment,
    after: Option<SweepPlace>,
}

impl Command for EraseValues {
    type Answer = Swept;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<Swept, Failure> {
        let Some((lane, after)) = place(tx, self.after, "erased_to")? else { return Ok(Swept::default()) };
        let looked = look(tx, lane, after, self.before)?;
        // Up to the first that still waits there is nothing to be looked at again.
        let done_to = looked.old.iter().take_while(|(_, state)| state.is_settled()).last().map(|(id, _)| *id);
        let erased_to: i64 =
            tx.prepare_cached("SELECT erased_to FROM lanes WHERE number = ?1")?.query_row([lane], |row| row.get(0))?;
        if let Some(done_to) = done_to.filter(|_| after <= erased_to.max(before_first(lane))) {
            tx.prepare_cached("UPDATE lanes SET erased_to = ?2 WHERE number = ?1")?.execute((lane, done_to))?;
        }
        let mut swept = Swept { messages: 0, next: Some(looked.next) };
        for (id, _) in looked.old.iter().filter(|(_, state)| state.is_settled()) {
            let n_erased = tx
                .prepare_cached("UPDATE messages SET components = '' WHERE id = ?1 AND components NOT IN ('', '[]')")?
                .execute([id])?;
            swept.messages += n_erased as u64;
        }
        Ok(swept)
    }
}

struct ForgetMessages {
    before: Moment,
    after: Option<SweepPlace>,
}

impl Command for ForgetMessages {
    type Answer = Swept;

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Swept, Failure> {
        let Some((lane, after)) = place(tx, self.after, "0")? else { return Ok(Swept::default()) };
        let looked = look(tx, lane, after, self.before)?;
        let ended: Vec<i64> = looked.old.iter().filter(|(_, state)| state.is_settled()).map(|(id, _)| *id).collect();
        for id in &ended {
            forget(tx, memory, *id)?;
        }
        if let Some(last) = ended.last() {
            tx.prepare_cached(
                "UPDATE lanes SET forgotten = forgotten + ?2, forgotten_to = max(forgotten_to, ?3) WHERE number = ?1",
            )?
            .execute((lane, ended.len() as i64, last))?;
        }
        Ok(Swept { messages: ended.len() as u64, next: Some(looked.next) })
    }
}

/// A message goes, and what statistics know of it stays.
fn forget(tx: &Transaction<'_>, memory: &mut Memory, id: i64) -> Result<(), SqlError> {
    tx.prepare_cached(&format!("SELECT {FACTS} FROM messages m WHERE m.id = ?1"))?
        .query_row([id], RawFact::of_message)?
        .roll_up(tx, lane_of(id))?;
    // A call may be under way whose message the upstream has reported on; its outcome finds nothing then.
    memory.release(tx, id)?;
    for gone in [
        "DELETE FROM message_events WHERE message_id = ?1",
        "DELETE FROM message_notes WHERE message_id = ?1",
        "DELETE FROM replies WHERE message_id = ?1",
        "DELETE FROM retries WHERE of_id = ?1",
        "DELETE FROM retries WHERE by_id = ?1",
        "DELETE FROM waiting WHERE id = ?1",
        "DELETE FROM messages WHERE id = ?1",
    ] {
        tx.prepare_cached(gone)?.execute([id])?;
    }
    Ok(())
}

struct Looked {
    /// The messages that are old enough, in order.
    old: Vec<(i64, State)>,
    /// Where to go on: in this lane, or at the beginning of the next.
    next: SweepPlace,
}

/// The lane in which a step looks, and after which of its messages: where the one before ended, or where the lane's own
/// column says that there is something to be looked at. `None` when there is no lane left.
fn place(tx: &Transaction<'_>, after: Option<SweepPlace>, start: &str) -> Result<Option<(i64, i64)>, SqlError> {
    let after = after.map_or(0, |place| place.0);
    let found: Option<(i64, i64)> = tx
        .prepare_cached(&format!("SELECT number, {start} FROM lanes WHERE number >= ?1 ORDER BY number LIMIT 1"))?
        .query_row([lane_of(after)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(number, start)| (number, after.max(start).max(before_first(number)))))
}

fn look(tx: &Transaction<'_>, lane: i64, after: i64, before: Moment) -> Result<Looked, SqlError> {
    let mut read = tx
        .prepare_cached("SELECT id, state, accepted_at FROM messages WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3")?;
    let mut rows = read.query((after, before_first(lane + 1), AT_ONCE))?;
    let mut old = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(2)? >= before.as_millis() {
            break;
        }
        old.push((row.get(0)?, state(row, 1)?));
    }
    let next = match old.last() {
        Some((last, _)) if old.len() == AT_ONCE as usize => *last,
        _ => before_first(lane + 1),
    };
    Ok(Looked { old, next: SweepPlace(next) })
}
