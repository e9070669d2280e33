//! A template is deleted: upstream first, then here.

use std::sync::Arc;

use kabar_domain::ids::{AppId, TemplateId};
use kabar_graph::call::CallError;
use kabar_store::template::StoredTemplate;

use crate::shared::Shared;
use crate::templates::KnownTemplate;
use crate::templates::put::remove;
use crate::templates::refusal::{is_gone, words_of};

/// Why a template was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The app has no such template.
    #[error("the app has no such template")]
    NotFound,
    /// It is one of the upstream's samples.
    #[error("a sample template can't be deleted")]
    Sample,
    /// The upstream refused, in these words.
    #[error("the upstream refused: {0}")]
    Refused(String),
    /// The upstream did not answer, or not in its own words.
    #[error("the upstream did not answer: {0}")]
    Upstream(String),
    /// It is deleted upstream, and that could not be written down here; the next poll does.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

/// How much is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// One language: the template that is named.
    Language,
    /// All languages of its name, those that Kabar has not heard of as well.
    Name,
}

/// Deletes; gives what the app had of it.
pub(crate) async fn delete(
    shared: &Arc<Shared>,
    app: &AppId,
    id: &TemplateId,
    extent: Extent,
) -> Result<Vec<StoredTemplate>, DeleteError> {
    let stored = shared.store.template(app, id).await?.ok_or(DeleteError::NotFound)?;
    if stored.facts.sample {
        return Err(DeleteError::Sample);
    }
    let sender = shared.directory.sender_of(app, &stored.waba);
    let access_token = sender
        .as_ref()
        .and_then(|known| known.access_token.as_ref())
        .ok_or_else(|| DeleteError::Upstream("the app has no sender in the template's account".to_owned()))?;
    let (waba, name) = (stored.waba.as_str(), stored.facts.name.as_str());
    let asked = match extent {
        Extent::Language => shared.graph.delete_template(access_token, waba, name, id.as_str()).await,
        Extent::Name => shared.graph.delete_template_name(access_token, waba, name).await,
    };
    match asked {
        Ok(()) => {}
        // Somebody deleted it there before: what was asked for is so.
        Err(CallError::Refused(refusal)) if is_gone(&refusal) => {}
        Err(CallError::Refused(refusal)) => return Err(DeleteError::Refused(words_of(&refusal))),
        Err(err @ (CallError::NotSent(_) | CallError::Unknown(_))) => {
            // If it is gone there after all, nothing shall be sent by it for long.
            shared.templates.ask_for_sync();
            return Err(DeleteError::Upstream(err.to_string()));
        }
    }
    let _changing = shared.templates.changing.lock().await;
    let is_meant = |known: &KnownTemplate| {
        let other = &known.stored;
        match extent {
            Extent::Language => other.id == *id,
            Extent::Name => other.waba == stored.waba && other.facts.name == stored.facts.name,
        }
    };
    let now = shared.clock.now();
    let mut deleted = Vec::new();
    // Apps that share the account share what is deleted in it.
    for known in shared.templates.filtered(is_meant) {
        remove(shared, &known.stored, now).await?;
        if known.stored.app == *app {
            deleted.push(known.stored.clone());
        }
    }
    deleted.sort_by_key(|template| template.seq);
    Ok(deleted)
}
