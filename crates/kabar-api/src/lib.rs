//! What can be asked over HTTP?
//!
//! One module for each dialect (`oca`, `unswer`), which know nothing of one another; Kabar's own paths (`v1`); the endpoint for the upstream's
//! webhooks; and what they share: tokens, limits, counters. A dialect turns its own spelling into the domain's types, asks
//! the engine, and turns the outcome back. It decides nothing about messages or templates.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use http::StatusCode;
use kabar_engine::Gateway;
use prometheus_client::registry::Registry;
use tokio::time::Instant;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::auth::Tokens;
use crate::door::Door;
use crate::limit::Limiter;
use crate::metrics::Metrics;
use crate::observe::Observer;

pub mod auth;
pub mod export;
pub mod metrics;

mod body;
mod cursor;
mod door;
mod health;
mod limit;
mod locale;
mod observe;
mod oca;
mod openapi;
mod problem;
mod sending;
mod unswer;
mod v1;
mod webhooks;

pub use v1::{Explained, Message};

/// What the HTTP side needs.
#[derive(Debug)]
pub struct Options {
    /// The engine.
    pub gateway: Gateway,
    /// With which tokens are verified.
    pub tokens: Tokens,
    /// What `/metrics` tells: everything that any part of the program counts.
    pub registry: Arc<Registry>,
    /// What this crate counts, registered in `registry` before it was shared.
    pub metrics: Metrics,
    /// How many requests a second an app may make, at most a million; `None` for no limit.
    pub rate_limit: Option<NonZeroU32>,
    /// The address under which callers reach this gateway, where it is known; for what they are shown.
    pub public_url: Option<String>,
    /// The longest request body that the dialects read, in bytes; [`DEFAULT_MAX_BODY_BYTES`] is right for all but odd cases.
    pub max_body_bytes: usize,
}

/// The longest request body, unless it is configured otherwise: a template with all that it may have is far smaller.
pub const DEFAULT_MAX_BODY_BYTES: usize = 256 * 1024;

/// Everything that can be asked over HTTP.
pub fn router(options: Options) -> Router {
    let observer = Arc::new(Observer::new(options.metrics.clone()));
    let door = Arc::new(Door {
        gateway: options.gateway.clone(),
        tokens: options.tokens,
        limiter: Limiter::new(options.rate_limit),
        metrics: options.metrics,
        max_body_bytes: options.max_body_bytes,
        sending: &oca::Oca,
        public_url: options.public_url,
        opened_at: Instant::now(),
    });
    let (dialects, api) = dialects(&door);
    let (oca, unswer) = (oca::routes(&door).split_for_parts().0, unswer::routes(&door).split_for_parts().0);
    let media = unswer::media_routes(&door).split_for_parts().0;
    dialects
        // The path that the vendor's client calls; the documentation has the page's.
        .nest("/api/v1/templates", unswer.clone())
        .nest("/api/v1/media", media.clone())
        // Nesting covers what is below a prefix, and the prefix, but not the prefix with a slash.
        .route("/api/v2/", whole(oca))
        .route("/templates/", whole(unswer.clone()))
        .route("/api/v1/templates/", whole(unswer))
        .route("/media/", whole(media.clone()))
        .route("/api/v1/media/", whole(media))
        .merge(webhooks::routes(&door))
        .merge(health::routes(options.gateway, options.registry))
        .merge(openapi::routes(api))
        .fallback(problem::not_found)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(observer, observe::observe))
}

/// A router as the answer to all requests of one path.
fn whole(router: Router) -> MethodRouter {
    any(move |request: Request| router.oneshot(request))
}

/// Both dialects and Kabar's own paths, and the document that describes them.
fn dialects(door: &Arc<Door>) -> (Router, OpenApi) {
    let (router, mut api) = OpenApiRouter::with_openapi(openapi::base())
        .nest("/templates", unswer::routes(door))
        .nest("/media", unswer::media_routes(door))
        .nest("/api/v2", oca::routes(door))
        .nest("/v1", v1::routes(door))
        .split_for_parts();
    openapi::describe_headers(&mut api);
    (router, api)
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    problem::problem(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests;
