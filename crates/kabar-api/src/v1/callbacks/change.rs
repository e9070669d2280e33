//! `PATCH` and `DELETE /v1/callbacks/{id}`, `POST …/pause` and `…/resume`: have it otherwise.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use kabar_domain::callback::request;

use crate::door::{Caller, Door};
use crate::v1::callbacks::schema::{Callback, Change};
use crate::v1::callbacks::{broken, callback_in, now_is};
use crate::v1::failure::{Failure, Problem};
use crate::v1::json;

/// Change a callback
///
/// What the request does not name stays.
#[utoipa::path(
    patch,
    path = "/callbacks/{id}",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    request_body = Change,
    responses(
        (status = 200, body = Callback),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Result<Json<Callback>, Failure> {
    let id = callback_in(path)?;
    let document = json::document(&door, body).await?;
    let callbacks = door.gateway.callbacks();
    let change = callbacks.with_rules(|rules| request::Change::parse(&document, rules))?;
    now_is(&caller, callbacks.change(&caller.app, id, change).await)
}

/// Delete a callback
///
/// What it was not told yet is never told.
#[utoipa::path(
    delete,
    path = "/callbacks/{id}",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    responses(
        (status = 204, description = "It is deleted"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let id = callback_in(path)?;
    let removed = door.gateway.callbacks().remove(&caller.app, id).await.map_err(|err| broken(&caller, &err))?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::NotFound) }
}

/// Pause a callback
///
/// What there is to tell waits meanwhile.
#[utoipa::path(
    post,
    path = "/callbacks/{id}/pause",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    responses(
        (status = 200, body = Callback),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn pause_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Callback>, Failure> {
    let id = callback_in(path)?;
    now_is(&caller, door.gateway.callbacks().pause(&caller.app, id).await)
}

/// Resume a paused callback
///
/// All that waits goes at once.
#[utoipa::path(
    post,
    path = "/callbacks/{id}/resume",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    responses(
        (status = 200, body = Callback),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn resume_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Callback>, Failure> {
    let id = callback_in(path)?;
    now_is(&caller, door.gateway.callbacks().resume(&caller.app, id).await)
}
