//! What do people see? Pages rendered on the server, which work without script and ask nothing of other hosts.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

mod start;

/// What a page may load: its own style, and nothing else.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");

/// The pages.
pub fn router() -> Router {
    Router::new().route("/", get(start_page))
}

async fn start_page(headers: axum::http::HeaderMap) -> Response {
    let accepted = headers.get(axum::http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = accepted.and_then(kabar_domain::catalogue::Locale::from_accept_language);
    let page = start::page(locale.unwrap_or(kabar_domain::catalogue::Locale::English));
    ([(CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}
