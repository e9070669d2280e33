//! Many templates in one call: login codes in several languages, their previews, and copies from another account.

use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::check::keys::{array, object, one_of, only, required_string};
use crate::check::template::{NewTemplate, attributes, check_against, check_components, check_language, check_name};
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::readback::{Texts, read_form};
use crate::graph::request::GraphCall;
use crate::graph::templates::{add, check_room};
use crate::review::Decision;
use crate::world::event::Event;
use crate::world::naming::SAMPLE_TEMPLATE;
use crate::world::{Quality, Template, TemplateStatus, World};

const CATEGORY: &str = "AUTHENTICATION";
/// Templates that one call copies.
const COPIED_AT_ONCE: usize = 500;

/// `POST /{waba}/upsert_message_templates`: creates or replaces the login codes of a name, approved at once. The texts are
/// the platform's, the buttons' too.
pub(crate) fn upsert(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let parameters = &call.parameters;
    only(
        parameters,
        &["name", "languages", "category", "components", "message_send_ttl_seconds", "parameter_format"],
        "upsert_message_templates",
    )?;
    let name = required_string(parameters, "name", "name")?;
    one_of(required_string(parameters, "category", "category")?, &[CATEGORY], "category")?;
    let languages = call.list("languages");
    if languages.is_empty() {
        return Err(GraphError::required("languages"));
    }
    let components = parameters.get("components").ok_or_else(|| GraphError::required("components"))?;
    let components = array(components, "components")?;
    check_name(name)?;
    languages.iter().try_for_each(|language| check_language(language))?;
    refuse_labels(components)?;
    // A footer or a switch that is left open is the same as none.
    let components: Vec<Value> = components.iter().filter_map(closed).collect();
    check_components(&components, CATEGORY, false)?;
    let attributes = attributes(parameters, CATEGORY)?;
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    for language in &languages {
        if world.template_named(waba_id, name, language).is_none_or(|template| template.category != CATEGORY) {
            check_against(&world, waba_id, name, language, CATEGORY, now)?;
        }
    }
    let mut data = Vec::new();
    for language in languages {
        let known = world.template_named(waba_id, name, &language).cloned();
        let id = match known {
            Some(template) => replace(&mut world, template, &components, &attributes, now),
            None => {
                check_room(&mut world, waba_id, now)?;
                let new = NewTemplate {
                    name: name.to_owned(),
                    language: language.clone(),
                    category: CATEGORY,
                    named: false,
                    components: components.clone(),
                    attributes: attributes.clone(),
                };
                add(&mut world, waba_id, new, now)
            }
        };
        let template = world.decide(&id, Decision::approval(), now);
        let status = template.map_or(TemplateStatus::Approved, |template| template.status);
        data.push(json!({"id": id, "status": status.as_str(), "language": language, "category": CATEGORY}));
    }
    drop(world);
    sandbox.wake();
    Ok(Reply { body: json!({"data": data}), outcome: "upserted" })
}

fn refuse_labels(components: &[Value]) -> Result<(), GraphError> {
    for button in components.iter().flat_map(|component| component["buttons"].as_array().into_iter().flatten()) {
        let button = object(button, "components['buttons'][0]")?;
        if let Some(key) = ["text", "autofill_text"].into_iter().find(|key| button.contains_key(*key)) {
            return Err(GraphError::unexpected_key(key, "components['buttons'][0]"));
        }
    }
    Ok(())
}

fn closed(component: &Value) -> Option<Value> {
    let Some(component) = component.as_object() else { return Some(component.clone()) };
    let component: Map<String, Value> = component
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let is_footer =
        component.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("FOOTER"));
    (!is_footer || component.len() > 1).then_some(Value::Object(component))
}

fn replace(
    world: &mut World,
    mut template: Template,
    components: &[Value],
    attributes: &Map<String, Value>,
    now: i64,
) -> String {
    let id = template.id.clone();
    template.components = read_form(components, CATEGORY, &template.language);
    template.attributes.extend(attributes.clone());
    template.updated_at = now;
    world.record(Event::Template(Box::new(template)));
    id
}

/// `GET /{waba}/message_template_previews`: the platform's texts of login codes.
pub(crate) fn previews(call: &GraphCall) -> Result<Reply, GraphError> {
    let category = call.text("category").ok_or_else(|| GraphError::required("category"))?;
    one_of(&category, &[CATEGORY], "category")?;
    let mut languages = call.list("languages");
    languages.extend(call.list("language"));
    if languages.is_empty() {
        languages.extend(["en_US", "es_ES", "id"].map(str::to_owned));
    }
    languages.iter().try_for_each(|language| check_language(language))?;
    let minutes = match call.text("code_expiration_minutes") {
        None => None,
        Some(text) => {
            let minutes = text.parse::<u64>().ok().filter(|minutes| (1..=90).contains(minutes));
            let error = || GraphError::parameter("Param code_expiration_minutes must be between 1 and 90.");
            Some(minutes.ok_or_else(error)?)
        }
    };
    let secured = call.text("add_security_recommendation").is_some_and(|text| text == "true" || text == "1");
    let with_buttons = call.list("button_types").iter().any(|kind| kind.eq_ignore_ascii_case("OTP"));
    let data = languages.iter().map(|language| {
        let texts = Texts::of(language);
        let mut preview = json!({"body": texts.body(secured)});
        if with_buttons {
            preview["buttons"] = json!([{"autofill_text": texts.autofill, "text": texts.button}]);
        }
        if let Some(minutes) = minutes {
            preview["footer"] = json!(texts.footer(minutes));
        }
        preview["language"] = json!(language);
        preview
    });
    Ok(Reply::ok(json!({"data": data.collect::<Vec<_>>()})))
}

/// `POST /{waba}/migrate_message_templates`: copies the approved templates of good quality from another account. The
/// sample template stays, as each account has its own.
pub(crate) fn migrate(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let source = call.text("source_waba_id").ok_or_else(|| GraphError::required("source_waba_id"))?;
    let page = match call.text("page_number") {
        None => 0,
        Some(text) => {
            text.parse().map_err(|_| GraphError::parameter("Param page_number must be an integer of 0 or more."))?
        }
    };
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    let Some(account) = world.accounts.get(&source).filter(|_| source != waba_id) else {
        return Err(GraphError::unsupported(call.method.as_str(), &source));
    };
    let templates = account.templates.iter().filter_map(|sequence| world.templates.get(sequence));
    let fits = |template: &&Template| {
        let good = matches!(template.life.quality, Quality::Green | Quality::Unknown);
        template.status == TemplateStatus::Approved && good && template.name != SAMPLE_TEMPLATE
    };
    let page = templates.filter(fits).skip(COPIED_AT_ONCE.saturating_mul(page)).take(COPIED_AT_ONCE);
    let templates: Vec<Template> = page.cloned().collect();
    let (mut migrated, mut failed) = (Vec::new(), Map::new());
    for template in templates {
        if let Some(why) = obstacle(&world, waba_id, &template, now) {
            failed.insert(template.id, json!(why));
            continue;
        }
        let id = copy(&mut world, waba_id, template, now);
        world.decide(&id, Decision::approval(), now);
        migrated.push(id);
    }
    drop(world);
    sandbox.wake();
    let body = json!({"migrated_templates": migrated, "failed_templates": failed});
    Ok(Reply { body, outcome: "migrated" })
}

fn obstacle(world: &World, waba_id: &str, template: &Template, now: i64) -> Option<&'static str> {
    let (name, language) = (&template.name, &template.language);
    let n_templates = world.accounts.get(waba_id).map_or(0, |account| account.templates.len());
    if n_templates >= world.limits.max_templates() {
        return Some("Message template limit exceeded");
    }
    if world.template_named(waba_id, name, language).is_some() {
        return Some("Content in this language already exists");
    }
    let refused = check_against(world, waba_id, name, language, &template.category, now).err()?;
    Some(if refused.subcode.is_some() { "Name is being deleted" } else { "Incorrect category" })
}

fn copy(world: &mut World, waba_id: &str, mut template: Template, now: i64) -> String {
    template.id = super::templates::free_id(world);
    template.sequence = world.next_sequence();
    waba_id.clone_into(&mut template.waba_id);
    template.status = TemplateStatus::Pending;
    template.created_at = now;
    template.updated_at = now;
    template.life = crate::world::template::Life::default();
    let id = template.id.clone();
    world.record(Event::Template(Box::new(template)));
    id
}
