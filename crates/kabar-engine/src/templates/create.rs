//! A template is created: upstream first, then here.

use std::sync::Arc;

use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::rule::Rule;
use kabar_domain::template::draft::Draft;
use kabar_domain::template::neighbours::{self, Neighbour};
use kabar_domain::template::{Category, ParameterFormat, Status};
use kabar_graph::call::{CallError, Refusal};
use kabar_store::kill::KillPoint;
use kabar_store::template::{PutTemplate, TemplateFacts};
use serde_json::Value;

use crate::shared::Shared;
use crate::templates::put::put;

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
    /// It was created upstream, and could not be written down here; it appears with the next poll.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn create(shared: &Arc<Shared>, app: &AppId, draft: Draft) -> Result<CreatedTemplate, CreateError> {
    let sender = shared.directory.first_sender(app).ok_or(CreateError::NoSender)?;
    let access_token = sender.access_token.as_ref().ok_or(CreateError::NoSender)?;
    let waba = &sender.sender.waba;
    let beside = beside(shared, app, &draft);
    if !beside.is_empty() {
        return Err(CreateError::Faults(beside));
    }
    shared.store.reach(KillPoint::BeforeCreate);
    let created = shared
        .graph
        .create_template(access_token, waba.as_str(), &draft.to_upstream())
        .await
        .map_err(|err| refusal_of(&err))?;
    shared.store.reach(KillPoint::Created);
    let id = TemplateId::parse(&created.id).map_err(|err| CreateError::Upstream(err.to_string()))?;
    let category = created.category.as_deref().and_then(Category::parse).unwrap_or(draft.category);
    let mut facts = TemplateFacts {
        name: draft.name.as_str().to_owned(),
        language: draft.language.as_str().to_owned(),
        category,
        status: Status::from_upstream(&created.status),
        components: Value::Array(draft.components).to_string(),
        sub_category: draft.sub_category.map(str::to_owned),
        ttl: draft.ttl,
        parameter_format: (draft.parameter_format != ParameterFormat::default())
            .then(|| draft.parameter_format.as_str().to_owned()),
        link_tracking_opted_out: draft.link_tracking_opted_out.unwrap_or(false),
        quality: "UNKNOWN".to_owned(),
        quality_at: None,
        rejected_reason: "NONE".to_owned(),
        sample: false,
    };
    let answer = CreatedTemplate { id: id.clone(), status: facts.status, category };
    let _changing = shared.templates.changing.lock().await;
    for report in shared.templates.take_early(&id) {
        report.apply(&mut facts);
    }
    let code = TemplateCode::new(shared.clock.msgid().as_uuid(), &facts.name);
    let at = shared.clock.now();
    put(shared, PutTemplate { app: app.clone(), waba: waba.clone(), id, code, facts, at }).await?;
    Ok(answer)
}

/// What forbids the draft for the sake of the app's other templates.
fn beside(shared: &Shared, app: &AppId, draft: &Draft) -> Faults {
    let known = shared.templates.filtered(|stored| stored.app == *app && stored.facts.name == draft.name.as_str());
    let neighbours = known.iter().map(|known| Neighbour {
        name: &known.stored.facts.name,
        language: &known.stored.facts.language,
        category: known.stored.facts.category,
        status: known.stored.facts.status,
        deleted_at: None,
    });
    neighbours::check(draft, neighbours, shared.clock.now())
}

fn refusal_of(err: &CallError) -> CreateError {
    match err {
        CallError::Refused(refusal) => CreateError::Faults(fault_of(refusal).into()),
        CallError::NotSent(_) | CallError::Unknown(_) => CreateError::Upstream(err.to_string()),
    }
}

/// The upstream's refusal at the field that it blames, in its own words.
fn fault_of(refusal: &Refusal) -> Fault {
    let error = &refusal.error;
    let blamed =
        error.error_data.as_ref().and_then(|data| data.blame_field_specs.as_ref()).and_then(|specs| specs.first());
    let path = blamed.into_iter().flatten().fold(Path::root(), |path, step| match step.parse::<usize>() {
        Ok(index) => path.index(index),
        Err(_) => path.key(step.clone()),
    });
    let path = if path.steps().is_empty() { Path::root().key("template") } else { path };
    let reason = [&error.error_user_msg, &error.error_user_title]
        .into_iter()
        .find_map(|text| text.clone().filter(|text| !text.is_empty()))
        .unwrap_or_else(|| error.message.clone());
    Fault::new(path, Rule::RefusedUpstream).with("reason", reason)
}
