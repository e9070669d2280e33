//! The Unswer dialect: an app's templates, listed, read, created, edited, put away and deleted, and the
//! samples that they show.
//!
//! It is served under `/templates`, as the vendor's page writes it, and under `/api/v1/templates`, as the vendor's own
//! client calls it; samples under `/media` beside each. Every answer there is in the dialect's envelope, unknown paths and
//! our own failures included.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use kabar_store::directory::Scope;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::auth::Invalid;
use crate::auth::header::{Credentials, credentials};
use crate::door::{self, Door, Refusal};
use crate::openapi;
use crate::unswer::failure::Failure;

mod archive;
mod contract;
mod create;
mod cursor;
mod delete;
mod details;
mod edit;
mod envelope;
mod extras;
mod failure;
mod list;
mod media;
mod preview;
mod schema;
mod shown;

/// What the dialect is called in metrics.
const NAME: &str = "unswer";

/// Creating and deleting wait for the upstream, which has 30 seconds for its answer; before that a minute may go by with
/// samples that a template names by URL. What the upstream did shall be written down after that, and told.
const TIMEOUT: Duration = Duration::from_secs(105);

/// Files take their time, on their way here and on.
const MEDIA_TIMEOUT: Duration = Duration::from_secs(300);

/// The dialect's routes, to be nested under `/templates` and `/api/v1/templates`.
pub(crate) fn routes(door: &Arc<Door>) -> OpenApiRouter {
    let guarded = |routes: UtoipaMethodRouter<Arc<Door>>| {
        routes.map(|methods| methods.layer(from_fn_with_state(Arc::clone(door), gate)).fallback(not_found))
    };
    let mut router = OpenApiRouter::new()
        .routes(guarded(routes!(list::list, create::create)))
        .routes(guarded(routes!(details::details, edit::edit, edit::replace, delete::delete)))
        .routes(guarded(routes!(archive::archive)))
        .routes(guarded(routes!(archive::unarchive)))
        .routes(guarded(routes!(archive::unpause)))
        .routes(guarded(routes!(archive::accept_category)))
        .routes(guarded(routes!(contract::contract)))
        .routes(guarded(routes!(preview::preview)))
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(door), finish))
        .with_state(Arc::clone(door));
    openapi::describe_errors(router.get_openapi_mut(), &Failure::samples());
    router
}

/// The routes for samples, to be nested under `/media` and `/api/v1/media`.
pub(crate) fn media_routes(door: &Arc<Door>) -> OpenApiRouter {
    let guarded = |routes: UtoipaMethodRouter<Arc<Door>>| {
        routes.map(|methods| methods.layer(from_fn_with_state(Arc::clone(door), gate)).fallback(not_found))
    };
    let mut router = OpenApiRouter::new()
        .routes(guarded(routes!(media::upload)))
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(door), finish_media))
        .with_state(Arc::clone(door));
    openapi::describe_errors(router.get_openapi_mut(), &Failure::samples());
    router
}

/// Lets in whose token is for templates of the app that the path names, within the app's limit.
async fn gate(
    State(door): State<Arc<Door>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let found = match credentials(request.headers()) {
        Credentials::Missing | Credentials::Empty => Err(Failure::TokenMissing),
        Credentials::Bare(_) | Credentials::Unreadable => Err(Failure::TokenInvalid),
        Credentials::Bearer(jwt) => door.caller(jwt).map_err(|refusal| match refusal {
            Refusal::Invalid(Invalid::Expired) => Failure::TokenExpired,
            Refusal::Invalid(Invalid::Signature) | Refusal::Unknown => Failure::TokenInvalid,
        }),
    };
    let caller = match found {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    let Ok(params) = params else { return Failure::NotFound.into_response() };
    let app = params.iter().find(|(name, _)| *name == "app").map_or("", |(_, value)| value);
    let ticket = door.ticket(&caller, NAME);
    let mut response = if !ticket.admitted {
        Failure::TooMany.into_response()
    } else if app != caller.app.as_str() || !caller.may(Scope::Templates) {
        Failure::Forbidden.into_response()
    } else {
        request.extensions_mut().insert(caller);
        next.run(request).await
    };
    ticket.write(response.headers_mut());
    response
}

async fn finish(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    door::finish(&door, TIMEOUT, internal, request, next).await
}

async fn finish_media(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    door::finish(&door, MEDIA_TIMEOUT, internal, request, next).await
}

fn internal() -> Response {
    Failure::Internal.into_response()
}

async fn not_found() -> Failure {
    Failure::NotFound
}

pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    // What a panic says may hold a piece of the request, so it stays out of the log.
    tracing::error!("a request handler panicked");
    internal()
}
