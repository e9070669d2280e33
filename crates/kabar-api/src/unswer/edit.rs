//! `PATCH` and `PUT /templates/{app}/{template}`: have a template changed.
//!
//! Both do the same: what is given replaces what was there, and what is not given stays, as the upstream has it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use kabar_domain::catalogue::Locale;
use kabar_engine::templates::edit::{EditError, EditedTemplate};
use serde_json::Value;

use crate::body;
use crate::door::{Caller, Door};
use crate::locale;
use crate::unswer::create::Received;
use crate::unswer::details::template_id;
use crate::unswer::envelope::{Invalid, Plain};
use crate::unswer::failure::Failure;
use crate::unswer::schema::TemplateChanges;

/// Edit a template
///
/// What is given replaces what was there; all components go together. WhatsApp reviews the template again, and the new
/// components hold when it shows them.
#[utoipa::path(
    patch,
    path = "/{app}/{template}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
    ),
    request_body(content = TemplateChanges, example = json!(TemplateChanges::example())),
    responses(
        (status = 202, body = Received),
        (status = 400, body = Plain, description = "The body is no JSON object, or the template is a sample"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 422, body = Invalid, description = "What is wrong with the edit, or why WhatsApp refused it"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn edit(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Body,
) -> Result<(StatusCode, Json<Received>), Failure> {
    change(&door, &caller, &headers, path, body).await
}

/// Edit a template
///
/// The same as with `PATCH`: what is not given stays.
#[utoipa::path(
    put,
    path = "/{app}/{template}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
    ),
    request_body(content = TemplateChanges, example = json!(TemplateChanges::example())),
    responses(
        (status = 202, body = Received),
        (status = 400, body = Plain, description = "The body is no JSON object, or the template is a sample"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 422, body = Invalid, description = "What is wrong with the edit, or why WhatsApp refused it"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn replace(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Body,
) -> Result<(StatusCode, Json<Received>), Failure> {
    change(&door, &caller, &headers, path, body).await
}

async fn change(
    door: &Door,
    caller: &Caller,
    headers: &HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Body,
) -> Result<(StatusCode, Json<Received>), Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    let locale = locale::of(headers, Locale::Indonesian);
    let bytes = body::read(body, door.max_body_bytes).await.map_err(|_| Failure::BadRequest)?;
    let document: Value = serde_json::from_slice(&bytes).map_err(|_| Failure::BadRequest)?;
    if !document.is_object() {
        return Err(Failure::BadRequest);
    }
    match door.gateway.edit_template(&caller.app, &id, &document).await {
        Ok(EditedTemplate { status, category, warnings }) => {
            Ok((StatusCode::ACCEPTED, Json(Received::of(id.into(), status, category, &warnings, locale))))
        }
        Err(EditError::NotFound) => Err(Failure::NotFound),
        Err(EditError::Sample) => Err(Failure::Sample),
        Err(EditError::Faults(faults)) => Err(Failure::invalid(&faults, locale)),
        Err(EditError::Upstream(reason)) => {
            tracing::warn!(app = caller.app.as_str(), "the upstream did not edit a template: {reason}");
            Err(Failure::Upstream)
        }
        Err(EditError::Media(err)) => Err(Failure::of_sample(&err, &caller.app, locale)),
        Err(err @ EditError::Store(_)) => {
            tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template was not edited: {err}");
            Err(Failure::Internal)
        }
    }
}
