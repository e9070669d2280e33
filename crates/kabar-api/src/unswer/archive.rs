//! `POST /templates/{app}/{template}/archive`, `…/unarchive`, `…/unpause` and `…/accept-category`: what else can be done
//! with a template. Kabar's own additions to the dialect.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kabar_domain::ids::TemplateId;
use kabar_engine::templates::archive::{Move, MoveError, MovedTemplate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::unswer::details::template_id;
use crate::unswer::envelope::{PROCESSED, Plain};
use crate::unswer::failure::{Deed, Failure};

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Moved)]
pub(super) struct Moved {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    data: Standing,
}

/// How the template stands now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Standing)]
pub(super) struct Standing {
    /// The upstream's id, digits.
    #[schema(example = "954710036062606")]
    id: String,
    /// Its status.
    #[schema(example = "ARCHIVED")]
    status: &'static str,
    /// Its category.
    #[schema(example = "UTILITY")]
    category: &'static str,
}

/// Put a template into the archive
///
/// Nothing is sent by it while it lies there. Only an approved or rejected one can be archived.
#[utoipa::path(
    post,
    path = "/{app}/{template}/archive",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id")
    ),
    responses(
        (status = 200, body = Moved),
        (status = 400, body = Plain, description = "WhatsApp does not do it"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn archive(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Moved>, Failure> {
    turn(&door, &caller, path, Move::Archive, Deed::Archive).await
}

/// Take a template out of the archive
///
/// It is again what it was before.
#[utoipa::path(
    post,
    path = "/{app}/{template}/unarchive",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id")
    ),
    responses(
        (status = 200, body = Moved),
        (status = 400, body = Plain, description = "WhatsApp does not do it"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn unarchive(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Moved>, Failure> {
    turn(&door, &caller, path, Move::Unarchive, Deed::Unarchive).await
}

/// End a template's pause
///
/// WhatsApp allows it from five minutes after the pause began.
#[utoipa::path(
    post,
    path = "/{app}/{template}/unpause",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id")
    ),
    responses(
        (status = 200, body = Moved),
        (status = 400, body = Plain, description = "WhatsApp does not do it"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn unpause(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Moved>, Failure> {
    turn(&door, &caller, path, Move::Unpause, Deed::Unpause).await
}

/// Accept the category that WhatsApp gave a template
///
/// Its sends are no longer judged for it by the app's drift guard. WhatsApp is not asked.
#[utoipa::path(
    post,
    path = "/{app}/{template}/accept-category",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id")
    ),
    responses(
        (status = 200, body = Moved),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong on our side"),
    )
)]
pub(super) async fn accept_category(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Moved>, Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    let accepted = door.gateway.accept_category(&caller.app, &id).await;
    // The upstream is not asked, so it can't refuse.
    answer(&caller, id, accepted, Deed::Unpause)
}

async fn turn(
    door: &Door,
    caller: &Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    wanted: Move,
    deed: Deed,
) -> Result<Json<Moved>, Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    let moved = door.gateway.move_template(&caller.app, &id, wanted).await;
    answer(caller, id, moved, deed)
}

fn answer(
    caller: &Caller,
    id: TemplateId,
    moved: Result<MovedTemplate, MoveError>,
    deed: Deed,
) -> Result<Json<Moved>, Failure> {
    match moved {
        Ok(MovedTemplate { status, category }) => {
            let data = Standing { id: id.into(), status: status.as_str(), category: category.as_str() };
            Ok(Json(Moved { status_code: 200, code: "OK", message: PROCESSED, data }))
        }
        Err(MoveError::NotFound) => Err(Failure::NotFound),
        Err(MoveError::Refused(reason)) => Err(Failure::Refused(deed, reason)),
        Err(MoveError::Upstream(reason)) => {
            tracing::warn!(app = caller.app.as_str(), template = id.as_str(), "the upstream did not answer: {reason}");
            Err(Failure::Upstream)
        }
        Err(err @ MoveError::Store(_)) => {
            tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template was not moved: {err}");
            Err(Failure::Internal)
        }
    }
}
