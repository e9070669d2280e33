//! The one way in which a template changes here: on disk, and in memory with its contract.

use kabar_domain::clock::Moment;
use kabar_domain::template::Status;
use kabar_store::template::{PutTemplate, StoredTemplate};

use crate::shared::Shared;
use crate::templates::KnownTemplate;
use crate::templates::order::Touched;

/// Writes a template down and puts it into memory. The caller holds `changing`.
pub(super) async fn put(
    shared: &Shared,
    template: PutTemplate,
    touched: Touched,
) -> Result<StoredTemplate, kabar_store::Error> {
    let stored = shared.store.put_template(template).await?;
    shared.templates.keep(stored.clone(), touched);
    Ok(stored)
}

/// The template as it is kept, to be put again with what is new about it.
pub(super) fn again(known: &StoredTemplate, at: Moment) -> PutTemplate {
    PutTemplate {
        app: known.app.clone(),
        waba: known.waba.clone(),
        id: known.id.clone(),
        code: known.code.clone(),
        facts: known.facts.clone(),
        asked: None,
        told: known.told,
        at,
        events: Vec::new(),
    }
}

/// Puts a known template again, if anything about it is new.
pub(super) async fn put_if_new(
    shared: &Shared,
    known: &KnownTemplate,
    template: PutTemplate,
    touched: Touched,
) -> Result<(), kabar_store::Error> {
    let stored = &known.stored;
    let same = template.facts == stored.facts && template.told == stored.told && template.events.is_empty();
    if same && template.asked.is_none_or(|asked| asked == stored.asked) {
        shared.templates.keep(stored.clone(), touched);
        return Ok(());
    }
    put(shared, template, touched).await.map(drop)
}

/// Forgets a template that is gone upstream since about `since`. The caller holds `changing`.
pub(super) async fn remove(shared: &Shared, stored: &StoredTemplate, since: Moment) -> Result<(), kabar_store::Error> {
    // The upstream keeps the names of approved templates, and of those whose messages it still delivers, from being used.
    let blocks = matches!(stored.facts.status, Status::Approved | Status::PendingDeletion);
    shared.store.remove_template(&stored.app, &stored.id, blocks.then_some(since)).await?;
    shared.templates.forget(stored);
    Ok(())
}
