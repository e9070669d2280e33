//! A template is deleted: upstream first, then here.

use std::sync::Arc;

use kabar_domain::ids::{AppId, TemplateId};
use kabar_graph::call::CallError;

use crate::shared::Shared;

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

/// What the upstream says of a template that it no longer has.
const UNKNOWN_OBJECT: [u32; 2] = [100, 803];

pub(crate) async fn delete(shared: &Arc<Shared>, app: &AppId, id: &TemplateId) -> Result<(), DeleteError> {
    let stored = shared.store.template(app, id).await?.ok_or(DeleteError::NotFound)?;
    if stored.facts.sample {
        return Err(DeleteError::Sample);
    }
    let sender = shared.directory.sender_of(app, &stored.waba);
    let access_token = sender
        .as_ref()
        .and_then(|known| known.access_token.as_ref())
        .ok_or_else(|| DeleteError::Upstream("the app has no sender in the template's account".to_owned()))?;
    let asked = shared.graph.delete_template(access_token, stored.waba.as_str(), &stored.facts.name, id.as_str()).await;
    match asked {
        Ok(()) => {}
        // Somebody deleted it there before: what was asked for is so.
        Err(CallError::Refused(refusal))
            if UNKNOWN_OBJECT.contains(&refusal.error.code) && refusal.status.as_u16() == 404 => {}
        Err(CallError::Refused(refusal)) => {
            let error = &refusal.error;
            return Err(DeleteError::Refused(error.error_user_msg.clone().unwrap_or_else(|| error.message.clone())));
        }
        Err(err @ (CallError::NotSent(_) | CallError::Unknown(_))) => {
            return Err(DeleteError::Upstream(err.to_string()));
        }
    }
    let _changing = shared.templates.changing.lock().await;
    shared.store.remove_template(app, id).await?;
    shared.templates.forget(&stored);
    Ok(())
}
