//! Around every request: an id to find it by, a span for its log lines, and the counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Every route there is, as it is counted and logged, and whose it is. What is not in the list is counted as `other`, so
/// that nobody can make counters by making up paths.
const ROUTES: &[(&str, &str)] = &[
    ("/api/v2/push/message", "oca"),
    ("/api/v2/message/{msgid}/status", "oca"),
    ("/v1/messages/{msgid}", "v1"),
    ("/v1/messages/{msgid}/cancel", "v1"),
    ("/v1/messages/{msgid}/retry", "v1"),
    ("/templates/{app}", "unswer"),
    ("/templates/{app}/{template}", "unswer"),
    ("/api/v1/templates/{app}", "unswer"),
    ("/api/v1/templates/{app}/{template}", "unswer"),
    ("/v1/callbacks", "v1"),
    ("/v1/callbacks/{id}", "v1"),
    ("/v1/callbacks/{id}/pause", "v1"),
    ("/v1/callbacks/{id}/resume", "v1"),
    ("/v1/callbacks/{id}/rotate", "v1"),
    ("/v1/callbacks/{id}/test", "v1"),
    ("/v1/callbacks/{id}/deliveries", "v1"),
    ("/v1/callbacks/{id}/deliveries/{event}", "v1"),
    ("/v1/callbacks/{id}/deliveries/{event}/redrive", "v1"),
    ("/v1/callbacks/{id}/redrive", "v1"),
    ("/media/{app}", "unswer"),
    ("/api/v1/media/{app}", "unswer"),
    ("/webhooks/meta", "none"),
    ("/healthz", "none"),
    ("/readyz", "none"),
    ("/metrics", "none"),
    ("/openapi.json", "none"),
    ("/docs", "none"),
    ("/docs/", "none"),
    ("/docs/{*rest}", "none"),
];

/// What the middleware needs.
pub(crate) struct Observer {
    metrics: Metrics,
    /// Tells the ids of this run from those of any other.
    run: u32,
    count: AtomicU32,
}

impl Observer {
    pub(crate) fn new(metrics: Metrics) -> Self {
        let mut bytes = [0; 4];
        // Without random numbers ids would repeat from run to run, which is a nuisance and no more.
        if aws_lc_rs::rand::fill(&mut bytes).is_err() {
            tracing::warn!("the machine gave no random numbers for request ids");
        }
        Self { metrics, run: u32::from_ne_bytes(bytes), count: AtomicU32::new(0) }
    }

    /// The caller's own id where it is a harmless one, else a fresh one.
    fn id_of(&self, headers: &HeaderMap) -> HeaderValue {
        let given = headers.get(REQUEST_ID).filter(|value| {
            let bytes = value.as_bytes();
            let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
            (1..=64).contains(&bytes.len()) && bytes.iter().all(harmless)
        });
        given.cloned().unwrap_or_else(|| {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            HeaderValue::from_str(&format!("{:08x}-{count:08x}", self.run)).expect("hexadecimal digits are header text")
        })
    }
}

pub(crate) async fn observe(State(observer): State<Arc<Observer>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = observer.id_of(request.headers());
    let matched = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let (route, dialect) = ROUTES.iter().find(|(path, _)| *path == matched).copied().unwrap_or(("other", "none"));
    let span = tracing::info_span!(
        "request",
        request.id = id.to_str().unwrap_or_default(),
        method = request.method().as_str(),
        route
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    observer.metrics.served(dialect, route, response.status(), took);
    span.in_scope(|| {
        tracing::debug!(status = response.status().as_u16(), duration_us = took.as_micros(), "answered");
    });
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn a_callers_own_id_is_kept_if_it_is_harmless() {
        let observer = Observer::new(Metrics::register(&mut Registry::default()));
        let id_for = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
            observer.id_of(&headers)
        };
        assert_eq!(id_for("order-17.a:b_c"), "order-17.a:b_c");
        assert_ne!(id_for("a b"), "a b");
        assert_ne!(id_for(""), "");
        assert_ne!(id_for(&"x".repeat(65)), "x".repeat(65));
        assert_ne!(observer.id_of(&HeaderMap::new()), observer.id_of(&HeaderMap::new()));
    }
}
