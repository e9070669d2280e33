//! What the upstream's webhooks say of templates.

use std::sync::Arc;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{TemplateId, WabaId};
use kabar_domain::template::Status;
use kabar_graph::webhook::change::Change;
use kabar_store::template::{EventKind, EventSource, PutTemplate, TemplateEvent};

use crate::shared::Shared;
use crate::templates::order::Mark;
use crate::templates::put::{again, put_if_new, remove};
use crate::templates::report::{About, Report, Said};
use crate::templates::{KnownTemplate, history, reading, report};

/// Applies all that concerns templates. Everything is on disk when this returns, and what the webhook does not carry has
/// been read, or is read soon.
pub(crate) async fn take(shared: &Arc<Shared>, changes: &[Change]) -> Result<(), kabar_store::Error> {
    let mut wanted = Vec::new();
    for about in changes.iter().filter_map(report::read) {
        wanted.extend(apply(shared, about).await?);
    }
    reading::look(shared, wanted, EventSource::Webhook).await;
    Ok(())
}

/// Applies one report; gives the template that should be read for its sake.
async fn apply(shared: &Arc<Shared>, about: About) -> Result<Option<(WabaId, TemplateId)>, kabar_store::Error> {
    let About { waba, id, name, language, report } = about;
    let _changing = shared.templates.changing.lock().await;
    let mark = shared.templates.mark();
    let known = shared.templates.by_id(&id);
    if known.is_empty() {
        // It is being created just now, or was made elsewhere: then reading it brings it.
        shared.templates.remember_early(id.clone(), mark, report);
        if shared.templates.is_anyone_creating(&name, &language) {
            return Ok(None);
        }
        return Ok(waba.map(|waba| (waba, id)));
    }
    let mut wanted = None;
    for template in known {
        if apply_to(shared, &template, &report, mark).await? {
            wanted = Some((template.stored.waba.clone(), id.clone()));
        }
    }
    Ok(wanted)
}

/// Applies a report to a known template; whether it should be read.
async fn apply_to(
    shared: &Arc<Shared>,
    known: &KnownTemplate,
    report: &Report,
    mark: Mark,
) -> Result<bool, kabar_store::Error> {
    let stored = &known.stored;
    let now = shared.clock.now();
    let mut put = again(stored, now);
    let mut touched = known.touched;
    let followed = report.apply(&mut put.facts, &mut put.told, &mut touched, mark);
    if !followed.counted {
        tracing::info!(template = %stored.facts.name, "a report about a template came late, and is not news");
        return Ok(followed.look);
    }
    let at = report.at.unwrap_or(now);
    if put.facts.status == Status::Deleted {
        tracing::info!(template = %stored.facts.name, id = %stored.id, "a template was deleted upstream");
        remove(shared, stored, at).await?;
        return Ok(false);
    }
    let events = match report.said {
        Said::Flagged => vec![flagged(stored.facts.status, at)],
        Said::Look | Said::Status { .. } | Said::Quality { .. } | Said::Category { .. } => {
            history::changes(&stored.facts, &put.facts, EventSource::Webhook, at)
        }
    };
    if !events.is_empty() {
        tracing::info!(template = %stored.facts.name, status = %put.facts.status, "the upstream changed a template");
    }
    put_if_new(shared, known, PutTemplate { events, ..put }, touched).await?;
    Ok(followed.look)
}

/// The template is watched for its quality, and is otherwise as it was.
fn flagged(status: Status, at: Moment) -> TemplateEvent {
    let word = Some(status.as_str().to_owned());
    let (was, became, reason) = (word.clone(), word, Some("FLAGGED".to_owned()));
    TemplateEvent { at, kind: EventKind::Status, source: EventSource::Webhook, was, became, reason }
}
