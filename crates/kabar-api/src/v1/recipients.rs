//! `DELETE /v1/recipients/{phone}`: a person asks to be erased.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use kabar_domain::phone::PhoneNumber;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::v1::failure::{Failure, Problem};

/// That a recipient is being erased.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Erasing)]
pub(super) struct Erasing {
    /// What stays in the place of the number: where it was, for statistics.
    #[schema(example = "+6281")]
    left: String,
}

/// Erase a recipient
///
/// Messages to the number that have not left are taken back; in all others the number, the values and Meta's id of the
/// message are erased, and so they are in what was told to callbacks. It counts for what the app has until now, and is
/// carried out within seconds, in a large store within minutes; a message that is just being sent is erased when it has
/// ended.
#[utoipa::path(
    delete,
    path = "/recipients/{phone}",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(("phone" = String, Path, description = "The number with its country code, with or without `+`", example = "6281234567890")),
    responses(
        (status = 202, body = Erasing, description = "It is on disk, and begins at once"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "This is no number with a country code"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn erase(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<Erasing>), Failure> {
    let phone = path.ok().and_then(|Path(text)| PhoneNumber::parse(&text).ok()).ok_or(Failure::NotFound)?;
    door.gateway.erase_recipient(&caller.app, &phone).await.map_err(|err| {
        tracing::error!(app = %caller.app, "the wish to erase a recipient could not be kept: {err}");
        Failure::Internal
    })?;
    Ok((StatusCode::ACCEPTED, Json(Erasing { left: phone.erased().as_e164().to_owned() })))
}
