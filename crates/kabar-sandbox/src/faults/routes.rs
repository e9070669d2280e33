//! `/_sandbox/faults`: the rules are listed, added, taken away.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::faults::{Plan, TooMany};
use crate::ledger::problem;

/// `GET /_sandbox/faults`.
pub(crate) async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.world().faults.to_json())
}

/// `POST /_sandbox/faults`: one rule, an array of rules, or an object with `seed` and `rules`.
pub(crate) async fn add(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let plan = match Plan::parse(&body) {
        Ok(plan) => plan,
        Err(problems) => {
            let problems: Vec<Value> =
                problems.iter().map(|problem| json!({"path": problem.path, "problem": problem.problem})).collect();
            let body = json!({"error": "nothing was added; see what is wrong", "problems": problems});
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
    };
    let mut world = sandbox.world();
    world.touch();
    match world.faults.add(plan) {
        Ok(ids) => Json(json!({"ids": ids, "seed": world.faults.summary().0})).into_response(),
        Err(TooMany) => problem(StatusCode::BAD_REQUEST, "there are too many rules; nothing was added"),
    }
}

/// `DELETE /_sandbox/faults`: all rules, and a full stop that may be going on.
pub(crate) async fn clear(State(sandbox): State<Sandbox>) -> Json<Value> {
    let mut world = sandbox.world();
    world.faults.clear();
    world.touch();
    Json(world.faults.to_json())
}

/// `DELETE /_sandbox/faults/{id}`.
pub(crate) async fn remove(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let mut world = sandbox.world();
    match id.parse::<u64>() {
        Ok(id) if world.faults.remove(id) => {
            world.touch();
            Json(world.faults.to_json()).into_response()
        }
        _ => problem(StatusCode::NOT_FOUND, "there is no rule with this id"),
    }
}
