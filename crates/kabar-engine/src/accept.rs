//! The first step of a message: its values are bound, it is put on disk, and only then the caller has an answer.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::fault::{Faults, Path};
use kabar_domain::ids::{AppId, Msgid, TemplateCode};
use kabar_domain::message::Lane;
use kabar_domain::send::{SendRequest, Spot, Values};
use kabar_domain::template::{Category, Status};
use kabar_store::ledger::NewMessage;
use kabar_store::once::{Accepted, Once};

use crate::shared::Shared;
use crate::templates::KnownTemplate;

/// How long a login code may wait before it is too old to send, where its template does not say: as long as the
/// upstream would try to deliver it.
const CODE_LIFE: Duration = Duration::from_secs(600);
/// How long any other message may wait.
const MESSAGE_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How a request is to be treated, beside what it sends.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// What the request is called, so that its repetition is known; `None` if each one is another.
    pub once: Option<Once>,
    /// How long the message may wait to be sent; `None` for as long as its template says.
    pub expires_in: Option<Duration>,
}

/// A message that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub msgid: Msgid,
    /// Whether it was there already, because the same request had come before.
    pub repeated: bool,
}

/// Why a message was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The app has no template of that code.
    #[error("the app has no such template")]
    UnknownTemplate,
    /// The template has a status in which nothing is sent by it.
    #[error("the template is {0}")]
    NotApproved(Status),
    /// The values do not fit the template.
    #[error("the values do not fit the template: {0}")]
    Faults(Faults),
    /// The app has no sender in the template's account.
    #[error("the app has no sender in the template's account")]
    NoSender,
    /// The app used the name of the request for another one.
    #[error("the app used the idempotency key for another request")]
    KeyTaken,
    /// It could not be put on disk.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn send(
    shared: &Arc<Shared>,
    app: &AppId,
    request: SendRequest,
    terms: Terms,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<Sent, SendError> {
    let message = match compose(shared, app, request, &terms, path_of) {
        Ok(message) => message,
        // What was accepted once is answered so again, though its template may have changed since.
        Err(refused) => return before(shared, app, terms).await?.ok_or(refused),
    };
    let (msgid, lane) = (message.msgid, message.lane.clone());
    let accepted = match terms.once {
        Some(once) => shared.store.accept_once(message, once).await?,
        None => shared.store.accept(message).await.map(|()| Accepted::New)?,
    };
    let sent = answer(accepted, msgid)?;
    if !sent.repeated {
        shared.metrics.accepted();
        crate::dispatch::wake(shared, &lane);
    }
    Ok(sent)
}

fn answer(accepted: Accepted, msgid: Msgid) -> Result<Sent, SendError> {
    match accepted {
        Accepted::New => Ok(Sent { msgid, repeated: false }),
        Accepted::Before(msgid) => Ok(Sent { msgid, repeated: true }),
        Accepted::KeyTaken => Err(SendError::KeyTaken),
    }
}

/// The message of a request that can't be accepted now, if it was accepted before.
async fn before(shared: &Shared, app: &AppId, terms: Terms) -> Result<Option<Sent>, SendError> {
    let Some(once) = terms.once else { return Ok(None) };
    match shared.store.accepted_before(app, once).await? {
        Some(Accepted::Before(msgid)) => Ok(Some(Sent { msgid, repeated: true })),
        Some(Accepted::KeyTaken) => Err(SendError::KeyTaken),
        Some(Accepted::New) | None => Ok(None),
    }
}

/// The message, as it is to be put on disk.
fn compose(
    shared: &Shared,
    app: &AppId,
    request: SendRequest,
    terms: &Terms,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<NewMessage, SendError> {
    let template = sendable(shared, app, &request.template)?;
    let bound = template.contract.bind(&request.values, shared.clock.now(), path_of).map_err(SendError::Faults)?;
    let sender = shared.directory.sender_of(app, &template.stored.waba).ok_or(SendError::NoSender)?;
    let accepted_at = shared.clock.now();
    Ok(NewMessage {
        msgid: shared.clock.msgid(),
        app: app.clone(),
        lane: Lane { sender: sender.sender.id.clone(), class: template.contract.category() },
        template: template.stored.seq,
        recipient: request.recipient,
        components: bound.into_json(),
        accepted_at,
        expires_at: accepted_at.plus(terms.expires_in.unwrap_or_else(|| life_of(&template))),
    })
}

pub(crate) fn check(
    shared: &Shared,
    app: &AppId,
    code: &TemplateCode,
    values: &Values,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<(), SendError> {
    let template = sendable(shared, app, code)?;
    template.contract.bind(values, shared.clock.now(), path_of).map(drop).map_err(SendError::Faults)
}

fn sendable(shared: &Shared, app: &AppId, code: &TemplateCode) -> Result<Arc<KnownTemplate>, SendError> {
    let template = shared.templates.by_code(app, code).ok_or(SendError::UnknownTemplate)?;
    let status = template.stored.facts.status;
    if status.may_be_sent() { Ok(template) } else { Err(SendError::NotApproved(status)) }
}

/// How long a message may wait: as long as its template says, where it says, and for what is no login code not longer than
/// a day. What the template says is meant for the delivery; what is too late for that is too late to be sent.
pub(crate) fn life_of(template: &KnownTemplate) -> Duration {
    let says = template.stored.facts.ttl.map(|seconds| Duration::from_secs(u64::from(seconds)));
    match template.contract.category() {
        Category::Authentication => says.unwrap_or(CODE_LIFE),
        Category::Utility | Category::Marketing => says.unwrap_or(MESSAGE_LIFE).min(MESSAGE_LIFE),
    }
}
