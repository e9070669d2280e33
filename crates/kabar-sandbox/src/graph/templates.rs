//! Creating templates, one at a time, and showing them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::check::spec::Spec;
use crate::check::template::{NewTemplate, check, check_against, check_samples};
use crate::clock::graph_datetime;
use crate::graph::errors::GraphError;
use crate::graph::fields::Attributes;
use crate::graph::readback::read_form;
use crate::graph::request::GraphCall;
use crate::graph::{Reply, library};
use crate::random;
use crate::review::{Decision, Review};
use crate::world::event::Event;
use crate::world::naming::Node;
use crate::world::template::Life;
use crate::world::{Template, TemplateStatus, World};

/// `POST /{waba}/message_templates`. One of the platform's library is approved at once.
pub(crate) fn create(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let from_library = library::expanded(&call.parameters)?;
    let new = check(from_library.as_ref().unwrap_or(&call.parameters))?;
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    check_against(&world, waba_id, &new.name, &new.language, new.category, now)?;
    check_samples(&world, &new.components, now)?;
    check_room(&mut world, waba_id, now)?;
    let category = new.category;
    let mut new = new;
    if let Some(name) = call.parameters.get("library_template_name").filter(|_| from_library.is_some()) {
        new.attributes.insert("library_template_name".to_owned(), name.clone());
    }
    let id = add(&mut world, waba_id, new, now);
    if from_library.is_some() {
        world.decide(&id, Decision::approval(), now);
    } else {
        review_at_once(&mut world, &id, now);
    }
    let status = world.template(&id).map_or(TemplateStatus::Pending, |template| template.status);
    drop(world);
    sandbox.wake();
    let body = json!({"id": id, "status": status.as_str(), "category": category});
    Ok(Reply { body, outcome: "created" })
}

/// Whether the account may have one more template, and create it now.
pub(crate) fn check_room(world: &mut World, waba_id: &str, now: i64) -> Result<(), GraphError> {
    let n_templates = world.accounts.get(waba_id).map_or(0, |account| account.templates.len());
    if n_templates >= world.limits.max_templates() {
        return Err(GraphError::creation(
            Some(2_388_019),
            "Message Template Limit Exceeded",
            "You have exceeded the maximum number of message templates you can have for this WhatsApp business account.",
        ));
    }
    if world.limits.take_creation(waba_id, now) { Ok(()) } else { Err(GraphError::too_many_calls()) }
}

/// Adds a template that is pending; gives its id.
pub(crate) fn add(world: &mut World, waba_id: &str, new: NewTemplate, now: i64) -> String {
    let id = free_id(world);
    let template = Template {
        shared: Arc::default(),
        id: id.clone(),
        sequence: world.next_sequence(),
        waba_id: waba_id.to_owned(),
        components: read_form(&new.components, new.category, &new.language),
        name: new.name,
        language: new.language,
        category: new.category.to_owned(),
        named_parameters: new.named,
        attributes: new.attributes,
        status: TemplateStatus::Pending,
        reason: "NONE".to_owned(),
        created_at: now,
        updated_at: now,
        life: Life::default(),
        spec: Spec::default(),
    };
    world.record(Event::Template(Box::new(template)));
    id
}

/// Decides on a pending template if the reviews are made within the call.
pub(crate) fn review_at_once(world: &mut World, template_id: &str, now: i64) {
    let sequence = world.template(template_id).map(|template| template.sequence);
    if let Some(sequence) = sequence.filter(|_| world.review == Review::Instant) {
        world.review_now(sequence, now);
    }
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
    let life = &template.life;
    let measured_at = life.quality_at.unwrap_or(template.created_at);
    set("quality_score", json!({"score": life.quality.as_str(), "date": measured_at / 1000}));
    if let Some(category) = &life.previous_category {
        set("previous_category", json!(category));
    }
    if let Some((category, _)) = &life.announced_category {
        set("correct_category", json!(category));
    }
    set("last_updated_time", json!(graph_datetime(template.updated_at)));
    set("source", json!("MANUAL"));
    values.extend(template.attributes.clone());
    Attributes {
        node: Node::Template,
        values,
        by_default: &[
            "name",
            "parameter_format",
            "components",
            "language",
            "status",
            "category",
            "sub_category",
            "previous_category",
        ],
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

/// An id that nothing has and nothing had.
pub(crate) fn free_id(world: &World) -> String {
    std::iter::repeat_with(random::numeric_id)
        .find(|id| world.node(id).is_none() && !world.deleted_templates.contains(id))
        .expect("the iterator has no end")
}
