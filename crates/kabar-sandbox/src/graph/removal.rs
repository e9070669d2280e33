//! Deleting templates, putting them into the archive and taking them out, and ending a pause.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::review::Decision;
use crate::world::{TemplateStatus, World};

/// Templates that one call may name.
const MAX_IDS: usize = 100;
/// How long a template stays paused before it can be asked back.
const UNPAUSE_AFTER_MS: i64 = 5 * 60 * 1000;

/// `DELETE /{waba}/message_templates`: all languages of `name`, the one of `hsm_id` and `name`, or those of `hsm_ids`; all
/// of them or none.
pub(crate) fn delete(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    let ids = if call.has("hsm_ids") { of_ids(&world, call, waba_id)? } else { of_name(&world, call, waba_id)? };
    let is_disabled = |id: &String| world.template(id).is_some_and(|t| t.status == TemplateStatus::Disabled);
    if ids.iter().any(is_disabled) {
        let text = "A message template that was disabled can't be deleted.";
        return Err(GraphError::creation(None, "Message template can't be deleted", text));
    }
    for template_id in ids {
        world.delete_template(&template_id, now);
    }
    Ok(Reply { body: json!({"success": true}), outcome: "deleted" })
}

fn of_name(world: &World, call: &GraphCall, waba_id: &str) -> Result<Vec<String>, GraphError> {
    let name = call.text("name").filter(|name| !name.is_empty()).ok_or_else(|| GraphError::required("name"))?;
    let languages = world.accounts.get(waba_id).and_then(|account| account.by_name.get(&name));
    let sequences = languages.into_iter().flat_map(|languages| languages.values());
    let templates = sequences.filter_map(|sequence| world.templates.get(sequence));
    let mut ids: Vec<String> = templates.map(|template| template.id.clone()).collect();
    if let Some(hsm_id) = call.text("hsm_id") {
        ids.retain(|id| *id == hsm_id);
    }
    if ids.is_empty() {
        let text = format!("There is no message template named {name} in this account, or not with this id.");
        return Err(not_found(text));
    }
    Ok(ids)
}

fn of_ids(world: &World, call: &GraphCall, waba_id: &str) -> Result<Vec<String>, GraphError> {
    if call.has("name") || call.has("hsm_id") {
        return Err(GraphError::parameter("Param hsm_ids can't be given together with name or hsm_id."));
    }
    let ids = read_ids(call)?;
    let stranger = ids.iter().find(|id| world.template(id).is_none_or(|template| template.waba_id != waba_id));
    match stranger {
        Some(id) => Err(not_found(format!("There is no message template with the id {id} in this account."))),
        None => Ok(ids),
    }
}

fn read_ids(call: &GraphCall) -> Result<Vec<String>, GraphError> {
    let mut ids: Vec<String> = Vec::new();
    for id in call.list("hsm_ids") {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    match ids.len() {
        0 => Err(GraphError::required("hsm_ids")),
        1..=MAX_IDS => Ok(ids),
        _ => Err(GraphError::parameter(format!("Param hsm_ids must have at most {MAX_IDS} elements."))),
    }
}

fn not_found(text: String) -> GraphError {
    let error = GraphError::creation(Some(2_593_002), "Message Template Not Found", text);
    error.with_http(StatusCode::NOT_FOUND)
}

/// `POST /{waba}/message_templates/archive` and `…/unarchive`, which are on a host of their own at the platform.
pub(crate) fn archive(sandbox: &Sandbox, call: &GraphCall, waba_id: &str, into: bool) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let ids = read_ids(call)?;
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    let (mut moved, mut failed) = (Vec::new(), Map::new());
    for id in ids {
        let is_own = world.template(&id).is_some_and(|template| template.waba_id == waba_id);
        let result = match (is_own, into) {
            (false, _) => Err("Template does not exist"),
            (true, true) => world.archive(&id, now),
            (true, false) => world.unarchive(&id, now),
        };
        match result {
            Ok(()) => moved.push(id),
            Err(why) => {
                failed.insert(id, json!(why));
            }
        }
    }
    drop(world);
    sandbox.wake();
    let key = if into { "archived_templates" } else { "unarchived_templates" };
    let body = json!({key: moved, "failed_templates": failed});
    Ok(Reply { body, outcome: if into { "archived" } else { "unarchived" } })
}

/// `POST /{template}/unpause`.
pub(crate) fn unpause(sandbox: &Sandbox, call: &GraphCall, template_id: &str) -> Result<Reply, GraphError> {
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    let Some(template) = world.template(template_id) else {
        return Err(GraphError::unsupported(call.method.as_str(), template_id));
    };
    let paused_at = template.life.paused_at.filter(|_| template.status == TemplateStatus::Paused);
    let refused = |reason: &str| Ok(Reply::ok(json!({"success": false, "reason": reason})));
    match paused_at {
        None => return refused("The template is not paused."),
        Some(at) if at.saturating_add(UNPAUSE_AFTER_MS) > now => {
            return refused("The template was paused less than five minutes ago.");
        }
        Some(_) => {}
    }
    world.decide(template_id, Decision::unpausing(), now);
    drop(world);
    sandbox.wake();
    Ok(Reply { body: json!({"success": true}), outcome: "unpaused" })
}

/// `GET /{template}/compare`: how often two templates were sent, and which was blocked less. Nobody blocks in a sandbox, so
/// the order by blocks is that of the ids. Two that were not both sent a thousand times have no data.
pub(crate) fn compare(sandbox: &Sandbox, call: &GraphCall, template_id: &str) -> Result<Reply, GraphError> {
    const DAY_SECONDS: i64 = 24 * 3600;
    const MIN_SENDS: usize = 1_000;
    let seconds = |key: &str| call.text(key).and_then(|text| text.parse::<i64>().ok());
    let (Some(start), Some(end)) = (seconds("start"), seconds("end")) else {
        return Err(GraphError::required(if seconds("start").is_none() { "start" } else { "end" }));
    };
    // The clock of the caller may be some minutes away.
    let n_days = (end.saturating_sub(start) + DAY_SECONDS / 2) / DAY_SECONDS;
    if ![7, 30, 60, 90].contains(&n_days) {
        return Err(GraphError::parameter("Params start and end must be 7, 30, 60 or 90 days apart."));
    }
    let world = sandbox.world();
    let others = call.list("template_ids");
    let [other] = others.as_slice() else {
        return Err(GraphError::parameter("Param template_ids must have exactly one element."));
    };
    let (Some(first), Some(second)) = (world.template(template_id), world.template(other)) else {
        return Err(GraphError::unsupported(call.method.as_str(), other));
    };
    if first.waba_id != second.waba_id {
        return Err(GraphError::parameter("The templates to compare must belong to the same account."));
    }
    let mut templates = [first, second];
    templates.sort_by(|a, b| a.id.cmp(&b.id));
    let window = start.saturating_mul(1000)..=end.saturating_mul(1000);
    let n_sends = templates.map(|template| {
        let is_of = |message: &&crate::world::message::Message| {
            message.waba_id == template.waba_id
                && message.template == template.name
                && message.language == template.language
                && window.contains(&message.accepted_at)
        };
        world.messages.iter().filter(is_of).count()
    });
    if n_sends.iter().any(|n| *n < MIN_SENDS) {
        return Ok(Reply::ok(json!({"data": []})));
    }
    let ids = templates.map(|template| template.id.clone());
    let keyed = |value: &dyn Fn(usize) -> Value| -> Value {
        ids.iter().enumerate().map(|(index, id)| json!({"key": id, "value": value(index)})).collect()
    };
    Ok(Reply::ok(json!({"data": [
        {"metric": "BLOCK_RATE", "type": "RELATIVE", "order_by_relative_metric": ids},
        {"metric": "MESSAGE_SENDS", "type": "NUMBER_VALUES", "number_values": keyed(&|index| json!(n_sends[index]))},
        {"metric": "TOP_BLOCK_REASON", "type": "STRING_VALUES",
            "string_values": keyed(&|_| json!("UNKNOWN_BLOCK_REASON"))}
    ]})))
}
