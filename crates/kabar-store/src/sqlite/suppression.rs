//! Recipients who get no marketing.

use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use kabar_domain::message::Reason;
use kabar_domain::phone::PhoneNumber;
use rusqlite::types::Type;
use rusqlite::{Error as SqlError, OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::directory::{app_exists, apps_of};
use super::memory::Memory;
use super::rows::{moment, parsed, unknown};
use super::writer::{Command, Failure};
use crate::Error;
use crate::suppression::{Preference, Query, STOPPED, Source, StopReply, Suppression, Wish, folded};

/// How many wishes are kept in one transaction, so that a long list keeps nobody else from writing for long.
const MOST_WISHES: usize = 2_000;

/// The columns that [`suppression`] reads.
const COLUMNS: &str = "app, recipient, stopped, source, note, at, change";

impl Sqlite {
    pub(crate) async fn suppress(&self, wishes: Vec<Wish>) -> Result<u64, Error> {
        let mut n_changed = 0;
        for piece in wishes.chunks(MOST_WISHES) {
            n_changed += self.0.writer.run(Suppress(piece.to_vec())).await?;
        }
        Ok(n_changed)
    }

    pub(crate) async fn prefer(&self, preferences: Vec<Preference>) -> Result<bool, Error> {
        if preferences.is_empty() {
            return Ok(false);
        }
        self.0.writer.run(Prefer(preferences)).await
    }

    pub(crate) async fn stop_by_reply(&self, replies: Vec<StopReply>) -> Result<bool, Error> {
        if replies.is_empty() {
            return Ok(false);
        }
        self.0.writer.run(StopByReply(replies)).await
    }

    pub(crate) async fn set_stop_replies(&self, app: AppId, texts: Vec<String>) -> Result<(), Error> {
        self.0.writer.run(SetStopReplies { app, texts }).await
    }

    pub(crate) async fn stop_replies(&self, app: AppId) -> Result<Option<Vec<String>>, Error> {
        self.0.readers.read(move |tx| stop_replies(tx, &app)).await
    }

    pub(crate) async fn suppression(&self, app: AppId, recipient: PhoneNumber) -> Result<Option<Suppression>, Error> {
        let found = self.0.readers.read(move |tx| find(tx, &app, &recipient)).await?;
        Ok(found.filter(|found| found.wish.stopped))
    }

    pub(crate) async fn suppressions(&self, app: AppId, query: Query, limit: u32) -> Result<Vec<Suppression>, Error> {
        self.0.readers.read(move |tx| list(tx, &app, &query, limit)).await
    }

    pub(crate) async fn suppression_changes(&self, after: i64, limit: u32) -> Result<Vec<Suppression>, Error> {
        self.0.readers.read(move |tx| changes(tx, after, limit)).await
    }
}

struct Suppress(Vec<Wish>);

impl Command for Suppress {
    type Answer = u64;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<u64, Failure> {
        if let Some(foreign) = unknown_app(tx, &self.0)? {
            return Err(Error::NoSuchApp(foreign).into());
        }
        let mut n_changed = 0;
        for wish in &self.0 {
            n_changed += u64::from(keep(tx, &as_said(tx, wish)?)?);
        }
        Ok(n_changed)
    }
}

/// What somebody of the app says is said now, after all that is known, whichever clock that was dated by.
fn as_said(tx: &Transaction<'_>, wish: &Wish) -> Result<Wish, SqlError> {
    let mut wish = wish.clone();
    if !wish.source.is_the_recipients()
        && let Some(known) = find(tx, &wish.app, &wish.recipient)?
    {
        wish.at = wish.at.max(known.wish.at.plus(Duration::from_millis(1)));
    }
    Ok(wish)
}

fn unknown_app(tx: &Transaction<'_>, wishes: &[Wish]) -> Result<Option<AppId>, Failure> {
    let mut last = None;
    for wish in wishes {
        if last != Some(&wish.app) && !app_exists(tx, &wish.app)? {
            return Ok(Some(wish.app.clone()));
        }
        last = Some(&wish.app);
    }
    Ok(None)
}

struct Prefer(Vec<Preference>);

impl Command for Prefer {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let mut changed = false;
        for Preference { waba, recipient, stopped, at } in &self.0 {
            for app in apps_of(tx, waba)? {
                // What somebody of the app said is not undone by what the recipient chooses elsewhere.
                let kept = find(tx, &app, recipient)?.filter(|kept| kept.wish.stopped);
                if !*stopped && kept.is_some_and(|kept| !kept.wish.source.is_the_recipients()) {
                    continue;
                }
                let note = String::new();
                let wish = Wish {
                    app,
                    recipient: recipient.clone(),
                    stopped: *stopped,
                    source: Source::Preference,
                    note,
                    at: *at,
                };
                changed |= keep(tx, &wish)?;
            }
        }
        Ok(changed)
    }
}

struct StopByReply(Vec<StopReply>);

impl Command for StopByReply {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let mut changed = false;
        for reply in &self.0 {
            let Some((app, recipient)) = whose(tx, reply)? else { continue };
            let StopReply { texts, at, .. } = reply;
            let stops = stop_replies(tx, &app)?.unwrap_or_default();
            let stops: Vec<String> = stops.iter().map(|text| folded(text)).collect();
            if let Some(note) = texts.iter().find(|text| stops.contains(&folded(text))) {
                let (note, source) = (note.clone(), Source::Reply);
                changed |= keep(tx, &Wish { app, recipient, stopped: true, source, note, at: *at })?;
            }
        }
        Ok(changed)
    }
}

/// Which app was answered by whom: by the message, and when that is no longer kept, by its sender and who pressed.
fn whose(tx: &Transaction<'_>, reply: &StopReply) -> Result<Option<(AppId, PhoneNumber)>, SqlError> {
    let by_message = tx
        .prepare_cached("SELECT app, recipient FROM messages WHERE wamid = ?1")?
        .query_row([&reply.replied_to], |row| Ok((parsed(row, 0, AppId::parse)?, parsed(row, 1, PhoneNumber::kept)?)))
        .optional()?;
    if by_message.is_some() {
        return Ok(by_message);
    }
    let (Some(sender), Some(from)) = (&reply.sender, &reply.from) else { return Ok(None) };
    let app = tx
        .prepare_cached("SELECT app FROM senders WHERE id = ?1")?
        .query_row([sender.as_str()], |row| parsed(row, 0, AppId::parse))
        .optional()?;
    Ok(app.map(|app| (app, from.clone())))
}

/// What became of a message may tell that its recipient has stopped marketing.
pub(super) fn heed(tx: &Transaction<'_>, id: i64, at: Moment, reason: &Reason) -> Result<(), SqlError> {
    if reason.code != STOPPED {
        return Ok(());
    }
    let found: Option<(AppId, PhoneNumber)> = tx
        .prepare_cached("SELECT app, recipient FROM messages WHERE id = ?1")?
        .query_row([id], |row| Ok((parsed(row, 0, AppId::parse)?, parsed(row, 1, PhoneNumber::kept)?)))
        .optional()?;
    if let Some((app, recipient)) = found {
        let note = reason.text.clone();
        keep(tx, &Wish { app, recipient, stopped: true, source: Source::Refusal, note, at })?;
    }
    Ok(())
}

/// Keeps a wish, unless a newer one is known, or the same. `true` if the recipient gets marketing no more, or again.
fn keep(tx: &Transaction<'_>, wish: &Wish) -> Result<bool, SqlError> {
    let Wish { app, recipient, stopped, source, note, at } = wish;
    let known = find(tx, app, recipient)?;
    let is_known = known.is_some();
    if let Some(known) = known {
        // The upstream tells whole seconds. Of two wishes of one, in whatever order they come, the stop counts.
        let is_newer = known.wish.at < *at || (known.wish.at == *at && *stopped && !known.wish.stopped);
        if !is_newer {
            return Ok(false);
        }
        if known.wish.stopped == *stopped {
            // So that an older wish to the contrary, which comes late, changes nothing.
            tx.prepare_cached("UPDATE suppressions SET at = ?3 WHERE app = ?1 AND recipient = ?2")?.execute((
                app.as_str(),
                recipient.as_e164(),
                at.as_millis(),
            ))?;
            // What somebody of the app says is theirs to undo from now on, and the recipient's no longer.
            if known.wish.source.is_the_recipients() && !source.is_the_recipients() {
                tx.prepare_cached("UPDATE suppressions SET source = ?3, note = ?4 WHERE app = ?1 AND recipient = ?2")?
                    .execute((app.as_str(), recipient.as_e164(), source.as_str(), note))?;
            }
            return Ok(false);
        }
    }
    tx.prepare_cached(
        "INSERT INTO suppressions (app, recipient, stopped, source, note, at, change)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(max(change), 0) + 1 FROM suppressions))
         ON CONFLICT (app, recipient) DO UPDATE SET
         stopped = excluded.stopped, source = excluded.source, note = excluded.note, at = excluded.at,
         change = excluded.change",
    )?
    .execute((app.as_str(), recipient.as_e164(), stopped, source.as_str(), note, at.as_millis()))?;
    Ok(*stopped || is_known)
}

struct SetStopReplies {
    app: AppId,
    texts: Vec<String>,
}

impl Command for SetStopReplies {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let n_changed = tx
            .prepare_cached("UPDATE apps SET stop_replies = ?2 WHERE id = ?1")?
            .execute((self.app.as_str(), self.texts.join("\n")))?;
        if n_changed == 0 { Err(Error::NoSuchApp(self.app.clone()).into()) } else { Ok(()) }
    }
}

fn stop_replies(tx: &Transaction<'_>, app: &AppId) -> Result<Option<Vec<String>>, SqlError> {
    tx.prepare_cached("SELECT stop_replies FROM apps WHERE id = ?1")?
        .query_row([app.as_str()], |row| Ok(row.get_ref(0)?.as_str()?.lines().map(str::to_owned).collect()))
        .optional()
}

fn find(tx: &Transaction<'_>, app: &AppId, recipient: &PhoneNumber) -> Result<Option<Suppression>, SqlError> {
    tx.prepare_cached(&format!("SELECT {COLUMNS} FROM suppressions WHERE app = ?1 AND recipient = ?2"))?
        .query_row((app.as_str(), recipient.as_e164()), suppression)
        .optional()
}

fn list(tx: &Transaction<'_>, app: &AppId, query: &Query, limit: u32) -> Result<Vec<Suppression>, SqlError> {
    tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM suppressions
         WHERE app = ?1 AND recipient > ?2 AND stopped AND (?3 IS NULL OR source = ?3) ORDER BY recipient LIMIT ?4"
    ))?
    .query_map(
        (app.as_str(), query.after.as_ref().map_or("", PhoneNumber::as_e164), query.source.map(Source::as_str), limit),
        suppression,
    )?
    .collect()
}

fn changes(tx: &Transaction<'_>, after: i64, limit: u32) -> Result<Vec<Suppression>, SqlError> {
    tx.prepare_cached(&format!("SELECT {COLUMNS} FROM suppressions WHERE change > ?1 ORDER BY change LIMIT ?2"))?
        .query_map((after, limit), suppression)?
        .collect()
}

fn suppression(row: &Row<'_>) -> Result<Suppression, SqlError> {
    Ok(Suppression {
        wish: Wish {
            app: parsed(row, 0, AppId::parse)?,
            recipient: parsed(row, 1, PhoneNumber::kept)?,
            stopped: row.get(2)?,
            source: Source::parse(row.get_ref(3)?.as_str()?)
                .ok_or_else(|| unknown(3, Type::Text, "a source of a suppression"))?,
            note: row.get(4)?,
            at: moment(row, 5)?,
        },
        change: row.get(6)?,
    })
}
