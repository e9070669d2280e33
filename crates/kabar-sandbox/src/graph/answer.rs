//! A Graph call from its first byte to its answer: read, met by a fault if a rule says so, handled, written down.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::faults::rule::{Fault, Kind};
use crate::faults::{self, CallFacts, Hit, MessageFacts};
use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::graph::{Reply, dispatch, dispatch_upload, media, uploads};
use crate::world::event::{Call, Event};
use crate::world::naming::Node;
use crate::{Sandbox, random};

/// The platform takes no larger body.
const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;
/// Characters of a path that the ledger keeps.
const MAX_PATH_CHARS: usize = 300;

/// What came in.
enum Content {
    /// All of it is in the call.
    Read,
    /// A file, or a form with one, which is counted as it comes and not kept.
    Upload(Body),
    /// The body was too large, or did not come whole.
    Broken,
}

/// Answers a Graph call, once the call and all that it changed is written down.
pub(crate) async fn answer(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (call, content) = read(&parts, body).await;
    let hit = hit_on(&sandbox, &call);
    if let Some(Hit { fault, after: false }) = &hit {
        faults::answer::wait(fault).await;
        if let Fault::Error { code, retry_after } = fault {
            let result = Err(GraphError::send_as_listed(*code));
            return finish(&sandbox, &parts, &call, result, hit.as_ref(), *retry_after).await;
        }
        if !matches!(fault, Fault::Slow { .. }) {
            let noted = note(&sandbox, &parts, &call, unhandled(fault), Some(format!("{fault}"))).await;
            return match noted {
                Ok(()) => faults::answer::spoil(fault, faults::answer::begun()).await,
                Err(error) => respond(&sandbox, &call, Err(error)),
            };
        }
    }
    let result = match content {
        Content::Read => dispatch(&sandbox, &call).await,
        Content::Upload(body) => dispatch_upload(&sandbox, &parts, &call, body).await,
        Content::Broken => Err(GraphError::parameter("The request's body is too large or was cut short.")),
    };
    let Some(Hit { fault, after: true }) = &hit else {
        return finish(&sandbox, &parts, &call, result, hit.as_ref(), None).await;
    };
    let right = finish(&sandbox, &parts, &call, result, hit.as_ref(), None).await;
    faults::answer::wait(fault).await;
    if let Fault::Error { code, retry_after } = fault {
        return waiting(respond(&sandbox, &call, Err(GraphError::send_as_listed(*code))), *retry_after);
    }
    faults::answer::spoil(fault, right).await
}

/// Writes down what came of a call, and answers with it.
async fn finish(
    sandbox: &Sandbox,
    parts: &Parts,
    call: &GraphCall,
    result: Result<Reply, GraphError>,
    hit: Option<&Hit>,
    retry_after: Option<u64>,
) -> Response {
    let said = match &result {
        Ok(reply) => (StatusCode::OK.as_u16(), reply.outcome.to_owned()),
        Err(error) => (error.http.as_u16(), error.outcome()),
    };
    let fault = hit.map(|hit| if hit.after { format!("{}, after", hit.fault) } else { hit.fault.to_string() });
    let result = match note(sandbox, parts, call, said, fault).await {
        Ok(()) => result,
        Err(error) => Err(error),
    };
    waiting(respond(sandbox, call, result), retry_after)
}

/// The answer with the seconds after which it may be asked again.
fn waiting(mut answer: Response, retry_after: Option<u64>) -> Response {
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

async fn read(parts: &Parts, body: Body) -> (GraphCall, Content) {
    let without_body = GraphCall::read(parts, &Bytes::new());
    let is_upload = without_body.segments.first().is_some_and(|first| first.starts_with(uploads::PREFIX));
    if is_upload || media::is_upload(&without_body) {
        return (without_body, Content::Upload(body));
    }
    match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => (GraphCall::read(parts, &body), Content::Read),
        Err(_) => (without_body, Content::Broken),
    }
}

/// The fault that a rule has this call meet.
fn hit_on(sandbox: &Sandbox, call: &GraphCall) -> Option<Hit> {
    let mut world = sandbox.world();
    let edge = call.segments.get(1).map(String::as_str);
    let node = call.segments.first().map(String::as_str).unwrap_or_default();
    let kind = match edge {
        Some("messages") if call.method == Method::POST => Kind::Send,
        Some(
            "message_templates"
            | "upsert_message_templates"
            | "message_template_previews"
            | "migrate_message_templates"
            | "unpause"
            | "compare",
        ) => Kind::Templates,
        None if world.node(node) == Some(Node::Template) => Kind::Templates,
        Some(_) | None => Kind::Other,
    };
    let path = format!("/{}", call.segments.join("/"));
    let text = |name: &str| call.parameters.get("template").and_then(|template| template.get(name));
    let template = text("name").and_then(Value::as_str).filter(|_| kind == Kind::Send).unwrap_or_default();
    let language = text("language").and_then(|language| language.get("code")).and_then(Value::as_str);
    // A number that was never heard of belongs to whoever has the template.
    let owner = world.numbers.get(node).map(|number| &number.waba_id);
    let category = language.filter(|_| kind == Kind::Send).and_then(|language| {
        let in_account = |waba_id: &String| world.template_named(waba_id, template, language);
        let found = owner.map_or_else(|| world.accounts.keys().find_map(in_account), in_account);
        found.map(|template| template.category.clone())
    });
    let to = call.text("to").filter(|_| kind == Kind::Send).unwrap_or_default();
    let digits: String = to.chars().filter(char::is_ascii_digit).collect();
    let message = MessageFacts {
        sender: if kind == Kind::Send { node } else { "" },
        template,
        category: category.as_deref().unwrap_or_default(),
        to: &digits,
    };
    let facts = CallFacts { kind, method: call.method.as_str(), path: &path, message };
    world.faults.on_call(&facts, sandbox.now_ms())
}

/// What the ledger says of a call that was not handled: what was answered, 0 for nothing, and why.
fn unhandled(fault: &Fault) -> (u16, String) {
    let status = if let Fault::Proxy { http } = fault { *http } else { 0 };
    (status, "not handled".to_owned())
}

/// Puts the call into the ledger and waits until everything up to it is in the state file.
async fn note(
    sandbox: &Sandbox,
    parts: &Parts,
    call: &GraphCall,
    (status, outcome): (u16, String),
    fault: Option<String>,
) -> Result<(), GraphError> {
    let sending = call.segments.last().is_some_and(|edge| edge == "messages");
    let said =
        |key: &str| call.text(key).filter(|_| sending).map(|text| text.chars().take(MAX_PATH_CHARS * 2).collect());
    let event = Event::Call(Box::new(Call {
        at: sandbox.now_ms(),
        method: parts.method.to_string(),
        path: parts.uri.path().chars().take(MAX_PATH_CHARS).collect(),
        status,
        outcome,
        fault,
        to: said("to"),
        biz_opaque_callback_data: said("biz_opaque_callback_data"),
    }));
    sandbox.record_and_wait(event).await.map_err(|_| GraphError::internal())
}

fn respond(sandbox: &Sandbox, call: &GraphCall, result: Result<Reply, GraphError>) -> Response {
    if result.as_ref().is_ok_and(|reply| reply.outcome == uploads::BROKEN) {
        return faults::answer::none();
    }
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
