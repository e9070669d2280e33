//! Questions about messages.

use std::sync::atomic::Ordering;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Event, History, State};
use kabar_domain::phone::PhoneNumber;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::memory::{PLACE_BITS, before_first};
use super::retry::{retried_as, retry_of};
use super::rows::{lane, moment, msgid, parsed, reason, state};
use super::waiting::hold;
use crate::Error;
use crate::ledger::{Backlog, Counts, Doubt, MessageKey, MessageView, Standing};

impl Sqlite {
    pub(crate) async fn message(&self, app: AppId, msgid: Msgid) -> Result<Option<MessageView>, Error> {
        self.0.readers.read(move |tx| view(tx, &app, msgid)).await
    }

    pub(crate) async fn doubts_due(&self, now: Moment, limit: u32) -> Result<Vec<Doubt>, Error> {
        self.0.readers.read(move |tx| doubts(tx, now, limit)).await
    }

    pub(crate) async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        self.0.readers.read(backlog).await
    }

    pub(crate) async fn counts(&self) -> Result<Counts, Error> {
        let counts = self.0.readers.read(count).await?;
        Ok(Counts {
            being_sent: self.0.gauges.under_way.load(Ordering::Relaxed),
            commits: self.0.gauges.commits.load(Ordering::Relaxed),
            ..counts
        })
    }
}

pub(super) fn view(tx: &Transaction<'_>, app: &AppId, msgid: Msgid) -> Result<Option<MessageView>, rusqlite::Error> {
    let found = tx
        .prepare_cached(
            "SELECT m.id, m.state, m.id <= l.claimed_to, w.kind, w.due_at, w.hold,
                    m.recipient, m.template, m.wamid, m.accepted_at, m.expires_at
             FROM messages m LEFT JOIN waiting w ON w.id = m.id LEFT JOIN lanes l ON l.number = m.id >> ?3
             WHERE m.msgid = ?1 AND m.app = ?2",
        )?
        .query_row((msgid.as_bytes(), app.as_str(), PLACE_BITS), |row| {
            let view = MessageView {
                msgid,
                app: app.clone(),
                recipient: parsed(row, 6, PhoneNumber::kept)?,
                template: row.get(7)?,
                wamid: row.get::<_, Option<String>>(8)?.filter(|wamid| !wamid.is_empty()),
                expires_at: moment(row, 10)?,
                standing: standing(row)?,
                retry_of: None,
                retried_as: None,
                history: History { events: Vec::new() },
            };
            Ok((row.get(0)?, moment(row, 9)?, view))
        })
        .optional()?;
    let Some((id, accepted_at, mut view)) = found else { return Ok(None) };
    view.retry_of = retry_of(tx, id)?;
    view.retried_as = retried_as(tx, id)?;
    let mut events = vec![Event { at: accepted_at, state: State::Accepted, reason: None }];
    let mut later = tx.prepare_cached("SELECT at, state, code, text FROM message_events WHERE message_id = ?1")?;
    for event in later
        .query_map([id], |row| Ok(Event { at: moment(row, 0)?, state: state(row, 1)?, reason: reason(row, 2)? }))?
    {
        events.push(event?);
    }
    view.history = History::of(events);
    Ok(Some(view))
}

/// Where a message stands, from its state, whether its lane has come to it, and what it waits for: columns 1 to 5.
pub(super) fn standing(row: &Row<'_>) -> Result<Standing, rusqlite::Error> {
    let is_settled = state(row, 1)?.is_settled();
    Ok(match row.get::<_, Option<i64>>(3)? {
        _ if is_settled => Standing::Settled,
        Some(1) => Standing::Again { due: moment(row, 4)? },
        Some(2) => Standing::InDoubt { until: moment(row, 4)? },
        Some(_) => Standing::Held { on: hold(row, 5)? },
        None if row.get::<_, Option<bool>>(2)?.unwrap_or(false) => Standing::BeingSent,
        None => Standing::InLine,
    })
}

fn doubts(tx: &Transaction<'_>, now: Moment, limit: u32) -> Result<Vec<Doubt>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT m.id, m.msgid, m.expires_at, l.sender, l.class
         FROM waiting w JOIN messages m ON m.id = w.id JOIN lanes l ON l.number = w.lane
         WHERE w.kind = 2 AND w.due_at <= ?1 ORDER BY w.due_at, w.id LIMIT ?2",
    )?
    .query_map((now.as_millis(), limit), |row| {
        Ok(Doubt {
            key: MessageKey(row.get(0)?),
            msgid: msgid(row, 1)?,
            lane: lane(row, 3)?,
            expires_at: moment(row, 2)?,
        })
    })?
    .collect()
}

fn backlog(tx: &Transaction<'_>) -> Result<Vec<Backlog>, rusqlite::Error> {
    let mut lanes = tx.prepare_cached("SELECT sender, class, number, claimed_to FROM lanes ORDER BY number")?;
    let mut backlog = Vec::new();
    let mut rows = lanes.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(2)?;
        let claimed_to: i64 = row.get(3)?;
        let has_new = tx
            .prepare_cached("SELECT 1 FROM messages WHERE id > ?1 AND id < ?2 LIMIT 1")?
            .exists((claimed_to, before_first(number + 1)))?;
        let retry: Option<i64> = tx
            .prepare_cached("SELECT min(due_at) FROM waiting WHERE kind = 1 AND lane = ?1")?
            .query_row([number], |row| row.get(0))?;
        let due = if has_new { Some(0) } else { retry };
        if let Some(due) = due {
            backlog.push(Backlog { lane: lane(row, 0)?, due: Moment::from_millis(due) });
        }
    }
    Ok(backlog)
}

fn count(tx: &Transaction<'_>) -> Result<Counts, rusqlite::Error> {
    let mut counts = Counts::default();
    let mut lanes = tx.prepare_cached("SELECT number, claimed_to, forgotten_to FROM lanes")?;
    let mut rows = lanes.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let claimed_to: i64 = row.get(1)?;
        let forgotten_to: i64 = row.get(2)?;
        // Places are given without gaps, so the last one is how many there are.
        let last: Option<i64> = tx
            .prepare_cached("SELECT id FROM messages WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")?
            .query_row((before_first(number), before_first(number + 1)), |row| row.get(0))
            .optional()?;
        let last = last.unwrap_or_else(|| before_first(number)).max(forgotten_to);
        counts.total += u64::try_from(last - before_first(number)).unwrap_or_default();
        counts.waiting += u64::try_from(last - claimed_to).unwrap_or_default();
    }
    for (kind, count) in [(1, &mut counts.waiting), (2, &mut counts.in_doubt), (3, &mut counts.held)] {
        // By the kinds' own indices; a condition with a parameter could not use them.
        let n_waiting: u32 = tx
            .prepare_cached(&format!("SELECT count(*) FROM waiting WHERE kind = {kind}"))?
            .query_row([], |row| row.get(0))?;
        *count += u64::from(n_waiting);
    }
    Ok(counts)
}
