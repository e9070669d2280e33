//! Apps, senders, tokens and secrets.

use std::collections::HashMap;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, SenderId, TokenId, WabaId};
use kabar_domain::template::guard::{Guard, Reaction};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::Sqlite;
use super::learnt::learnt;
use super::memory::Memory;
use super::rows::{maybe_moment, moment, parsed, unknown, uuid};
use super::writer::{Command, Failure};
use crate::Error;
use crate::directory::{App, Directory, Scope, Sender, Token};

impl Sqlite {
    pub(crate) async fn create_app(&self, app: App) -> Result<(), Error> {
        self.0.writer.run(CreateApp(app)).await
    }

    pub(crate) async fn set_guard(&self, app: AppId, guard: Guard) -> Result<(), Error> {
        self.0.writer.run(SetGuard { app, guard }).await
    }

    pub(crate) async fn add_sender(&self, sender: Sender) -> Result<(), Error> {
        let sealed = match &sender.access_token {
            Some(token) => Some(self.0.seal.seal(&token_row(&sender.id), token.as_bytes())?),
            None => None,
        };
        self.0.writer.run(AddSender { sender, sealed }).await
    }

    pub(crate) async fn issue_token(&self, token: Token) -> Result<(), Error> {
        self.0.writer.run(IssueToken(token)).await
    }

    pub(crate) async fn revoke_token(&self, id: TokenId, at: Moment) -> Result<bool, Error> {
        self.0.writer.run(RevokeToken { id, at }).await
    }

    pub(crate) async fn directory(&self) -> Result<Directory, Error> {
        let (mut directory, sealed) = self.0.readers.read(load).await?;
        for (sender, sealed) in directory.senders.iter_mut().zip(sealed) {
            if let Some(sealed) = sealed {
                let token = self.0.seal.open_sealed(&token_row(&sender.id), &sealed)?;
                sender.access_token = Some(
                    String::from_utf8(token).map_err(|_| Error::Engine("an access token is not a text".to_owned()))?,
                );
            }
        }
        Ok(directory)
    }

    pub(crate) async fn directory_version(&self) -> Result<i64, Error> {
        self.0.readers.read(version).await
    }

    pub(crate) async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, Error> {
        let row = secret_row(name);
        let sealed = self.0.seal.seal(&row, &fresh)?;
        let kept = self.0.writer.run(KeepSecret { name, sealed }).await?;
        self.0.seal.open_sealed(&row, &kept)
    }
}

struct CreateApp(App);

impl Command for CreateApp {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let Self(app) = self;
        if app_exists(tx, &app.id)? {
            return Err(Error::AppExists(app.id.clone()).into());
        }
        tx.prepare_cached("INSERT INTO apps (id, name, created_at) VALUES (?1, ?2, ?3)")?.execute((
            app.id.as_str(),
            &app.name,
            app.created_at.as_millis(),
        ))?;
        changed(tx)
    }
}

struct SetGuard {
    app: AppId,
    guard: Guard,
}

impl Command for SetGuard {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let Self { app, guard } = self;
        let n_changed = tx
            .prepare_cached("UPDATE apps SET guard_marketing = ?2, guard_paused = ?3, guard_red = ?4 WHERE id = ?1")?
            .execute((app.as_str(), guard.marketing.as_str(), guard.paused.as_str(), guard.red.as_str()))?;
        if n_changed == 0 {
            return Err(Error::NoSuchApp(app.clone()).into());
        }
        changed(tx)
    }
}

struct AddSender {
    sender: Sender,
    sealed: Option<Vec<u8>>,
}

impl Command for AddSender {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let Self { sender, sealed } = self;
        if !app_exists(tx, &sender.app)? {
            return Err(Error::NoSuchApp(sender.app.clone()).into());
        }
        let owner: Option<AppId> = tx
            .prepare_cached("SELECT app FROM senders WHERE id = ?1")?
            .query_row([sender.id.as_str()], |row| parsed(row, 0, AppId::parse))
            .optional()?;
        if let Some(owner) = owner.filter(|owner| *owner != sender.app) {
            return Err(Error::SenderTaken { sender: sender.id.clone(), owner }.into());
        }
        tx.prepare_cached(
            "INSERT INTO senders (id, app, waba, throughput, access_token, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE
             SET waba = excluded.waba, throughput = excluded.throughput, access_token = excluded.access_token",
        )?
        .execute((
            sender.id.as_str(),
            sender.app.as_str(),
            sender.waba.as_str(),
            sender.throughput,
            sealed,
            sender.created_at.as_millis(),
        ))?;
        changed(tx)
    }
}

struct IssueToken(Token);

impl Command for IssueToken {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let Self(token) = self;
        if !app_exists(tx, &token.app)? {
            return Err(Error::NoSuchApp(token.app.clone()).into());
        }
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        tx.prepare_cached(
            "INSERT INTO tokens (id, app, label, scopes, issued_at, expires_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            token.id.as_uuid().as_bytes(),
            token.app.as_str(),
            &token.label,
            scopes.join(" "),
            token.issued_at.as_millis(),
            token.expires_at.map(Moment::as_millis),
            token.revoked_at.map(Moment::as_millis),
        ))?;
        changed(tx)
    }
}

struct RevokeToken {
    id: TokenId,
    at: Moment,
}

impl Command for RevokeToken {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let id = self.id.as_uuid();
        let n_revoked = tx
            .prepare_cached("UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")?
            .execute((id.as_bytes(), self.at.as_millis()))?;
        if n_revoked > 0 {
            changed(tx)?;
            return Ok(true);
        }
        Ok(tx.prepare_cached("SELECT 1 FROM tokens WHERE id = ?1")?.exists([id.as_bytes()])?)
    }
}

struct KeepSecret {
    name: &'static str,
    sealed: Vec<u8>,
}

impl Command for KeepSecret {
    type Answer = Vec<u8>;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<Vec<u8>, Failure> {
        let name = secret_row(self.name);
        tx.prepare_cached("INSERT OR IGNORE INTO secrets (name, value) VALUES (?1, ?2)")?
            .execute((&name, &self.sealed))?;
        Ok(tx.prepare_cached("SELECT value FROM secrets WHERE name = ?1")?.query_row([&name], |row| row.get(0))?)
    }
}

/// The apps that have a sender in an account.
pub(super) fn apps_of(tx: &Transaction<'_>, waba: &WabaId) -> Result<Vec<AppId>, rusqlite::Error> {
    tx.prepare_cached("SELECT DISTINCT app FROM senders WHERE waba = ?1 ORDER BY app")?
        .query_map([waba.as_str()], |row| parsed(row, 0, AppId::parse))?
        .collect()
}

/// Whether there is an app of that id.
pub(super) fn app_exists(tx: &Transaction<'_>, app: &AppId) -> Result<bool, rusqlite::Error> {
    tx.prepare_cached("SELECT 1 FROM apps WHERE id = ?1")?.exists([app.as_str()])
}

pub(super) fn changed(tx: &Transaction<'_>) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE directory_version SET version = version + 1")?.execute([])?;
    Ok(())
}

fn token_row(sender: &SenderId) -> String {
    format!("senders/{sender}")
}

fn secret_row(name: &str) -> String {
    format!("secrets/{name}")
}

fn version(tx: &Transaction<'_>) -> Result<i64, rusqlite::Error> {
    tx.prepare_cached("SELECT version FROM directory_version")?.query_row([], |row| row.get(0))
}

/// An access token as it is kept, where a sender has one.
type Sealed = Option<Vec<u8>>;

/// Everyone, and for each sender its access token.
fn load(tx: &Transaction<'_>) -> Result<(Directory, Vec<Sealed>), rusqlite::Error> {
    let (apps, guards) = tx
        .prepare_cached(
            "SELECT id, name, created_at, guard_marketing, guard_paused, guard_red FROM apps ORDER BY created_at, number",
        )?
        .query_map([], |row| {
            let app = App { id: parsed(row, 0, AppId::parse)?, name: row.get(1)?, created_at: moment(row, 2)? };
            let guard = Guard { marketing: reaction(row, 3)?, paused: reaction(row, 4)?, red: reaction(row, 5)? };
            let of_app = (app.id.clone(), guard);
            Ok((app, of_app))
        })?
        .collect::<Result<(Vec<_>, HashMap<_, _>), _>>()?;
    let (senders, sealed) = tx
        .prepare_cached(
            "SELECT id, app, waba, throughput, created_at, access_token FROM senders ORDER BY created_at, number",
        )?
        .query_map([], |row| {
            let sender = Sender {
                id: parsed(row, 0, str::parse)?,
                app: parsed(row, 1, str::parse)?,
                waba: parsed(row, 2, str::parse)?,
                throughput: row.get(3)?,
                access_token: None,
                created_at: moment(row, 4)?,
            };
            Ok((sender, row.get(5)?))
        })?
        .collect::<Result<_, _>>()?;
    let tokens = tx
        .prepare_cached(
            "SELECT id, app, label, scopes, issued_at, expires_at, revoked_at FROM tokens ORDER BY issued_at, number",
        )?
        .query_map([], token)?
        .collect::<Result<_, _>>()?;
    Ok((Directory { apps, senders, tokens, learnt: learnt(tx)?, guards, version: version(tx)? }, sealed))
}

fn reaction(row: &Row<'_>, column: usize) -> Result<Reaction, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    Reaction::parse(text).ok_or_else(|| unknown(column, Type::Text, "a reaction"))
}

fn token(row: &Row<'_>) -> Result<Token, rusqlite::Error> {
    let names: String = row.get(3)?;
    let scopes = names
        .split_whitespace()
        .map(|name| Scope::parse(name).ok_or_else(|| unknown(3, Type::Text, "a scope")))
        .collect::<Result<_, _>>()?;
    Ok(Token {
        id: TokenId::from_uuid(uuid(row, 0)?),
        app: parsed(row, 1, AppId::parse)?,
        label: row.get(2)?,
        scopes,
        issued_at: moment(row, 4)?,
        expires_at: maybe_moment(row, 5)?,
        revoked_at: maybe_moment(row, 6)?,
    })
}
