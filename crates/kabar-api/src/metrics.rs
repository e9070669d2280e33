//! What is counted of HTTP: requests by route and outcome, how long they took, and who was told to slow down.

use std::time::Duration;

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of the duration's buckets, in seconds: from a cached answer to a call that waits for the upstream.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Served {
    dialect: &'static str,
    route: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    dialect: &'static str,
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Dialect {
    dialect: &'static str,
}

/// The counters of this crate. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: Family<Served, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
    rate_limited: Family<Dialect, Counter>,
}

impl Metrics {
    /// Makes the metrics and names them in `registry`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            rate_limited: Family::default(),
        };
        registry.register(
            "kabar_http_requests",
            "HTTP requests, by dialect, route and class of status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "kabar_http_request_duration",
            "How long HTTP requests took, by dialect and route",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "kabar_http_rate_limited",
            "HTTP requests that were refused because their app had too many in that second",
            metrics.rate_limited.clone(),
        );
        metrics
    }

    pub(crate) fn served(&self, dialect: &'static str, route: &'static str, status: StatusCode, took: Duration) {
        self.requests.get_or_create(&Served { dialect, route, status: class_of(status) }).inc();
        self.durations.get_or_create(&Asked { dialect, route }).observe(took.as_secs_f64());
    }

    pub(crate) fn rate_limited(&self, dialect: &'static str) {
        self.rate_limited.get_or_create(&Dialect { dialect }).inc();
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_has_these_names() {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        metrics.served("oca", "/api/v2/push/message", StatusCode::OK, Duration::from_millis(3));
        metrics.served("oca", "/api/v2/push/message", StatusCode::NOT_ACCEPTABLE, Duration::from_millis(20));
        metrics.rate_limited("unswer");
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let named: Vec<&str> = text.lines().filter(|line| line.starts_with("# HELP")).collect();
        insta::assert_snapshot!(named.join("\n"), @r#"
        # HELP kabar_http_requests HTTP requests, by dialect, route and class of status.
        # HELP kabar_http_request_duration_seconds How long HTTP requests took, by dialect and route.
        # HELP kabar_http_rate_limited HTTP requests that were refused because their app had too many in that second.
        "#);
        for line in [
            r#"kabar_http_requests_total{dialect="oca",route="/api/v2/push/message",status="2xx"} 1"#,
            r#"kabar_http_requests_total{dialect="oca",route="/api/v2/push/message",status="4xx"} 1"#,
            r#"kabar_http_request_duration_seconds_count{dialect="oca",route="/api/v2/push/message"} 2"#,
            r#"kabar_http_rate_limited_total{dialect="unswer"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
    }
}
