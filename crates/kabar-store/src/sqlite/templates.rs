//! Templates.

use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::template::Status;
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::Sqlite;
use super::directory::app_exists;
use super::memory::Memory;
use super::rows::{category, maybe_moment, moment, parsed};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::template::{PutTemplate, StoredTemplate, TemplateFacts, TemplatePage, Walk};

impl Sqlite {
    pub(crate) async fn put_template(&self, template: PutTemplate) -> Result<StoredTemplate, Error> {
        self.0.writer.run(Put(template)).await
    }

    pub(crate) async fn remove_template(&self, app: AppId, id: TemplateId) -> Result<bool, Error> {
        self.0.writer.run(Remove { app, id }).await
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

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<StoredTemplate, Failure> {
        let Self(put) = self;
        if !app_exists(tx, &put.app)? {
            return Err(Error::NoSuchApp(put.app.clone()).into());
        }
        let known = find(tx, &put.app, &put.id)?;
        let namesake = find_by_name(tx, put)?;
        let old = match (known, namesake) {
            // The upstream gave one template the name of another, which therefore is no more.
            (Some(known), Some(namesake)) if known.seq != namesake.seq => {
                delete(tx, &namesake.app, &namesake.id)?;
                Some(known)
            }
            (known, namesake) => known.or(namesake),
        };
        let Some(old) = old else {
            insert(tx, put)?;
            return found(find(tx, &put.app, &put.id)?);
        };
        if old.id == put.id && old.waba == put.waba && old.facts == put.facts {
            return Ok(old);
        }
        update(tx, old.seq, put)?;
        found(find(tx, &put.app, &put.id)?)
    }
}

struct Remove {
    app: AppId,
    id: TemplateId,
}

impl Command for Remove {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<bool, Failure> {
        Ok(delete(tx, &self.app, &self.id)?)
    }
}

const COLUMNS: &str =
    "SELECT seq, app, waba, id, code, created_at, updated_at, name, language, category, status, components,
    sub_category, ttl, parameter_format, link_tracking_opted_out, quality, quality_at, rejected_reason, sample
    FROM templates";

fn stored(row: &Row<'_>) -> Result<StoredTemplate, rusqlite::Error> {
    Ok(StoredTemplate {
        seq: row.get(0)?,
        app: parsed(row, 1, AppId::parse)?,
        waba: parsed(row, 2, str::parse)?,
        id: parsed(row, 3, TemplateId::parse)?,
        code: TemplateCode::from_caller(row.get_ref(4)?.as_str()?),
        created_at: moment(row, 5)?,
        updated_at: moment(row, 6)?,
        facts: TemplateFacts {
            name: row.get(7)?,
            language: row.get(8)?,
            category: category(row, 9)?,
            status: Status::from_upstream(row.get_ref(10)?.as_str()?),
            components: row.get(11)?,
            sub_category: row.get(12)?,
            ttl: row.get(13)?,
            parameter_format: row.get(14)?,
            link_tracking_opted_out: row.get(15)?,
            quality: row.get(16)?,
            quality_at: maybe_moment(row, 17)?,
            rejected_reason: row.get(18)?,
            sample: row.get(19)?,
        },
    })
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

fn insert(tx: &Transaction<'_>, put: &PutTemplate) -> Result<(), rusqlite::Error> {
    let seq = {
        tx.prepare_cached(
            "INSERT INTO templates
             (app, waba, id, code, name, language, category, status, components, link_tracking_opted_out, quality,
              rejected_reason, sample, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', '', '', 0, '', '', 0, ?7, ?7)",
        )?
        .insert((
            put.app.as_str(),
            put.waba.as_str(),
            put.id.as_str(),
            put.code.as_str(),
            &put.facts.name,
            &put.facts.language,
            put.at.as_millis(),
        ))?
    };
    update(tx, seq, put)
}

/// Writes everything that the upstream may change.
fn update(tx: &Transaction<'_>, seq: i64, put: &PutTemplate) -> Result<(), rusqlite::Error> {
    let facts = &put.facts;
    tx.prepare_cached(
        "UPDATE templates SET waba = :waba, id = :id, name = :name, language = :language, category = :category,
         status = :status, components = :components, sub_category = :sub_category, ttl = :ttl,
         parameter_format = :parameter_format, link_tracking_opted_out = :link_tracking_opted_out, quality = :quality,
         quality_at = :quality_at, rejected_reason = :rejected_reason, sample = :sample, updated_at = :at
         WHERE seq = :seq",
    )?
    .execute(named_params! {
        ":seq": seq,
        ":waba": put.waba.as_str(),
        ":id": put.id.as_str(),
        ":name": facts.name,
        ":language": facts.language,
        ":category": facts.category.as_str(),
        ":status": facts.status.as_str(),
        ":components": facts.components,
        ":sub_category": facts.sub_category,
        ":ttl": facts.ttl,
        ":parameter_format": facts.parameter_format,
        ":link_tracking_opted_out": facts.link_tracking_opted_out,
        ":quality": facts.quality,
        ":quality_at": facts.quality_at.map(kabar_domain::clock::Moment::as_millis),
        ":rejected_reason": facts.rejected_reason,
        ":sample": facts.sample,
        ":at": put.at.as_millis(),
    })?;
    Ok(())
}

fn delete(tx: &Transaction<'_>, app: &AppId, id: &TemplateId) -> Result<bool, rusqlite::Error> {
    let n_deleted =
        tx.prepare_cached("DELETE FROM templates WHERE app = ?1 AND id = ?2")?.execute((app.as_str(), id.as_str()))?;
    Ok(n_deleted > 0)
}

fn page(tx: &Transaction<'_>, app: &AppId, walk: Walk, limit: u32) -> Result<TemplatePage, rusqlite::Error> {
    const OLDER: &str = "WHERE app = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
    const NEWER: &str = "WHERE app = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    // Where nothing is found, both sides are looked at from where the walk began.
    let (items, from) = match walk {
        Walk::FromStart => (select(tx, OLDER, (app.as_str(), i64::MAX, limit))?, i64::MAX),
        Walk::After(seq) => (select(tx, OLDER, (app.as_str(), seq, limit))?, seq),
        Walk::Before(seq) => {
            let mut items = select(tx, NEWER, (app.as_str(), seq, limit))?;
            items.reverse();
            (items, seq)
        }
    };
    let newest = items.first().map_or(from, |template| template.seq);
    let oldest = items.last().map_or(from, |template| template.seq);
    let (newer, older) = match (items.is_empty(), walk) {
        // Nothing is newer than where it began, so what there is lies at it or before it.
        (true, Walk::Before(seq)) => (seq, seq.saturating_add(1)),
        (true, Walk::After(seq)) => (seq.saturating_sub(1), seq),
        _ => (newest, oldest),
    };
    Ok(TemplatePage {
        has_before: exists(tx, "SELECT 1 FROM templates WHERE app = ?1 AND seq > ?2", app, newer)?,
        has_after: exists(tx, "SELECT 1 FROM templates WHERE app = ?1 AND seq < ?2", app, older)?,
        items,
    })
}

fn exists(tx: &Transaction<'_>, question: &str, app: &AppId, seq: i64) -> Result<bool, rusqlite::Error> {
    tx.prepare_cached(question)?.exists((app.as_str(), seq))
}
