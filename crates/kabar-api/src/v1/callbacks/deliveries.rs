//! `GET /v1/callbacks/{id}/deliveries`, one of them, and `POST …/test`: what it was told, and what it says to that.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use http::StatusCode;
use kabar_domain::fault::{self, Fault, Faults};
use kabar_domain::rule::Rule;
use kabar_store::callback::{DeliveryQuery, DeliveryState, Place};
use serde::Deserialize;

use crate::door::{Caller, Door};
use crate::v1::callbacks::schema::{Deliveries, Delivery, Queued};
use crate::v1::callbacks::{broken, callback_in, delivery_in};
use crate::v1::failure::{Failure, Problem};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// Which deliveries are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only those that are `waiting`, `delivered` or `failed`.
    state: Option<String>,
    /// On from here: `next` of another page.
    after: Option<String>,
    /// How many a page has, from 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

impl Asked {
    fn read(&self) -> Result<(DeliveryQuery, u32), Faults> {
        let mut faults = Faults::none();
        let mut wrong = |key: &'static str, choices: &str| {
            let fault = Fault::new(fault::Path::root().key(key), Rule::NotOneOf);
            faults.push(fault.with("choices", choices));
        };
        let mut query = DeliveryQuery::default();
        if let Some(text) = &self.state {
            let found = DeliveryState::NAMES.iter().find(|(name, _)| name == text);
            query.state = found.map(|(_, state)| *state);
            if found.is_none() {
                wrong("state", "waiting, delivered, failed");
            }
        }
        if let Some(text) = &self.after {
            query.after = Place::parse(text);
            if query.after.is_none() {
                wrong("after", "next");
            }
        }
        let limit = self.limit.as_ref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        if limit.is_none() {
            wrong("limit", "1 … 200");
        }
        faults.or((query, limit.unwrap_or(DEFAULT_LIMIT)))
    }
}

/// List what a callback was told
///
/// Newest first, with every call that was made. What was delivered or given up is kept for a week, unless the gateway is
/// configured otherwise.
#[utoipa::path(
    get,
    path = "/callbacks/{id}/deliveries",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id"), Asked),
    responses(
        (status = 200, body = Deliveries),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_deliveries(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Deliveries>, Failure> {
    let id = callback_in(path)?;
    let (query, limit) = query.map_or_else(|_| Asked::default(), |Query(asked)| asked).read()?;
    let found = door.gateway.callbacks().deliveries(&caller.app, id, query, limit).await;
    let found = found.map_err(|err| broken(&caller, &err))?.ok_or(Failure::NotFound)?;
    let is_full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next = found.last().filter(|_| is_full).map(|last| last.place().to_string());
    Ok(Json(Deliveries { data: found.into_iter().map(Delivery::of).collect(), next }))
}

/// Read one delivery
#[utoipa::path(
    get,
    path = "/callbacks/{id}/deliveries/{event}",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id"), ("event" = String, Path, description = "The event's id")),
    responses(
        (status = 200, body = Delivery),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_delivery(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Delivery>, Failure> {
    let (id, event) = delivery_in(path)?;
    let found = door.gateway.callbacks().delivery(&caller.app, id, event).await;
    let found = found.map_err(|err| broken(&caller, &err))?.ok_or(Failure::NotFound)?;
    Ok(Json(Delivery::of(found)))
}

/// Try a callback out
///
/// An event of the type `callback.test` is delivered like any other; what became of it stands among the deliveries.
#[utoipa::path(
    post,
    path = "/callbacks/{id}/test",
    tag = "v1",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The callback's id")),
    responses(
        (status = 202, body = Queued),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn test_callback(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<Queued>), Failure> {
    let id = callback_in(path)?;
    let callbacks = door.gateway.callbacks();
    let known = callbacks.one(&caller.app, id).await.map_err(|err| broken(&caller, &err))?;
    if known.is_some_and(|callback| callback.paused.is_some()) {
        return Err(Failure::CallbackPaused);
    }
    let event = callbacks.test(&caller.app, id).await.map_err(|err| broken(&caller, &err))?;
    let event = event.ok_or(Failure::NotFound)?;
    Ok((StatusCode::ACCEPTED, Json(Queued { id: event.to_string() })))
}
