//! The platform's checks of a template that is created, in its order: parameters, name, language, components.

use serde_json::{Map, Value};

use crate::check::keys::{array, one_of, only, required_string, string};
use crate::check::{authentication, components, languages};
use crate::graph::errors::GraphError;
use crate::world::World;
use crate::world::naming::SAMPLE_TEMPLATE;

/// A creation that passed all checks which need no knowledge of other templates.
#[derive(Debug)]
pub(crate) struct NewTemplate {
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) category: &'static str,
    pub(crate) named: bool,
    /// As they were given.
    pub(crate) components: Vec<Value>,
    /// Further attributes that are read back as they were given.
    pub(crate) attributes: Map<String, Value>,
}

const CATEGORIES: [&str; 3] = ["UTILITY", "MARKETING", "AUTHENTICATION"];
const PARAMETER_FORMATS: [&str; 2] = ["POSITIONAL", "NAMED"];
const SUB_CATEGORIES: [&str; 7] = [
    "BOOKING_STATUS",
    "CALL_PERMISSIONS_REQUEST",
    "FLIGHT_DELAY_AND_GATE_CHANGE_ALERT",
    "FRAUD_ALERT",
    "ORDER_DETAILS",
    "ORDER_STATUS",
    "RICH_ORDER_STATUS",
];
const MAX_NAME_CHARS: usize = 512;

/// Every parameter of the creation; the last four have no effect here.
const KNOWN: [&str; 13] = [
    "name",
    "language",
    "category",
    "components",
    "parameter_format",
    "sub_category",
    "display_format",
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
    "is_primary_device_delivery_only",
    "allow_category_change",
    "send_type",
    "degrees_of_freedom_spec",
];

/// Reads and checks the parameters of a creation.
pub(crate) fn check(parameters: &Map<String, Value>) -> Result<NewTemplate, GraphError> {
    let name = required_string(parameters, "name", "name")?;
    let category = required_string(parameters, "category", "category")?;
    let language = required_string(parameters, "language", "language")?;
    let components = parameters.get("components").ok_or_else(|| GraphError::required("components"))?;
    let components = array(components, "components")?;
    let category = one_of(category, &CATEGORIES, "category")?;
    only(parameters, &KNOWN, "message_templates")?;
    let named = match parameters.get("parameter_format") {
        None | Some(Value::Null) => false,
        Some(format) => one_of(string(format, "parameter_format")?, &PARAMETER_FORMATS, "parameter_format")? == "NAMED",
    };
    check_name(name)?;
    if languages::name_of(language).is_none() {
        let text = "Content can't be added for this language";
        let error = GraphError::creation(Some(2_388_049), "Message template language is not supported", text);
        return Err(error.blaming("language"));
    }
    if name == SAMPLE_TEMPLATE {
        return Err(GraphError::creation(
            Some(2_388_155),
            "Template name is already used as a sample template",
            "This template is named after a sample template created by default. Please use a different name.",
        ));
    }
    if category == "AUTHENTICATION" {
        authentication::check(components)?;
    } else {
        components::check(components, named)?;
    }
    Ok(NewTemplate {
        name: name.to_owned(),
        language: language.to_owned(),
        category,
        named,
        components: components.to_vec(),
        attributes: attributes(parameters)?,
    })
}

/// Checks a creation against the other templates of its account.
pub(crate) fn check_against(world: &World, waba_id: &str, new: &NewTemplate) -> Result<(), GraphError> {
    let by_name = world.accounts.get(waba_id).and_then(|account| account.by_name.get(&new.name));
    let Some(by_language) = by_name else { return Ok(()) };
    let other = by_language.values().find_map(|sequence| world.templates.get(sequence));
    if let Some(other) = other.filter(|other| other.category != new.category) {
        let text = format!(
            "The category {} doesn't match the one that's already associated with this template, {}.",
            new.category, other.category
        );
        return Err(GraphError::creation(None, "Template Category Doesn't Match", text));
    }
    if by_language.contains_key(&new.language) {
        let language = languages::name_of(&new.language).unwrap_or(&new.language);
        let text = format!(
            "There is already {language} content for this template. You can create a new template and try again."
        );
        return Err(GraphError::creation(Some(2_388_024), "Content in This Language Already Exists", text));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), GraphError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.len() <= MAX_NAME_CHARS && name.bytes().all(fits) {
        return Ok(());
    }
    let text = "The message template name can only have lowercase letters and underscores.";
    Err(GraphError::creation(Some(2_388_046), "Name Format is Incorrect", text).blaming("name"))
}

fn attributes(parameters: &Map<String, Value>) -> Result<Map<String, Value>, GraphError> {
    let mut attributes = Map::new();
    for key in ["message_send_ttl_seconds", "cta_url_link_tracking_opted_out", "is_primary_device_delivery_only"] {
        let Some(value) = parameters.get(key).filter(|value| !value.is_null()) else { continue };
        let right_kind = if key == "message_send_ttl_seconds" { value.is_i64() } else { value.is_boolean() };
        if !right_kind {
            let kind = if key == "message_send_ttl_seconds" { "an integer" } else { "a boolean" };
            return Err(GraphError::parameter(format!("Param {key} must be {kind}.")));
        }
        attributes.insert(key.to_owned(), value.clone());
    }
    let sets: [(&str, &[&'static str]); 2] =
        [("sub_category", &SUB_CATEGORIES), ("display_format", &["ORDER_DETAILS"])];
    for (key, set) in sets {
        if let Some(value) = parameters.get(key).filter(|value| !value.is_null()) {
            attributes.insert(key.to_owned(), one_of(string(value, key)?, set, key)?.into());
        }
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests;
