//! The Graph API: every path that is not the sandbox's own.

pub(crate) mod accounts;
pub(crate) mod answer;
pub(crate) mod bulk;
pub(crate) mod edit;
pub(crate) mod errors;
pub(crate) mod fields;
pub(crate) mod library;
pub(crate) mod listing;
pub(crate) mod media;
pub(crate) mod messages;
pub(crate) mod readback;
pub(crate) mod removal;
pub(crate) mod request;
pub(crate) mod subscriptions;
pub(crate) mod templates;
pub(crate) mod uploads;

use axum::body::Body;
use http::Method;
use http::request::Parts;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::world::World;
use crate::world::naming::Node;

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

/// Answers a call of an upload, whose body is counted as it comes and not kept.
pub(crate) async fn dispatch_upload(
    sandbox: &Sandbox,
    parts: &Parts,
    call: &GraphCall,
    body: Body,
) -> Result<Reply, GraphError> {
    check_token(sandbox, call)?;
    if let [id, edge] = call.segments.as_slice()
        && media::is_upload(call)
    {
        on(sandbox, id, Node::Number, edge, || Ok(Reply::success()))?;
        return media::take(sandbox, parts, id, body).await;
    }
    match call.method {
        Method::GET => uploads::progress(sandbox, call),
        Method::POST => {
            let file_offset = parts.headers.get("file_offset").and_then(|value| value.to_str().ok());
            uploads::take(sandbox, call, file_offset, body).await
        }
        _ => Err(GraphError::unsupported(call.method.as_str(), &call.segments.join("/"))),
    }
}

/// Answers a call that was read whole.
pub(crate) async fn dispatch(sandbox: &Sandbox, call: &GraphCall) -> Result<Reply, GraphError> {
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
        if sandbox.world().media.contains_key(id) {
            return media::on_file(sandbox, call, id);
        }
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
            | "media"
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
