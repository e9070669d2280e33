//! `/_sandbox/limits`: what is limited, and whether it is enforced.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::ledger::problem;
use crate::world::World;
use crate::world::limits::messages::{DAILY_TIERS, PAIR_BURST, PAIR_EVERY_MS};
use crate::world::limits::{MAX_CALLS, MAX_CREATIONS};

/// The highest throughput that can be asked for.
const MOST_PER_SECOND: u64 = 1_000_000;

/// `GET /_sandbox/limits`.
pub(crate) async fn show(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(limits(&sandbox.world()))
}

fn limits(world: &World) -> Value {
    let messages = &world.limits.messages;
    json!({
        "enforced": world.limits.enforced,
        "templates_per_account": world.limits.max_templates(),
        "creations_per_hour": MAX_CREATIONS,
        "calls_per_hour": MAX_CALLS,
        "messages_per_second": messages.per_second,
        "pair_burst": PAIR_BURST,
        "pair_seconds": PAIR_EVERY_MS / 1_000,
        "unique_recipients_per_day": messages.unique_per_day,
    })
}

/// What can be set. What is not named stays as it is.
#[derive(Debug, Default)]
struct Wanted {
    enforced: Option<bool>,
    per_second: Option<u32>,
    unique_per_day: Option<u32>,
}

impl Wanted {
    /// Reads it, or says everything that is wrong.
    fn read(fields: &Map<String, Value>) -> Result<Self, Vec<String>> {
        let mut wanted = Self::default();
        let mut wrong = Vec::new();
        for (name, value) in fields {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            match name.as_str() {
                "enforced" => {
                    wanted.enforced = value.as_bool();
                    if wanted.enforced.is_none() {
                        wrong.push("`enforced` must be true or false".to_owned());
                    }
                }
                "messages_per_second" => {
                    wanted.per_second = number.filter(|number| (1..=MOST_PER_SECOND).contains(&u64::from(*number)));
                    if wanted.per_second.is_none() {
                        wrong.push(format!("`messages_per_second` must be a whole number of 1 to {MOST_PER_SECOND}"));
                    }
                }
                "unique_recipients_per_day" => {
                    let is_tier = |number: &u32| DAILY_TIERS.iter().any(|(most, _)| most == number);
                    wanted.unique_per_day = number.filter(is_tier);
                    if wanted.unique_per_day.is_none() {
                        let tiers: Vec<String> = DAILY_TIERS.iter().map(|(most, _)| most.to_string()).collect();
                        wrong.push(format!("`unique_recipients_per_day` must be one of {}", tiers.join(", ")));
                    }
                }
                other => wrong.push(format!("`{other}` can't be set")),
            }
        }
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }
}

/// `POST /_sandbox/limits`; what is set holds until the sandbox ends.
pub(crate) async fn set(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "the body must be a JSON object, for example {\"enforced\": true}");
    };
    let wanted = match Wanted::read(&fields) {
        Ok(wanted) => wanted,
        Err(wrong) => return problem(StatusCode::BAD_REQUEST, &wrong.join("; ")),
    };
    let mut world = sandbox.world();
    let limits_of = &mut world.limits;
    limits_of.enforced = wanted.enforced.unwrap_or(limits_of.enforced);
    if wanted.per_second.is_some() || wanted.unique_per_day.is_some() {
        limits_of.messages.set(wanted.per_second, wanted.unique_per_day);
    }
    world.touch();
    Json(limits(&world)).into_response()
}
