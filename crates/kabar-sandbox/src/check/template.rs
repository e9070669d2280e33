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

pub(crate) const CATEGORIES: [&str; 3] = ["UTILITY", "MARKETING", "AUTHENTICATION"];
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

/// Attributes that are read back as they were given.
const ATTRIBUTES: [&str; 5] = [
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
    "is_primary_device_delivery_only",
    "sub_category",
    "display_format",
];

/// Every parameter of the creation; the last three have no effect here.
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
    let named = named(parameters)?.unwrap_or_default();
    check_name(name)?;
    check_language(language)?;
    if name == SAMPLE_TEMPLATE {
        return Err(GraphError::creation(
            Some(2_388_155),
            "Template name is already used as a sample template",
            "This template is named after a sample template created by default. Please use a different name.",
        ));
    }
    check_components(components, category, named)?;
    Ok(NewTemplate {
        name: name.to_owned(),
        language: language.to_owned(),
        category,
        named,
        components: components.to_vec(),
        attributes: attributes(parameters, category)?,
    })
}

/// Checks the components for a category.
pub(crate) fn check_components(components: &[Value], category: &str, named: bool) -> Result<(), GraphError> {
    if category == "AUTHENTICATION" {
        authentication::check(components)
    } else {
        components::check(components, category, named)
    }
}

/// Checks that the platform has the language.
pub(crate) fn check_language(language: &str) -> Result<(), GraphError> {
    if languages::name_of(language).is_some() {
        return Ok(());
    }
    let text = "Content can't be added for this language";
    let error = GraphError::creation(Some(2_388_049), "Message template language is not supported", text);
    Err(error.blaming("language"))
}

/// Whether the parameters say that variables have names; nothing if they do not say.
pub(crate) fn named(parameters: &Map<String, Value>) -> Result<Option<bool>, GraphError> {
    let Some(format) = parameters.get("parameter_format").filter(|format| !format.is_null()) else { return Ok(None) };
    let format = one_of(string(format, "parameter_format")?, &PARAMETER_FORMATS, "parameter_format")?;
    Ok(Some(format == "NAMED"))
}

/// Checks the samples that were uploaded here: they must be there, and of the type of their header. Handles of elsewhere
/// are taken.
pub(crate) fn check_samples(world: &World, components: &[Value], now: i64) -> Result<(), GraphError> {
    for component in components {
        let format = component["format"].as_str().unwrap_or_default().to_ascii_uppercase();
        let handles = component["example"]["header_handle"][0].as_str().unwrap_or_default();
        // Several handles may stand in one text, each on a line of its own.
        if !handles.lines().all(|handle| world.takes_handle(handle, &format, now)) {
            return Err(components::wrong_file());
        }
        for card in component["cards"].as_array().into_iter().flatten() {
            check_samples(world, card["components"].as_array().map(Vec::as_slice).unwrap_or_default(), now)?;
        }
    }
    Ok(())
}

/// Checks a creation against the other templates of its account.
pub(crate) fn check_against(
    world: &World,
    waba_id: &str,
    name: &str,
    language: &str,
    category: &str,
    now: i64,
) -> Result<(), GraphError> {
    check_blocked(world, waba_id, name, language, now)?;
    let by_name = world.accounts.get(waba_id).and_then(|account| account.by_name.get(name));
    let Some(by_language) = by_name else { return Ok(()) };
    let other = by_language.values().find_map(|sequence| world.templates.get(sequence));
    if let Some(other) = other.filter(|other| other.category != category) {
        return Err(other_category(category, &other.category));
    }
    if by_language.contains_key(language) {
        let language = languages::name_of(language).unwrap_or(language);
        let text = format!(
            "There is already {language} content for this template. You can create a new template and try again."
        );
        return Err(GraphError::creation(Some(2_388_024), "Content in This Language Already Exists", text));
    }
    Ok(())
}

/// A name has one category over all its languages.
pub(crate) fn other_category(category: &str, known: &str) -> GraphError {
    let text =
        format!("The category {category} doesn't match the one that's already associated with this template, {known}.");
    GraphError::creation(None, "Template Category Doesn't Match", text)
}

/// Refuses the name of a template that was approved and deleted lately.
fn check_blocked(world: &World, waba_id: &str, name: &str, language: &str, now: i64) -> Result<(), GraphError> {
    if !world.is_blocked(waba_id, name, language, now) {
        return Ok(());
    }
    let language = languages::name_of(language).unwrap_or(language);
    let text = format!(
        "New {language} content can't be added while the existing {language} content is being deleted. Try again in 4 \
         weeks or consider creating a new message template."
    );
    Err(GraphError::creation(Some(2_388_023), "Message template language is being deleted", text))
}

/// Checks the form of a name.
pub(crate) fn check_name(name: &str) -> Result<(), GraphError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.len() <= MAX_NAME_CHARS && name.bytes().all(fits) {
        return Ok(());
    }
    let text = "The message template name can only have lowercase letters and underscores.";
    Err(GraphError::creation(Some(2_388_046), "Name Format is Incorrect", text).blaming("name"))
}

/// The attributes among the parameters.
pub(crate) fn attributes(parameters: &Map<String, Value>, category: &str) -> Result<Map<String, Value>, GraphError> {
    let mut attributes = Map::new();
    for key in ATTRIBUTES {
        let Some(value) = parameters.get(key).filter(|value| !value.is_null()) else { continue };
        let value = match key {
            "message_send_ttl_seconds" => Value::from(seconds_to_live(value, category)?),
            "sub_category" => one_of(string(value, key)?, &SUB_CATEGORIES, key)?.into(),
            "display_format" => one_of(string(value, key)?, &["ORDER_DETAILS"], key)?.into(),
            // A form gives it as a text.
            _ => match (value.as_bool(), value.as_str()) {
                (Some(flag), _) => flag.into(),
                (None, Some("true")) => true.into(),
                (None, Some("false")) => false.into(),
                _ => return Err(GraphError::parameter(format!("Param {key} must be a boolean."))),
            },
        };
        attributes.insert(key.to_owned(), value);
    }
    Ok(attributes)
}

/// Seconds for which a message is tried, within the bounds of the category; -1 stands for thirty days.
fn seconds_to_live(value: &Value, category: &str) -> Result<i64, GraphError> {
    let key = "message_send_ttl_seconds";
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let seconds = seconds.ok_or_else(|| GraphError::parameter(format!("Param {key} must be an integer.")))?;
    let (least, most) = match category {
        "AUTHENTICATION" => (30, 900),
        "UTILITY" => (30, 43_200),
        _ => (43_200, 2_592_000),
    };
    if (least..=most).contains(&seconds) || (seconds == -1 && category != "MARKETING") {
        return Ok(seconds);
    }
    let message = format!("Param {key} must be between {least} and {most} for the category {category}.");
    Err(GraphError::parameter(message))
}

#[cfg(test)]
mod tests;
