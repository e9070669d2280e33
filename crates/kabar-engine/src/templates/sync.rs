//! The poll: every template of every account is read again now and then, and whenever there is a reason to. It repairs
//! what a lost webhook left, and finds what was made or deleted elsewhere.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::template::contract::Contract;
use kabar_domain::template::{Category, SAMPLE_NAMES, Status};
use kabar_graph::call::CallError;
use kabar_graph::wire::template::Template;
use kabar_store::template::{PutTemplate, StoredTemplate, TemplateFacts};
use serde_json::Value;

use crate::directory::Account;
use crate::shared::Shared;
use crate::templates::put::put;

/// How many templates are read with one call.
const PAGE_SIZE: u32 = 100;
/// How many pages are read at most: far more than an account can have templates.
const MOST_PAGES: usize = 200;
/// The way of writing variables that is not told, since it goes without saying.
const DEFAULT_FORMAT: &str = "POSITIONAL";
/// The pause between being asked and reading, so that one reading serves many who ask.
const GATHER: Duration = Duration::from_millis(500);

/// Reads all templates at the start, whenever that is asked for, and every so often, until the engine stops.
pub(crate) async fn poll(shared: Arc<Shared>) {
    loop {
        sync_all(&shared).await;
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(shared.poll_every) => {}
            () = shared.templates.sync_wanted.notified() => {
                if !shared.pause(GATHER).await {
                    return;
                }
            }
        }
    }
}

/// Reads all templates of all accounts. An account that can't be read keeps what is known of it.
pub(crate) async fn sync_all(shared: &Arc<Shared>) {
    for account in shared.directory.accounts() {
        if let Err(err) = sync(shared, &account).await {
            tracing::warn!(waba = %account.waba, error = %err, "could not read the templates of an account");
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum SyncError {
    #[error(transparent)]
    Upstream(#[from] CallError),
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
    #[error("the list of templates does not end")]
    Endless,
}

async fn sync(shared: &Arc<Shared>, account: &Account) -> Result<(), SyncError> {
    let begun = shared.clock.now();
    let mut met = HashSet::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let waba = account.waba.as_str();
        let page = shared.graph.templates_page(&account.access_token, waba, after.as_deref(), PAGE_SIZE).await?;
        for listed in &page.templates {
            let Ok(id) = TemplateId::parse(&listed.id) else { continue };
            for app in &account.apps {
                take_listed(shared, account, app, &id, listed, begun).await?;
            }
            met.insert(id);
        }
        after = page.after;
        if after.is_none() {
            return remove_what_is_gone(shared, account, &met, begun).await;
        }
    }
    Err(SyncError::Endless)
}

async fn take_listed(
    shared: &Arc<Shared>,
    account: &Account,
    app: &AppId,
    id: &TemplateId,
    listed: &Template,
    begun: Moment,
) -> Result<(), kabar_store::Error> {
    let _changing = shared.templates.changing.lock().await;
    let known = shared.templates.by_id(id).into_iter().find(|known| known.stored.app == *app);
    let known = known.as_ref().map(|known| &known.stored);
    // A webhook that came since this reading began is newer than the reading.
    if known.is_some_and(|stored| stored.updated_at > begun) {
        return Ok(());
    }
    let mut facts = facts_of(listed, known);
    if known.is_none() {
        for report in shared.templates.take_early(id) {
            report.apply(&mut facts);
        }
    }
    if known.is_some_and(|stored| stored.facts == facts) {
        return Ok(());
    }
    let code = TemplateCode::new(shared.clock.msgid().as_uuid(), &facts.name);
    let (waba, at) = (account.waba.clone(), shared.clock.now());
    put(shared, PutTemplate { app: app.clone(), waba, id: id.clone(), code, facts, at }).await.map(drop)
}

fn facts_of(listed: &Template, known: Option<&StoredTemplate>) -> TemplateFacts {
    let category = listed.category.as_deref().and_then(Category::parse);
    let category = category.or_else(|| known.map(|stored| stored.facts.category)).unwrap_or(Category::Marketing);
    let quality = listed.quality_score.as_ref();
    TemplateFacts {
        name: listed.name.clone(),
        language: listed.language.clone(),
        category,
        status: Status::from_upstream(&listed.status),
        components: components_of(listed, known, category),
        sub_category: listed.sub_category.clone(),
        ttl: listed.message_send_ttl_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
        parameter_format: listed.parameter_format.clone().filter(|format| format != DEFAULT_FORMAT),
        link_tracking_opted_out: listed.cta_url_link_tracking_opted_out.unwrap_or(false),
        quality: quality.map_or_else(|| "UNKNOWN".to_owned(), |quality| quality.score.to_ascii_uppercase()),
        quality_at: quality.and_then(|quality| quality.date).map(Moment::from_seconds),
        rejected_reason: listed.rejected_reason.clone().unwrap_or_else(|| "NONE".to_owned()),
        sample: SAMPLE_NAMES.contains(&listed.name.as_str()),
    }
}

/// What was created here is shown as it was created, with its own examples, as long as the upstream's list asks the same
/// of a send; what was changed elsewhere is taken from the list.
fn components_of(listed: &Template, known: Option<&StoredTemplate>, category: Category) -> String {
    let theirs = Value::Array(listed.components.clone());
    let Some(stored) = known else { return theirs.to_string() };
    let ours: Value = serde_json::from_str(&stored.facts.components).unwrap_or_default();
    if Contract::compile(category, &ours) == Contract::compile(category, &theirs) {
        stored.facts.components.clone()
    } else {
        theirs.to_string()
    }
}

async fn remove_what_is_gone(
    shared: &Arc<Shared>,
    account: &Account,
    met: &HashSet<TemplateId>,
    begun: Moment,
) -> Result<(), SyncError> {
    let _changing = shared.templates.changing.lock().await;
    let gone = shared
        .templates
        .filtered(|stored| stored.waba == account.waba && !met.contains(&stored.id) && stored.updated_at < begun);
    for known in gone {
        let stored = &known.stored;
        tracing::info!(template = %stored.facts.name, id = %stored.id, "a template is gone upstream");
        shared.store.remove_template(&stored.app, &stored.id).await?;
        shared.templates.forget(stored);
    }
    Ok(())
}
