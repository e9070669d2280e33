//! The Graph API: every path that is not the sandbox's own.

pub(crate) mod accounts;
pub(crate) mod errors;
pub(crate) mod fields;
pub(crate) mod listing;
pub(crate) mod messages;
pub(crate) mod readback;
pub(crate) mod request;
pub(crate) mod subscriptions;
pub(crate) mod templates;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
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
    let (call, result) = match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => {
            let call = GraphCall::read(&parts, &body);
            let result = dispatch(&sandbox, &call).await;
            (call, result)
        }
        Err(_) => {
            let error = GraphError::parameter("The request's body is too large or was cut short.");
            (GraphCall::read(&parts, &bytes::Bytes::new()), Err(error))
        }
    };
    let result = match note(&sandbox, &parts, &call, &result).await {
        Ok(()) => result,
        Err(error) => Err(error),
    };
    respond(&call, result)
}

async fn dispatch(sandbox: &Sandbox, call: &GraphCall) -> Result<Reply, GraphError> {
    check_token(sandbox, call)?;
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let (id, edge) = match segments[..] {
        [] => return Err(GraphError::unsupported(call.method.as_str(), "")),
        [id] => (id, None),
        [id, edge] => (id, Some(edge)),
        [_, _, ..] => return Err(GraphError::unknown_path(&format!("/{}", segments[1..].join("/")))),
    };
    if id.is_empty() || id.len() > 32 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(GraphError::no_alias(id));
    }
    match (edge, &call.method) {
        (None, &Method::GET) => accounts::read_node(sandbox, call, id),
        (Some("message_templates"), &Method::GET) => {
            on(sandbox, id, Node::Account, "message_templates", || listing::list(sandbox, call, id))
        }
        (Some("message_templates"), &Method::POST) => {
            on(sandbox, id, Node::Account, "message_templates", || templates::create(sandbox, call, id))
        }
        (Some("message_templates"), &Method::DELETE) => {
            on(sandbox, id, Node::Account, "message_templates", || templates::delete(sandbox, call, id))
        }
        (Some("phone_numbers"), &Method::GET) => {
            on(sandbox, id, Node::Account, "phone_numbers", || accounts::phone_numbers(sandbox, call, id))
        }
        (Some("messages"), &Method::POST) => {
            on(sandbox, id, Node::Number, "messages", || messages::send(sandbox, call, id))
        }
        (Some("subscribed_apps"), method) => {
            on(sandbox, id, Node::Account, "subscribed_apps", || Ok(Reply::success()))?;
            subscriptions::answer(sandbox, call, method, id).await
        }
        (Some("message_templates" | "phone_numbers" | "messages") | None, _) => {
            Err(GraphError::unsupported(call.method.as_str(), id))
        }
        (Some(edge), _) => Err(GraphError::unknown_path(&format!("/{edge}"))),
    }
}

/// Answers by `handler` if `id` is of the right kind; an id that was never heard of becomes one.
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
            world.name_account(id, sandbox.now_ms());
        }
    }
    handler()
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

fn respond(call: &GraphCall, result: Result<Reply, GraphError>) -> Response {
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
    let sending = call.segments.last().is_some_and(|edge| edge == "messages");
    let kind = if sending { "whatsapp" } else { "whatsapp_business_management" };
    if let Some(id) = call.segments.first() {
        let usage = json!({id: [{
            "type": kind, "call_count": 1, "total_cputime": 1, "total_time": 1, "estimated_time_to_regain_access": 0
        }]});
        if let Ok(usage) = HeaderValue::from_str(&usage.to_string()) {
            headers.insert("x-business-use-case-usage", usage);
        }
    }
    response
}
