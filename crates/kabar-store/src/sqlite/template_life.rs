//! What happened to templates, and which of their names were deleted.

use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::types::Type;
use rusqlite::{Row, Transaction};

use super::rows::{category, moment, unknown};
use crate::template::{
    DELETED_NAMES_KEPT_DAYS, DeletedName, EVENTS_KEPT, EventKind, EventSource, StoredTemplate, TemplateEvent,
    TemplateFacts,
};

/// Adds to the history of the template with this number, and forgets what is too much of it.
pub(super) fn add_events(
    tx: &Transaction<'_>,
    app: &AppId,
    seq: i64,
    events: &[TemplateEvent],
) -> Result<(), rusqlite::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO template_events (app, template, at, kind, source, was, became, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for event in events {
        insert.execute((
            app.as_str(),
            seq,
            event.at.as_millis(),
            event.kind.as_str(),
            event.source.as_str(),
            &event.was,
            &event.became,
            &event.reason,
        ))?;
    }
    tx.prepare_cached(
        "DELETE FROM template_events WHERE template = ?1 AND number <=
         (SELECT number FROM template_events WHERE template = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute((seq, EVENTS_KEPT))?;
    Ok(())
}

pub(super) fn forget_events(tx: &Transaction<'_>, seq: i64) -> Result<(), rusqlite::Error> {
    tx.prepare_cached("DELETE FROM template_events WHERE template = ?1")?.execute([seq])?;
    Ok(())
}

/// The history of the template with this number, oldest first.
pub(super) fn events(tx: &Transaction<'_>, seq: i64) -> Result<Vec<TemplateEvent>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT at, kind, source, was, became, reason FROM template_events WHERE template = ?1 ORDER BY number",
    )?
    .query_map([seq], event)?
    .collect()
}

fn event(row: &Row<'_>) -> Result<TemplateEvent, rusqlite::Error> {
    Ok(TemplateEvent {
        at: moment(row, 0)?,
        kind: named(row, 1, &EventKind::NAMES, "a kind of event")?,
        source: named(row, 2, &EventSource::NAMES, "a source of news")?,
        was: row.get(3)?,
        became: row.get(4)?,
        reason: row.get(5)?,
    })
}

fn named<T: Copy>(row: &Row<'_>, column: usize, names: &[(&str, T)], what: &str) -> Result<T, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    let found = names.iter().find(|(name, _)| *name == text).map(|(_, one)| *one);
    found.ok_or_else(|| unknown(column, Type::Text, what))
}

/// Remembers the name of a template that is deleted, and forgets those that are free again.
pub(super) fn remember_name(
    tx: &Transaction<'_>,
    template: &StoredTemplate,
    since: Moment,
) -> Result<(), rusqlite::Error> {
    tx.prepare_cached(
        "INSERT INTO deleted_names (app, name, language, category, deleted_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (app, name, language) DO UPDATE
         SET category = excluded.category, deleted_at = max(deleted_at, excluded.deleted_at)",
    )?
    .execute((
        template.app.as_str(),
        &template.facts.name,
        &template.facts.language,
        template.facts.category.as_str(),
        since.as_millis(),
    ))?;
    let kept = Duration::from_secs(DELETED_NAMES_KEPT_DAYS * 24 * 3600);
    tx.prepare_cached("DELETE FROM deleted_names WHERE app = ?1 AND deleted_at + ?2 <= ?3")?.execute((
        template.app.as_str(),
        i64::try_from(kept.as_millis()).unwrap_or(i64::MAX),
        since.as_millis(),
    ))?;
    Ok(())
}

/// Forgets a name that there is a template of again.
pub(super) fn forget_name(tx: &Transaction<'_>, app: &AppId, facts: &TemplateFacts) -> Result<(), rusqlite::Error> {
    tx.prepare_cached("DELETE FROM deleted_names WHERE app = ?1 AND name = ?2 AND language = ?3")?.execute((
        app.as_str(),
        &facts.name,
        &facts.language,
    ))?;
    Ok(())
}

pub(super) fn deleted_names(
    tx: &Transaction<'_>,
    app: &AppId,
    name: &str,
) -> Result<Vec<DeletedName>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT name, language, category, deleted_at FROM deleted_names WHERE app = ?1 AND name = ?2 ORDER BY language",
    )?
    .query_map((app.as_str(), name), |row| {
        Ok(DeletedName {
            name: row.get(0)?,
            language: row.get(1)?,
            category: category(row, 2)?,
            deleted_at: moment(row, 3)?,
        })
    })?
    .collect()
}
