//! A template is edited: upstream first, then here, as the upstream shows it.

use std::sync::Arc;

use kabar_domain::clock::Moment;
use kabar_domain::fault::Faults;
use kabar_domain::ids::{AppId, TemplateId};
use kabar_domain::template::edit::{Current, Edit};
use kabar_domain::template::{Category, ParameterFormat, Status, neighbours};
use kabar_graph::call::CallError;
use kabar_store::template::{EventKind, EventSource, PutTemplate, StoredTemplate, TemplateEvent};
use serde_json::Value;

use crate::media::{SampleError, named};
use crate::shared::Shared;
use crate::templates::create::neighbour;
use crate::templates::order::Mark;
use crate::templates::put::{again, put};
use crate::templates::reading::read_one;
use crate::templates::refusal::fault_of;

/// What the upstream made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedTemplate {
    /// Its status now, mostly `PENDING`.
    pub status: Status,
    /// Its category now.
    pub category: Category,
    /// What is doubtful about the edit.
    pub warnings: Faults,
}

/// Why a template was not edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The app has no such template.
    #[error("the app has no such template")]
    NotFound,
    /// It is one of the upstream's samples.
    #[error("a sample template can't be edited")]
    Sample,
    /// Something is wrong with the edit, in Kabar's eyes or the upstream's.
    #[error("the edit is refused: {0}")]
    Faults(Faults),
    /// The upstream did not answer, or not in its own words; if it was edited there, that is seen with the next reading.
    #[error("the upstream did not answer: {0}")]
    Upstream(String),
    /// A sample that it names by URL could not be fetched and uploaded, through no fault of the URL.
    #[error("a sample: {0}")]
    Media(#[source] SampleError),
    /// The store failed. If the template was edited upstream, the next reading shows it.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn edit(
    shared: &Arc<Shared>,
    app: &AppId,
    id: &TemplateId,
    body: &Value,
) -> Result<EditedTemplate, EditError> {
    let stored = shared.store.template(app, id).await?.ok_or(EditError::NotFound)?;
    if stored.facts.sample {
        return Err(EditError::Sample);
    }
    let edit = checked(shared, &stored, body).await?;
    let account = shared.directory.account_of(app, &stored.waba);
    let account =
        account.ok_or_else(|| EditError::Upstream("the app has no sender in the template's account".to_owned()))?;
    let upstream = with_handles(shared, app, &edit).await?;
    if let Some(components) = &edit.components {
        shared.templates.await_form(id, Value::Array(components.clone()).to_string());
    }
    let begun = shared.templates.mark();
    let edited = shared.graph.edit_template(&account.access_token, id.as_str(), &upstream.to_upstream()).await;
    if edited.is_err() && upstream != edit {
        // It may be for a handle of ours that the upstream does not take any more.
        shared.media.forget(app);
    }
    match edited {
        Ok(()) => {}
        Err(CallError::Refused(refusal)) => return Err(EditError::Faults(fault_of(&refusal).into())),
        Err(err @ CallError::NotSent(_)) => return Err(EditError::Upstream(err.to_string())),
        Err(err @ CallError::Unknown(_)) => {
            shared.templates.ask_for_sync();
            return Err(EditError::Upstream(err.to_string()));
        }
    }
    note_edited(shared, &stored, &edit, begun).await?;
    if let Err(err) = read_one(shared, &account, id, EventSource::Gateway).await {
        tracing::warn!(template = %id, error = %err, "could not read a template that was edited; all are read soon");
        shared.templates.ask_for_sync();
    }
    let now = shared.templates.of_app(app, id);
    let facts = now.as_ref().map_or(&stored.facts, |known| &known.stored.facts);
    Ok(EditedTemplate { status: facts.status, category: facts.category, warnings: edit.warnings })
}

/// The edit with a handle wherever it names a sample by URL. What is kept here is the URL: it outlives a handle.
async fn with_handles(shared: &Arc<Shared>, app: &AppId, edit: &Edit) -> Result<Edit, EditError> {
    let mut upstream = edit.clone();
    if let Some(components) = &mut upstream.components {
        named::put_handles(shared, app, components).await?;
    }
    Ok(upstream)
}

impl From<SampleError> for EditError {
    fn from(err: SampleError) -> Self {
        match err {
            SampleError::Faults(faults) => Self::Faults(faults),
            SampleError::Upstream(reason) => Self::Upstream(reason),
            SampleError::NoSender | SampleError::NotConfigured | SampleError::Busy | SampleError::Disk(_) => {
                Self::Media(err)
            }
        }
    }
}

async fn checked(shared: &Shared, stored: &StoredTemplate, body: &Value) -> Result<Edit, EditError> {
    let facts = &stored.facts;
    let events = shared.store.template_events(&stored.app, &stored.id).await?;
    let of_approved = |event: &&TemplateEvent| {
        event.kind == EventKind::Edited && event.was.as_deref() == Some(Status::Approved.as_str())
    };
    let edits: Vec<Moment> = events.iter().filter(of_approved).map(|event| event.at).collect();
    let format = facts.parameter_format.as_deref();
    let named = format.is_some_and(|format| format.eq_ignore_ascii_case(ParameterFormat::Named.as_str()));
    let current = Current {
        name: &facts.name,
        language: &facts.language,
        category: facts.category,
        status: facts.status,
        parameter_format: if named { ParameterFormat::Named } else { ParameterFormat::Positional },
        edits: &edits,
    };
    let edit = Edit::parse(body, &current, shared.clock.now()).map_err(EditError::Faults)?;
    if let Some(category) = edit.category.filter(|category| *category != facts.category) {
        let others = shared.templates.named(&stored.app, &facts.name);
        let others = others.iter().map(|known| neighbour(&known.stored));
        if let Some(fault) = neighbours::check_category(&facts.name, &facts.language, category, others) {
            return Err(EditError::Faults(fault.into()));
        }
    }
    Ok(edit)
}

/// The upstream has taken the edit: from now on the template is pending, unless something newer says otherwise.
async fn note_edited(
    shared: &Arc<Shared>,
    stored: &StoredTemplate,
    edit: &Edit,
    begun: Mark,
) -> Result<(), kabar_store::Error> {
    let _changing = shared.templates.changing.lock().await;
    let (mark, at) = (shared.templates.mark(), shared.clock.now());
    for known in shared.templates.by_id(&stored.id) {
        let mut touched = known.touched;
        let is_own = known.stored.app == stored.app;
        let PutTemplate { mut facts, .. } = again(&known.stored, at);
        if touched.status < begun {
            facts.status = Status::Pending;
        }
        // What was read before the edit was made tells nothing any more.
        for side in [&mut touched.status, &mut touched.category, &mut touched.components] {
            *side = (*side).max(mark);
        }
        let edited = TemplateEvent {
            at,
            kind: EventKind::Edited,
            source: EventSource::Gateway,
            was: Some(stored.facts.status.as_str().to_owned()),
            became: Some(facts.status.as_str().to_owned()),
            reason: None,
        };
        let asked = edit.category.filter(|_| is_own);
        let events = vec![edited];
        put(shared, PutTemplate { facts, asked, events, ..again(&known.stored, at) }, touched).await?;
    }
    Ok(())
}
