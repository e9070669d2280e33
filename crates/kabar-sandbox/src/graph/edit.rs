//! `POST /{template}`: editing. What is given replaces what was there, and the template goes through the review again.

use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::check::keys::{array, one_of, only, string};
use crate::check::template::{CATEGORIES, attributes, check_components, check_samples, named, other_category};
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::readback::read_form;
use crate::graph::request::GraphCall;
use crate::graph::templates::review_at_once;
use crate::world::event::Event;
use crate::world::template::What;
use crate::world::{Template, TemplateStatus, World};

/// What can be edited, and the two that may be repeated.
const KNOWN: [&str; 10] = [
    "category",
    "components",
    "parameter_format",
    "message_send_ttl_seconds",
    "sub_category",
    "display_format",
    "cta_url_link_tracking_opted_out",
    "is_primary_device_delivery_only",
    "name",
    "language",
];
const DAY_MS: i64 = 24 * 3600 * 1000;
/// Edits of an approved template in a month; one a day.
const MAX_EDITS: usize = 10;
const MONTH_MS: i64 = 30 * DAY_MS;

/// Edits a template.
pub(crate) fn edit(sandbox: &Sandbox, call: &GraphCall, template_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    let Some(old) = world.template(template_id).cloned() else {
        return Err(GraphError::unsupported(call.method.as_str(), template_id));
    };
    let was_approved = old.status == TemplateStatus::Approved;
    if !matches!(old.status, TemplateStatus::Approved | TemplateStatus::Rejected | TemplateStatus::Paused) {
        let text = "The status for this message template can't be changed. You can only delete or add templates.";
        return Err(GraphError::creation(Some(2_388_039), "Message template status can't be changed", text));
    }
    let mut new = edited(&world, old, &call.parameters, now)?;
    if was_approved {
        check_frequency(&new, now)?;
        new.life.edits.retain(|at| at.saturating_add(MONTH_MS) > now);
        new.life.edits.push(now);
    }
    new.status = TemplateStatus::Pending;
    "NONE".clone_into(&mut new.reason);
    new.updated_at = now;
    new.life.paused_at = None;
    new.life.pause_ends = None;
    let components = shown(&new.components);
    let body = json!({"success": true, "id": new.id, "name": new.name, "category": new.category});
    world.record(Event::Template(Box::new(new)));
    if call.parameters.contains_key("components") {
        world.notify(template_id, What::Components(components), now);
    }
    review_at_once(&mut world, template_id, now);
    drop(world);
    sandbox.wake();
    Ok(Reply { body, outcome: "edited" })
}

/// The template as it will be.
fn edited(
    world: &World,
    mut template: Template,
    parameters: &Map<String, Value>,
    now: i64,
) -> Result<Template, GraphError> {
    only(parameters, &KNOWN, "message_template")?;
    for (key, is) in [("name", &template.name), ("language", &template.language)] {
        if parameters.get(key).is_some_and(|value| !value.is_null() && value != is) {
            return Err(GraphError::parameter(format!("Param {key} of a message template can't be changed.")));
        }
    }
    if !parameters.keys().any(|key| !matches!(key.as_str(), "name" | "language")) {
        return Err(GraphError::required("components"));
    }
    let components = match parameters.get("components").filter(|components| !components.is_null()) {
        Some(components) => Some(array(components, "components")?),
        None => None,
    };
    if let Some(category) = parameters.get("category").filter(|category| !category.is_null()) {
        let category = one_of(string(category, "category")?, &CATEGORIES, "category")?;
        check_category(world, &template, category, components.is_some())?;
        if category != template.category {
            template.attributes.shift_remove("message_send_ttl_seconds");
        }
        category.clone_into(&mut template.category);
    }
    match (named(parameters)?, components) {
        (Some(named), None) if named != template.named_parameters => return Err(GraphError::required("components")),
        (Some(named), _) => template.named_parameters = named,
        (None, _) => {}
    }
    if let Some(components) = components {
        check_components(components, &template.category, template.named_parameters)?;
        check_samples(world, components, now)?;
        template.components = read_form(components, &template.category, &template.language);
    }
    template.attributes.extend(attributes(parameters, &template.category)?);
    Ok(template)
}

/// The category of an approved template stays, and a name has one over all its languages.
fn check_category(world: &World, template: &Template, category: &str, has_components: bool) -> Result<(), GraphError> {
    if category == template.category {
        return Ok(());
    }
    let account = world.accounts.get(&template.waba_id);
    let languages = account.and_then(|account| account.by_name.get(&template.name));
    let is_alone = languages.is_none_or(|languages| languages.len() == 1);
    // The texts of a login code are the platform's, so there is no way to it or from it without new components.
    let of_codes = [category, template.category.as_str()].contains(&"AUTHENTICATION");
    if template.status == TemplateStatus::Approved || !is_alone || (of_codes && !has_components) {
        return Err(other_category(category, &template.category));
    }
    Ok(())
}

fn check_frequency(template: &Template, now: i64) -> Result<(), GraphError> {
    let n_since = |ms: i64| template.life.edits.iter().filter(|at| at.saturating_add(ms) > now).count();
    if n_since(DAY_MS) == 0 && n_since(MONTH_MS) < MAX_EDITS {
        return Ok(());
    }
    let text = "An approved message template can be edited once in 24 hours and 10 times in 30 days.";
    Err(GraphError::creation(Some(2_388_124), "Message template was edited too often", text))
}

/// The texts of the components, as the webhook tells them.
fn shown(components: &[Value]) -> Value {
    let mut shown = Map::new();
    for component in components {
        let key = match component["type"].as_str().unwrap_or_default() {
            "HEADER" => "message_template_title",
            "BODY" => "message_template_element",
            "FOOTER" => "message_template_footer",
            "BUTTONS" => {
                let buttons = component["buttons"].as_array().into_iter().flatten().map(shown_button);
                shown.insert("message_template_buttons".to_owned(), buttons.collect());
                continue;
            }
            _ => continue,
        };
        if let Some(text) = component.get("text") {
            shown.insert(key.to_owned(), text.clone());
        }
    }
    Value::Object(shown)
}

fn shown_button(button: &Value) -> Value {
    let mut shown = Map::new();
    for key in ["type", "text", "url", "phone_number"] {
        if let Some(value) = button.get(key) {
            shown.insert(format!("message_template_button_{key}"), value.clone());
        }
    }
    Value::Object(shown)
}
