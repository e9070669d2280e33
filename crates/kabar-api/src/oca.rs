//! The OCA dialect: sending by a template, and asking what became of a message.
//!
//! Every answer under `/api/v2` is in the words of this dialect, unknown paths and our own failures included. Where the
//! vendor's page leaves a choice, this module's parts say which was taken.

use std::any::Any;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use kabar_store::directory::Scope;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::auth::header::{Credentials, credentials};
use crate::door::{self, Door, REQUEST_TIMEOUT, Refusal};
use crate::oca::failure::Failure;
use crate::openapi;

mod contract;
mod entry;
mod failure;
mod push;
mod read;
mod schema;
mod status;
mod terms;

pub(crate) use contract::Oca;

/// What the dialect is called in metrics.
const NAME: &str = "oca";

/// The dialect's routes, to be nested under `/api/v2`.
pub(crate) fn routes(door: &Arc<Door>) -> OpenApiRouter {
    let guarded = |routes: UtoipaMethodRouter<Arc<Door>>| {
        routes.map(|methods| methods.layer(from_fn_with_state(Arc::clone(door), gate)).fallback(not_found))
    };
    let mut router = OpenApiRouter::new()
        .routes(guarded(routes!(push::push)))
        .routes(guarded(routes!(status::status)))
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(door), finish))
        .with_state(Arc::clone(door));
    openapi::describe_errors(router.get_openapi_mut(), &Failure::samples());
    router
}

/// Lets in who may send, within the app's limit.
async fn gate(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let found = match credentials(request.headers()) {
        Credentials::Missing => Err(Failure::HeaderMissing),
        Credentials::Empty => Err(Failure::TokenMissing),
        Credentials::Unreadable => Err(Failure::TokenInvalid),
        Credentials::Bare(jwt) | Credentials::Bearer(jwt) => door.caller(jwt).map_err(|refusal| match refusal {
            Refusal::Invalid(_) => Failure::TokenInvalid,
            Refusal::Unknown => Failure::Credentials,
        }),
    };
    let caller = match found {
        Ok(caller) if caller.may(Scope::Send) => caller,
        Ok(_) => return Failure::Credentials.into_response(),
        Err(failure) => return failure.into_response(),
    };
    let ticket = door.ticket(&caller, NAME);
    let mut response = if ticket.admitted {
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        Failure::TooMany.into_response()
    };
    ticket.write(response.headers_mut());
    response
}

async fn finish(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    door::finish(&door, REQUEST_TIMEOUT, internal, request, next).await
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
