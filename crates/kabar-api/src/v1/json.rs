//! Bodies of requests.

use axum::body::Body;
use serde_json::Value;

use crate::body;
use crate::door::Door;
use crate::v1::failure::Failure;

/// The document in a body.
pub(super) async fn document(door: &Door, body: Body) -> Result<Value, Failure> {
    optional(door, body).await?.ok_or(Failure::NotJson)
}

/// The document in a body, where there may be none.
pub(super) async fn optional(door: &Door, body: Body) -> Result<Option<Value>, Failure> {
    let bytes = body::read(body, door.max_body_bytes).await.map_err(|_| Failure::NotJson)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|_| Failure::NotJson)
}
