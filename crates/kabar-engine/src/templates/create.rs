//! A template is created: upstream first, then here.

use std::sync::Arc;

use kabar_domain::fault::Faults;
use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::template::draft::Draft;
use kabar_domain::template::neighbours::{self, Neighbour};
use kabar_domain::template::{Category, ParameterFormat, Status};
use kabar_graph::call::CallError;
use kabar_store::kill::KillPoint;
use kabar_store::template::{EventKind, EventSource, PutTemplate, StoredTemplate, TemplateFacts, Told};
use serde_json::Value;

use crate::media::{SampleError, named};
use crate::shared::Shared;
use crate::templates::history;
use crate::templates::order::Touched;
use crate::templates::put::put;
use crate::templates::refusal::fault_of;

/// What the upstream made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedTemplate {
    /// The upstream's id.
    pub id: TemplateId,
    /// Its status, mostly `PENDING`.
    pub status: Status,
    /// Its category, which may be another than was asked for.
    pub category: Category,
}

/// Why a template was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something is wrong with it, in Kabar's eyes or the upstream's.
    #[error("the template is refused: {0}")]
    Faults(Faults),
    /// The app has no sender, so it is not known in which account to create it.
    #[error("the app has no sender")]
    NoSender,
    /// The upstream did not answer, or not in its own words; the template may exist there, and then appears by itself.
    #[error("the upstream did not answer: {0}")]
    Upstream(String),
    /// A sample that it names by URL could not be fetched and uploaded, through no fault of the URL.
    #[error("a sample: {0}")]
    Sample(#[source] SampleError),
    /// It was created upstream, and could not be written down here; it appears with the next poll.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn create(shared: &Arc<Shared>, app: &AppId, draft: Draft) -> Result<CreatedTemplate, CreateError> {
    let sender = shared.directory.first_sender(app).ok_or(CreateError::NoSender)?;
    let access_token = sender.access_token.as_ref().ok_or(CreateError::NoSender)?;
    let waba = &sender.sender.waba;
    let beside = beside(shared, app, &draft).await?;
    if !beside.is_empty() {
        return Err(CreateError::Faults(beside));
    }
    let upstream = with_handles(shared, app, &draft).await?;
    shared.store.reach(KillPoint::BeforeCreate);
    let creating = shared.templates.creating(app, draft.name.as_str(), draft.language.as_str());
    let created = match shared.graph.create_template(access_token, waba.as_str(), &upstream.to_upstream()).await {
        Ok(created) => created,
        Err(err) => {
            drop(creating);
            if upstream != draft {
                // It may be for a handle of ours that the upstream does not take any more.
                shared.media.forget(app);
            }
            // If it exists there after all, it shall not wait for the next reading.
            if err.may_have_arrived() {
                shared.templates.ask_for_sync();
            }
            return Err(refusal_of(&err));
        }
    };
    shared.store.reach(KillPoint::Created);
    let id = TemplateId::parse(&created.id).map_err(|err| CreateError::Upstream(err.to_string()))?;
    let category = created.category.as_deref().and_then(Category::parse).unwrap_or(draft.category);
    let asked = Some(draft.category);
    let mut facts = facts_of(draft, category, Status::from_upstream(&created.status));
    let answer = CreatedTemplate { id: id.clone(), status: facts.status, category };
    let _changing = shared.templates.changing.lock().await;
    let at = shared.clock.now();
    let mut events = vec![history::beginning(EventKind::Created, &facts, EventSource::Gateway, at)];
    let (mut told, mut touched) = (Told::default(), Touched::all(shared.templates.mark()));
    // All that came while the call was under way is newer than what its answer says.
    for (mark, report) in shared.templates.early_of(&id) {
        let before = facts.clone();
        report.apply(&mut facts, &mut told, &mut touched, mark);
        events.extend(history::changes(&before, &facts, EventSource::Webhook, report.at.unwrap_or(at)));
    }
    let code = TemplateCode::new(shared.clock.msgid().as_uuid(), &facts.name);
    let (app, waba) = (app.clone(), waba.clone());
    put(shared, PutTemplate { app, waba, id, code, facts, asked, told, at, events }, touched).await?;
    Ok(answer)
}

fn facts_of(draft: Draft, category: Category, status: Status) -> TemplateFacts {
    let components = Value::Array(draft.components).to_string();
    TemplateFacts {
        sub_category: draft.sub_category.map(str::to_owned),
        ttl: draft.ttl,
        parameter_format: (draft.parameter_format != ParameterFormat::default())
            .then(|| draft.parameter_format.as_str().to_owned()),
        link_tracking_opted_out: draft.link_tracking_opted_out.unwrap_or(false),
        ..TemplateFacts::new(draft.name.as_str(), draft.language.as_str(), category, status, &components)
    }
}

/// The draft with a handle wherever it names a sample by URL. What is kept here is the URL: it outlives a handle.
async fn with_handles(shared: &Arc<Shared>, app: &AppId, draft: &Draft) -> Result<Draft, CreateError> {
    let mut upstream = draft.clone();
    named::put_handles(shared, app, &mut upstream.components).await?;
    Ok(upstream)
}

impl From<SampleError> for CreateError {
    fn from(err: SampleError) -> Self {
        match err {
            SampleError::Faults(faults) => Self::Faults(faults),
            SampleError::NoSender => Self::NoSender,
            SampleError::Upstream(reason) => Self::Upstream(reason),
            SampleError::NotConfigured | SampleError::Busy | SampleError::Disk(_) => Self::Sample(err),
        }
    }
}

/// What forbids the draft for the sake of the app's other templates, and of those that it had.
async fn beside(shared: &Shared, app: &AppId, draft: &Draft) -> Result<Faults, kabar_store::Error> {
    let name = draft.name.as_str();
    let deleted = shared.store.deleted_names(app, name).await?;
    let known = shared.templates.named(app, name);
    let neighbours =
        known.iter().map(|known| neighbour(&known.stored)).chain(deleted.iter().map(|deleted| Neighbour {
            name: &deleted.name,
            language: &deleted.language,
            category: deleted.category,
            status: Status::Deleted,
            deleted_at: Some(deleted.deleted_at),
        }));
    Ok(neighbours::check(draft, neighbours, shared.clock.now()))
}

/// A template as it stands beside others of its name.
pub(super) fn neighbour(stored: &StoredTemplate) -> Neighbour<'_> {
    Neighbour {
        name: &stored.facts.name,
        language: &stored.facts.language,
        category: stored.facts.category,
        status: stored.facts.status,
        deleted_at: None,
    }
}

fn refusal_of(err: &CallError) -> CreateError {
    match err {
        CallError::Refused(refusal) => CreateError::Faults(fault_of(refusal).into()),
        CallError::NotSent(_) | CallError::Unknown(_) => CreateError::Upstream(err.to_string()),
    }
}
