//! A recipient is erased on request: from messages and from what apps are told.
//!
//! The request is on disk before it is answered, and is carried out step by step. It goes away when nothing of the recipient
//! is left: a message that is being sent has to end first.

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use kabar_domain::message::{Reason, State, own_code};
use kabar_domain::phone::PhoneNumber;
use rusqlite::{Error as SqlError, Transaction};

use super::Sqlite;
use super::ends::end;
use super::memory::Memory;
use super::rows::{moment, parsed, state};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::journal::unpacked;
use crate::kill::KillPoint;
use crate::retention::Erasure;

/// How many messages are looked at by one read.
const LOOK_AT_ONCE: u32 = 50_000;
/// How many deliveries are looked at by one read.
const DELIVERIES_AT_ONCE: u32 = 5000;
/// How many webhook calls are looked at by one read.
const CALLS_AT_ONCE: u32 = 500;
/// How many messages are changed in one command.
const CHANGE_AT_ONCE: usize = 200;

impl Sqlite {
    pub(crate) async fn ask_erasure(&self, app: AppId, recipient: PhoneNumber, at: Moment) -> Result<(), Error> {
        self.0.writer.run(Ask { app, recipient, at }).await
    }

    pub(crate) async fn erasures(&self) -> Result<Vec<Erasure>, Error> {
        self.0.readers.read(erasures).await
    }

    pub(crate) async fn carry_out(&self, erasure: Erasure, now: Moment) -> Result<bool, Error> {
        self.must_serve()?;
        let mut left = false;
        let mut after = i64::MIN;
        loop {
            let asked = erasure.clone();
            let (ids, next) = self.0.readers.read(move |tx| messages_of(tx, &asked, after)).await?;
            for ids in ids.chunks(CHANGE_AT_ONCE) {
                left |= self.0.writer.run(EraseMessages { erasure: erasure.clone(), ids: ids.to_vec(), now }).await?;
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        // Only now: what was cancelled above is told with the number in it.
        let mut after = i64::MIN;
        loop {
            let asked = erasure.clone();
            let (ids, next) = self.0.readers.read(move |tx| deliveries_of(tx, &asked, after)).await?;
            for ids in ids.chunks(CHANGE_AT_ONCE) {
                self.0.writer.run(EraseDeliveries { erasure: erasure.clone(), ids: ids.to_vec() }).await?;
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        let mut after = i64::MIN;
        loop {
            let asked = erasure.clone();
            let (ids, next) = self.0.readers.read(move |tx| calls_of(tx, &asked, after)).await?;
            if !ids.is_empty() {
                self.0.writer.run(ForgetCalls { ids }).await?;
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        // A table that names recipients elsewhere is gone through here, like those above. What must outlive an erasure, as the
        // wish to be left alone does, is to be kept by a hash of the number.
        if !left {
            self.0.writer.run(Done { number: erasure.number }).await?;
        }
        Ok(!left)
    }
}

fn erasures(tx: &Transaction<'_>) -> Result<Vec<Erasure>, SqlError> {
    tx.prepare_cached("SELECT number, app, recipient, asked_at FROM erasures ORDER BY number")?
        .query_map([], |row| {
            Ok(Erasure {
                number: row.get(0)?,
                app: parsed(row, 1, AppId::parse)?,
                recipient: parsed(row, 2, PhoneNumber::kept)?,
                asked_at: moment(row, 3)?,
            })
        })?
        .collect()
}

/// The app's messages to the recipient among the next ones, and after which to look on. There is no index by recipient: it
/// would be paid for by every message that is accepted.
fn messages_of(tx: &Transaction<'_>, erasure: &Erasure, after: i64) -> Result<(Vec<i64>, Option<i64>), SqlError> {
    let mut read =
        tx.prepare_cached("SELECT id, recipient, app, accepted_at FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut rows = read.query((after, LOOK_AT_ONCE))?;
    let (mut ids, mut n_looked, mut last) = (Vec::new(), 0, after);
    while let Some(row) = rows.next()? {
        n_looked += 1;
        last = row.get(0)?;
        if row.get_ref(1)?.as_str()? == erasure.recipient.as_e164()
            && row.get_ref(2)?.as_str()? == erasure.app.as_str()
            && row.get::<_, i64>(3)? <= erasure.asked_at.as_millis()
        {
            ids.push(last);
        }
    }
    Ok((ids, (n_looked == LOOK_AT_ONCE).then_some(last)))
}

/// Likewise the deliveries that name the recipient.
fn deliveries_of(tx: &Transaction<'_>, erasure: &Erasure, after: i64) -> Result<(Vec<i64>, Option<i64>), SqlError> {
    let mut read = tx.prepare_cached("SELECT id, body FROM deliveries WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut rows = read.query((after, DELIVERIES_AT_ONCE))?;
    let (mut ids, mut n_looked, mut last) = (Vec::new(), 0, after);
    while let Some(row) = rows.next()? {
        n_looked += 1;
        last = row.get(0)?;
        if row.get_ref(1)?.as_str()?.contains(erasure.recipient.as_e164()) {
            ids.push(last);
        }
    }
    Ok((ids, (n_looked == DELIVERIES_AT_ONCE).then_some(last)))
}

/// Likewise the webhook calls of the upstream that name the recipient.
fn calls_of(tx: &Transaction<'_>, erasure: &Erasure, after: i64) -> Result<(Vec<i64>, Option<i64>), SqlError> {
    let mut read = tx.prepare_cached(
        "SELECT id, body, n_bytes FROM webhook_calls WHERE id > ?1 AND received_at <= ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = read.query((after, erasure.asked_at.as_millis(), CALLS_AT_ONCE))?;
    let digits = erasure.recipient.digits().as_bytes();
    let (mut ids, mut n_looked, mut last) = (Vec::new(), 0, after);
    while let Some(row) = rows.next()? {
        n_looked += 1;
        last = row.get(0)?;
        // A body that can't be unpacked can't be looked into, and is no use either.
        let body = unpacked(row.get(1)?, row.get(2)?);
        if body.is_none_or(|body| body.windows(digits.len()).any(|window| window == digits)) {
            ids.push(last);
        }
    }
    Ok((ids, (n_looked == CALLS_AT_ONCE).then_some(last)))
}

/// They go as a whole: byte for byte is what they are kept for, and what they report stands in the messages.
struct ForgetCalls {
    ids: Vec<i64>,
}

impl Command for ForgetCalls {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        for id in &self.ids {
            tx.prepare_cached("DELETE FROM webhook_calls WHERE id = ?1")?.execute([id])?;
        }
        Ok(())
    }
}

struct Ask {
    app: AppId,
    recipient: PhoneNumber,
    at: Moment,
}

impl Command for Ask {
    type Answer = ();

    const AROUND: Around = Some((KillPoint::BeforeErase, KillPoint::AfterErase));

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        tx.prepare_cached(
            "INSERT INTO erasures (app, recipient, asked_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET asked_at = max(asked_at, excluded.asked_at)",
        )?
        .execute((self.app.as_str(), self.recipient.as_e164(), self.at.as_millis()))?;
        Ok(())
    }
}

struct EraseMessages {
    erasure: Erasure,
    ids: Vec<i64>,
    now: Moment,
}

impl Command for EraseMessages {
    type Answer = bool;

    /// Answers whether any of them can't be erased yet.
    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<bool, Failure> {
        let mut left = false;
        let erased = self.erasure.recipient.erased();
        for id in &self.ids {
            let mut now =
                tx.prepare_cached("SELECT state FROM messages WHERE id = ?1")?.query_row([id], |row| state(row, 0))?;
            if now == State::Accepted && !memory.is_under_way(tx, *id)? {
                let reason = Reason { code: own_code::CANCELLED, text: "its recipient was erased".to_owned() };
                end(tx, memory, *id, now, State::Cancelled, self.now, reason)?;
                now = State::Cancelled;
            }
            // The outcome of a call that is under way would bring the upstream's id back.
            if !now.is_settled() || memory.is_under_way(tx, *id)? {
                left = true;
                continue;
            }
            // The upstream's id of a message holds the number. An empty one is known, so that no report puts it back.
            tx.prepare_cached("UPDATE messages SET recipient = ?2, components = '', wamid = '' WHERE id = ?1")?
                .execute((id, erased.as_e164()))?;
        }
        Ok(left)
    }
}

struct EraseDeliveries {
    erasure: Erasure,
    ids: Vec<i64>,
}

impl Command for EraseDeliveries {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let erased = self.erasure.recipient.erased();
        for id in &self.ids {
            // Only in the app's own callbacks: another app may write to the same person.
            tx.prepare_cached(
                "UPDATE deliveries
                 SET body = json_remove(json_set(body, '$.data.recipient', ?2), '$.data.wamid', '$.data.reply')
                 WHERE id = ?1 AND json_extract(body, '$.data.recipient') = ?3
                   AND callback IN (SELECT number FROM callbacks WHERE app = ?4)",
            )?
            .execute((
                id,
                erased.as_e164(),
                self.erasure.recipient.as_e164(),
                self.erasure.app.as_str(),
            ))?;
        }
        Ok(())
    }
}

struct Done {
    number: i64,
}

impl Command for Done {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        tx.prepare_cached("DELETE FROM erasures WHERE number = ?1")?.execute([self.number])?;
        Ok(())
    }
}
