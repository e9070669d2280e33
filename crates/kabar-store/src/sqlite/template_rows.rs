//! A template as its row has it.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::template::{Category, Status};
use rusqlite::{Row, Transaction, named_params};

use super::rows::{category, maybe_category, maybe_moment, moment, parsed};
use crate::template::{ComingCategory, PutTemplate, StatusNote, StoredTemplate, TemplateFacts, Told};

/// What [`stored`] reads.
pub(super) const COLUMNS: &str =
    "SELECT seq, app, waba, id, code, created_at, updated_at, name, language, category, status, components,
    sub_category, ttl, parameter_format, link_tracking_opted_out, quality, quality_at, rejected_reason, sample,
    note_title, note_text, disabled_at, previous_category, coming_category, coming_at, asked_category,
    status_told_at, quality_told_at, category_told_at
    FROM templates";

pub(super) fn stored(row: &Row<'_>) -> Result<StoredTemplate, rusqlite::Error> {
    Ok(StoredTemplate {
        seq: row.get(0)?,
        app: parsed(row, 1, AppId::parse)?,
        waba: parsed(row, 2, str::parse)?,
        id: parsed(row, 3, TemplateId::parse)?,
        code: TemplateCode::from_caller(row.get_ref(4)?.as_str()?),
        created_at: moment(row, 5)?,
        updated_at: moment(row, 6)?,
        facts: facts(row)?,
        asked: category(row, 26)?,
        told: Told {
            status_at: maybe_moment(row, 27)?,
            quality_at: maybe_moment(row, 28)?,
            category_at: maybe_moment(row, 29)?,
        },
    })
}

fn facts(row: &Row<'_>) -> Result<TemplateFacts, rusqlite::Error> {
    let coming_at = maybe_moment(row, 25)?;
    Ok(TemplateFacts {
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
        note: StatusNote { title: row.get(20)?, text: row.get(21)? },
        disabled_at: maybe_moment(row, 22)?,
        previous_category: maybe_category(row, 23)?,
        coming: maybe_category(row, 24)?.map(|category| ComingCategory { category, at: coming_at }),
    })
}

/// Adds a template; gives its number.
pub(super) fn insert(tx: &Transaction<'_>, put: &PutTemplate) -> Result<i64, rusqlite::Error> {
    let seq = tx
        .prepare_cached(
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
        ))?;
    update(tx, seq, put, put.asked.unwrap_or(put.facts.category), put.at)?;
    Ok(seq)
}

/// Writes everything that may change.
pub(super) fn update(
    tx: &Transaction<'_>,
    seq: i64,
    put: &PutTemplate,
    asked: Category,
    updated_at: Moment,
) -> Result<(), rusqlite::Error> {
    let (facts, told) = (&put.facts, &put.told);
    let millis = |at: Option<Moment>| at.map(Moment::as_millis);
    tx.prepare_cached(
        "UPDATE templates SET waba = :waba, id = :id, name = :name, language = :language, category = :category,
         status = :status, components = :components, sub_category = :sub_category, ttl = :ttl,
         parameter_format = :parameter_format, link_tracking_opted_out = :link_tracking_opted_out, quality = :quality,
         quality_at = :quality_at, rejected_reason = :rejected_reason, sample = :sample, note_title = :note_title,
         note_text = :note_text, disabled_at = :disabled_at, previous_category = :previous_category,
         coming_category = :coming_category, coming_at = :coming_at, asked_category = :asked_category,
         status_told_at = :status_told_at, quality_told_at = :quality_told_at, category_told_at = :category_told_at,
         updated_at = :updated_at
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
        ":quality_at": millis(facts.quality_at),
        ":rejected_reason": facts.rejected_reason,
        ":sample": facts.sample,
        ":note_title": facts.note.title,
        ":note_text": facts.note.text,
        ":disabled_at": millis(facts.disabled_at),
        ":previous_category": facts.previous_category.map(Category::as_str),
        ":coming_category": facts.coming.map(|coming| coming.category.as_str()),
        ":coming_at": millis(facts.coming.and_then(|coming| coming.at)),
        ":asked_category": asked.as_str(),
        ":status_told_at": millis(told.status_at),
        ":quality_told_at": millis(told.quality_at),
        ":category_told_at": millis(told.category_at),
        ":updated_at": updated_at.as_millis(),
    })?;
    Ok(())
}
