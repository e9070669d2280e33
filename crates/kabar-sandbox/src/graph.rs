//! The Graph API: every path that is not the sandbox's own.

pub(crate) mod accounts;
pub(crate) mod bulk;
pub(crate) mod edit;
pub(crate) mod errors;
pub(crate) mod fields;
pub(crate) mod library;
pub(crate) mod listing;
pub(crate) mod messages;
pub(crate) mod readback;
pub(crate) mod removal;
pub(crate) mod request;
pub(crate) mod subscriptions;
pub(crate) mod templates;
pub(crate) mod uploads;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::world::World;
use crate::world::event::{Call, Event};
use crate::world::naming::Node;
use crate::{Sandbox, random};

/// The platform takes no larger body.
const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;
/// Characters of a path that the ledger keeps.
const MAX_PATH_CHARS: usize = 300;

/// An answer that is not an error.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: Value,
    /// For the ledger.
    pub(crate) outcome: &'static str,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self { body, outcome: "ok" }
    }

    pub(crate) fn success() -> Self {
        Self::ok(json!({"success": true}))
    }
}

/// Answers a Graph call, once the call and all that it changed is written down.
pub(crate) async fn answer(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (call, result) = read_and_dispatch(&sandbox, &parts, body).await;
    let result = match note(&sandbox, &parts, &call, &result).await {
        Ok(()) => result,
        Err(error) => Err(error),
    };
    respond(&sandbox, &call, result)
}

async fn read_and_dispatch(sandbox: &Sandbox, parts: &Parts, body: Body) -> (GraphCall, Result<Reply, GraphError>) {
    let without_body = GraphCall::read(parts, &Bytes::new());
    let is_upload = without_body.segments.first().is_some_and(|first| first.starts_with(uploads::PREFIX));
    if is_upload {
        // A file, which is counted as it comes and not kept.
        let result = dispatch_upload(sandbox, parts, &without_body, body).await;
        return (without_body, result);
    }
    match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => {
            let call = GraphCall::read(parts, &body);
            let result = dispatch(sandbox, &call).await;
            (call, result)
        }
        Err(_) => {
            let error = GraphError::parameter("The request's body is too large or was cut short.");
            (without_body, Err(error))
        }
    }
}

async fn dispatch_upload(sandbox: &Sandbox, parts: &Parts, call: &GraphCall, body: Body) -> Result<Reply, GraphError> {
    check_token(sandbox, call)?;
    match call.method {
        Method::GET => uploads::progress(sandbox, call),
        Method::POST => {
            let file_offset = parts.headers.get("file_offset").and_then(|value| value.to_str().ok());
            uploads::take(sandbox, call, file_offset, body).await
        }
        _ => Err(GraphError::unsupported(call.method.as_str(), &call.segments.join("/"))),
    }
}

async fn dispatch(sandbox: &Sandbox, call: &GraphCall) -> Result<Reply, GraphError> {
    check_token(sandbox, call)?;
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let (id, edge) = match segments[..] {
        [] => return Err(GraphError::unsupported(call.method.as_str(), "")),
        ["message_template_library"] if call.method == Method::GET => return Ok(library::list(call)),
        [id] => (id, None),
        [id, edge] => (id, Some(edge)),
        [id, "message_templates", "archive"] => (id, Some("archive")),
        [id, "message_templates", "unarchive"] => (id, Some("unarchive")),
        [_, _, ..] => return Err(GraphError::unknown_path(&format!("/{}", segments[1..].join("/")))),
    };
    if id.is_empty() || id.len() > 32 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(GraphError::no_alias(id));
    }
    let Some(edge) = edge else {
        return match call.method {
            Method::GET => accounts::read_node(sandbox, call, id),
            Method::POST => on_template(sandbox, call, id, || edit::edit(sandbox, call, id)),
            _ => Err(GraphError::unsupported(call.method.as_str(), id)),
        };
    };
    let on_account = |handler: &dyn Fn() -> Result<Reply, GraphError>| on(sandbox, id, Node::Account, edge, handler);
    match (edge, &call.method) {
        ("message_templates", &Method::GET) => on_account(&|| listing::list(sandbox, call, id)),
        ("message_templates", &Method::POST) => on_account(&|| templates::create(sandbox, call, id)),
        ("message_templates", &Method::DELETE) => on_account(&|| removal::delete(sandbox, call, id)),
        ("archive", &Method::POST) if segments.len() == 3 => on_account(&|| removal::archive(sandbox, call, id, true)),
        ("unarchive", &Method::POST) if segments.len() == 3 => {
            on_account(&|| removal::archive(sandbox, call, id, false))
        }
        ("upsert_message_templates", &Method::POST) => on_account(&|| bulk::upsert(sandbox, call, id)),
        ("message_template_previews", &Method::GET) => on_account(&|| bulk::previews(call)),
        ("migrate_message_templates", &Method::POST) => on_account(&|| bulk::migrate(sandbox, call, id)),
        ("phone_numbers", &Method::GET) => on_account(&|| accounts::phone_numbers(sandbox, call, id)),
        ("unpause", &Method::POST) => on_template(sandbox, call, id, || removal::unpause(sandbox, call, id)),
        ("compare", &Method::GET) => on_template(sandbox, call, id, || removal::compare(sandbox, call, id)),
        ("uploads", &Method::POST) => on_app(sandbox, id, || uploads::open(sandbox, call, id)),
        ("messages", &Method::POST) => on(sandbox, id, Node::Number, "messages", || messages::send(sandbox, call, id)),
        ("subscribed_apps", method) => {
            on(sandbox, id, Node::Account, "subscribed_apps", || Ok(Reply::success()))?;
            subscriptions::answer(sandbox, call, method, id).await
        }
        (
            "message_templates"
            | "phone_numbers"
            | "messages"
            | "upsert_message_templates"
            | "message_template_previews"
            | "migrate_message_templates"
            | "unpause"
            | "compare"
            | "uploads",
            _,
        ) => Err(GraphError::unsupported(call.method.as_str(), id)),
        _ => Err(GraphError::unknown_path(&format!("/{}", segments[1..].join("/")))),
    }
}

/// Answers by `handler` if `id` is of the right kind; an id that was never heard of becomes one. A call for an account
/// counts as one of its management calls.
fn on(
    sandbox: &Sandbox,
    id: &str,
    node: Node,
    edge: &str,
    handler: impl FnOnce() -> Result<Reply, GraphError>,
) -> Result<Reply, GraphError> {
    {
        let mut world = sandbox.world();
        match world.node(id) {
            Some(known) if known != node => return Err(GraphError::nonexisting_field(edge, known.type_name())),
            None if world.deleted_templates.contains(id) => return Err(GraphError::unsupported("GET", id)),
            Some(_) | None => {}
        }
        if node == Node::Account {
            let now = sandbox.now_ms();
            world.name_account(id, now);
            count(&mut world, id, now)?;
        }
    }
    handler()
}

/// Answers by `handler` if `id` is a template's; the call counts as one of its account's.
fn on_template(
    sandbox: &Sandbox,
    call: &GraphCall,
    id: &str,
    handler: impl FnOnce() -> Result<Reply, GraphError>,
) -> Result<Reply, GraphError> {
    {
        let mut world = sandbox.world();
        let waba_id = world.template(id).map(|template| template.waba_id.clone());
        let waba_id = waba_id.ok_or_else(|| GraphError::unsupported(call.method.as_str(), id))?;
        count(&mut world, &waba_id, sandbox.now_ms())?;
    }
    handler()
}

/// Answers by `handler` if `id` can be an app's: any id that is nothing else.
fn on_app(
    sandbox: &Sandbox,
    id: &str,
    handler: impl FnOnce() -> Result<Reply, GraphError>,
) -> Result<Reply, GraphError> {
    if let Some(known) = sandbox.world().node(id) {
        return Err(GraphError::nonexisting_field("uploads", known.type_name()));
    }
    handler()
}

/// Counts a management call.
pub(crate) fn count(world: &mut World, waba_id: &str, now: i64) -> Result<(), GraphError> {
    if world.limits.take_call(waba_id, now) { Ok(()) } else { Err(GraphError::too_many_calls()) }
}

fn check_token(sandbox: &Sandbox, call: &GraphCall) -> Result<(), GraphError> {
    match (&call.token, sandbox.token()) {
        (None, _) if call.method == Method::GET => Err(GraphError::no_token_to_read()),
        (None, _) => Err(GraphError::no_token_to_write()),
        (Some(given), Some(expected)) if given != expected => Err(GraphError::wrong_token()),
        (Some(_), _) => Ok(()),
    }
}

/// Puts the call into the ledger and waits until everything up to it is in the state file.
async fn note(
    sandbox: &Sandbox,
    parts: &Parts,
    call: &GraphCall,
    result: &Result<Reply, GraphError>,
) -> Result<(), GraphError> {
    let (status, outcome) = match result {
        Ok(reply) => (StatusCode::OK, reply.outcome.to_owned()),
        Err(error) => (error.http, error.outcome()),
    };
    let sending = call.segments.last().is_some_and(|edge| edge == "messages");
    let said =
        |key: &str| call.text(key).filter(|_| sending).map(|text| text.chars().take(MAX_PATH_CHARS * 2).collect());
    let event = Event::Call(Box::new(Call {
        at: sandbox.now_ms(),
        method: parts.method.to_string(),
        path: parts.uri.path().chars().take(MAX_PATH_CHARS).collect(),
        status: status.as_u16(),
        outcome,
        to: said("to"),
        biz_opaque_callback_data: said("biz_opaque_callback_data"),
    }));
    sandbox.record_and_wait(event).await.map_err(|_| GraphError::internal())
}

fn respond(sandbox: &Sandbox, call: &GraphCall, result: Result<Reply, GraphError>) -> Response {
    let (status, body) = match result {
        Ok(reply) => (StatusCode::OK, reply.body),
        Err(error) => (error.http, error.body()),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    if let Ok(version) = HeaderValue::from_str(&call.version) {
        headers.insert("facebook-api-version", version);
    }
    if let Ok(id) = HeaderValue::from_str(&random::trace_id()) {
        headers.insert("x-fb-request-id", id.clone());
        headers.insert("x-fb-trace-id", id);
    }
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("OAuth \"Facebook Platform\" \"invalid_token\"");
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(usage) = usage(sandbox, call).and_then(|usage| HeaderValue::from_str(&usage.to_string()).ok()) {
        headers.insert("x-business-use-case-usage", usage);
    }
    response
}

/// How much of its hour's calls the account has used that the call was about.
fn usage(sandbox: &Sandbox, call: &GraphCall) -> Option<Value> {
    let id = call.segments.first().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))?;
    let sending = call.segments.last().is_some_and(|edge| edge == "messages");
    let mut world = sandbox.world();
    let owner = match world.node(id) {
        Some(Node::Template) => world.template(id).map(|template| template.waba_id.clone()),
        Some(Node::Number) => world.numbers.get(id).map(|number| number.waba_id.clone()),
        Some(Node::Account) | None => None,
    };
    let waba_id = owner.unwrap_or_else(|| id.clone());
    if sending {
        // Messages have no hourly limit that is published.
        return Some(json!({waba_id: [{
            "type": "whatsapp", "call_count": 1, "total_cputime": 1, "total_time": 1,
            "estimated_time_to_regain_access": 0
        }]}));
    }
    let used = world.limits.usage(&waba_id, sandbox.now_ms());
    Some(json!({waba_id: [{
        "type": "whatsapp_business_management",
        "call_count": used.percent,
        "total_cputime": 1,
        "total_time": 1,
        "estimated_time_to_regain_access": used.minutes_to_wait
    }]}))
}
