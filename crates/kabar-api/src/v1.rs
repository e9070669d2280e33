//! Kabar's own paths, for what no dialect has words for: to see all that is known of a message, to take it back, to send
//! one that failed once more, and to have the app called back. A file or folder for each topic.
//!
//! Errors are problem documents (RFC 9457), in the language that the caller asks for.

use std::any::Any;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use kabar_domain::catalogue::Locale;
use kabar_store::directory::Scope;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::auth::Invalid;
use crate::auth::header::{Credentials, credentials};
use crate::door::{self, Door, REQUEST_TIMEOUT, Refusal};
use crate::v1::failure::Failure;
use crate::{locale, openapi};

mod asked;
mod callbacks;
mod explain;
mod export;
mod failure;
mod json;
mod list;
mod message;
mod orders;
mod recipients;
mod stats;
mod suppressions;

pub use explain::Explained;
pub use message::Message;

/// What these paths are called in metrics.
const NAME: &str = "v1";

/// The routes, to be nested under `/v1`.
pub(crate) fn routes(door: &Arc<Door>) -> OpenApiRouter {
    let mut router = OpenApiRouter::new()
        .routes(guarded(door, Scope::Send, routes!(list::list_messages)))
        .routes(guarded(door, Scope::Send, routes!(export::export_messages)))
        .routes(guarded(door, Scope::Send, routes!(message::look)))
        .routes(guarded(door, Scope::Send, routes!(explain::explain)))
        .routes(guarded(door, Scope::Send, routes!(orders::cancel)))
        .routes(guarded(door, Scope::Send, routes!(orders::retry)))
        .routes(guarded(door, Scope::Send, routes!(stats::stats)))
        .routes(guarded(door, Scope::Send, routes!(recipients::erase)))
        .merge(callbacks::routes(door))
        .merge(suppressions::routes(door))
        .fallback(not_found)
        .layer(Extension(export::Turns::new()))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(door), finish))
        .with_state(Arc::clone(door));
    openapi::describe_errors(router.get_openapi_mut(), &Failure::samples());
    router
}

/// Methods that only a token with this scope may use.
fn guarded(door: &Arc<Door>, scope: Scope, methods: UtoipaMethodRouter<Arc<Door>>) -> UtoipaMethodRouter<Arc<Door>> {
    let gate = from_fn_with_state((Arc::clone(door), scope), gate);
    methods.map(|methods| methods.layer(gate).fallback(not_found))
}

/// Lets in whose token has the scope, within the app's limit.
async fn gate(State((door, scope)): State<(Arc<Door>, Scope)>, mut request: Request, next: Next) -> Response {
    let found = match credentials(request.headers()) {
        Credentials::Missing | Credentials::Empty => Err(Failure::TokenMissing),
        Credentials::Unreadable => Err(Failure::TokenInvalid),
        Credentials::Bare(jwt) | Credentials::Bearer(jwt) => door.caller(jwt).map_err(|refusal| match refusal {
            Refusal::Invalid(Invalid::Expired) => Failure::TokenExpired,
            Refusal::Invalid(Invalid::Signature) | Refusal::Unknown => Failure::TokenInvalid,
        }),
    };
    let caller = match found {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    let ticket = door.ticket(&caller, NAME);
    let mut response = if !ticket.admitted {
        Failure::TooMany.into_response()
    } else if !caller.may(scope) {
        Failure::Forbidden { scope: scope.as_str() }.into_response()
    } else {
        request.extensions_mut().insert(caller);
        next.run(request).await
    };
    ticket.write(response.headers_mut());
    response
}

/// Gives every failure its words.
async fn finish(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let locale = locale::of(request.headers(), Locale::English);
    let response = door::finish(&door, REQUEST_TIMEOUT, internal, request, next).await;
    failure::in_words(response, locale)
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
