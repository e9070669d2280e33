//! `DELETE /templates/{app}/{template}`: delete a template, upstream and here, for good.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kabar_engine::templates::delete::DeleteError;

use crate::door::{Caller, Door};
use crate::unswer::details::template_id;
use crate::unswer::envelope::{DELETED, Plain};
use crate::unswer::failure::Failure;

/// Delete a template
///
/// It can't be undone.
#[utoipa::path(
    delete,
    path = "/{app}/{template}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id")
    ),
    responses(
        (status = 200, body = Plain, description = "It is deleted"),
        (status = 400, body = Plain, description = "A sample template, or WhatsApp does not delete it"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn delete(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Plain>, Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    match door.gateway.delete_template(&caller.app, &id).await {
        Ok(()) => Ok(Json(Plain { status_code: 200, code: "OK", message: Cow::Borrowed(DELETED) })),
        Err(DeleteError::NotFound) => Err(Failure::NotFound),
        Err(DeleteError::Sample) => Err(Failure::Sample),
        Err(DeleteError::Refused(reason)) => Err(Failure::NotDeleted(reason)),
        Err(DeleteError::Upstream(reason)) => {
            tracing::warn!(
                app = caller.app.as_str(),
                template = id.as_str(),
                "the upstream did not delete a template: {reason}"
            );
            Err(Failure::Upstream)
        }
        Err(err @ DeleteError::Store(_)) => {
            tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template was not deleted: {err}");
            Err(Failure::Internal)
        }
    }
}
