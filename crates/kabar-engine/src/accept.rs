//! The first step of a message: its values are bound, it is put on disk, and only then the caller has an answer.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::fault::{Faults, Path};
use kabar_domain::ids::{AppId, Msgid, TemplateCode};
use kabar_domain::message::Lane;
use kabar_domain::send::{SendRequest, Spot, Values};
use kabar_domain::template::{Category, Status};
use kabar_store::ledger::NewMessage;

use crate::shared::Shared;
use crate::templates::KnownTemplate;

/// How long a login code may wait before it is too old to send, where its template does not say: as long as the
/// upstream would try to deliver it.
const CODE_LIFE: Duration = Duration::from_secs(600);
/// How long any other message may wait.
const MESSAGE_LIFE: Duration = Duration::from_secs(24 * 3600);

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
    /// It could not be put on disk.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) async fn send(
    shared: &Arc<Shared>,
    app: &AppId,
    request: SendRequest,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<Msgid, SendError> {
    let template = sendable(shared, app, &request.template)?;
    let bound = template.contract.bind(&request.values, shared.clock.now(), path_of).map_err(SendError::Faults)?;
    let sender = shared.directory.sender_of(app, &template.stored.waba).ok_or(SendError::NoSender)?;
    let lane = Lane { sender: sender.sender.id.clone(), class: template.contract.category() };
    let (msgid, accepted_at) = (shared.clock.msgid(), shared.clock.now());
    shared
        .store
        .accept(NewMessage {
            msgid,
            app: app.clone(),
            lane: lane.clone(),
            template: template.stored.seq,
            recipient: request.recipient,
            components: bound.into_json(),
            accepted_at,
            expires_at: accepted_at.plus(life_of(&template)),
        })
        .await?;
    shared.metrics.accepted();
    crate::dispatch::wake(shared, &lane);
    Ok(msgid)
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

fn life_of(template: &KnownTemplate) -> Duration {
    match (template.contract.category(), template.stored.facts.ttl) {
        (Category::Authentication, Some(seconds)) => Duration::from_secs(u64::from(seconds)),
        (Category::Authentication, None) => CODE_LIFE,
        (Category::Utility | Category::Marketing, _) => MESSAGE_LIFE,
    }
}
