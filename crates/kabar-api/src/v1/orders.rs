//! `POST /v1/messages/{msgid}/cancel` and `/retry`: to take a message back, and to send one that failed once more.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use kabar_engine::retry::RetryError;
use kabar_engine::room::NoRoom;
use kabar_store::ledger::TakenBack;

use crate::door::{Caller, Door};
use crate::v1::failure::{Failure, Problem, Wish};
use crate::v1::message::{Message, msgid_in, view};

/// Take a message back that has not left
///
/// From then on it never leaves. Said once more, it is answered alike. A message that is being sent, or may have been
/// sent, can't be taken back.
#[utoipa::path(
    post,
    path = "/messages/{msgid}/cancel",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(("msgid" = String, Path, description = "The message", example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")),
    responses(
        (status = 200, body = Message, description = "It is taken back"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The app has no such message"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "It may have left, or has ended; `state` says how far it has come"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn cancel(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Message>, Failure> {
    let msgid = msgid_in(path)?;
    match door.gateway.take_back(&caller.app, msgid).await {
        Ok(Some(TakenBack::Done)) => view(&door, &caller, msgid).await.map(Json),
        Ok(Some(TakenBack::TooLate(state))) => Err(Failure::Conflict { wish: Wish::Cancel, state: state.into() }),
        Ok(None) => Err(Failure::NotFound),
        Err(err) => {
            tracing::error!(%msgid, "a message could not be taken back: {err}");
            Err(Failure::Internal)
        }
    }
}

/// Send a message that failed once more
///
/// Another message is sent in its place, with a `msgid` of its own: to the same recipient, by the same template, with the
/// same values. It happens once for each message; said once more, it is answered with the same one.
#[utoipa::path(
    post,
    path = "/messages/{msgid}/retry",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(("msgid" = String, Path, description = "The message", example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")),
    responses(
        (status = 200, body = Message, description = "It was sent once more before: the message of that time"),
        (status = 201, body = Message, description = "The message in its place, which is on disk"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The app has no such message"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "It has not failed: `state` says how far it has come. Or its values were erased, or nothing can be sent by its template"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "Too many messages wait, or the disk is nearly full"),
    )
)]
pub(super) async fn retry(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<Message>), Failure> {
    let msgid = msgid_in(path)?;
    let sent = door.gateway.retry(&caller.app, msgid).await.map_err(|err| match err {
        RetryError::UnknownMessage => Failure::NotFound,
        RetryError::NotFailed(state) => Failure::Conflict { wish: Wish::Retry, state: state.into() },
        RetryError::NotApproved(status) => Failure::NotApproved(status),
        RetryError::Erased => Failure::ValuesErased,
        RetryError::TemplateGone | RetryError::NoSender => Failure::TemplateGone,
        RetryError::Suppressed => Failure::Suppressed,
        RetryError::NoRoom(why) => Failure::NoRoom(why),
        RetryError::Store(kabar_store::Error::DiskFull) => Failure::NoRoom(NoRoom::DiskNearlyFull),
        RetryError::Store(err) => {
            tracing::error!(%msgid, "a message could not be sent once more: {err}");
            Failure::Internal
        }
    })?;
    let status = if sent.repeated { StatusCode::OK } else { StatusCode::CREATED };
    view(&door, &caller, sent.msgid).await.map(|message| (status, Json(message)))
}
