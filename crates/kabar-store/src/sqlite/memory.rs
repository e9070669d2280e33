//! What the writer remembers, so that it need not ask the database: where each lane ends, and what is under way.
//!
//! All of it follows from the tables. After a rollback it is forgotten, and read again when it is next needed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kabar_domain::ids::AppId;
use kabar_domain::message::Lane;
use kabar_domain::template::Category;
use rusqlite::{Error, OptionalExtension as _, Transaction};

use super::callbacks::tell::Listeners;
use super::rows::category;

/// How many bits of a message's number are its place in the lane.
pub(super) const PLACE_BITS: u32 = 40;

/// What the writer remembers.
pub(super) struct Memory {
    lanes: HashMap<Lane, LaneEnds>,
    claims: Option<Claims>,
    /// Whom there is to tell what happens.
    pub(super) listeners: Listeners,
    /// Whether there may be reports of messages that are not known yet; `None` if it is to be looked at.
    pub(super) has_uncorrelated: Option<bool>,
    /// Of each lane, whether its messages are login codes.
    secret: HashMap<i64, bool>,
    /// The first claim of this run. Earlier ones are an earlier process's, and are left to recovery.
    first_claim: i64,
}

/// A lane's number and its ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneEnds {
    /// Its number.
    pub(super) number: i64,
    /// The last message for which an attempt was begun.
    pub(super) claimed_to: i64,
    /// The last message that was accepted.
    pub(super) last_id: i64,
}

/// The number before a lane's first message.
pub(super) const fn before_first(lane: i64) -> i64 {
    lane << PLACE_BITS
}

/// The lane of a message.
pub(super) const fn lane_of(id: i64) -> i64 {
    id >> PLACE_BITS
}

struct Claims {
    next: i64,
    /// How many messages of a claim have no outcome yet.
    open: HashMap<i64, u64>,
    /// The claim of each message under way.
    under_way: HashMap<i64, i64>,
}

impl Memory {
    /// Of a process that has just opened the database.
    pub(super) fn new(last_claim: i64) -> Self {
        Self {
            lanes: HashMap::new(),
            claims: None,
            listeners: Listeners::default(),
            has_uncorrelated: None,
            secret: HashMap::new(),
            first_claim: last_claim + 1,
        }
    }

    /// Forgets what may no longer be true.
    pub(super) fn forget(&mut self) {
        self.lanes.clear();
        self.claims = None;
        self.has_uncorrelated = None;
        self.listeners.forget();
    }

    /// Whether the values of a message are erased as soon as it has ended: those of a login code are.
    pub(super) fn is_secret(&mut self, tx: &Transaction<'_>, id: i64) -> Result<bool, Error> {
        let number = lane_of(id);
        if let Some(known) = self.secret.get(&number) {
            return Ok(*known);
        }
        let found = tx
            .prepare_cached("SELECT class FROM lanes WHERE number = ?1")?
            .query_row([number], |row| category(row, 0))
            .optional()?;
        let is_secret = found == Some(Category::Authentication);
        self.secret.insert(number, is_secret);
        Ok(is_secret)
    }

    /// The first claim of this run.
    pub(super) const fn first_claim(&self) -> i64 {
        self.first_claim
    }

    /// A lane's ends; `None` if nothing was ever accepted into it.
    pub(super) fn lane(&mut self, tx: &Transaction<'_>, lane: &Lane) -> Result<Option<&mut LaneEnds>, Error> {
        if !self.lanes.contains_key(lane) {
            let Some(ends) = load_lane(tx, lane)? else { return Ok(None) };
            self.lanes.insert(lane.clone(), ends);
        }
        Ok(self.lanes.get_mut(lane))
    }

    /// A lane's ends; the lane is made if there is none.
    pub(super) fn lane_of_app(
        &mut self,
        tx: &Transaction<'_>,
        app: &AppId,
        lane: &Lane,
    ) -> Result<&mut LaneEnds, Error> {
        match self.lanes.entry(lane.clone()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(vacant) => {
                let ends = match load_lane(tx, lane)? {
                    Some(ends) => ends,
                    None => make_lane(tx, app, lane)?,
                };
                Ok(vacant.insert(ends))
            }
        }
    }

    /// Marks these messages, all of one lane and in order, as under way, and those between the first and the last that are
    /// settled already as passed over.
    pub(super) fn claim(&mut self, tx: &Transaction<'_>, ids: &[i64]) -> Result<(), Error> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(()) };
        let claims = self.claims(tx)?;
        let number = claims.next;
        tx.prepare_cached("INSERT INTO claims (number, first_id, last_id) VALUES (?1, ?2, ?3)")?
            .execute((number, first, last))?;
        claims.next += 1;
        claims.open.insert(number, ids.len() as u64);
        claims.under_way.extend(ids.iter().map(|id| (*id, number)));
        Ok(())
    }

    /// Ends a message's part in its claim. `false` if it was not under way.
    pub(super) fn release(&mut self, tx: &Transaction<'_>, id: i64) -> Result<bool, Error> {
        let claims = self.claims(tx)?;
        let Some(number) = claims.under_way.remove(&id) else { return Ok(false) };
        if let Entry::Occupied(mut open) = claims.open.entry(number) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
                tx.prepare_cached("DELETE FROM claims WHERE number = ?1")?.execute([number])?;
            }
        }
        Ok(true)
    }

    /// Whether an attempt of this run was begun for the message, and has no outcome.
    pub(super) fn is_under_way(&mut self, tx: &Transaction<'_>, id: i64) -> Result<bool, Error> {
        Ok(self.claims(tx)?.under_way.contains_key(&id))
    }

    /// How many messages are under way, as far as is remembered.
    pub(super) fn n_under_way(&self) -> u64 {
        self.claims.as_ref().map_or(0, |claims| claims.under_way.len() as u64)
    }

    /// Hands out the question whether a message is under way, if it can be answered now.
    pub(super) fn with_under_way(&self, ask: impl FnOnce(&dyn Fn(i64) -> bool)) {
        if let Some(claims) = &self.claims {
            ask(&|id| claims.under_way.contains_key(&id));
        }
    }

    fn claims(&mut self, tx: &Transaction<'_>) -> Result<&mut Claims, Error> {
        let claims = match self.claims.take() {
            Some(claims) => claims,
            None => load_claims(tx, self.first_claim)?,
        };
        Ok(self.claims.insert(claims))
    }
}

fn load_lane(tx: &Transaction<'_>, lane: &Lane) -> Result<Option<LaneEnds>, Error> {
    let found: Option<(i64, i64, i64)> = tx
        .prepare_cached("SELECT number, claimed_to, forgotten_to FROM lanes WHERE sender = ?1 AND class = ?2")?
        .query_row((lane.sender.as_str(), lane.class.as_str()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((number, claimed_to, forgotten_to)) = found else { return Ok(None) };
    let last_id: Option<i64> = tx
        .prepare_cached("SELECT id FROM messages WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")?
        .query_row((before_first(number), before_first(number + 1)), |row| row.get(0))
        .optional()?;
    // A number is never given twice, not even when the last message that had it was forgotten.
    let last_id = last_id.unwrap_or_else(|| before_first(number)).max(forgotten_to);
    Ok(Some(LaneEnds { number, claimed_to, last_id }))
}

fn make_lane(tx: &Transaction<'_>, app: &AppId, lane: &Lane) -> Result<LaneEnds, Error> {
    let number: i64 = tx.query_row("SELECT coalesce(max(number), 0) + 1 FROM lanes", [], |row| row.get(0))?;
    let start = before_first(number);
    tx.prepare_cached("INSERT INTO lanes (number, app, sender, class, claimed_to) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((number, app.as_str(), lane.sender.as_str(), lane.class.as_str(), start))?;
    Ok(LaneEnds { number, claimed_to: start, last_id: start })
}

/// A message is under way in the newest of the claims that hold it, if it is not settled and does not wait.
fn load_claims(tx: &Transaction<'_>, first: i64) -> Result<Claims, Error> {
    let mut ranges =
        tx.prepare_cached("SELECT number, first_id, last_id FROM claims WHERE number >= ?1 ORDER BY number")?;
    let mut members = tx.prepare_cached(
        "SELECT m.id FROM messages m LEFT JOIN waiting w ON w.id = m.id
         WHERE m.id BETWEEN ?1 AND ?2 AND m.state <= 10 AND w.id IS NULL",
    )?;
    let mut next = first;
    let mut under_way = HashMap::new();
    let mut open = HashMap::new();
    let mut rows = ranges.query([first])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        next = number + 1;
        open.insert(number, 0);
        let mut ids = members.query((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))?;
        while let Some(id) = ids.next()? {
            under_way.insert(id.get(0)?, number);
        }
    }
    for number in under_way.values() {
        *open.entry(*number).or_default() += 1;
    }
    for number in open.extract_if(|_, left| *left == 0).map(|(number, _)| number) {
        tx.prepare_cached("DELETE FROM claims WHERE number = ?1")?.execute([number])?;
    }
    Ok(Claims { next, open, under_way })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::sqlite::setup;

    /// A database with a lane of five messages.
    fn database(folder: &std::path::Path) -> Connection {
        let connection = setup::prepare(&folder.join("db"), folder.join("key"), false).unwrap().connection;
        connection
            .execute_batch(
                "INSERT INTO lanes (number, app, sender, class, claimed_to) VALUES (1, 'demo', '100', 'UTILITY', 1 << 40);
                 INSERT INTO messages (id, msgid, app, template, recipient, components, state, attempts, accepted_at, expires_at)
                 SELECT (1 << 40) + column1, randomblob(16), 'demo', 1, '+6281234567890', '[]', 0, 0, 0, 0
                 FROM (VALUES (1), (2), (3), (4), (5));",
            )
            .unwrap();
        connection
    }

    fn ids(places: impl IntoIterator<Item = i64>) -> Vec<i64> {
        places.into_iter().map(|place| before_first(1) + place).collect()
    }

    fn n_claims(tx: &Transaction<'_>) -> i64 {
        tx.query_row("SELECT count(*) FROM claims", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_claim_goes_when_the_last_of_its_messages_does() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = database(folder.path());
        let tx = connection.transaction().unwrap();
        let mut memory = Memory::new(0);
        memory.claim(&tx, &ids([1, 2, 4])).unwrap();
        memory.claim(&tx, &ids([5])).unwrap();
        assert_eq!((memory.n_under_way(), n_claims(&tx)), (4, 2));
        assert!(memory.release(&tx, ids([1])[0]).unwrap());
        assert!(!memory.release(&tx, ids([1])[0]).unwrap());
        assert!(!memory.release(&tx, ids([3])[0]).unwrap(), "it was passed over");
        assert!(memory.release(&tx, ids([4])[0]).unwrap());
        assert_eq!(n_claims(&tx), 2);
        assert!(memory.release(&tx, ids([2])[0]).unwrap());
        assert_eq!((memory.n_under_way(), n_claims(&tx)), (1, 1));
    }

    #[test]
    fn what_was_rolled_back_is_under_way_as_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = database(folder.path());
        let mut memory = Memory::new(0);
        let tx = connection.transaction().unwrap();
        memory.claim(&tx, &ids(1..=3)).unwrap();
        tx.commit().unwrap();

        let tx = connection.transaction().unwrap();
        assert!(memory.release(&tx, ids([1])[0]).unwrap());
        memory.claim(&tx, &ids(4..=5)).unwrap();
        tx.rollback().unwrap();
        memory.forget();

        let tx = connection.transaction().unwrap();
        for id in ids(1..=3) {
            assert!(memory.release(&tx, id).unwrap());
        }
        assert!(!memory.release(&tx, ids([4])[0]).unwrap());
        assert_eq!(n_claims(&tx), 0);
    }

    #[test]
    fn what_is_under_way_follows_from_the_tables() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = database(folder.path());
        let tx = connection.transaction().unwrap();
        let [one, two, three, ..] = ids(1..=5)[..] else { unreachable!() };
        let mut memory = Memory::new(0);
        memory.claim(&tx, &ids(1..=5)).unwrap();
        memory.claim(&tx, &[one]).unwrap();
        tx.execute("INSERT INTO waiting VALUES (?1, 1, 1, 0, NULL)", [two]).unwrap();
        tx.execute("UPDATE messages SET state = 70 WHERE id = ?1", [three]).unwrap();
        memory.forget();
        assert_eq!(memory.n_under_way(), 0);
        assert_eq!([one, two, three].map(|id| memory.release(&tx, id).unwrap()), [true, false, false]);
        assert_eq!(n_claims(&tx), 1, "the retry had a claim of its own");
        for id in ids(4..=5) {
            assert!(memory.release(&tx, id).unwrap());
        }
        assert_eq!(n_claims(&tx), 0);
    }

    #[test]
    fn claims_of_earlier_runs_are_left_to_recovery() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = database(folder.path());
        let tx = connection.transaction().unwrap();
        Memory::new(0).claim(&tx, &ids(1..=2)).unwrap();
        let mut memory = Memory::new(1);
        assert!(!memory.release(&tx, ids([1])[0]).unwrap());
        memory.claim(&tx, &ids([3])).unwrap();
        assert_eq!((memory.n_under_way(), n_claims(&tx)), (1, 2));
    }
}
