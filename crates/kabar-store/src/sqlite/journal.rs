//! Webhook calls, kept byte for byte.

use kabar_domain::clock::Moment;
use rusqlite::types::Type;
use rusqlite::{Error as SqlError, OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::forget::{Forget, Kept};
use super::memory::Memory;
use super::rows::{moment, unknown};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::journal::{CallHead, KeptCall, MOST_REFUSED, NewCall, Place, Range, Replay, Tally, packed, unpacked};
use crate::kill::KillPoint;

/// Bodies from this many bytes on are packed off the async threads.
const LONG: usize = 64 * 1024;

impl Sqlite {
    pub(crate) async fn keep_call(&self, call: NewCall) -> Result<u64, Error> {
        let keep = if call.body.len() < LONG {
            Keep::of(call)
        } else {
            let packing = tokio::task::spawn_blocking(move || Keep::of(call)).await;
            packing.map_err(|_| Error::Engine("the packing of a body ended by a panic".to_owned()))?
        };
        let n_kept = keep.body.len() as u64;
        self.0.writer.run(keep).await?;
        Ok(n_kept)
    }

    pub(crate) async fn calls(&self, range: Range, after: Place, limit: u32) -> Result<Vec<CallHead>, Error> {
        self.0.readers.read(move |tx| heads(tx, range, after, limit)).await
    }

    pub(crate) async fn call(&self, id: i64) -> Result<Option<KeptCall>, Error> {
        self.0.readers.read(move |tx| call(tx, id)).await
    }

    pub(crate) async fn forget_calls(&self, before: Moment, limit: u32) -> Result<u32, Error> {
        self.0.writer.run(Forget { what: Kept::Calls, before, limit }).await
    }

    pub(crate) async fn ask_for_replay(&self, range: Range, at: Moment) -> Result<i64, Error> {
        self.0.writer.run(Ask { range, at }).await
    }

    pub(crate) async fn next_replay(&self) -> Result<Option<Replay>, Error> {
        self.0.readers.read(|tx| replay(tx, "done_at IS NULL ORDER BY id LIMIT 1", None)).await
    }

    pub(crate) async fn replay(&self, id: i64) -> Result<Option<Replay>, Error> {
        self.0.readers.read(move |tx| replay(tx, "id = ?1", Some(id))).await
    }

    pub(crate) async fn replayed(&self, replay: Replay) -> Result<(), Error> {
        self.0.writer.run(Replayed(replay)).await
    }
}

struct Keep {
    received_at: Moment,
    signed_by: Option<String>,
    signature: Option<String>,
    n_bytes: u32,
    /// As it is to lie on the disk.
    body: Vec<u8>,
}

impl Keep {
    fn of(call: NewCall) -> Self {
        let NewCall { received_at, signed_by, signature, body } = call;
        let n_bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Self { received_at, signed_by, signature, n_bytes, body: packed(&body).unwrap_or(body) }
    }
}

impl Command for Keep {
    type Answer = ();

    const AROUND: Around = Some((KillPoint::BeforeJournal, KillPoint::AfterJournal));

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        tx.prepare_cached(
            "INSERT INTO webhook_calls (received_at, signed_by, signature, n_bytes, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            self.received_at.as_millis(),
            &self.signed_by,
            &self.signature,
            self.n_bytes,
            &self.body,
        ))?;
        if self.signed_by.is_none() {
            tx.prepare_cached(
                "DELETE FROM webhook_calls WHERE id IN (SELECT id FROM webhook_calls INDEXED BY webhook_calls_refused
                 WHERE signed_by IS NULL ORDER BY id DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([MOST_REFUSED])?;
        }
        Ok(())
    }
}

fn heads(tx: &Transaction<'_>, range: Range, after: Place, limit: u32) -> Result<Vec<CallHead>, SqlError> {
    tx.prepare_cached(
        "SELECT id, received_at, signed_by, n_bytes, length(body) FROM webhook_calls
         WHERE (received_at, id) > (?1, ?2) AND received_at < ?3 ORDER BY received_at, id LIMIT ?4",
    )?
    .query_map((after.at.as_millis(), after.id, range.to.as_millis(), limit), |row| {
        Ok(CallHead {
            id: row.get(0)?,
            received_at: moment(row, 1)?,
            signed_by: row.get(2)?,
            n_bytes: row.get(3)?,
            n_kept: row.get(4)?,
        })
    })?
    .collect()
}

fn call(tx: &Transaction<'_>, id: i64) -> Result<Option<KeptCall>, SqlError> {
    tx.prepare_cached("SELECT received_at, signed_by, signature, n_bytes, body FROM webhook_calls WHERE id = ?1")?
        .query_row([id], |row| {
            let body = unpacked(row.get(4)?, row.get(3)?).ok_or_else(|| unknown(4, Type::Blob, "a packed body"))?;
            let (signed_by, signature) = (row.get(1)?, row.get(2)?);
            Ok(KeptCall { id, call: NewCall { received_at: moment(row, 0)?, signed_by, signature, body } })
        })
        .optional()
}

struct Ask {
    range: Range,
    at: Moment,
}

impl Command for Ask {
    type Answer = i64;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<i64, Failure> {
        let Range { from, to } = self.range;
        tx.prepare_cached(
            "INSERT INTO replays
             (asked_at, from_at, to_at, last_at, last_id, calls, refused, unreadable, news, known, uncorrelated)
             VALUES (?1, ?2, ?3, ?2, 0, 0, 0, 0, 0, 0, 0)",
        )?
        .execute((self.at.as_millis(), from.as_millis(), to.as_millis()))?;
        Ok(tx.last_insert_rowid())
    }
}

struct Replayed(Replay);

impl Command for Replayed {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let Replay { id, place, done_at, .. } = self.0;
        let Tally { calls, refused, unreadable, news, known, uncorrelated } = self.0.tally;
        let done_at = done_at.map(Moment::as_millis);
        tx.prepare_cached(
            "UPDATE replays SET last_at = ?2, last_id = ?3, calls = ?4, refused = ?5, unreadable = ?6, news = ?7,
             known = ?8, uncorrelated = ?9, done_at = ?10 WHERE id = ?1",
        )?
        .execute((
            id,
            place.at.as_millis(),
            place.id,
            calls,
            refused,
            unreadable,
            news,
            known,
            uncorrelated,
            done_at,
        ))?;
        Ok(())
    }
}

fn replay(tx: &Transaction<'_>, which: &str, id: Option<i64>) -> Result<Option<Replay>, SqlError> {
    tx.prepare_cached(&format!(
        "SELECT id, from_at, to_at, last_at, last_id, calls, refused, unreadable, news, known, uncorrelated, done_at
         FROM replays WHERE {which}"
    ))?
    .query_row(rusqlite::params_from_iter(id), told)
    .optional()
}

fn told(row: &Row<'_>) -> Result<Replay, SqlError> {
    Ok(Replay {
        id: row.get(0)?,
        range: Range { from: moment(row, 1)?, to: moment(row, 2)? },
        place: Place { at: moment(row, 3)?, id: row.get(4)? },
        tally: Tally {
            calls: row.get(5)?,
            refused: row.get(6)?,
            unreadable: row.get(7)?,
            news: row.get(8)?,
            known: row.get(9)?,
            uncorrelated: row.get(10)?,
        },
        done_at: row.get::<_, Option<i64>>(11)?.map(Moment::from_millis),
    })
}
