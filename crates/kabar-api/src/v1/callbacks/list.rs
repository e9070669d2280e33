//! `GET /v1/callbacks` and `GET /v1/callbacks/{id}`: who is told.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};

use crate::door::{Caller, Door};
use crate::v1::callbacks::schema::{Callback, Callbacks};
use crate::v1::callbacks::{broken, callback_in, now_is};
use crate::v1::failure::{Failure, Problem};

/// List the app's callbacks
#[utoipa::path(
    get,
    path = "/callbacks",
    tag = "v1",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Callbacks),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_callbacks(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Callbacks>, Failure> {
    let found = door.gateway.callbacks().list(&caller.app).await.map_err(|err| broken(&caller, &err))?;
    Ok(Json(Callbacks { data: found.iter().map(Callback::of).collect() }))
}

/// Read a callback
#[utoipa::path(
    get,
    path = "/callbacks/{id}",
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
pub(super) async fn read_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Callback>, Failure> {
    let id = callback_in(path)?;
    now_is(&caller, door.gateway.callbacks().one(&caller.app, id).await)
}
