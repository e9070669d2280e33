//! `POST /templates/{app}/{template}/preview`: what the recipient of a message sees.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::HeaderMap;
use kabar_domain::catalogue::Locale;
use kabar_domain::fault::Faults;
use kabar_domain::send::Values;
use kabar_domain::template::preview::Preview;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::door::{Caller, Door};
use crate::locale;
use crate::sending::Given;
use crate::unswer::envelope::{Invalid, PROCESSED, Plain};
use crate::unswer::failure::Failure;
use crate::unswer::preview::shape::Message;
use crate::unswer::shown::Shown;

mod shape;

/// What a recipient sees.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::PreviewAnswer)]
pub(super) struct Answer {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    data: Message,
}

/// Preview a message
///
/// Takes the values as a send has them: the list `payload`, or the whole body of a send. Without a body, the template's own
/// examples are shown. Nothing is sent. Everything that does not fit the template is told at once.
#[utoipa::path(
    post,
    path = "/{app}/{template}/preview",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
    ),
    request_body(
        content = Option<Value>,
        description = "`payload` of a send, the whole body of a send, or nothing",
        example = json!([{ "position": "body", "parameters": [
            { "type": "text", "text": "Budi" }, { "type": "text", "text": "Toko Kabar" }
        ] }]),
    ),
    responses(
        (status = 200, body = Answer),
        (status = 400, body = Plain, description = "The body is neither a list nor an object"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 422, body = Invalid, description = "What does not fit the template, each at its path in the request"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong on our side"),
    )
)]
pub(super) async fn preview(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Answer>, Failure> {
    let shown = Shown::find(&door, &caller, path).await?;
    let bytes = body::read(body, door.max_body_bytes).await.map_err(|_| Failure::BadRequest)?;
    let values = if bytes.is_empty() {
        shown.samples(&door)
    } else {
        let document: Value = serde_json::from_slice(&bytes).map_err(|_| Failure::BadRequest)?;
        if !document.is_object() && !document.is_array() {
            return Err(Failure::BadRequest);
        }
        fitting(&door, &shown, &document)
            .map_err(|faults| Failure::invalid(&faults, locale::of(&headers, Locale::Indonesian)))?
    };
    let preview = Preview::of(&shown.contract, &shown.template.facts.language, &shown.components, &values);
    Ok(Json(Answer { status_code: 200, code: "OK", message: PROCESSED, data: Message::of(&preview) }))
}

/// The values of a document, if a message by the template could be sent with them.
fn fitting(door: &Door, shown: &Shown, document: &Value) -> Result<Values, Faults> {
    let Given { mut faults, values, path_of } = door.sending.read(document, &shown.template.code);
    let Some(values) = values else { return Err(faults) };
    if let Err(unfit) = shown.contract.bind(&values, door.gateway.clock().now(), &path_of) {
        unfit.iter().for_each(|fault| faults.push(fault.clone()));
    }
    faults.or(values)
}
