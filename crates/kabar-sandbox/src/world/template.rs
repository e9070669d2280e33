//! A template as the platform keeps it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check::spec::Spec;
use crate::review::Decision;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TemplateStatus {
    Pending,
    Approved,
    Rejected,
    Paused,
    Disabled,
}

impl TemplateStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// Why a template was rejected, in sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rejection {
    pub(crate) reason: String,
    pub(crate) recommendation: String,
}

/// A template; the components in the form in which they are read back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Template {
    pub(crate) id: String,
    /// Counts upwards over all accounts; the key by which lists are ordered and walked.
    pub(crate) sequence: u64,
    pub(crate) waba_id: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) category: String,
    pub(crate) named_parameters: bool,
    pub(crate) components: Vec<Value>,
    /// Other attributes of the creation that are read back as they were given.
    #[serde(default)]
    pub(crate) attributes: Map<String, Value>,
    pub(crate) status: TemplateStatus,
    /// `NONE`, or why it was rejected.
    pub(crate) reason: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// What a send must provide; worked out from the components when the template enters the world.
    #[serde(skip)]
    pub(crate) spec: Spec,
}

/// A change of a template's status, kept until the account's callback has heard of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TemplateChange {
    /// Counts upwards over all templates.
    pub(crate) number: u64,
    pub(crate) template_id: String,
    pub(crate) waba_id: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) category: String,
    pub(crate) status: TemplateStatus,
    pub(crate) reason: String,
    pub(crate) rejection: Option<Rejection>,
    pub(crate) at: i64,
}

impl TemplateChange {
    pub(crate) fn new(number: u64, template: &Template, decision: Decision, at: i64) -> Self {
        Self {
            number,
            template_id: template.id.clone(),
            waba_id: template.waba_id.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            category: template.category.clone(),
            status: decision.status,
            reason: decision.reason,
            rejection: decision.rejection,
            at,
        }
    }
}
