//! What do people see? Pages rendered on the server, which work without script and ask nothing of other hosts.
//!
//! `frame` is what all pages have alike: head, assets, policy, languages. `bubble` draws a message as WhatsApp shows it.
//! `phone` has the pages that show the sandbox's phones; what it needs to know it asks through [`phone::Sandbox`].

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

mod bubble;
mod frame;
mod glyph;
pub mod phone;
mod start;

/// The pages of every gateway.
pub fn router() -> Router {
    Router::new().route("/", get(start_page)).merge(frame::assets())
}

async fn start_page(headers: axum::http::HeaderMap) -> Response {
    frame::answer(start::page(frame::locale(&headers))).into_response()
}
