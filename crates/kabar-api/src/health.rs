//! For operators and their machines: is it alive, is it ready, and what does it count.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kabar_engine::Gateway;
use prometheus_client::registry::Registry;

use crate::problem;

/// The type of the metrics' text format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone)]
struct Health {
    gateway: Gateway,
    registry: Arc<Registry>,
}

/// The routes `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn routes(gateway: Gateway, registry: Arc<Registry>) -> Router {
    Router::new()
        .route("/healthz", get(alive).fallback(problem::not_found))
        .route("/readyz", get(ready).fallback(problem::not_found))
        .route("/metrics", get(metrics).fallback(problem::not_found))
        .with_state(Health { gateway, registry })
}

/// The process answers; nothing else is asked.
async fn alive() -> &'static str {
    "ok"
}

/// Whether requests can be served: 503 with the reason when not. A sender that waits for a person is named on a line of
/// its own, and requests are served all the same.
async fn ready(State(health): State<Health>) -> Response {
    match health.gateway.ready().await {
        Ok(()) => {
            let held = health.gateway.held_senders().into_iter();
            let held = held.map(|held| format!("\nsender {} is held: {}", held.sender, held.why));
            format!("ok{}", held.collect::<String>()).into_response()
        }
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
    }
}

async fn metrics(State(health): State<Health>) -> Response {
    if let Err(err) = health.gateway.measure().await {
        // The rest is worth having all the more then.
        tracing::warn!("the gauges could not be brought up to date: {err}");
    }
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &health.registry) {
        Ok(()) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(std::fmt::Error) => problem::problem(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
