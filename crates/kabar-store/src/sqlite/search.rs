//! Messages that are looked for, page by page, newest first.
//!
//! Message ids are made in the order of time, so the index on them is the order of a page, and where one ended is enough to
//! go on. A recipient has an index of its own. For everything else the messages are walked over and looked at, so many for
//! one page; that costs nothing when messages are accepted. A time is found by halving: ids come from the machine's clock
//! and moments of acceptance from the gateway's, which may have been set, so the one only leads near the other.

use std::collections::{BTreeSet, HashMap};

use kabar_domain::clock::Moment;
use kabar_domain::ids::TemplateCode;
use kabar_domain::message::{Lane, State};
use kabar_domain::phone::PhoneNumber;
use rusqlite::{Error as SqlError, OptionalExtension as _, Row as SqlRow, Transaction};

use super::Sqlite;
use super::memory::{PLACE_BITS, lane_of};
use super::notes::template_name;
use super::rows::{lane, moment, msgid, parsed, reason, state};
use super::views::standing;
use crate::Error;
use crate::ledger::Standing;
use crate::search::{Page, Question, Row};

/// How many messages are looked at for one page.
const MOST_LOOKED: u32 = 20_000;
/// By how much the order of ids and the order of acceptance may differ: two clocks, one of which may have been set.
const SLACK_MS: i64 = 3_600_000;
/// The first moment, in milliseconds, that no message id can hold any more.
const AFTER_ALL: u64 = 1 << 48;

impl Sqlite {
    pub(crate) async fn search(&self, question: Question) -> Result<Page, Error> {
        self.0.readers.read(move |tx| search(tx, &question, MOST_LOOKED)).await
    }
}

/// What is looked for, as the tables have it.
struct Wanted<'q> {
    question: &'q Question,
    templates: Option<BTreeSet<i64>>,
    lanes: Option<BTreeSet<i64>>,
}

fn search(tx: &Transaction<'_>, question: &Question, most_looked: u32) -> Result<Page, SqlError> {
    let nothing = Page { rows: Vec::new(), next: None };
    let wanted = Wanted { question, templates: templates(tx, question)?, lanes: lanes(tx, question)? };
    if [&wanted.templates, &wanted.lanes].into_iter().flatten().any(BTreeSet::is_empty) {
        return Ok(nothing);
    }
    let before = match (question.after, question.search.to) {
        (Some(after), _) => *after.as_bytes(),
        // What may have been made at the last moment, and all before it.
        (None, Some(to)) if question.search.recipient.is_none() => first_after(tx, to)?,
        (None, _) => [0xff; 16],
    };
    let columns = "msgid, id, app, template, recipient, state, wamid, attempts, accepted_at";
    let mut statement;
    let mut found = match &question.search.recipient {
        Some(recipient) => {
            statement = tx.prepare_cached(&format!(
                "SELECT {columns} FROM messages WHERE recipient = ?2 AND msgid < ?1 ORDER BY msgid DESC LIMIT ?3"
            ))?;
            statement.query((before, recipient.as_e164(), most_looked))?
        }
        None => {
            statement = tx.prepare_cached(&format!(
                "SELECT {columns} FROM messages WHERE msgid < ?1 ORDER BY msgid DESC LIMIT ?2"
            ))?;
            statement.query((before, most_looked))?
        }
    };
    let mut known = Known::default();
    let mut page = nothing;
    let mut n_looked = 0;
    while let Some(row) = found.next()? {
        n_looked += 1;
        let accepted_at = moment(row, 8)?;
        if question.search.from.is_some_and(|from| accepted_at.as_millis() < from.as_millis() - SLACK_MS) {
            return Ok(page);
        }
        if let Some(one) = wanted.look(tx, row, accepted_at, &mut known)? {
            page.rows.push(one);
        }
        if page.rows.len() >= question.limit as usize || n_looked == most_looked {
            page.next = Some(msgid(row, 0)?);
            break;
        }
    }
    Ok(page)
}

impl Wanted<'_> {
    /// The message, if it is wanted. What is cheap is looked at first.
    fn look(
        &self,
        tx: &Transaction<'_>,
        row: &SqlRow<'_>,
        accepted_at: Moment,
        known: &mut Known,
    ) -> Result<Option<Row>, SqlError> {
        let Question { app, search, .. } = self.question;
        let id: i64 = row.get(1)?;
        let template: i64 = row.get(3)?;
        let is_wanted = row.get_ref(2)?.as_str()? == app.as_str()
            && search.from.is_none_or(|from| accepted_at >= from)
            && search.to.is_none_or(|to| accepted_at < to)
            && self.templates.as_ref().is_none_or(|wanted| wanted.contains(&template))
            && self.lanes.as_ref().is_none_or(|wanted| wanted.contains(&lane_of(id)));
        if !is_wanted {
            return Ok(None);
        }
        let mut reached = state(row, 5)?;
        if !reached.is_settled() && is_being_sent(tx, id)? {
            reached = reached.after(State::BeingSent);
        }
        if !search.states.is_empty() && !search.states.contains(&reached) {
            return Ok(None);
        }
        if let Some(code) = search.code
            && !has_code(tx, id, code)?
        {
            return Ok(None);
        }
        let mut one = Row {
            msgid: msgid(row, 0)?,
            recipient: parsed(row, 4, PhoneNumber::kept)?,
            template: known.template(tx, template)?,
            lane: known.lane(tx, lane_of(id))?,
            state: reached,
            wamid: row.get(6)?,
            attempts: row.get(7)?,
            accepted_at,
            submitted_at: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            state_at: accepted_at,
            reason: None,
        };
        happened(tx, id, &mut one)?;
        Ok(Some(one))
    }
}

/// Puts to a message when it came to what.
fn happened(tx: &Transaction<'_>, id: i64, one: &mut Row) -> Result<(), SqlError> {
    let mut events =
        tx.prepare_cached("SELECT state, at, code, text FROM message_events WHERE message_id = ?1 ORDER BY state, at")?;
    let mut rows = events.query([id])?;
    while let Some(row) = rows.next()? {
        let (reached, at) = (state(row, 0)?, moment(row, 1)?);
        let first = match reached {
            State::Submitted => Some(&mut one.submitted_at),
            State::Sent => Some(&mut one.sent_at),
            State::Delivered => Some(&mut one.delivered_at),
            State::Read => Some(&mut one.read_at),
            State::Accepted
            | State::BeingSent
            | State::InDoubt
            | State::Expired
            | State::Cancelled
            | State::OutcomeUnknown
            | State::Rejected
            | State::Failed => None,
        };
        if let Some(first) = first {
            first.get_or_insert(at);
        }
        if reached == one.state && one.reason.is_none() {
            one.state_at = at;
            one.reason = reason(row, 2)?;
        }
    }
    Ok(())
}

fn is_being_sent(tx: &Transaction<'_>, id: i64) -> Result<bool, SqlError> {
    tx.prepare_cached(
        "SELECT m.id, m.state, m.id <= l.claimed_to, w.kind, w.due_at, w.hold
         FROM messages m LEFT JOIN waiting w ON w.id = m.id LEFT JOIN lanes l ON l.number = m.id >> ?2 WHERE m.id = ?1",
    )?
    .query_row((id, PLACE_BITS), |row| Ok(standing(row)? == Standing::BeingSent))
}

/// Whether a number stands among the reasons of what happened to a message, or of what it waited for.
fn has_code(tx: &Transaction<'_>, id: i64, code: u32) -> Result<bool, SqlError> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM message_events WHERE message_id = ?1 AND code = ?2)
             OR EXISTS (SELECT 1 FROM message_notes WHERE message_id = ?1 AND code = ?2)",
    )?
    .query_row((id, code), |row| row.get(0))
}

/// The numbers of the templates of a name or code, in every language.
fn templates(tx: &Transaction<'_>, question: &Question) -> Result<Option<BTreeSet<i64>>, SqlError> {
    let Some(template) = &question.search.template else { return Ok(None) };
    tx.prepare_cached("SELECT seq FROM templates WHERE app = ?1 AND (name = ?2 OR code = ?3)")?
        .query_map((question.app.as_str(), template, TemplateCode::from_caller(template).as_str()), |row| row.get(0))?
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The lanes of a sender.
fn lanes(tx: &Transaction<'_>, question: &Question) -> Result<Option<BTreeSet<i64>>, SqlError> {
    let Some(sender) = &question.search.sender else { return Ok(None) };
    tx.prepare_cached("SELECT number FROM lanes WHERE sender = ?1")?
        .query_map([sender.as_str()], |row| row.get(0))?
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The lowest id above all of which messages were accepted well after a moment.
fn first_after(tx: &Transaction<'_>, at: Moment) -> Result<[u8; 16], SqlError> {
    let mut next = tx.prepare_cached("SELECT accepted_at FROM messages WHERE msgid >= ?1 ORDER BY msgid LIMIT 1")?;
    let (mut low, mut high) = (0, AFTER_ALL);
    while low < high {
        let middle = low.midpoint(high);
        let accepted_at: Option<i64> = next.query_row([made_at(middle)], |row| row.get(0)).optional()?;
        if accepted_at.is_none_or(|accepted_at| accepted_at >= at.as_millis().saturating_add(SLACK_MS)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(made_at(low))
}

/// The lowest id that is made in a millisecond.
fn made_at(millis: u64) -> [u8; 16] {
    if millis >= AFTER_ALL {
        return [0xff; 16];
    }
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    bytes
}

/// Names that many messages share.
#[derive(Default)]
struct Known {
    templates: HashMap<i64, Option<String>>,
    lanes: HashMap<i64, Lane>,
}

impl Known {
    fn template(&mut self, tx: &Transaction<'_>, seq: i64) -> Result<Option<String>, SqlError> {
        if let Some(name) = self.templates.get(&seq) {
            return Ok(name.clone());
        }
        let name = template_name(tx, seq)?;
        self.templates.insert(seq, name.clone());
        Ok(name)
    }

    fn lane(&mut self, tx: &Transaction<'_>, number: i64) -> Result<Lane, SqlError> {
        if let Some(lane) = self.lanes.get(&number) {
            return Ok(lane.clone());
        }
        let found = tx
            .prepare_cached("SELECT sender, class FROM lanes WHERE number = ?1")?
            .query_row([number], |row| lane(row, 0))?;
        self.lanes.insert(number, found.clone());
        Ok(found)
    }
}
