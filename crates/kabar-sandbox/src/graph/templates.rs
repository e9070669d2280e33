//! Creating, deleting and showing templates. Editing and the platform's other template edges are not emulated.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::check::spec::Spec;
use crate::check::template::{check, check_against};
use crate::clock::graph_datetime;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::fields::Attributes;
use crate::graph::readback::read_form;
use crate::graph::request::GraphCall;
use crate::random;
use crate::review::Review;
use crate::world::event::Event;
use crate::world::naming::Node;
use crate::world::{Template, TemplateStatus, World};

/// `POST /{waba}/message_templates`.
pub(crate) fn create(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let new = check(&call.parameters)?;
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    check_against(&world, waba_id, &new)?;
    let sequence = world.next_sequence();
    let id = free_id(&world);
    let template = Template {
        id: id.clone(),
        sequence,
        waba_id: waba_id.to_owned(),
        components: read_form(&new),
        name: new.name,
        language: new.language,
        category: new.category.to_owned(),
        named_parameters: new.named,
        attributes: new.attributes,
        status: TemplateStatus::Pending,
        reason: "NONE".to_owned(),
        created_at: now,
        updated_at: now,
        spec: Spec::default(),
    };
    world.record(Event::Template(Box::new(template)));
    if world.review == Review::Instant {
        world.review_now(sequence, now);
    }
    let status = world.template(&id).map_or(TemplateStatus::Pending, |template| template.status);
    drop(world);
    sandbox.wake();
    let body = json!({"id": id, "status": status.as_str(), "category": new.category});
    Ok(Reply { body, outcome: "created" })
}

/// `DELETE /{waba}/message_templates`: all languages of `name`, or the one of `hsm_id`, whose name must be given too.
pub(crate) fn delete(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    let name = call.text("name").filter(|name| !name.is_empty()).ok_or_else(|| GraphError::required("name"))?;
    let mut world = sandbox.world();
    let languages = world.accounts.get(waba_id).and_then(|account| account.by_name.get(&name));
    let sequences: Vec<u64> = languages.into_iter().flat_map(|languages| languages.values().copied()).collect();
    let mut ids: Vec<String> = sequences
        .iter()
        .filter_map(|sequence| world.templates.get(sequence))
        .map(|template| template.id.clone())
        .collect();
    if let Some(hsm_id) = call.text("hsm_id") {
        ids.retain(|id| *id == hsm_id);
    }
    if ids.is_empty() {
        let text = format!("There is no message template named {name} in this account, or not with this id.");
        let error = GraphError::creation(Some(2_593_002), "Message Template Not Found", text);
        return Err(error.with_http(StatusCode::NOT_FOUND));
    }
    for template_id in ids {
        world.record(Event::TemplateDeleted { template_id });
    }
    Ok(Reply { body: json!({"success": true}), outcome: "deleted" })
}

/// What can be read of a template.
pub(crate) fn attributes(template: &Template) -> Attributes {
    let mut values = Map::new();
    let mut set = |name: &str, value: Value| values.insert(name.to_owned(), value);
    set("id", json!(template.id));
    set("name", json!(template.name));
    set("language", json!(template.language));
    set("category", json!(template.category));
    set("status", json!(template.status.as_str()));
    set("parameter_format", json!(if template.named_parameters { "NAMED" } else { "POSITIONAL" }));
    set("components", json!(template.components));
    set("rejected_reason", json!(template.reason));
    set("quality_score", json!({"score": "UNKNOWN", "date": template.created_at / 1000}));
    set("last_updated_time", json!(graph_datetime(template.updated_at)));
    set("source", json!("MANUAL"));
    values.extend(template.attributes.clone());
    Attributes {
        node: Node::Template,
        values,
        by_default: &["name", "parameter_format", "components", "language", "status", "category", "sub_category"],
        optional: &[
            "ad_account_id",
            "ad_adset_id",
            "ad_campaign_id",
            "ad_id",
            "bid_spec",
            "correct_category",
            "cta_url_link_tracking_opted_out",
            "degrees_of_freedom_spec",
            "display_format",
            "health_status",
            "is_primary_device_delivery_only",
            "is_sms_fallback_enabled",
            "library_template_name",
            "message_send_ttl_seconds",
            "previous_category",
            "sub_category",
        ],
    }
}

fn free_id(world: &World) -> String {
    std::iter::repeat_with(random::numeric_id)
        .find(|id| world.node(id).is_none() && !world.deleted_templates.contains(id))
        .expect("the iterator has no end")
}
