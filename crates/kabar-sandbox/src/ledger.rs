//! The sandbox's own paths, under `/_sandbox`: what it saw, and what an operator may ask of it.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::stream;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::clock::rfc3339;
use crate::statuses::Status;
use crate::world::World;
use crate::world::event::{Call, WebhookCall};
use crate::world::message::Message;
use crate::{faults, operator, phones, recipients};

/// Lines looked at with the world's lock held once.
const CHUNK: usize = 2_000;

/// The routes; every other path is the Graph API's.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox", get(index))
        .route("/_sandbox/", get(index))
        .route("/_sandbox/health", get(health))
        .route("/_sandbox/recipients", get(show_recipients))
        .route("/_sandbox/templates", get(operator::show_templates))
        .route("/_sandbox/templates/{id}/{action}", post(operator::act))
        .route("/_sandbox/phones", get(phones::list))
        .route("/_sandbox/phones/{number}", get(phones::show).post(phones::set_habit))
        .route("/_sandbox/phones/{number}/say", post(phones::say))
        .route("/_sandbox/phones/{number}/marketing", post(phones::choose))
        .route("/_sandbox/messages/{wamid}/{action}", post(phones::act))
        .route("/_sandbox/seen", get(phones::seen))
        .route("/_sandbox/review", get(operator::show_review).post(operator::set_review))
        .route("/_sandbox/limits", get(operator::limits::show).post(operator::limits::set))
        .route("/_sandbox/faults", get(faults::routes::list).post(faults::routes::add).delete(faults::routes::clear))
        .route("/_sandbox/faults/{id}", delete(faults::routes::remove))
        .route("/_sandbox/media", get(crate::graph::media::show))
        .route("/_sandbox/uploads", get(operator::show_uploads).post(operator::break_uploads))
        .route("/_sandbox/ledger/messages", get(messages))
        .route("/_sandbox/ledger/calls", get(calls))
        .route("/_sandbox/ledger/webhooks", get(webhook_calls))
        .route("/_sandbox/{*rest}", get(not_found).post(not_found))
}

async fn index(State(sandbox): State<Sandbox>) -> Json<Value> {
    let (counts, review) = {
        let world = sandbox.world();
        let counts = json!({
            "accounts": world.accounts.len(),
            "phone_numbers": world.numbers.len(),
            "templates": world.templates.len(),
            "messages": world.messages.len(),
            "calls": world.calls_forgotten + u64::try_from(world.calls.len()).unwrap_or_default(),
            "updates_not_yet_told": world.n_untold(),
        });
        (counts, world.review.to_string())
    };
    let mut index = json!({
        "what": "an emulator of the WhatsApp Cloud platform",
        "review": review,
        "counts": counts,
        "endpoints": {
            "GET /_sandbox/health": "200 while it runs",
            "GET /_sandbox/ledger/messages": "each accepted message, a JSON object a line; ?skip= and ?limit= page, ?to= and ?biz_opaque_callback_data= filter",
            "GET /_sandbox/ledger/calls": "each Graph call with its outcome, likewise; the last million",
            "GET /_sandbox/ledger/webhooks": "each call to a callback, likewise; the last 100,000 since the start",
            "GET /_sandbox/phones": "the phones that messages were sent to, the one with the newest first",
            "GET /_sandbox/phones/{number}": "what stands on one of them, as its recipient sees it; ?limit= for more than the newest 50",
            "POST /_sandbox/phones/{number}": "what it does with messages by itself: {\"habit\": \"reads\"}, receives, or off",
            "POST /_sandbox/phones/{number}/say": "its recipient answers the newest message with {\"text\": \"…\"}",
            "POST /_sandbox/phones/{number}/marketing": "it wants no marketing of who wrote last any more: {\"stopped\": true}; or again: false",
            "POST /_sandbox/messages/{wamid}/deliver": "the message arrives now",
            "POST /_sandbox/messages/{wamid}/read": "it is read now",
            "POST /_sandbox/messages/{wamid}/fail": "it fails now, with the code of the body: {\"code\": 131026}",
            "POST /_sandbox/messages/{wamid}/press": "a quick reply is pressed: {\"button\": 0}, with \"card\" in a carousel",
            "GET /_sandbox/seen": "counts what could be seen; with ?after= it answers when there is more, or after ?wait_ms=",
            "GET /_sandbox/templates": "the newest templates, with all that can be read of them; ?status= and ?limit=",
            "GET /_sandbox/review": "how new templates are reviewed",
            "POST /_sandbox/review": "how they are from now on: {\"review\": \"manual\"}, instant, or seconds",
            "GET /_sandbox/recipients": "the recipients that fail on purpose",
            "GET /_sandbox/limits": "the limits of an account, and whether they are enforced",
            "POST /_sandbox/limits": "enforces them, or not: {\"enforced\": true}; also messages_per_second, unique_recipients_per_day",
            "GET /_sandbox/faults": "the fault rules, and how often each struck",
            "POST /_sandbox/faults": "adds rules: one, an array, or an object with seed and rules",
            "DELETE /_sandbox/faults": "takes all rules away; with /{id} one of them",
            "GET /_sandbox/media": "the files that were uploaded for messages, and how many messages name each",
            "GET /_sandbox/uploads": "the uploads of samples",
            "POST /_sandbox/uploads": "breaks the next uploads off: {\"break_after\": [1000]}"
        }
    });
    for (action, what) in operator::ACTIONS {
        index["endpoints"][format!("POST /_sandbox/templates/{{id}}/{action}")] = json!(what);
    }
    Json(index)
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The answer to a path that the sandbox does not have.
pub(crate) async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "there is no such path; GET /_sandbox lists them")
}

async fn show_recipients() -> Json<Value> {
    let rows = recipients::table().iter().map(|row| {
        json!({
            "ends_in": row.digits(),
            "code": row.code,
            "title": row.title(),
            "end": row.end,
            "shows": row.shows,
        })
    });
    Json(rows.collect())
}

/// An answer that says in a sentence what is wrong.
pub(crate) fn problem(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"error": text}))).into_response()
}

/// The filters of the ledger.
#[derive(Debug, Deserialize)]
struct Wanted {
    /// How many lines are passed over, and how many are looked at after them.
    #[serde(default)]
    skip: usize,
    limit: Option<usize>,
    to: Option<String>,
    biz_opaque_callback_data: Option<String>,
}

impl Wanted {
    /// The part from `start` to `end` that is looked at.
    fn part(&self, start: usize, end: usize) -> (usize, usize) {
        let from = start.saturating_add(self.skip).min(end);
        (from, self.limit.map_or(end, |limit| from.saturating_add(limit).min(end)))
    }

    fn takes(&self, to: Option<&str>, opaque: Option<&str>) -> bool {
        let bare = |number: &str| number.trim().trim_start_matches('+').to_owned();
        let to_fits = self.to.as_ref().is_none_or(|wanted| to.is_some_and(|to| bare(to) == bare(wanted)));
        let opaque_wanted = self.biz_opaque_callback_data.as_deref();
        to_fits && opaque_wanted.is_none_or(|wanted| opaque == Some(wanted))
    }
}

async fn messages(State(sandbox): State<Sandbox>, Query(wanted): Query<Wanted>) -> Response {
    let (start, end) = wanted.part(0, sandbox.world().messages.len());
    lines(sandbox, start, end, move |world, index| {
        let message = world.messages.get(index)?;
        let takes = wanted.takes(Some(&message.to), message.biz_opaque_callback_data.as_deref());
        takes.then(|| message_line(message))
    })
}

async fn calls(State(sandbox): State<Sandbox>, Query(wanted): Query<Wanted>) -> Response {
    // Calls are counted from the first one ever, as those at the front may be forgotten between two chunks.
    let (start, end) = {
        let world = sandbox.world();
        let start = usize::try_from(world.calls_forgotten).unwrap_or(usize::MAX);
        wanted.part(start, start + world.calls.len())
    };
    lines(sandbox, start, end, move |world, index| {
        let forgotten = usize::try_from(world.calls_forgotten).ok()?;
        let call = world.calls.get(index.checked_sub(forgotten)?)?;
        let takes = wanted.takes(call.to.as_deref(), call.biz_opaque_callback_data.as_deref());
        takes.then(|| call_line(call))
    })
}

async fn webhook_calls(State(sandbox): State<Sandbox>) -> Response {
    let end = sandbox.world().webhook_calls.len();
    lines(sandbox, 0, end, |world, index| world.webhook_calls.get(index).map(webhook_line))
}

/// Streams the lines from `start` to `end`, a chunk at a time, so that neither the lock is held nor a long answer is kept
/// in memory.
fn lines(
    sandbox: Sandbox,
    start: usize,
    end: usize,
    line: impl Fn(&World, usize) -> Option<Value> + Send + Sync + 'static,
) -> Response {
    let chunks = stream::unfold((sandbox, start, line), move |(sandbox, from, line)| async move {
        if from >= end {
            return None;
        }
        let to = end.min(from + CHUNK);
        let mut chunk = String::new();
        {
            let world = sandbox.world();
            for value in (from..to).filter_map(|index| line(&world, index)) {
                chunk.push_str(&value.to_string());
                chunk.push('\n');
            }
        }
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), (sandbox, to, line)))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(chunks)).into_response()
}

fn message_line(message: &Message) -> Value {
    let statuses = message.statuses.iter().map(|record| {
        let mut status = json!({"status": record.status.as_str(), "at": rfc3339(record.at)});
        if let Some(delivered_at) = record.delivered_at {
            status["delivered_at"] = json!(rfc3339(delivered_at));
        }
        if let Some(code) = message.fails_with.filter(|_| record.status == Status::Failed) {
            status["code"] = json!(code);
        }
        if record.lost {
            status["lost"] = json!(true);
        }
        status
    });
    let components = message.components.as_ref().and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    json!({
        "wamid": message.wamid,
        "to": message.to,
        "template": message.template,
        "language": message.language,
        "components": components,
        "biz_opaque_callback_data": message.biz_opaque_callback_data,
        "accepted_at": rfc3339(message.accepted_at),
        "statuses": statuses.collect::<Vec<_>>(),
        "phone_number_id": message.phone_number_id,
        "waba_id": message.waba_id,
    })
}

fn call_line(call: &Call) -> Value {
    let mut line = json!({
        "at": rfc3339(call.at),
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "outcome": call.outcome,
    });
    if let Some(fault) = &call.fault {
        line["fault"] = json!(fault);
    }
    if let Some(to) = &call.to {
        line["to"] = json!(to);
    }
    if let Some(opaque) = &call.biz_opaque_callback_data {
        line["biz_opaque_callback_data"] = json!(opaque);
    }
    line
}

fn webhook_line(call: &WebhookCall) -> Value {
    let outcome = match &call.outcome {
        Ok(status) => json!(format!("answered: {status}")),
        Err(what) => json!(format!("failed: {what}")),
    };
    json!({
        "at": rfc3339(call.at),
        "url": call.url,
        "waba_id": call.waba_id,
        "updates": call.n_updates,
        "size_bytes": call.size_bytes,
        "outcome": outcome,
    })
}
