//! Notes on a message's way, beside the states that it came to.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Answer, KeptNote, Note, NoteKind};
use kabar_domain::pricing::Pricing;
use rusqlite::types::Type;
use rusqlite::{Error as SqlError, OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::memory::lane_of;
use super::rows::{lane, maybe_moment, moment, unknown};
use super::views::view;
use crate::Error;
use crate::ledger::Told;

/// How many notes of one message are kept. Of more, the first ones and the newest.
const MOST: i64 = 32;
/// How many of them are the first.
const FIRST: i64 = 8;

impl Sqlite {
    pub(crate) async fn noted(&self, app: AppId, msgid: Msgid) -> Result<Option<Told>, Error> {
        self.0.readers.read(move |tx| told(tx, &app, msgid)).await
    }

    pub(crate) async fn app_of(&self, msgid: Msgid) -> Result<Option<AppId>, Error> {
        self.0
            .readers
            .read(move |tx| {
                tx.prepare_cached("SELECT app FROM messages WHERE msgid = ?1")?
                    .query_row([msgid.as_bytes()], |row| super::rows::parsed(row, 0, AppId::parse))
                    .optional()
            })
            .await
    }
}

/// That the program ended while a call may have been under way.
pub(super) fn interrupted(at: Moment, until: Moment) -> Note {
    Note { kind: NoteKind::Interrupted, attempt: 0, at, due: Some(until), answer: Answer::default() }
}

/// That what a message was held for is put right.
pub(super) fn released(at: Moment) -> Note {
    Note { kind: NoteKind::Released, attempt: 0, at, due: None, answer: Answer::default() }
}

/// Keeps a note: with the last one, if that says the same.
pub(super) fn keep(tx: &Transaction<'_>, id: i64, note: &Note) -> Result<(), SqlError> {
    let answer = &note.answer;
    let last: Option<(i64, bool)> = tx
        .prepare_cached(
            "SELECT place, kind = ?2 AND code IS ?3 AND subcode IS ?4 AND http_status IS ?5 FROM message_notes
             WHERE message_id = ?1 ORDER BY place DESC LIMIT 1",
        )?
        .query_row((id, note.kind.as_str(), answer.code, answer.subcode, answer.http_status), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let due = note.due.map(Moment::as_millis);
    if let Some((place, true)) = last {
        tx.prepare_cached(
            "UPDATE message_notes SET at = ?3, times = times + 1, attempt = ?4, due_at = ?5, text = ?6, trace = ?7
             WHERE message_id = ?1 AND place = ?2",
        )?
        .execute((id, place, note.at.as_millis(), note.attempt, due, &answer.text, &answer.trace))?;
        return Ok(());
    }
    let place = last.map_or(1, |(place, _)| place + 1);
    tx.prepare_cached(
        "INSERT INTO message_notes (message_id, place, kind, attempt, first_at, at, times, due_at,
                                    http_status, code, subcode, text, trace)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        id,
        place,
        note.kind.as_str(),
        note.attempt,
        note.at.as_millis(),
        due,
        answer.http_status,
        answer.code,
        answer.subcode,
        &answer.text,
        &answer.trace,
    ))?;
    if place > MOST {
        // Each new one pushes out the oldest of those after the first.
        tx.prepare_cached("DELETE FROM message_notes WHERE message_id = ?1 AND place = ?2")?
            .execute((id, place - (MOST - FIRST)))?;
    }
    Ok(())
}

fn told(tx: &Transaction<'_>, app: &AppId, msgid: Msgid) -> Result<Option<Told>, SqlError> {
    let Some(view) = view(tx, app, msgid)? else { return Ok(None) };
    let (id, attempts, pricing): (i64, u32, Option<i64>) = tx
        .prepare_cached("SELECT id, attempts, pricing FROM messages WHERE msgid = ?1")?
        .query_row([msgid.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let pricing = pricing.and_then(Pricing::from_code);
    let lane = tx
        .prepare_cached("SELECT sender, class FROM lanes WHERE number = ?1")?
        .query_row([lane_of(id)], |row| lane(row, 0))?;
    let template = template_name(tx, view.template)?;
    let notes = tx
        .prepare_cached(
            "SELECT place, kind, attempt, first_at, at, times, due_at, http_status, code, subcode, text, trace
             FROM message_notes WHERE message_id = ?1 ORDER BY place",
        )?
        .query_map([id], kept)?
        .collect::<Result<_, _>>()?;
    Ok(Some(Told { view, lane, template, attempts, pricing, notes }))
}

/// The upstream's name of a template, while it is there.
pub(super) fn template_name(tx: &Transaction<'_>, seq: i64) -> Result<Option<String>, SqlError> {
    tx.prepare_cached("SELECT name FROM templates WHERE seq = ?1")?.query_row([seq], |row| row.get(0)).optional()
}

fn kept(row: &Row<'_>) -> Result<KeptNote, SqlError> {
    let kind = NoteKind::parse(row.get_ref(1)?.as_str()?).ok_or_else(|| unknown(1, Type::Text, "a kind of note"))?;
    Ok(KeptNote {
        place: row.get(0)?,
        note: Note {
            kind,
            attempt: row.get(2)?,
            at: moment(row, 4)?,
            due: maybe_moment(row, 6)?,
            answer: Answer {
                http_status: row.get(7)?,
                code: row.get(8)?,
                subcode: row.get(9)?,
                text: row.get(10)?,
                trace: row.get(11)?,
            },
        },
        first_at: moment(row, 3)?,
        times: row.get(5)?,
    })
}
