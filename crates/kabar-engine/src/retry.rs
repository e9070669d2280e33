//! A message that failed is sent once more, on purpose.
//!
//! What is sent then is another message, with an id and a history of its own, linked to the first. The first one has come to
//! its end, and stays there: the upstream echoes our msgid in all that it reports, and if both went by one, nobody could
//! tell of which of them a late report speaks, nor whether something was sent twice. For the same reason it happens once for
//! each message; who wants it once more again asks that of the newer one.

use std::sync::Arc;

use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Lane, State};
use kabar_domain::template::{Category, Status};
use kabar_store::ledger::{Retried, Retry};

use crate::accept::{Sent, life_of};
use crate::room::NoRoom;
use crate::shared::Shared;
use crate::templates::guard::{self, Passage};

/// Why a message is not sent once more.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// The app has no such message.
    #[error("the app has no such message")]
    UnknownMessage,
    /// It has not failed: it is in this state.
    #[error("the message is {0}")]
    NotFailed(State),
    /// Its values were erased: for their age, on request, or because they were a login code.
    #[error("the message's values were erased")]
    Erased,
    /// Its template is no longer there.
    #[error("the message's template is no longer there")]
    TemplateGone,
    /// Its template has a status in which nothing is sent by it.
    #[error("the message's template is {0}")]
    NotApproved(Status),
    /// The app has no sender in the template's account.
    #[error("the app has no sender in the template's account")]
    NoSender,
    /// The recipient has stopped the app's marketing.
    #[error("the recipient has stopped marketing messages")]
    Suppressed,
    /// There is no room for another message.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// It could not be put on disk.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn retry(shared: &Arc<Shared>, app: &AppId, of: Msgid) -> Result<Sent, RetryError> {
    let old = shared.store.message(app, of).await?.ok_or(RetryError::UnknownMessage)?;
    if let Some(msgid) = old.retried_as {
        return Ok(Sent::before(msgid));
    }
    // The store looks once more; but what has not failed need not have a template.
    if !old.state().is_failure() {
        return Err(RetryError::NotFailed(old.state()));
    }
    let template = shared.templates.by_seq(old.template).ok_or(RetryError::TemplateGone)?;
    // Whatever else is to be said of the template is said right before the call.
    if let Passage::Closed(status) = guard::passage(shared, &template) {
        return Err(RetryError::NotApproved(status));
    }
    let sender = shared.directory.sender_of(app, &template.stored.waba).ok_or(RetryError::NoSender)?;
    let lane = Lane { sender: sender.sender.id.clone(), class: template.contract.category() };
    if lane.class == Category::Marketing && shared.suppressed.look(&shared.store, app, &old.recipient).await?.is_some()
    {
        return Err(RetryError::Suppressed);
    }
    shared.room.check()?;
    let (msgid, at) = (shared.clock.msgid(), shared.clock.now());
    let retry = Retry { app: app.clone(), of, msgid, lane: lane.clone(), at, expires_at: at.plus(life_of(&template)) };
    match shared.store.retry(retry).await? {
        Some(Retried::New) => {
            shared.metrics.accepted();
            shared.room.accepted();
            crate::dispatch::wake(shared, &lane);
            Ok(Sent::fresh(msgid))
        }
        Some(Retried::Before(msgid)) => Ok(Sent::before(msgid)),
        Some(Retried::Erased) => Err(RetryError::Erased),
        Some(Retried::NotFailed(state)) => Err(RetryError::NotFailed(state)),
        None => Err(RetryError::UnknownMessage),
    }
}
