//! `/webhooks/meta`: where the upstream verifies our address, and reports.
//!
//! The answer decides what the upstream does next: anything but 200 makes it call again later, for days. So a call that
//! could not be kept is answered with 503, and one that nobody can use with what is wrong with it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::HeaderName;
use http::{HeaderMap, StatusCode};
use kabar_engine::intake::IntakeError;
use serde::Deserialize;

use crate::body::{self, Unread};
use crate::door::{Door, REQUEST_TIMEOUT, in_time};
use crate::problem;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");

/// The upstream puts many reports into one call, and says that a body may have up to 3 MB.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The endpoint's route.
pub(crate) fn routes(door: &Arc<Door>) -> Router {
    Router::new()
        .route("/webhooks/meta", get(verify).post(take).fallback(problem::not_found))
        .layer(from_fn(finish))
        .with_state(Arc::clone(door))
}

/// What the upstream asks when it is told our address.
#[derive(Debug, Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.verify_token")]
    verify_token: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

async fn verify(
    State(door): State<Arc<Door>>,
    query: Result<Query<Handshake>, QueryRejection>,
) -> Result<String, StatusCode> {
    match query {
        Ok(Query(asked)) if door.gateway.handshake(&asked.mode, &asked.verify_token) => Ok(asked.challenge),
        Ok(_) | Err(_) => {
            tracing::warn!("a webhook handshake without the right verify token was refused");
            Err(StatusCode::FORBIDDEN)
        }
    }
}

async fn take(State(door): State<Arc<Door>>, headers: HeaderMap, body: Body) -> StatusCode {
    let bytes = match body::read(body, MAX_BODY_BYTES).await {
        Ok(bytes) => bytes,
        Err(Unread::TooLarge) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(Unread::Broken) => return StatusCode::BAD_REQUEST,
    };
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    match door.gateway.take_webhook(&bytes, signature).await {
        Ok(()) => StatusCode::OK,
        Err(IntakeError::BadSignature) => StatusCode::UNAUTHORIZED,
        Err(IntakeError::NotItsAccount) => StatusCode::FORBIDDEN,
        Err(IntakeError::Unreadable) => {
            tracing::warn!(body_bytes = bytes.len(), "a signed webhook call could not be read");
            StatusCode::BAD_REQUEST
        }
        Err(err @ IntakeError::Store(_)) => {
            tracing::error!("a webhook call could not be kept: {err}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn finish(request: Request, next: Next) -> Response {
    in_time(REQUEST_TIMEOUT, request, next).await.unwrap_or_else(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
}
