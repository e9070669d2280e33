//! `POST /v1/callbacks/{id}/rotate`: another key.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kabar_domain::callback::request;

use crate::door::{Caller, Door};
use crate::v1::callbacks::schema::{CallbackWithKey, Rotation};
use crate::v1::callbacks::{broken_key, callback_in};
use crate::v1::failure::{Failure, Problem};
use crate::v1::json;

/// Change a callback's key
///
/// The old key signs beside the new one for a day, or for as long as is asked, so that no call is refused meanwhile. The body may be
/// left out. The new secret is told in this answer alone.
#[utoipa::path(
    post,
    path = "/callbacks/{id}/rotate",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    request_body = Option<Rotation>,
    responses(
        (status = 200, body = CallbackWithKey),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rotate_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Result<Json<CallbackWithKey>, Failure> {
    let id = callback_in(path)?;
    let rotation = request::Rotation::parse(json::optional(&door, body).await?.as_ref())?;
    let rotated = door.gateway.callbacks().rotate(&caller.app, id, rotation).await;
    let rotated = rotated.map_err(|err| broken_key(&caller, &err))?.ok_or(Failure::NotFound)?;
    Ok(Json(CallbackWithKey::of(&rotated)))
}
