//! `POST /v1/callbacks`: have an address called.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use http::header::{HeaderName, LOCATION};
use kabar_domain::callback::request;

use crate::door::{Caller, Door};
use crate::v1::callbacks::broken_key;
use crate::v1::callbacks::schema::{CallbackWithKey, NewCallback};
use crate::v1::failure::{Failure, Problem};
use crate::v1::json;

/// Have the app told what happens
///
/// The secret with which calls are verified is told in this answer alone.
#[utoipa::path(
    post,
    path = "/callbacks",
    tag = "v1",
    security(("bearer" = [])),
    request_body = NewCallback,
    responses(
        (status = 201, body = CallbackWithKey, headers(("Location" = String, description = "Where it is"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<CallbackWithKey>), Failure> {
    let document = json::document(&door, body).await?;
    let callbacks = door.gateway.callbacks();
    let asked = callbacks.with_rules(|rules| request::NewCallback::parse(&document, rules))?;
    let made = callbacks.add(&caller.app, asked).await.map_err(|err| broken_key(&caller, &err))?;
    let location = [(LOCATION, format!("/v1/callbacks/{}", made.callback.id))];
    Ok((StatusCode::CREATED, location, Json(CallbackWithKey::of(&made))))
}
