//! Readings: what the upstream lists of a template becomes what is known of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, TemplateCode, TemplateId, WabaId};
use kabar_domain::template::likeness::is_alike;
use kabar_domain::template::{Category, SAMPLE_NAMES, Status};
use kabar_graph::call::CallError;
use kabar_graph::wire::template::Template;
use kabar_store::template::{
    ComingCategory, EventKind, EventSource, PutTemplate, StatusNote, StoredTemplate, TemplateFacts, Told,
};
use serde_json::Value;

use crate::directory::Account;
use crate::shared::Shared;
use crate::templates::order::{Mark, Touched};
use crate::templates::put::{again, put, put_if_new};
use crate::templates::{KnownTemplate, history};

/// The way of writing variables that is not told, since it goes without saying.
const DEFAULT_FORMAT: &str = "POSITIONAL";
/// How many templates are read one by one; of more, whole lists are read.
const MOST_LOOKS: usize = 5;
/// How long the upstream may take for such a reading, while its own webhook waits for an answer.
const LOOK_PATIENCE: Duration = Duration::from_secs(5);

/// When a reading began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    pub(super) mark: Mark,
    pub(super) at: Moment,
}

impl Begun {
    /// To be taken right before the call.
    pub(super) fn now(shared: &Shared) -> Self {
        Self { mark: shared.templates.mark(), at: shared.clock.now() }
    }
}

/// Why a reading brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Upstream(#[from] CallError),
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

/// Reads a few templates at once, before this returns; what can't be read so is read with all others, soon.
pub(super) async fn look(shared: &Arc<Shared>, wanted: Vec<(WabaId, TemplateId)>, source: EventSource) {
    let wanted: HashSet<(WabaId, TemplateId)> = wanted.into_iter().collect();
    if wanted.is_empty() {
        return;
    }
    let looked = async {
        if wanted.len() > MOST_LOOKS {
            return false;
        }
        let mut all = true;
        for (waba, id) in &wanted {
            let Some(account) = shared.directory.accounts().into_iter().find(|account| account.waba == *waba) else {
                continue;
            };
            if let Err(err) = read_one(shared, &account, id, source).await {
                tracing::warn!(template = %id, error = %err, "could not read a template; all are read soon");
                all = false;
            }
        }
        all
    };
    if !tokio::time::timeout(LOOK_PATIENCE, looked).await.unwrap_or(false) {
        shared.templates.ask_for_sync();
    }
}

/// Reads one template, for every app that uses its account.
pub(super) async fn read_one(
    shared: &Arc<Shared>,
    account: &Account,
    id: &TemplateId,
    source: EventSource,
) -> Result<(), ReadError> {
    let begun = Begun::now(shared);
    let listed = shared.graph.template(&account.access_token, id.as_str()).await?;
    for app in &account.apps {
        take_listed(shared, account, app, id, &listed, begun, source).await?;
    }
    Ok(())
}

/// Takes in what a reading that began then says of a template.
pub(super) async fn take_listed(
    shared: &Arc<Shared>,
    account: &Account,
    app: &AppId,
    id: &TemplateId,
    listed: &Template,
    begun: Begun,
    source: EventSource,
) -> Result<(), kabar_store::Error> {
    let _changing = shared.templates.changing.lock().await;
    match shared.templates.of_app(app, id) {
        Some(known) => take_known(shared, &known, listed, begun, source).await,
        None => take_unknown(shared, account, app, id, listed, begun, source).await,
    }
}

async fn take_known(
    shared: &Arc<Shared>,
    known: &KnownTemplate,
    listed: &Template,
    begun: Begun,
    source: EventSource,
) -> Result<(), kabar_store::Error> {
    let stored = &known.stored;
    let mut touched = known.touched;
    let read = facts_of(listed, Some(stored), shared.templates.awaited_form(&stored.id));
    let mut facts = stored.facts.clone();
    if touched.status < begun.mark {
        facts.rejected_reason = read.rejected_reason;
        if facts.status != read.status {
            facts.status = read.status;
            (facts.note, facts.disabled_at) = (StatusNote::default(), None);
        }
    }
    if touched.quality < begun.mark {
        (facts.quality, facts.quality_at) = (read.quality, read.quality_at);
    }
    if touched.category < begun.mark {
        facts.category = read.category;
        facts.previous_category = read.previous_category;
        // The list does not tell when.
        facts.coming = facts.coming.filter(|coming| read.coming.is_some_and(|read| read.category == coming.category));
        facts.coming = facts.coming.or(read.coming);
    }
    if touched.components < begun.mark {
        facts.name = read.name;
        facts.language = read.language;
        facts.components = read.components;
        facts.sub_category = read.sub_category;
        facts.ttl = read.ttl;
        facts.parameter_format = read.parameter_format;
        facts.link_tracking_opted_out = read.link_tracking_opted_out;
        facts.sample = read.sample;
        shared.templates.forget_form(&stored.id, &facts.components);
    }
    touched.read(begun.mark, begun.at);
    let now = shared.clock.now();
    let events = history::changes(&stored.facts, &facts, source, now);
    if !events.is_empty() {
        tracing::info!(template = %facts.name, status = %facts.status, "a reading changed a template");
    }
    put_if_new(shared, known, PutTemplate { facts, events, ..again(stored, now) }, touched).await
}

async fn take_unknown(
    shared: &Arc<Shared>,
    account: &Account,
    app: &AppId,
    id: &TemplateId,
    listed: &Template,
    begun: Begun,
    source: EventSource,
) -> Result<(), kabar_store::Error> {
    let templates = &shared.templates;
    if templates.went_since(id, begun.mark) || templates.is_being_created(app, &listed.name, &listed.language) {
        return Ok(());
    }
    let mut facts = facts_of(listed, None, None);
    let mut told = Told::default();
    let mut touched = Touched::default();
    touched.read(begun.mark, begun.at);
    for (mark, report) in templates.early_of(id) {
        // The reading knew already what came before it began; but it does not tell why a template was rejected.
        let mut as_told = facts.clone();
        report.write(&mut as_told);
        if mark > begun.mark || (as_told.status, &as_told.quality) == (facts.status, &facts.quality) {
            touched.read_at = None;
            report.apply(&mut facts, &mut told, &mut touched, mark);
        }
    }
    touched.read_at = Some(begun.at);
    let now = shared.clock.now();
    let namesakes = templates.named(app, &facts.name);
    let has_place = namesakes.iter().any(|known| known.stored.facts.language == facts.language);
    let kind = if has_place { EventKind::MadeAnew } else { EventKind::Found };
    let events = vec![history::beginning(kind, &facts, source, now)];
    let code = TemplateCode::new(shared.clock.msgid().as_uuid(), &facts.name);
    let (app, waba, id) = (app.clone(), account.waba.clone(), id.clone());
    tracing::info!(template = %facts.name, %id, "a template was found upstream");
    put(shared, PutTemplate { app, waba, id, code, facts, asked: None, told, at: now, events }, touched).await.map(drop)
}

fn facts_of(listed: &Template, known: Option<&StoredTemplate>, awaited: Option<String>) -> TemplateFacts {
    let category_of = |category: &Option<String>| category.as_deref().and_then(Category::parse);
    let category = category_of(&listed.category);
    let category = category.or_else(|| known.map(|stored| stored.facts.category)).unwrap_or(Category::Marketing);
    let coming = category_of(&listed.correct_category).filter(|coming| *coming != category);
    let quality = listed.quality_score.as_ref();
    TemplateFacts {
        sub_category: listed.sub_category.clone(),
        ttl: listed.message_send_ttl_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
        parameter_format: listed.parameter_format.clone().filter(|format| format != DEFAULT_FORMAT),
        link_tracking_opted_out: listed.cta_url_link_tracking_opted_out.unwrap_or(false),
        quality: quality.map_or_else(|| "UNKNOWN".to_owned(), |quality| quality.score.to_ascii_uppercase()),
        quality_at: quality.and_then(|quality| quality.date).map(Moment::from_seconds),
        rejected_reason: listed.rejected_reason.clone().unwrap_or_else(|| "NONE".to_owned()),
        previous_category: category_of(&listed.previous_category),
        coming: coming.map(|category| ComingCategory { category, at: None }),
        sample: SAMPLE_NAMES.contains(&listed.name.as_str()),
        ..TemplateFacts::new(
            &listed.name,
            &listed.language,
            category,
            Status::from_upstream(&listed.status),
            &components_of(listed, known, awaited, category),
        )
    }
}

/// What was created or edited here is shown as it was written, with its own examples, as long as the upstream's list says the
/// same; what was changed elsewhere is taken from the list.
fn components_of(
    listed: &Template,
    known: Option<&StoredTemplate>,
    awaited: Option<String>,
    category: Category,
) -> String {
    let theirs = Value::Array(listed.components.clone());
    let ours = awaited.into_iter().chain(known.map(|stored| stored.facts.components.clone()));
    let alike = |ours: &String| serde_json::from_str(ours).is_ok_and(|ours: Value| is_alike(category, &ours, &theirs));
    ours.into_iter().find(alike).unwrap_or_else(|| theirs.to_string())
}
