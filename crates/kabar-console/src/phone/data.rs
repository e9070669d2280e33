//! What the sandbox tells of phones, templates, faults and limits, in the shape of its control API.

use serde::Deserialize;
use serde_json::Value;

use crate::bubble::Bubble;

/// The phones that messages were sent to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Phones {
    pub(crate) seen: u64,
    pub(crate) phones: Vec<Phone>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Phone {
    pub(crate) number: String,
    pub(crate) habit: String,
    pub(crate) newest: Newest,
}

/// The last that was written on a phone.
#[derive(Debug, Deserialize)]
pub(crate) struct Newest {
    pub(crate) text: Option<String>,
    pub(crate) at: String,
    pub(crate) is_answer: bool,
}

/// What stands on one phone.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Thread {
    pub(crate) number: String,
    pub(crate) habit: String,
    /// Whether it wants no marketing of who wrote last; a sandbox of an older version does not tell.
    #[serde(default)]
    pub(crate) stops_marketing: bool,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Entry {
    Message(Box<Message>),
    Answer(Answer),
}

/// A message of a business.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    pub(crate) wamid: String,
    pub(crate) at: String,
    pub(crate) from: From,
    pub(crate) template: String,
    pub(crate) status: String,
    pub(crate) failure: Option<Failure>,
    pub(crate) shown: Bubble,
}

/// The number that a message comes from.
#[derive(Debug, Deserialize)]
pub(crate) struct From {
    pub(crate) phone_number_id: String,
    pub(crate) display: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: u32,
    pub(crate) title: String,
}

/// What the recipient answered.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) wamid: String,
    pub(crate) at: String,
    pub(crate) text: String,
    pub(crate) payload: Option<String>,
    /// That it was no answer, but the choice to get marketing no more, or again.
    pub(crate) stops_marketing: Option<bool>,
    pub(crate) told_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Templates {
    pub(crate) templates: Vec<Template>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) category: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) rejected_reason: Option<String>,
    #[serde(default)]
    pub(crate) components: Vec<Value>,
}

/// The fault rules, each with its fields as they were given.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Faults {
    #[serde(default)]
    pub(crate) rules: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Limits {
    pub(crate) enforced: bool,
    pub(crate) messages_per_second: u64,
    pub(crate) unique_recipients_per_day: u64,
    pub(crate) pair_seconds: u64,
}

/// How new templates are reviewed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Review {
    pub(crate) review: String,
}

/// The codes with which messages fail on purpose.
#[derive(Debug, Deserialize)]
pub(crate) struct Recipient {
    pub(crate) code: u32,
    pub(crate) title: String,
    pub(crate) end: String,
}
