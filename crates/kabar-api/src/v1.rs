//! Kabar's own paths, for what no dialect has words for: to see all that is known of a message, to take it back, and to
//! send one that failed once more.
//!
//! Errors are problem documents (RFC 9457).

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
use crate::door::{self, Door, REQUEST_TIMEOUT};
use crate::v1::failure::Failure;

mod failure;
mod message;
mod orders;

/// What these paths are called in metrics.
const NAME: &str = "v1";

/// The routes, to be nested under `/v1`.
pub(crate) fn routes(door: &Arc<Door>) -> OpenApiRouter {
    let guarded = |routes: UtoipaMethodRouter<Arc<Door>>| {
        routes.map(|methods| methods.layer(from_fn_with_state(Arc::clone(door), gate)).fallback(not_found))
    };
    OpenApiRouter::new()
        .routes(guarded(routes!(message::look)))
        .routes(guarded(routes!(orders::cancel)))
        .routes(guarded(routes!(orders::retry)))
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(door), finish))
        .with_state(Arc::clone(door))
}

/// Lets in who may send, within the app's limit.
async fn gate(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let found = match credentials(request.headers()) {
        Credentials::Bare(jwt) | Credentials::Bearer(jwt) => door.caller(jwt).ok(),
        Credentials::Missing | Credentials::Empty | Credentials::Unreadable => None,
    };
    let Some(caller) = found else { return Failure::Unauthorized.into_response() };
    if !caller.may(Scope::Send) {
        return Failure::Forbidden.into_response();
    }
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

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    // What a panic says may hold a piece of the request, so it stays out of the log.
    tracing::error!("a request handler panicked");
    internal()
}
