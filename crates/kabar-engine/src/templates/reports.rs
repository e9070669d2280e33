//! What the upstream's webhooks say of templates.

use std::sync::Arc;

use kabar_domain::clock::Moment;
use kabar_domain::ids::TemplateId;
use kabar_domain::template::{Category, Status};
use kabar_graph::webhook::change::Change;
use kabar_store::template::PutTemplate;

use crate::shared::Shared;
use crate::templates::put::put;
use crate::templates::report::Report;

/// Applies all that concerns templates. Everything is on disk when this returns.
pub(crate) async fn take(shared: &Arc<Shared>, changes: &[Change]) -> Result<(), kabar_store::Error> {
    for change in changes {
        match change {
            Change::TemplateStatus(_) | Change::TemplateQuality(_) | Change::TemplateCategory(_) => {
                if let Some((id, report)) = read(change) {
                    apply(shared, id, report).await?;
                }
            }
            // What was changed is not in the report, so it is read.
            Change::TemplateComponents(_) => shared.templates.ask_for_sync(),
            Change::MessageStatus(_)
            | Change::ButtonReply(_)
            | Change::SenderErrors(_)
            | Change::AccountEvent(_)
            | Change::Other { .. } => {}
        }
    }
    Ok(())
}

fn read(change: &Change) -> Option<(TemplateId, Report)> {
    let (about, report) = match change {
        Change::TemplateStatus(report) => {
            let status = Report::Status {
                status: Status::from_upstream(&report.event),
                reason: report.reason.clone(),
                category: report.category.as_deref().and_then(Category::parse),
            };
            (&report.template, status)
        }
        Change::TemplateQuality(report) => {
            let at = report.template.reported_at.map(Moment::from_seconds);
            (&report.template, Report::Quality { score: report.new.to_ascii_uppercase(), at })
        }
        Change::TemplateCategory(report) => {
            let category = Category::parse(report.new.as_deref()?)?;
            (&report.template, Report::Category { category })
        }
        Change::TemplateComponents(_)
        | Change::MessageStatus(_)
        | Change::ButtonReply(_)
        | Change::SenderErrors(_)
        | Change::AccountEvent(_)
        | Change::Other { .. } => return None,
    };
    Some((TemplateId::parse(&about.template_id).ok()?, report))
}

async fn apply(shared: &Arc<Shared>, id: TemplateId, report: Report) -> Result<(), kabar_store::Error> {
    let _changing = shared.templates.changing.lock().await;
    let known = shared.templates.by_id(&id);
    if known.is_empty() {
        // It is being created just now, or was made elsewhere: then reading all templates brings it.
        shared.templates.remember_early(id, report);
        shared.templates.ask_for_sync();
        return Ok(());
    }
    for template in known {
        let stored = &template.stored;
        let mut facts = stored.facts.clone();
        report.apply(&mut facts);
        if facts.status == Status::Deleted {
            shared.store.remove_template(&stored.app, &stored.id).await?;
            shared.templates.forget(stored);
        } else if facts != stored.facts {
            tracing::info!(template = %stored.facts.name, status = %facts.status, "the upstream changed a template");
            put(
                shared,
                PutTemplate {
                    app: stored.app.clone(),
                    waba: stored.waba.clone(),
                    id: stored.id.clone(),
                    code: stored.code.clone(),
                    facts,
                    at: shared.clock.now(),
                },
            )
            .await?;
        }
    }
    Ok(())
}
