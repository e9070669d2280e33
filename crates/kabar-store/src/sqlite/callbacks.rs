//! Callbacks: who is told, and with what that is signed.

use kabar_domain::callback::{CallbackId, CallbackUrl, PauseReason, Signing, Subscription};
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::directory::app_exists;
use super::memory::Memory;
use super::rows::{maybe_moment, moment, parsed, unknown, uuid};
use super::writer::{Command, Failure};
use crate::Error;
use crate::callback::{AddCallback, Callback, CallbackChange, MOST_CALLBACKS, MOST_COUNTED};

mod cleaning;
mod list;
mod queue;
mod redrive;
pub(super) mod tell;

impl Sqlite {
    pub(crate) async fn add_callback(&self, add: AddCallback) -> Result<Callback, Error> {
        let sealed = self.0.seal.seal(&key_row(add.id), &add.key.secret)?;
        self.0.writer.run(Add { add, sealed }).await
    }

    pub(crate) async fn change_callback(
        &self,
        app: AppId,
        id: CallbackId,
        change: CallbackChange,
        at: Moment,
    ) -> Result<Option<Callback>, Error> {
        let sealed = match &change {
            CallbackChange::Key { key, .. } => self.0.seal.seal(&key_row(id), &key.secret)?,
            CallbackChange::Facts(_) | CallbackChange::Pause | CallbackChange::Resume => Vec::new(),
        };
        let resumes = change == CallbackChange::Resume;
        let changed = self.0.writer.run(ChangeOne { app: app.clone(), id, change, sealed, at }).await?;
        if resumes && changed.is_some() {
            // What waited for its next try need not wait any longer.
            self.hasten(app, id, at).await?;
        }
        Ok(changed)
    }

    pub(crate) async fn remove_callback(&self, app: AppId, id: CallbackId, at: Moment) -> Result<bool, Error> {
        self.0.writer.run(Remove { app, id, at }).await
    }

    pub(crate) async fn callbacks(&self, app: Option<AppId>) -> Result<Vec<Callback>, Error> {
        self.0.readers.read(move |tx| select(tx, app.as_ref())).await
    }

    pub(crate) async fn callback(&self, app: AppId, id: CallbackId) -> Result<Option<Callback>, Error> {
        self.0.readers.read(move |tx| find(tx, &app, id)).await
    }
}

/// The name under which a callback's keys are sealed.
fn key_row(id: CallbackId) -> String {
    format!("callbacks/{id}")
}

struct Add {
    add: AddCallback,
    sealed: Vec<u8>,
}

impl Command for Add {
    type Answer = Callback;

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Callback, Failure> {
        memory.listeners.forget();
        let Self { add, sealed } = self;
        if !app_exists(tx, &add.app)? {
            return Err(Error::NoSuchApp(add.app.clone()).into());
        }
        let n_known: u32 = tx
            .prepare_cached("SELECT count(*) FROM callbacks WHERE app = ?1 AND removed_at IS NULL")?
            .query_row([add.app.as_str()], |row| row.get(0))?;
        if n_known >= MOST_CALLBACKS {
            return Err(Error::TooManyCallbacks { most: MOST_CALLBACKS }.into());
        }
        tx.prepare_cached(
            "INSERT INTO callbacks
             (id, app, url, description, events, signing, key, public_key, created_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
        )?
        .execute((
            add.id.as_uuid().as_bytes(),
            add.app.as_str(),
            add.asked.url.as_str(),
            &add.asked.description,
            add.asked.events.joined(),
            add.key.signing.as_str(),
            sealed,
            &add.key.public,
            add.at.as_millis(),
        ))?;
        found(find(tx, &add.app, add.id)?)
    }
}

struct ChangeOne {
    app: AppId,
    id: CallbackId,
    change: CallbackChange,
    sealed: Vec<u8>,
    at: Moment,
}

impl Command for ChangeOne {
    type Answer = Option<Callback>;

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Option<Callback>, Failure> {
        memory.listeners.forget();
        let Some(number) = number(tx, &self.app, self.id)? else { return Ok(None) };
        let at = self.at.as_millis();
        match &self.change {
            CallbackChange::Facts(change) => {
                tx.prepare_cached(
                    "UPDATE callbacks SET url = coalesce(?2, url), events = coalesce(?3, events),
                     description = coalesce(?4, description), changed_at = ?5 WHERE number = ?1",
                )?
                .execute((
                    number,
                    change.url.as_ref().map(CallbackUrl::as_str),
                    change.events.as_ref().map(Subscription::joined),
                    &change.description,
                    at,
                ))?;
            }
            CallbackChange::Pause => {
                tx.prepare_cached(
                    "UPDATE callbacks SET paused_at = ?2, paused_why = ?3, changed_at = ?2
                     WHERE number = ?1 AND paused_at IS NULL",
                )?
                .execute((number, at, PauseReason::Asked.as_str()))?;
            }
            CallbackChange::Resume => {
                tx.prepare_cached(
                    "UPDATE callbacks SET paused_at = NULL, paused_why = NULL, failing_since = NULL, changed_at = ?2
                     WHERE number = ?1 AND paused_at IS NOT NULL",
                )?
                .execute((number, at))?;
            }
            CallbackChange::Key { key, old_until } => {
                tx.prepare_cached(
                    "UPDATE callbacks SET old_signing = signing, old_key = key, old_until = ?2, signing = ?3, key = ?4,
                     public_key = ?5, changed_at = ?6 WHERE number = ?1",
                )?
                .execute((
                    number,
                    old_until.as_millis(),
                    key.signing.as_str(),
                    &self.sealed,
                    &key.public,
                    at,
                ))?;
            }
        }
        Ok(find(tx, &self.app, self.id)?)
    }
}

struct Remove {
    app: AppId,
    id: CallbackId,
    at: Moment,
}

impl Command for Remove {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<bool, Failure> {
        memory.listeners.forget();
        let Some(number) = number(tx, &self.app, self.id)? else { return Ok(false) };
        // Its deliveries may be many, so they go later, step by step; its key goes now.
        tx.prepare_cached(
            "UPDATE callbacks SET removed_at = ?2, paused_at = coalesce(paused_at, ?2), key = x'', old_key = NULL
             WHERE number = ?1",
        )?
        .execute((number, self.at.as_millis()))?;
        Ok(true)
    }
}

/// The number of an app's callback, if there is one of that id.
fn number(tx: &Transaction<'_>, app: &AppId, id: CallbackId) -> Result<Option<i64>, rusqlite::Error> {
    tx.prepare_cached("SELECT number FROM callbacks WHERE id = ?1 AND app = ?2 AND removed_at IS NULL")?
        .query_row((id.as_uuid().as_bytes(), app.as_str()), |row| row.get(0))
        .optional()
}

const COLUMNS: &str =
    "SELECT id, app, url, description, events, signing, public_key, old_until, created_at, changed_at,
    paused_at, paused_why, failing_since, number FROM callbacks";

fn select(tx: &Transaction<'_>, app: Option<&AppId>) -> Result<Vec<Callback>, rusqlite::Error> {
    let rows: Vec<(i64, Callback)> = match app {
        Some(app) => tx
            .prepare_cached(&format!("{COLUMNS} WHERE app = ?1 AND removed_at IS NULL ORDER BY number"))?
            .query_map([app.as_str()], read)?
            .collect::<Result<_, _>>()?,
        None => tx
            .prepare_cached(&format!("{COLUMNS} WHERE removed_at IS NULL ORDER BY app, number"))?
            .query_map([], read)?
            .collect::<Result<_, _>>()?,
    };
    rows.into_iter().map(|(number, callback)| counted(tx, number, callback)).collect()
}

fn find(tx: &Transaction<'_>, app: &AppId, id: CallbackId) -> Result<Option<Callback>, rusqlite::Error> {
    let row = tx
        .prepare_cached(&format!("{COLUMNS} WHERE id = ?1 AND app = ?2 AND removed_at IS NULL"))?
        .query_row((id.as_uuid().as_bytes(), app.as_str()), read)
        .optional()?;
    row.map(|(number, callback)| counted(tx, number, callback)).transpose()
}

fn counted(tx: &Transaction<'_>, number: i64, callback: Callback) -> Result<Callback, rusqlite::Error> {
    let waiting = tx
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE callback = ?1 AND state < 2 LIMIT ?2)")?
        .query_row((number, MOST_COUNTED), |row| row.get(0))?;
    Ok(Callback { waiting, ..callback })
}

fn read(row: &Row<'_>) -> Result<(i64, Callback), rusqlite::Error> {
    let paused = match maybe_moment(row, 10)? {
        Some(at) => {
            let why = row.get_ref(11)?.as_str()?;
            Some((at, PauseReason::parse(why).ok_or_else(|| unknown(11, Type::Text, "a reason to pause"))?))
        }
        None => None,
    };
    let callback = Callback {
        id: CallbackId::from_uuid(uuid(row, 0)?),
        app: parsed(row, 1, AppId::parse)?,
        url: parsed(row, 2, CallbackUrl::parse)?,
        description: row.get(3)?,
        events: Subscription::from_joined(row.get_ref(4)?.as_str()?),
        signing: signing(row, 5)?,
        public_key: row.get(6)?,
        old_key_until: maybe_moment(row, 7)?,
        created_at: moment(row, 8)?,
        changed_at: moment(row, 9)?,
        paused,
        failing_since: maybe_moment(row, 12)?,
        waiting: 0,
    };
    Ok((row.get(13)?, callback))
}

fn signing(row: &Row<'_>, column: usize) -> Result<Signing, rusqlite::Error> {
    Signing::parse(row.get_ref(column)?.as_str()?).ok_or_else(|| unknown(column, Type::Text, "a way of signing"))
}

/// What was just written is there.
fn found(callback: Option<Callback>) -> Result<Callback, Failure> {
    callback.ok_or(Failure::Engine(rusqlite::Error::QueryReturnedNoRows))
}
