//! Messages are counted where they lie, and what was forgotten is counted where it was rolled up.
//!
//! A message's number is its lane and its place, and places grow with time: so a span of time is a range of each lane, whose
//! beginning is found by halving. Ranges are read in pieces, each on a state of the database of its own. What would be
//! counted twice or missed by that, a message that is forgotten meanwhile, shows in its lane.

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use kabar_domain::message::{Lane, State};
use kabar_domain::pricing::Pricing;
use kabar_domain::rates::PREFIX_DIGITS;
use rusqlite::types::Type;
use rusqlite::{Error as SqlError, OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::memory::before_first;
use super::rows::{lane, state, unknown};
use crate::Error;
use crate::stats::{Fact, Piece, SLOT_MILLIS, Tally, moment_of, slot_of};

/// How many messages are read in one piece.
const MESSAGES_AT_ONCE: u32 = 20_000;
/// How many slots of what was forgotten: a week.
const SLOTS_AT_ONCE: i64 = 7 * 24 * 4;
/// By how much the order of a lane may differ from that of the times: clocks are set.
const SLACK_MILLIS: i64 = 24 * 3600 * 1000;

/// A walk over an app's messages of a span of time.
pub(crate) struct Walk {
    sqlite: Sqlite,
    app: AppId,
    /// Slots: the first, and the one after the last.
    span: (i64, i64),
    lanes: Vec<WalkedLane>,
    place: usize,
    next: Next,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct WalkedLane {
    number: i64,
    lane: Lane,
    forgotten: i64,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    /// What was forgotten, from this slot on.
    Past(i64),
    /// The messages of the lane; where they begin is to be found.
    Search,
    /// The messages after this one.
    After(i64),
}

impl Sqlite {
    pub(crate) async fn walk_stats(&self, app: AppId, from: Moment, to: Moment) -> Result<Walk, Error> {
        let lanes = self.lanes_walked(app.clone()).await?;
        let span = (slot_of(from.as_millis()), slot_of(to.as_millis().saturating_add(SLOT_MILLIS - 1)));
        Ok(Walk { sqlite: self.clone(), app, span, lanes, place: 0, next: Next::Past(span.0) })
    }

    async fn lanes_walked(&self, app: AppId) -> Result<Vec<WalkedLane>, Error> {
        self.0.readers.read(move |tx| lanes_of(tx, &app)).await
    }
}

impl Walk {
    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, Error> {
        let Some(walked) = self.lanes.get(self.place).cloned() else { return Ok(None) };
        let (span, next) = (self.span, self.next);
        let read = move |tx: &Transaction<'_>| match next {
            Next::Past(slot) => past(tx, &walked, slot, span),
            Next::Search => {
                let first = first_since(tx, walked.number, span.0 * SLOT_MILLIS - SLACK_MILLIS)?;
                messages(tx, &walked, first, span)
            }
            Next::After(id) => messages(tx, &walked, id, span),
        };
        let (piece, next) = self.sqlite.0.readers.read(read).await?;
        match next {
            Some(next) => self.next = next,
            None => {
                self.place += 1;
                self.next = Next::Past(span.0);
            }
        }
        Ok(Some(piece))
    }

    /// Whether all that was told belongs together: no message was forgotten meanwhile.
    pub(crate) async fn is_whole(&self) -> Result<bool, Error> {
        let now = self.sqlite.lanes_walked(self.app.clone()).await?;
        // A lane that is new was not walked, and need not have been.
        Ok(self.lanes.iter().all(|walked| now.contains(walked)))
    }
}

fn lanes_of(tx: &Transaction<'_>, app: &AppId) -> Result<Vec<WalkedLane>, SqlError> {
    tx.prepare_cached("SELECT sender, class, number, forgotten FROM lanes WHERE app = ?1 ORDER BY number")?
        .query_map([app.as_str()], |row| {
            Ok(WalkedLane { lane: lane(row, 0)?, number: row.get(2)?, forgotten: row.get(3)? })
        })?
        .collect()
}

/// The number before the first message of a lane that may have been accepted at this time or later.
fn first_since(tx: &Transaction<'_>, number: i64, since: i64) -> Result<i64, SqlError> {
    let (mut low, mut high) = (before_first(number), before_first(number + 1));
    let mut probe =
        tx.prepare_cached("SELECT id, accepted_at FROM messages WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1")?;
    // All up to `low` are older; all from `high` on are not, or do not exist.
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match probe.query_row((middle, high), |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).optional()? {
            Some((id, accepted_at)) if accepted_at < since => low = id,
            _ => high = middle,
        }
    }
    Ok(low)
}

fn messages(
    tx: &Transaction<'_>,
    walked: &WalkedLane,
    after: i64,
    (first, end): (i64, i64),
) -> Result<(Piece, Option<Next>), SqlError> {
    let mut piece = Piece::new();
    let mut read = tx.prepare_cached(&format!(
        "SELECT {FACTS}, m.id, m.accepted_at FROM messages m WHERE m.id > ?1 AND m.id < ?2 ORDER BY m.id LIMIT ?3"
    ))?;
    let mut rows = read.query((after, before_first(walked.number + 1), MESSAGES_AT_ONCE))?;
    let (mut n_read, mut last) = (0, after);
    while let Some(row) = rows.next()? {
        n_read += 1;
        last = row.get(N_FACTS)?;
        let accepted_at: i64 = row.get(N_FACTS + 1)?;
        if accepted_at >= end * SLOT_MILLIS + SLACK_MILLIS {
            return Ok((piece, None));
        }
        let row = RawFact::of_message(row)?;
        if (first..end).contains(&row.slot) {
            let replies = u64::try_from(row.replies).unwrap_or_default();
            piece.entry(row.read(&walked.lane)?).or_default().add(Tally { messages: 1, replies });
        }
    }
    Ok((piece, (n_read == MESSAGES_AT_ONCE).then_some(Next::After(last))))
}

fn past(
    tx: &Transaction<'_>,
    walked: &WalkedLane,
    slot: i64,
    (_, end): (i64, i64),
) -> Result<(Piece, Option<Next>), SqlError> {
    let until = end.min(slot.saturating_add(SLOTS_AT_ONCE));
    let mut piece = Piece::new();
    let mut read = tx.prepare_cached(
        "SELECT slot, template, state, code, prefix, pricing, delivered, replies, messages FROM past_messages
         WHERE lane = ?1 AND slot >= ?2 AND slot < ?3",
    )?;
    let mut rows = read.query((walked.number, slot, until))?;
    while let Some(row) = rows.next()? {
        let known = RawFact {
            slot: row.get(0)?,
            template: row.get(1)?,
            state: state(row, 2)?,
            code: row.get(3)?,
            prefix: row.get(4)?,
            pricing: row.get(5)?,
            delivered: row.get(6)?,
            replies: row.get(7)?,
        };
        let tally = Tally { messages: count(row, 8)?, replies: count(row, 7)? };
        piece.entry(known.read(&walked.lane)?).or_default().add(tally);
    }
    Ok((piece, Some(if until < end { Next::Past(until) } else { Next::Search })))
}

fn count(row: &Row<'_>, column: usize) -> Result<u64, SqlError> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

/// What is known of a message `m`, in the columns of [`RawFact::of_message`].
pub(super) const FACTS: &str = "m.accepted_at, m.template, m.state,
    CASE WHEN m.state IN (20, 40, 50, 80) THEN
        (SELECT e.code FROM message_events e WHERE e.message_id = m.id AND e.state = m.state ORDER BY e.at LIMIT 1) END,
    m.recipient, m.pricing,
    CASE WHEN m.state >= 90 THEN
        (SELECT min(e.at) FROM message_events e WHERE e.message_id = m.id AND e.state IN (90, 100)) END,
    (SELECT count(*) FROM replies r WHERE r.message_id = m.id)";
pub(super) const N_FACTS: usize = 8;

/// What is known of a message, as the table of those that were forgotten has it.
pub(super) struct RawFact {
    slot: i64,
    template: i64,
    state: State,
    code: i64,
    prefix: String,
    pricing: i64,
    delivered: i64,
    replies: i64,
}

impl RawFact {
    pub(super) fn of_message(row: &Row<'_>) -> Result<Self, SqlError> {
        let recipient = row.get_ref(4)?.as_str()?;
        let prefix = recipient.chars().filter(char::is_ascii_digit).take(PREFIX_DIGITS).collect();
        Ok(Self {
            slot: slot_of(row.get(0)?),
            template: row.get(1)?,
            state: state(row, 2)?,
            code: row.get::<_, Option<i64>>(3)?.unwrap_or(0),
            prefix,
            pricing: row.get::<_, Option<i64>>(5)?.unwrap_or(-1),
            delivered: row.get::<_, Option<i64>>(6)?.map_or(-1, slot_of),
            replies: row.get(7)?,
        })
    }

    fn read(self, lane: &Lane) -> Result<Fact, SqlError> {
        let pricing = match self.pricing {
            -1 => None,
            code => Some(Pricing::from_code(code).ok_or_else(|| unknown(5, Type::Integer, "a pricing"))?),
        };
        Ok(Fact {
            lane: lane.clone(),
            accepted: moment_of(self.slot),
            template: self.template,
            state: self.state,
            code: u32::try_from(self.code).ok().filter(|code| *code != 0),
            prefix: self.prefix,
            pricing,
            delivered: (self.delivered >= 0).then(|| moment_of(self.delivered)),
        })
    }

    /// Adds the message to those that were forgotten.
    pub(super) fn roll_up(&self, tx: &Transaction<'_>, lane: i64) -> Result<(), SqlError> {
        tx.prepare_cached(
            "INSERT INTO past_messages
             (lane, slot, template, state, code, prefix, pricing, delivered, messages, replies)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9)
             ON CONFLICT DO UPDATE SET messages = messages + 1, replies = replies + excluded.replies",
        )?
        .execute((
            lane,
            self.slot,
            self.template,
            self.state.to_code(),
            self.code,
            &self.prefix,
            self.pricing,
            self.delivered,
            self.replies,
        ))?;
        Ok(())
    }
}
