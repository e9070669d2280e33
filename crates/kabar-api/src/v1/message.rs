//! `GET /v1/messages/{msgid}`: all that is known of a message.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kabar_domain::ids::Msgid;
use kabar_domain::message::State as Reached;
use kabar_store::ledger::{Hold, MessageView, Standing};
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::v1::failure::{Failure, Problem};

/// All that is known of a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Message)]
pub struct Message {
    /// The message.
    #[schema(format = Uuid, example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")]
    msgid: String,
    /// How far it has come.
    state: MessageState,
    /// Who shall have it, with `+` and country code.
    #[schema(example = "+6281381475159")]
    phone_number: String,
    /// The name of its template, while that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pesanan_dikirim")]
    template: Option<String>,
    /// The upstream's id of it, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_id: Option<String>,
    /// When it is too late to send it, in UTC.
    #[schema(format = DateTime, example = "2024-03-02T03:22:58.073Z")]
    expires_at: String,
    /// What it waits for; left out when nothing more is to be done for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<WaitsFor>,
    /// The message in whose place it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    retry_of: Option<String>,
    /// The message that was sent in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    retried_as: Option<String>,
    /// Everything that happened to it, oldest first.
    history: Vec<Happened>,
}

/// What a message waits for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
#[schema(as = v1::WaitsFor)]
enum WaitsFor {
    /// Its turn.
    Turn,
    /// The upstream's answer.
    Answer,
    /// To be tried again.
    Retry {
        /// From when on, in UTC.
        #[schema(format = DateTime)]
        due: String,
    },
    /// A report of the upstream, which settles a doubt.
    Evidence {
        /// Until when, in UTC.
        #[schema(format = DateTime)]
        until: String,
    },
    /// Its template to be well again.
    Template,
    /// Its sender to be put right.
    Sender,
    /// A file that it names by its URL to be fetched and uploaded.
    Media,
}

/// Something that happened to a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Happened)]
struct Happened {
    /// How far it took the message.
    state: MessageState,
    /// When, in UTC.
    #[schema(format = DateTime, example = "2024-03-01T03:22:58.073Z")]
    at: String,
    /// Why: the upstream's number, or one of Kabar's own from 900001 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 131_026)]
    code: Option<u32>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Message undeliverable")]
    reason: Option<String>,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = v1::MessageState)]
pub(super) enum MessageState {
    /// On disk, and waiting.
    Accepted,
    /// A call to the upstream was begun.
    BeingSent,
    /// The answer to a call was lost.
    InDoubt,
    /// An end: it could not leave in time.
    Expired,
    /// An end: it was taken back.
    Cancelled,
    /// An end: it was in doubt, and no report came.
    OutcomeUnknown,
    /// An end: the upstream never took it.
    Rejected,
    /// The upstream took it.
    Submitted,
    /// The upstream sent it on.
    Sent,
    /// An end: the upstream took it, and could not deliver it.
    Failed,
    /// It is on the recipient's phone.
    Delivered,
    /// The recipient opened it.
    Read,
}

impl From<Reached> for MessageState {
    fn from(state: Reached) -> Self {
        match state {
            Reached::Accepted => Self::Accepted,
            Reached::BeingSent => Self::BeingSent,
            Reached::InDoubt => Self::InDoubt,
            Reached::Expired => Self::Expired,
            Reached::Cancelled => Self::Cancelled,
            Reached::OutcomeUnknown => Self::OutcomeUnknown,
            Reached::Rejected => Self::Rejected,
            Reached::Submitted => Self::Submitted,
            Reached::Sent => Self::Sent,
            Reached::Failed => Self::Failed,
            Reached::Delivered => Self::Delivered,
            Reached::Read => Self::Read,
        }
    }
}

impl MessageState {
    /// As it stands in a sentence after "is".
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Accepted => "waiting",
            Self::BeingSent => "being sent",
            Self::InDoubt => "in doubt",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::OutcomeUnknown => "of unknown outcome",
            Self::Rejected => "rejected",
            Self::Submitted => "submitted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// All that is known of a message
///
/// The same message as the `oca` dialect tells of, in Kabar's own words: every state, what it waits for, and what was sent
/// in its place.
#[utoipa::path(
    get,
    path = "/messages/{msgid}",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(("msgid" = String, Path, description = "The message", example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")),
    responses(
        (status = 200, body = Message),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The app has no such message"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn look(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Message>, Failure> {
    view(&door, &caller, msgid_in(path)?).await.map(Json)
}

/// The message that a path names.
pub(super) fn msgid_in(path: Result<Path<String>, PathRejection>) -> Result<Msgid, Failure> {
    let Path(text) = path.map_err(|_| Failure::NotFound)?;
    Msgid::parse(&text).map_err(|_| Failure::NotFound)
}

/// A message of the caller's, as it is told.
pub(super) async fn view(door: &Door, caller: &Caller, msgid: Msgid) -> Result<Message, Failure> {
    match door.gateway.message(&caller.app, msgid).await {
        Ok(Some(view)) => Ok(Message::of(&view, door.gateway.template_name(view.template))),
        Ok(None) => Err(Failure::NotFound),
        Err(err) => {
            tracing::error!(%msgid, "a message could not be looked up: {err}");
            Err(Failure::Internal)
        }
    }
}

impl Message {
    /// What is told of a message, with the name of its template.
    pub fn of(view: &MessageView, template: Option<String>) -> Self {
        let happened = view.history.events.iter().map(|event| Happened {
            state: event.state.into(),
            at: event.at.to_string(),
            code: event.reason.as_ref().map(|reason| reason.code),
            reason: event.reason.as_ref().map(|reason| reason.text.clone()),
        });
        Self {
            msgid: view.msgid.to_string(),
            state: view.state().into(),
            phone_number: view.recipient.as_e164().to_owned(),
            template,
            upstream_id: view.wamid.clone(),
            expires_at: view.expires_at.to_string(),
            waits_for: match &view.standing {
                Standing::InLine => Some(WaitsFor::Turn),
                Standing::BeingSent => Some(WaitsFor::Answer),
                Standing::Again { due } => Some(WaitsFor::Retry { due: due.to_string() }),
                Standing::InDoubt { until } => Some(WaitsFor::Evidence { until: until.to_string() }),
                Standing::Held { on: Hold::Template(_) } => Some(WaitsFor::Template),
                Standing::Held { on: Hold::Sender(_) } => Some(WaitsFor::Sender),
                Standing::Held { on: Hold::Media(_) } => Some(WaitsFor::Media),
                Standing::Settled => None,
            },
            retry_of: view.retry_of.map(|msgid| msgid.to_string()),
            retried_as: view.retried_as.map(|msgid| msgid.to_string()),
            history: happened.collect(),
        }
    }
}
