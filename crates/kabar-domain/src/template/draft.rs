//! What an app asks to have created: the body of a create request, checked as a whole.

use serde_json::{Map, Value, json};

use crate::fault::Faults;
use crate::language::LanguageCode;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::components::Components;
use crate::template::{Category, SAMPLE_NAMES};

/// A template's name in `snake_case`, at most 512 characters. Made only by parsing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateName(String);

impl TemplateName {
    /// Reads a name: `^[a-z0-9]+(_[a-z0-9]+)*$`. `None` for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        let words_are_fine = text
            .split('_')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        (words_are_fine && text.len() <= 512).then(|| Self(text.to_owned()))
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A template that may be put to the upstream: nothing is wrong with it that Kabar knows of.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its name.
    pub name: TemplateName,
    /// Its language.
    pub language: LanguageCode,
    /// What it is for, in the app's opinion; the upstream may think otherwise.
    pub category: Category,
    /// A finer kind, such as `ORDER_STATUS`.
    pub sub_category: Option<&'static str>,
    /// For how many seconds after sending the upstream tries to deliver.
    pub ttl: Option<u32>,
    /// The components as they came.
    pub components: Vec<Value>,
}

const SUB_CATEGORIES: &[(&str, &str)] = &[("ORDER_DETAILS", "ORDER_DETAILS"), ("ORDER_STATUS", "ORDER_STATUS")];

impl Draft {
    /// Reads a create request; every fault is told at once.
    pub fn parse(body: &Value) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let draft = Node::root(body).object(&mut faults).and_then(|object| Self::read(&object, &mut faults));
        match draft {
            Some(draft) => faults.or(draft),
            None => Err(faults),
        }
    }

    fn read(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<Self> {
        let name = object.required("name", faults).and_then(|node| read_name(&node, faults));
        let category =
            object.required("category", faults).and_then(|node| one_of(&node, &Category::NAMES, true, faults));
        let sub_category = object.optional("sub_category").and_then(|node| one_of(&node, SUB_CATEGORIES, true, faults));
        let language = object.required("language", faults).and_then(|node| read_language(&node, faults));
        let ttl = object.optional("ttl").and_then(|node| read_ttl(&node, category, faults));
        let components = object.required("components", faults);
        if let Some(node) = &components {
            Components::read(node, category, faults);
        }
        Some(Self {
            name: name?,
            language: language?,
            category: category?,
            sub_category,
            ttl,
            components: components?.value().as_array()?.clone(),
        })
    }

    /// The body that creates it upstream: enums in upper case, a phone number always as text, all else as it came.
    pub fn to_upstream(&self) -> Value {
        let mut body = Map::new();
        body.insert("name".to_owned(), json!(self.name.as_str()));
        body.insert("language".to_owned(), json!(self.language.as_str()));
        body.insert("category".to_owned(), json!(self.category.as_str()));
        if let Some(sub_category) = self.sub_category {
            body.insert("sub_category".to_owned(), json!(sub_category));
        }
        if let Some(ttl) = self.ttl {
            body.insert("message_send_ttl_seconds".to_owned(), json!(ttl));
        }
        body.insert("components".to_owned(), Value::Array(self.components.iter().map(component_to_upstream).collect()));
        Value::Object(body)
    }
}

fn component_to_upstream(component: &Value) -> Value {
    let mut component = component.clone();
    upper_case(&mut component, &["type", "format"]);
    if let Some(buttons) = component.get_mut("buttons").and_then(Value::as_array_mut) {
        for button in buttons {
            upper_case(button, &["type", "otp_type"]);
            for key in ["phone_number", "flow_id"] {
                if let Some(number) = button.get(key).and_then(Value::as_u64) {
                    button[key] = json!(number.to_string());
                }
            }
        }
    }
    component
}

fn upper_case(object: &mut Value, keys: &[&str]) {
    for key in keys {
        if let Some(Value::String(text)) = object.get_mut(*key) {
            text.make_ascii_uppercase();
        }
    }
}

fn read_name(node: &Node<'_>, faults: &mut Faults) -> Option<TemplateName> {
    let text = node.text(faults)?;
    if text.chars().count() > 512 {
        faults.push(node.fault(Rule::TooLong).with("max", 512).with("got", text.chars().count()));
        return None;
    }
    let name = TemplateName::parse(text);
    if name.is_none() {
        faults.push(node.fault(Rule::TemplateName));
    } else if SAMPLE_NAMES.contains(&text) {
        faults.push(node.fault(Rule::SampleName).with("name", text));
    }
    name
}

fn read_language(node: &Node<'_>, faults: &mut Faults) -> Option<LanguageCode> {
    let text = node.text(faults)?;
    let language = LanguageCode::parse(text);
    if language.is_none() {
        faults.push(node.fault(Rule::UnknownLanguage));
    }
    language
}

/// The upstream delivers authentication messages for 30 to 900 seconds.
fn read_ttl(node: &Node<'_>, category: Option<Category>, faults: &mut Faults) -> Option<u32> {
    let seconds = node.count(faults)?;
    if category.is_some_and(|category| category != Category::Authentication) {
        faults.push(node.fault(Rule::TtlCategory));
        return None;
    }
    if !(30..=900).contains(&seconds) {
        faults.push(node.fault(Rule::OutOfRange).with("min", 30).with("max", 900));
        return None;
    }
    u32::try_from(seconds).ok()
}

#[cfg(test)]
#[path = "draft/tests.rs"]
mod tests;
