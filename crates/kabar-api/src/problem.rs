//! The answer outside the dialects when there is none: a problem document.

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

/// Nothing is at this path, or not for this method.
pub(crate) async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND)
}

/// A problem that is said by its status alone (RFC 9457).
pub(crate) fn problem(status: StatusCode) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16() });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
