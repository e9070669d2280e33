//! Templates.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, TemplateId};
use rusqlite::{OptionalExtension as _, Transaction};

use super::callbacks::tell;
use super::directory::app_exists;
use super::memory::Memory;
use super::template_rows::{COLUMNS, stored};
use super::writer::{Around, Command, Failure};
use super::{Sqlite, template_life, template_rows};
use crate::Error;
use crate::kill::KillPoint;
use crate::template::{DeletedName, PutTemplate, StoredTemplate, TemplateEvent, TemplatePage, Walk};

impl Sqlite {
    pub(crate) async fn put_template(&self, template: PutTemplate) -> Result<StoredTemplate, Error> {
        self.0.writer.run(Put(template)).await
    }

    pub(crate) async fn remove_template(
        &self,
        app: AppId,
        id: TemplateId,
        blocked_since: Option<Moment>,
    ) -> Result<bool, Error> {
        self.0.writer.run(Remove { app, id, blocked_since }).await
    }

    pub(crate) async fn template_events(&self, app: AppId, id: TemplateId) -> Result<Vec<TemplateEvent>, Error> {
        let events = move |tx: &Transaction<'_>| match find(tx, &app, &id)? {
            Some(template) => template_life::events(tx, template.seq),
            None => Ok(Vec::new()),
        };
        self.0.readers.read(events).await
    }

    pub(crate) async fn deleted_names(&self, app: AppId, name: String) -> Result<Vec<DeletedName>, Error> {
        self.0.readers.read(move |tx| template_life::deleted_names(tx, &app, &name)).await
    }

    pub(crate) async fn template(&self, app: AppId, id: TemplateId) -> Result<Option<StoredTemplate>, Error> {
        self.0.readers.read(move |tx| find(tx, &app, &id)).await
    }

    pub(crate) async fn template_page(&self, app: AppId, walk: Walk, limit: u32) -> Result<TemplatePage, Error> {
        self.0.readers.read(move |tx| page(tx, &app, walk, limit)).await
    }

    pub(crate) async fn templates(&self) -> Result<Vec<StoredTemplate>, Error> {
        self.0.readers.read(|tx| select(tx, "ORDER BY seq", [])).await
    }
}

struct Put(PutTemplate);

impl Command for Put {
    type Answer = StoredTemplate;

    const AROUND: Around = Some((KillPoint::BeforePut, KillPoint::AfterPut));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<StoredTemplate, Failure> {
        let Self(put) = self;
        if !app_exists(tx, &put.app)? {
            return Err(Error::NoSuchApp(put.app.clone()).into());
        }
        let known = find(tx, &put.app, &put.id)?;
        let namesake = find_by_name(tx, put)?;
        let old = match (known, namesake) {
            // The upstream gave one template the name of another, which therefore is no more.
            (Some(known), Some(namesake)) if known.seq != namesake.seq => {
                delete(tx, &namesake)?;
                Some(known)
            }
            (known, namesake) => known.or(namesake),
        };
        let seq = match old {
            None => {
                template_life::forget_name(tx, &put.app, &put.facts)?;
                template_rows::insert(tx, put)?
            }
            Some(old) => {
                let same_facts = old.id == put.id && old.waba == put.waba && old.facts == put.facts;
                let asked = put.asked.unwrap_or(old.asked);
                if same_facts && old.told == put.told && asked == old.asked && put.events.is_empty() {
                    return Ok(old);
                }
                template_rows::update(tx, old.seq, put, asked, if same_facts { old.updated_at } else { put.at })?;
                tell::template(tx, memory, &old, put)?;
                old.seq
            }
        };
        template_life::add_events(tx, &put.app, seq, &put.events)?;
        found(find(tx, &put.app, &put.id)?)
    }
}

struct Remove {
    app: AppId,
    id: TemplateId,
    blocked_since: Option<Moment>,
}

impl Command for Remove {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        let Some(template) = find(tx, &self.app, &self.id)? else { return Ok(false) };
        delete(tx, &template)?;
        if let Some(since) = self.blocked_since {
            template_life::remember_name(tx, &template, since)?;
        }
        Ok(true)
    }
}

fn select(
    tx: &Transaction<'_>,
    clauses: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<StoredTemplate>, rusqlite::Error> {
    tx.prepare_cached(&format!("{COLUMNS} {clauses}"))?.query_map(values, stored)?.collect()
}

fn find(tx: &Transaction<'_>, app: &AppId, id: &TemplateId) -> Result<Option<StoredTemplate>, rusqlite::Error> {
    tx.prepare_cached(&format!("{COLUMNS} WHERE app = ?1 AND id = ?2"))?
        .query_row((app.as_str(), id.as_str()), stored)
        .optional()
}

fn find_by_name(tx: &Transaction<'_>, put: &PutTemplate) -> Result<Option<StoredTemplate>, rusqlite::Error> {
    tx.prepare_cached(&format!("{COLUMNS} WHERE app = ?1 AND name = ?2 AND language = ?3"))?
        .query_row((put.app.as_str(), &put.facts.name, &put.facts.language), stored)
        .optional()
}

/// What was just written is there.
fn found(template: Option<StoredTemplate>) -> Result<StoredTemplate, Failure> {
    template.ok_or(Failure::Engine(rusqlite::Error::QueryReturnedNoRows))
}

/// Deletes a template with its history.
fn delete(tx: &Transaction<'_>, template: &StoredTemplate) -> Result<(), rusqlite::Error> {
    template_life::forget_events(tx, template.seq)?;
    tx.prepare_cached("DELETE FROM templates WHERE seq = ?1")?.execute([template.seq])?;
    Ok(())
}

fn page(tx: &Transaction<'_>, app: &AppId, walk: Walk, limit: u32) -> Result<TemplatePage, rusqlite::Error> {
    const OLDER: &str = "WHERE app = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
    const NEWER: &str = "WHERE app = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let (items, from) = match walk {
        Walk::FromStart => (select(tx, OLDER, (app.as_str(), i64::MAX, limit))?, i64::MAX),
        Walk::After(seq) => (select(tx, OLDER, (app.as_str(), seq, limit))?, seq),
        Walk::Before(seq) => {
            let mut items = select(tx, NEWER, (app.as_str(), seq, limit))?;
            items.reverse();
            // Nothing is newer than where it began, so what there is lies at it or before it.
            (items, seq.saturating_add(1))
        }
    };
    let oldest = items.last().map_or(from, |template| template.seq);
    let has_after =
        tx.prepare_cached("SELECT 1 FROM templates WHERE app = ?1 AND seq < ?2")?.exists((app.as_str(), oldest))?;
    Ok(TemplatePage { items, has_after })
}
