//! An app's callbacks: where it is told what happens, and what became of that.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use kabar_domain::callback::CallbackId;
use kabar_engine::callbacks::CallbackError;
use kabar_store::callback::Callback;
use kabar_store::directory::Scope;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::door::{Caller, Door};
use crate::v1::failure::Failure;
use crate::v1::guarded;

mod change;
mod create;
mod deliveries;
mod list;
mod redrive;
mod rotate;
mod schema;

/// The topic's routes.
pub(super) fn routes(door: &Arc<Door>) -> OpenApiRouter<Arc<Door>> {
    let guarded = |methods| guarded(door, Scope::Callbacks, methods);
    OpenApiRouter::new()
        .routes(guarded(routes!(list::list_callbacks, create::create_callback)))
        .routes(guarded(routes!(list::read_callback, change::change_callback, change::delete_callback)))
        .routes(guarded(routes!(change::pause_callback)))
        .routes(guarded(routes!(change::resume_callback)))
        .routes(guarded(routes!(rotate::rotate_callback)))
        .routes(guarded(routes!(deliveries::test_callback)))
        .routes(guarded(routes!(deliveries::list_deliveries)))
        .routes(guarded(routes!(deliveries::read_delivery)))
        .routes(guarded(routes!(redrive::redrive_delivery)))
        .routes(guarded(routes!(redrive::redrive_range)))
}

/// The callback that a path names. What can't be an id names none.
fn callback_in(path: Result<Path<String>, PathRejection>) -> Result<CallbackId, Failure> {
    let Path(id) = path.map_err(|_| Failure::NotFound)?;
    CallbackId::parse(&id).map_err(|_| Failure::NotFound)
}

/// The callback and the event that a path names.
fn delivery_in(path: Result<Path<(String, String)>, PathRejection>) -> Result<(CallbackId, Uuid), Failure> {
    let Path((id, event)) = path.map_err(|_| Failure::NotFound)?;
    let id = CallbackId::parse(&id).map_err(|_| Failure::NotFound)?;
    Ok((id, Uuid::parse_str(&event).map_err(|_| Failure::NotFound)?))
}

/// A failure of the store, for the log and for the caller.
fn broken(caller: &Caller, err: &kabar_store::Error) -> Failure {
    if let kabar_store::Error::TooManyCallbacks { most } = err {
        return Failure::TooManyCallbacks { most: *most };
    }
    tracing::error!(app = caller.app.as_str(), "a request about callbacks failed: {err}");
    Failure::Internal
}

fn broken_key(caller: &Caller, err: &CallbackError) -> Failure {
    match err {
        CallbackError::Store(err) => broken(caller, err),
        CallbackError::NoRandom(err) => {
            tracing::error!(app = caller.app.as_str(), "no key could be made: {err}");
            Failure::Internal
        }
    }
}

/// The answer with a callback as it is now, if there is one.
fn now_is(
    caller: &Caller,
    found: Result<Option<Callback>, kabar_store::Error>,
) -> Result<Json<schema::Callback>, Failure> {
    let found = found.map_err(|err| broken(caller, &err))?;
    found.map(|callback| Json(schema::Callback::of(&callback))).ok_or(Failure::NotFound)
}
