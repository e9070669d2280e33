//! The poll: every template of every account is read again now and then, and whenever there is a reason to. It repairs
//! what a lost webhook left, and finds what was made or deleted elsewhere.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use kabar_domain::ids::TemplateId;
use kabar_graph::call::CallError;
use kabar_store::template::EventSource;

use crate::directory::Account;
use crate::shared::Shared;
use crate::templates::put::remove;
use crate::templates::reading::{Begun, take_listed};

/// How many templates are read with one call.
const PAGE_SIZE: u32 = 100;
/// How many pages are read at most: far more than an account can have templates.
const MOST_PAGES: usize = 200;
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
    let whole = Begun::now(shared);
    let mut met = HashSet::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let waba = account.waba.as_str();
        // Each page is a reading of its own: what it tells is not older than its call.
        let begun = Begun::now(shared);
        let page = shared.graph.templates_page(&account.access_token, waba, after.as_deref(), PAGE_SIZE).await?;
        for listed in &page.templates {
            let Ok(id) = TemplateId::parse(&listed.id) else { continue };
            for app in &account.apps {
                take_listed(shared, account, app, &id, listed, begun, EventSource::Poll).await?;
            }
            met.insert(id);
        }
        after = page.after;
        if after.is_none() {
            return Ok(remove_what_is_gone(shared, account, &met, whole).await?);
        }
    }
    Err(SyncError::Endless)
}

/// What no page of the reading had, and nobody has told of since it began, is gone.
async fn remove_what_is_gone(
    shared: &Arc<Shared>,
    account: &Account,
    met: &HashSet<TemplateId>,
    begun: Begun,
) -> Result<(), kabar_store::Error> {
    let _changing = shared.templates.changing.lock().await;
    let gone = shared.templates.filtered(|known| {
        let stored = &known.stored;
        stored.waba == account.waba && !met.contains(&stored.id) && known.touched.newest() < begun.mark
    });
    for known in gone {
        let stored = &known.stored;
        tracing::info!(template = %stored.facts.name, id = %stored.id, "a template is gone upstream");
        // It was there when it was last seen; that it is blocked for longer than the upstream blocks it would be wrong.
        let last_seen = known.touched.read_at.unwrap_or(stored.updated_at);
        remove(shared, stored, last_seen).await?;
    }
    Ok(())
}
