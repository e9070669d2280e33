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

/// The next rows that name a recipient, and after which to look on; nothing when there are no more.
type Found = Result<(Vec<i64>, Option<i64>), SqlError>;

/// How many messages are found by one read.
const MESSAGES_AT_ONCE: u32 = 5000;
/// How many deliveries are looked at by one read.
const DELIVERIES_AT_ONCE: u32 = 5000;
/// How many webhook calls are looked at by one read.
const CALLS_AT_ONCE: u32 = 500;
/// How many rows are changed in one command.
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
        let erase = |ids| EraseMessages { erasure: erasure.clone(), ids, now };
        let left = self.go_through(&erasure, messages_of, erase).await?.contains(&true);
        // Only now: what was cancelled above is told with the number in it.
        let erase = |ids| EraseDeliveries { erasure: erasure.clone(), ids };
        self.go_through(&erasure, deliveries_of, erase).await?;
        self.go_through(&erasure, calls_of, |ids| ForgetCalls { ids }).await?;
        // A table that names recipients elsewhere is gone through here, like those above. What must outlive an erasure, as the
        // wish to be left alone does, is passed over.
        if !left {
            self.0.writer.run(Done { number: erasure.number }).await?;
        }
        Ok(!left)
    }

    /// Has all that `look` finds of the recipient changed, a few rows at a time; gives the answers.
    async fn go_through<C: Command>(
        &self,
        erasure: &Erasure,
        look: fn(&Transaction<'_>, &Erasure, i64) -> Found,
        change: impl Fn(Vec<i64>) -> C,
    ) -> Result<Vec<C::Answer>, Error> {
        let (mut answers, mut after) = (Vec::new(), Some(i64::MIN));
        while let Some(last) = after {
            let asked = erasure.clone();
            let (ids, next) = self.0.readers.read(move |tx| look(tx, &asked, last)).await?;
            for ids in ids.chunks(CHANGE_AT_ONCE) {
                answers.push(self.0.writer.run(change(ids.to_vec())).await?);
            }
            after = next;
        }
        Ok(answers)
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

/// The app's next messages to the recipient, and after which to look on.
fn messages_of(tx: &Transaction<'_>, erasure: &Erasure, after: i64) -> Found {
    let ids: Vec<i64> = tx
        .prepare_cached(
            "SELECT id FROM messages INDEXED BY messages_by_recipient
             WHERE recipient = ?1 AND app = ?2 AND accepted_at <= ?3 AND id > ?4 ORDER BY id LIMIT ?5",
        )?
        .query_map(
            (erasure.recipient.as_e164(), erasure.app.as_str(), erasure.asked_at.as_millis(), after, MESSAGES_AT_ONCE),
            |row| row.get(0),
        )?
        .collect::<Result<_, _>>()?;
    let next = ids.last().copied().filter(|_| ids.len() == MESSAGES_AT_ONCE as usize);
    Ok((ids, next))
}

/// Of the next deliveries those that name the recipient.
fn deliveries_of(tx: &Transaction<'_>, erasure: &Erasure, after: i64) -> Found {
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
fn calls_of(tx: &Transaction<'_>, erasure: &Erasure, after: i64) -> Found {
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
