//! Messages whose time runs out before they could leave.

use std::collections::BTreeSet;

use kabar_domain::clock::Moment;
use kabar_domain::message::{Reason, State, own_code};
use rusqlite::{Error as SqlError, Transaction};

use super::Sqlite;
use super::ends::end;
use super::memory::{Memory, before_first, lane_of};
use super::rows::{lane, state};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;

/// How many messages are looked at in one transaction.
const CHUNK: u32 = 1024;

impl Sqlite {
    pub(crate) async fn expire(&self, now: Moment) -> Result<u64, Error> {
        self.must_serve()?;
        let mut n_expired = 0;
        let mut after = Place { expires_at: i64::MIN, id: i64::MIN };
        loop {
            let looked = self.0.writer.run(Expire { now, after }).await?;
            n_expired += looked.n_expired;
            match looked.last {
                Some(last) => after = last,
                None => return Ok(n_expired),
            }
        }
    }
}

/// A place among the messages that are not settled, by when their time is up.
#[derive(Debug, Clone, Copy)]
struct Place {
    expires_at: i64,
    id: i64,
}

struct Expire {
    now: Moment,
    after: Place,
}

struct Looked {
    n_expired: u64,
    /// Where to go on, if there may be more.
    last: Option<Place>,
}

/// A message whose time is up.
struct Late {
    place: Place,
    state: State,
    in_doubt: bool,
}

impl Command for Expire {
    type Answer = Looked;

    const AROUND: Around = Some((KillPoint::BeforeExpire, KillPoint::AfterExpire));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Looked, Failure> {
        let late = self.late(tx)?;
        let mut looked = Looked { n_expired: 0, last: None };
        let mut lanes = BTreeSet::new();
        for one in &late {
            let id = one.place.id;
            if one.in_doubt || memory.is_under_way(tx, id)? {
                continue;
            }
            let reason = Reason { code: own_code::EXPIRED, text: "it could not leave in time".to_owned() };
            end(tx, memory, id, one.state, State::Expired, self.now, reason)?;
            lanes.insert(lane_of(id));
            looked.n_expired += 1;
        }
        for number in lanes {
            pass_over(tx, memory, number)?;
        }
        if late.len() == CHUNK as usize {
            looked.last = late.last().map(|one| one.place);
        }
        Ok(looked)
    }
}

impl Expire {
    fn late(&self, tx: &Transaction<'_>) -> Result<Vec<Late>, SqlError> {
        tx.prepare_cached(
            "SELECT m.expires_at, m.id, m.state, w.kind = 2 FROM messages m INDEXED BY messages_by_expiry
             LEFT JOIN waiting w ON w.id = m.id
             WHERE m.state <= 10 AND m.expires_at <= ?1 AND (m.expires_at, m.id) > (?2, ?3)
             ORDER BY m.expires_at, m.id LIMIT ?4",
        )?
        .query_map((self.now.as_millis(), self.after.expires_at, self.after.id, CHUNK), |row| {
            Ok(Late {
                place: Place { expires_at: row.get(0)?, id: row.get(1)? },
                state: state(row, 2)?,
                in_doubt: row.get::<_, Option<bool>>(3)?.unwrap_or(false),
            })
        })?
        .collect()
    }
}

/// Takes the settled messages at the head of a lane as passed over, so that nobody has to look at them again when its next
/// message is wanted.
fn pass_over(tx: &Transaction<'_>, memory: &mut Memory, number: i64) -> Result<(), SqlError> {
    let lane = tx
        .prepare_cached("SELECT sender, class FROM lanes WHERE number = ?1")?
        .query_row([number], |row| lane(row, 0))?;
    let Some(ends) = memory.lane(tx, &lane)? else { return Ok(()) };
    let mut head = ends.claimed_to;
    let mut next =
        tx.prepare_cached("SELECT id, state FROM messages WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3")?;
    let mut rows = next.query((head, before_first(number + 1), CHUNK * 2))?;
    while let Some(row) = rows.next()? {
        if !state(row, 1)?.is_settled() {
            break;
        }
        head = row.get(0)?;
    }
    if head != ends.claimed_to {
        tx.prepare_cached("UPDATE lanes SET claimed_to = ?2 WHERE number = ?1")?.execute((number, head))?;
        ends.claimed_to = head;
    }
    Ok(())
}
