//! `POST /v1/callbacks/{id}/redrive` and `…/deliveries/{event}/redrive`: tell it again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use kabar_domain::callback::request;

use crate::door::{Caller, Door};
use crate::v1::callbacks::schema::{Queued, Redrive, Redriven};
use crate::v1::callbacks::{broken, callback_in, delivery_in};
use crate::v1::failure::{Failure, Problem};
use crate::v1::json;

/// Make one delivery again
///
/// It has the same id as before, and all its calls before it. One that waits for its next call is called at once.
#[utoipa::path(
    post,
    path = "/callbacks/{id}/deliveries/{event}/redrive",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id"), ("event" = String, Path, description = "The event's id")),
    responses(
        (status = 202, body = Queued),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn redrive_delivery(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<(StatusCode, Json<Queued>), Failure> {
    let (id, event) = delivery_in(path)?;
    let found = door.gateway.callbacks().redrive_one(&caller.app, id, event).await;
    if !found.map_err(|err| broken(&caller, &err))? {
        return Err(Failure::NotFound);
    }
    Ok((StatusCode::ACCEPTED, Json(Queued { id: event.to_string() })))
}

/// Make the deliveries of a range of time again
#[utoipa::path(
    post,
    path = "/callbacks/{id}/redrive",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    request_body = Redrive,
    responses(
        (status = 202, body = Redriven),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn redrive_range(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Result<(StatusCode, Json<Redriven>), Failure> {
    let id = callback_in(path)?;
    let range = request::Redrive::parse(&json::document(&door, body).await?)?;
    let redriven = door.gateway.callbacks().redrive(&caller.app, id, range).await;
    let redriven = redriven.map_err(|err| broken(&caller, &err))?.ok_or(Failure::NotFound)?;
    Ok((StatusCode::ACCEPTED, Json(Redriven { redriven })))
}
