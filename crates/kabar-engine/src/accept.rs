//! The first step of a message: its values are bound, it is put on disk, and only then the caller has an answer.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::attached::AtSend;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::ids::{AppId, Msgid, TemplateCode};
use kabar_domain::message::Lane;
use kabar_domain::send::{SendRequest, Spot, Values};
use kabar_domain::template::guard::Turn;
use kabar_domain::template::{Category, Status};
use kabar_store::ledger::NewMessage;
use kabar_store::once::{Accepted, Once};

use crate::room::NoRoom;
use crate::shared::Shared;
use crate::templates::KnownTemplate;
use crate::templates::guard::{self, Passage};

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
    /// How the files that it names by their URLs go to the upstream; `None` for as it is configured.
    pub media: Option<AtSend>,
}

/// A message that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub msgid: Msgid,
    /// Whether it was there already, because the same request had come before.
    pub repeated: bool,
    /// What is to be told of its template, which has drifted, and by which the app goes on.
    pub warnings: Faults,
}

impl Sent {
    /// A message that is new.
    pub(crate) const fn fresh(msgid: Msgid) -> Self {
        Self { msgid, repeated: false, warnings: Faults::none() }
    }

    /// A message that was there before.
    pub(crate) const fn before(msgid: Msgid) -> Self {
        Self { msgid, repeated: true, warnings: Faults::none() }
    }
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
    /// The template has turned in these ways, and the app's guard refuses sends by it.
    #[error("the template has drifted: {0:?}")]
    Drifted(Vec<Turn>),
    /// The values do not fit the template.
    #[error("the values do not fit the template: {0}")]
    Faults(Faults),
    /// The app has no sender in the template's account.
    #[error("the app has no sender in the template's account")]
    NoSender,
    /// The app used the name of the request for another one.
    #[error("the app used the idempotency key for another request")]
    KeyTaken,
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

pub(crate) async fn send(
    shared: &Arc<Shared>,
    app: &AppId,
    request: SendRequest,
    terms: Terms,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<Sent, SendError> {
    let code = request.template.clone();
    let composed = match compose(shared, app, request, &terms, path_of) {
        Ok((message, warnings)) => wanted(shared, &message).await.map(|()| (message, warnings)),
        Err(refused) => Err(refused),
    };
    let (message, warnings) = match composed {
        Ok(composed) => composed,
        // What was accepted once is answered so again, though its template may have changed since.
        Err(refused) => return before(shared, app, terms).await?.ok_or(refused),
    };
    let (msgid, lane) = (message.msgid, message.lane.clone());
    let accepted = match terms.once {
        Some(once) => shared.store.accept_once(message, once).await?,
        None => shared.store.accept(message).await.map(|()| Accepted::New)?,
    };
    let mut sent = answer(accepted, msgid)?;
    if !sent.repeated {
        for warning in &warnings {
            tracing::info!(%msgid, template = %code, drift = warning.rule.id(), "a message goes on by a template that drifted");
        }
        sent.warnings = warnings;
        shared.metrics.accepted();
        shared.room.accepted();
        crate::dispatch::wake(shared, &lane);
    }
    Ok(sent)
}

/// Whether the recipient wants such a message.
async fn wanted(shared: &Shared, message: &NewMessage) -> Result<(), SendError> {
    if message.lane.class != Category::Marketing {
        return Ok(());
    }
    match shared.suppressed.look(&shared.store, &message.app, &message.recipient).await? {
        Some(_) => Err(SendError::Suppressed),
        None => Ok(()),
    }
}

fn answer(accepted: Accepted, msgid: Msgid) -> Result<Sent, SendError> {
    match accepted {
        Accepted::New => Ok(Sent::fresh(msgid)),
        Accepted::Before(msgid) => Ok(Sent::before(msgid)),
        Accepted::KeyTaken => Err(SendError::KeyTaken),
    }
}

/// The message of a request that can't be accepted now, if it was accepted before.
async fn before(shared: &Shared, app: &AppId, terms: Terms) -> Result<Option<Sent>, SendError> {
    let Some(once) = terms.once else { return Ok(None) };
    match shared.store.accepted_before(app, once).await? {
        Some(Accepted::Before(msgid)) => Ok(Some(Sent::before(msgid))),
        Some(Accepted::KeyTaken) => Err(SendError::KeyTaken),
        Some(Accepted::New) | None => Ok(None),
    }
}

/// The message, as it is to be put on disk, and what is to be told of its template.
fn compose(
    shared: &Shared,
    app: &AppId,
    request: SendRequest,
    terms: &Terms,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<(NewMessage, Faults), SendError> {
    let (template, turns) = sendable(shared, app, &request.template)?;
    let bound = template.contract.bind(&request.values, shared.clock.now(), path_of).map_err(SendError::Faults)?;
    let sender = shared.directory.sender_of(app, &template.stored.waba).ok_or(SendError::NoSender)?;
    shared.room.check()?;
    let accepted_at = shared.clock.now();
    let message = NewMessage {
        msgid: shared.clock.msgid(),
        app: app.clone(),
        lane: Lane { sender: sender.sender.id.clone(), class: template.contract.category() },
        template: template.stored.seq,
        recipient: request.recipient,
        components: bound.into_json(),
        media: terms.media,
        accepted_at,
        expires_at: accepted_at.plus(terms.expires_in.unwrap_or_else(|| life_of(&template))),
    };
    Ok((message, warnings(&template, &turns)))
}

/// What is to be told of a template that has turned.
fn warnings(template: &KnownTemplate, turns: &[Turn]) -> Faults {
    let mut warnings = Faults::none();
    for turn in turns {
        let fault = Fault::new(Path::root().key("template"), turn.rule());
        warnings.push(fault.with("asked", template.stored.asked));
    }
    warnings
}

pub(crate) fn check(
    shared: &Shared,
    app: &AppId,
    code: &TemplateCode,
    values: &Values,
    path_of: &(dyn Fn(Spot) -> Path + Sync),
) -> Result<(), SendError> {
    let (template, _) = sendable(shared, app, code)?;
    template.contract.bind(values, shared.clock.now(), path_of).map(drop).map_err(SendError::Faults)
}

/// The template, if something may be sent by it now, and how it has turned.
fn sendable(shared: &Shared, app: &AppId, code: &TemplateCode) -> Result<(Arc<KnownTemplate>, Vec<Turn>), SendError> {
    let template = shared.templates.by_code(app, code).ok_or(SendError::UnknownTemplate)?;
    match guard::passage(shared, &template) {
        Passage::Open(turns) => Ok((template, turns)),
        // It is judged again before its call, and waits then.
        Passage::Held => Ok((template, Vec::new())),
        Passage::Drifted(turns) => Err(SendError::Drifted(turns)),
        Passage::Closed(status) => Err(SendError::NotApproved(status)),
    }
}

/// How long a message of this template may wait.
pub(crate) fn life_of(template: &KnownTemplate) -> Duration {
    life(template.contract.category(), template.stored.facts.ttl)
}

/// As long as the template says, in seconds, where it says, and for what is no login code not longer than a day. What the
/// template says is meant for the delivery; what is too late for that is too late to be sent.
fn life(class: Category, ttl: Option<u32>) -> Duration {
    let says = ttl.map(|seconds| Duration::from_secs(u64::from(seconds)));
    match class {
        Category::Authentication => says.unwrap_or(CODE_LIFE),
        Category::Utility | Category::Marketing => says.unwrap_or(MESSAGE_LIFE).min(MESSAGE_LIFE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_waits_as_long_as_its_template_says_within_reason() {
        let day = 86_400;
        for (class, ttl, seconds) in [
            (Category::Authentication, None, 600),
            (Category::Authentication, Some(60), 60),
            (Category::Authentication, Some(900), 900),
            (Category::Utility, None, day),
            (Category::Utility, Some(30), 30),
            (Category::Marketing, Some(43_200), 43_200),
            (Category::Marketing, Some(2_592_000), day),
        ] {
            assert_eq!(life(class, ttl), Duration::from_secs(seconds), "{class} {ttl:?}");
        }
    }
}
