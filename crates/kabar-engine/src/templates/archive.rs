//! What else an app may ask for a template: that it is put into the archive or taken out, that its pause ends, and that its
//! new category is accepted.

use std::sync::Arc;

use kabar_domain::ids::{AppId, TemplateId};
use kabar_domain::template::{Category, Status};
use kabar_graph::call::CallError;
use kabar_graph::wire::template::Answered;
use kabar_store::template::{EventKind, EventSource, PutTemplate, StoredTemplate, TemplateEvent};

use crate::shared::Shared;
use crate::templates::history;
use crate::templates::put::{again, put};
use crate::templates::reading::read_one;
use crate::templates::refusal::words_of;

/// What is asked of the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Put it into the archive.
    Archive,
    /// Take it out of the archive.
    Unarchive,
    /// End its pause.
    Unpause,
}

/// How the template stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedTemplate {
    /// Its status now.
    pub status: Status,
    /// Its category now.
    pub category: Category,
}

/// Why a template was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The app has no such template.
    #[error("the app has no such template")]
    NotFound,
    /// The upstream refused, in these words.
    #[error("the upstream refused: {0}")]
    Refused(String),
    /// The upstream did not answer, or not in its own words.
    #[error("the upstream did not answer: {0}")]
    Upstream(String),
    /// The store failed. If it was done upstream, the next reading shows it.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn turn(
    shared: &Arc<Shared>,
    app: &AppId,
    id: &TemplateId,
    wanted: Move,
) -> Result<MovedTemplate, MoveError> {
    let stored = shared.store.template(app, id).await?.ok_or(MoveError::NotFound)?;
    let account = shared.directory.account_of(app, &stored.waba);
    let account =
        account.ok_or_else(|| MoveError::Upstream("the app has no sender in the template's account".to_owned()))?;
    let (token, waba) = (&account.access_token, stored.waba.as_str());
    let asked = match wanted {
        Move::Archive => shared.graph.archive_template(token, waba, id.as_str()).await,
        Move::Unarchive => shared.graph.unarchive_template(token, waba, id.as_str()).await,
        Move::Unpause => shared.graph.unpause_template(token, id.as_str()).await,
    };
    match asked {
        Ok(Answered::Done) => {}
        Ok(Answered::Refused(reason)) => return Err(MoveError::Refused(reason)),
        Err(CallError::Refused(refusal)) => return Err(MoveError::Refused(words_of(&refusal))),
        Err(err @ (CallError::NotSent(_) | CallError::Unknown(_))) => {
            shared.templates.ask_for_sync();
            return Err(MoveError::Upstream(err.to_string()));
        }
    }
    if let Err(err) = read_one(shared, &account, id, EventSource::Gateway).await {
        tracing::warn!(template = %id, error = %err, "could not read a template that was moved; all are read soon");
        shared.templates.ask_for_sync();
        if wanted == Move::Archive {
            archived(shared, &stored).await?;
        }
    }
    let now = shared.templates.of_app(app, id);
    let facts = now.as_ref().map_or(&stored.facts, |known| &known.stored.facts);
    Ok(MovedTemplate { status: facts.status, category: facts.category })
}

/// Nothing is sent by what lies in the archive, even if it could not be read there. What a way back led to only a reading
/// can tell.
async fn archived(shared: &Arc<Shared>, stored: &StoredTemplate) -> Result<(), kabar_store::Error> {
    let _changing = shared.templates.changing.lock().await;
    let (mark, at) = (shared.templates.mark(), shared.clock.now());
    for known in shared.templates.by_id(&stored.id) {
        let mut touched = known.touched;
        touched.status = mark;
        let mut new = again(&known.stored, at);
        new.facts.status = Status::Archived;
        new.events = history::changes(&known.stored.facts, &new.facts, EventSource::Gateway, at);
        put(shared, new, touched).await?;
    }
    Ok(())
}

/// The app accepts the category that its template has now.
pub(crate) async fn accept_category(
    shared: &Arc<Shared>,
    app: &AppId,
    id: &TemplateId,
) -> Result<MovedTemplate, MoveError> {
    let _changing = shared.templates.changing.lock().await;
    let known = shared.templates.of_app(app, id).ok_or(MoveError::NotFound)?;
    let stored = &known.stored;
    let category = stored.facts.category;
    if stored.asked != category {
        let at = shared.clock.now();
        let accepted = TemplateEvent {
            at,
            kind: EventKind::CategoryAccepted,
            source: EventSource::Gateway,
            was: Some(stored.asked.as_str().to_owned()),
            became: Some(category.as_str().to_owned()),
            reason: None,
        };
        let events = vec![accepted];
        put(shared, PutTemplate { asked: Some(category), events, ..again(stored, at) }, known.touched).await?;
    }
    Ok(MovedTemplate { status: stored.facts.status, category })
}
