//! What an app asks to have created: the body of a create request, checked as a whole.

use serde_json::Value;

use crate::fault::Faults;
use crate::language::LanguageCode;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::components::Components;
use crate::template::{Category, ParameterFormat, SAMPLE_NAMES, text};

pub(super) mod ttl;
pub(super) mod upstream;

/// A template's name in `snake_case`, at most 512 characters. Made only by parsing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateName(String);

impl TemplateName {
    /// Reads a name: `^[a-z0-9]+(_[a-z0-9]+)*$`. `None` for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        let words_are_fine = text
            .split('_')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        (words_are_fine && Rule::NameLength.allows(text.len())).then(|| Self(text.to_owned()))
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
    /// How the variables of its texts are written.
    pub parameter_format: ParameterFormat,
    /// A finer way of showing it: `ORDER_DETAILS`.
    pub display_format: Option<&'static str>,
    /// For how many seconds after sending the upstream tries to deliver.
    pub ttl: Option<u32>,
    /// Whether the upstream must not count who opens its URLs, where the app says so.
    pub link_tracking_opted_out: Option<bool>,
    /// The components as they came.
    pub components: Vec<Value>,
    /// What the upstream may refuse, or its sources contradict each other about.
    pub warnings: Faults,
}

#[rustfmt::skip]
const SUB_CATEGORIES: &[(&str, &str)] = &[
    ("ORDER_DETAILS", "ORDER_DETAILS"), ("ORDER_STATUS", "ORDER_STATUS"), ("BOOKING_STATUS", "BOOKING_STATUS"),
    ("CALL_PERMISSIONS_REQUEST", "CALL_PERMISSIONS_REQUEST"),
    ("FLIGHT_DELAY_AND_GATE_CHANGE_ALERT", "FLIGHT_DELAY_AND_GATE_CHANGE_ALERT"), ("FRAUD_ALERT", "FRAUD_ALERT"),
    ("RICH_ORDER_STATUS", "RICH_ORDER_STATUS"),
];

pub(super) const DISPLAY_FORMATS: &[(&str, &str)] = &[("ORDER_DETAILS", "ORDER_DETAILS")];

impl Draft {
    /// Reads a create request; every fault is told at once. What only warns comes with the draft, or, where the template
    /// is refused, not at all.
    pub fn parse(body: &Value) -> Result<Self, Faults> {
        let mut noted = Faults::none();
        let draft = Node::root(body).object(&mut noted).and_then(|object| Self::read(&object, &mut noted));
        let (faults, warnings) = noted.split();
        match draft {
            Some(draft) => faults.or(Self { warnings, ..draft }),
            None => Err(faults),
        }
    }

    fn read(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<Self> {
        let name = object.required("name", faults).and_then(|node| read_name(&node, faults));
        let category =
            object.required("category", faults).and_then(|node| one_of(&node, &Category::NAMES, true, faults));
        let sub_category = object.optional("sub_category").and_then(|node| read_sub_category(&node, category, faults));
        let language = object.required("language", faults).and_then(|node| read_language(&node, faults));
        let format = object
            .optional("parameter_format")
            .and_then(|node| one_of(&node, &ParameterFormat::NAMES, true, faults))
            .unwrap_or_default();
        let display_format =
            object.optional("display_format").and_then(|node| one_of(&node, DISPLAY_FORMATS, true, faults));
        let ttl = ttl::read(object, category, faults);
        let link_tracking = object.optional("cta_url_link_tracking_opted_out").and_then(|node| node.boolean(faults));
        let components = object.required("components", faults);
        if let Some(node) = &components {
            Components::read_in(node, category, format, faults);
        }
        Some(Self {
            name: name?,
            language: language?,
            category: category?,
            sub_category,
            parameter_format: format,
            display_format,
            ttl,
            link_tracking_opted_out: link_tracking,
            components: components?.value().as_array()?.clone(),
            warnings: Faults::none(),
        })
    }

    /// What is doubtful about a template that there is, whether or not it could be created as it stands.
    pub fn doubts(body: &Value) -> Faults {
        let mut noted = Faults::none();
        if let Some(object) = Node::root(body).object(&mut noted) {
            Self::read(&object, &mut noted);
        }
        noted.split().1
    }

    /// The body that creates it upstream: enums in upper case, a phone number always as text, examples of a body always
    /// in a row, fields that are `null` left out, all else as it came.
    pub fn to_upstream(&self) -> Value {
        upstream::body(self)
    }
}

fn read_name(node: &Node<'_>, faults: &mut Faults) -> Option<TemplateName> {
    let text = node.text(faults)?;
    if !Rule::NameLength.allows(text.chars().count()) {
        text::check_length(node, text, Rule::NameLength, faults);
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

pub(super) fn read_sub_category(
    node: &Node<'_>,
    category: Option<Category>,
    faults: &mut Faults,
) -> Option<&'static str> {
    let sub_category = one_of(node, SUB_CATEGORIES, true, faults)?;
    let is_meant_for = |category: Category| Rule::SubCategory.row().words.contains(&category.as_str());
    if sub_category == "ORDER_STATUS" && category.is_some_and(|category| !is_meant_for(category)) {
        faults.push(node.fault(Rule::SubCategory).with("got", sub_category));
    }
    Some(sub_category)
}

#[cfg(test)]
mod accepted;
#[cfg(test)]
mod anything;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod tests;
