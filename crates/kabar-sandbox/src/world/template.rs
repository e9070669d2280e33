//! A template as the platform keeps it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check::spec::Spec;
use crate::review::Decision;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TemplateStatus {
    Pending,
    Approved,
    Rejected,
    Paused,
    Disabled,
    InAppeal,
    PendingDeletion,
    Archived,
    LimitExceeded,
}

impl TemplateStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
            Self::InAppeal => "IN_APPEAL",
            Self::PendingDeletion => "PENDING_DELETION",
            Self::Archived => "ARCHIVED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
        }
    }
}

/// What recipients think of a template, as the platform measures it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Quality {
    #[default]
    Unknown,
    Green,
    Yellow,
    Red,
}

impl Quality {
    pub(crate) const ALL: [Self; 4] = [Self::Unknown, Self::Green, Self::Yellow, Self::Red];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Green => "GREEN",
            Self::Yellow => "YELLOW",
            Self::Red => "RED",
        }
    }

    /// The score of this name, in either case.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quality| quality.as_str().eq_ignore_ascii_case(text))
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
    #[serde(default)]
    pub(crate) life: Life,
    /// What a send must provide; worked out from the components when the template enters the world.
    #[serde(skip)]
    pub(crate) spec: Spec,
    /// The components once more, for the messages that are sent by them.
    #[serde(skip)]
    pub(crate) shared: Arc<Vec<Value>>,
}

/// What happened to a template that its status does not tell.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Life {
    #[serde(default)]
    pub(crate) quality: Quality,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quality_at: Option<i64>,
    /// How often it was paused for its quality.
    #[serde(default)]
    pub(crate) n_pauses: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) paused_at: Option<i64>,
    /// When a pause ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pause_ends: Option<i64>,
    /// Edits that were made while it was approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) edits: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous_category: Option<String>,
    /// A category that was announced, with the time from which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) announced_category: Option<(String, i64)>,
    /// Its status before it was archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before_archive: Option<TemplateStatus>,
}

/// Something to tell an account's callback about a template, kept until the callback has heard of it.
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
    #[serde(default)]
    pub(crate) what: What,
}

/// What a callback is told about a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// It has this status now.
    #[default]
    Status,
    /// It has this status now, under another name or with a title that says why.
    Event {
        event: Option<String>,
        title: Option<String>,
    },
    Quality {
        previous: Quality,
        new: Quality,
    },
    /// Its category changed.
    Category {
        previous: String,
    },
    /// Its category will change.
    AnnouncedCategory {
        correct: String,
        from: i64,
    },
    /// Its components were edited.
    Components(Value),
}

impl TemplateChange {
    /// A change of status.
    pub(crate) fn new(number: u64, template: &Template, decision: Decision, at: i64) -> Self {
        let what = match (decision.event, decision.title) {
            (None, None) => What::Status,
            (event, title) => What::Event { event, title },
        };
        Self {
            status: decision.status,
            reason: decision.reason,
            rejection: decision.rejection,
            what,
            ..Self::about(number, template, What::Status, at)
        }
    }

    /// A notice that leaves the status as it is.
    pub(crate) fn about(number: u64, template: &Template, what: What, at: i64) -> Self {
        Self {
            number,
            template_id: template.id.clone(),
            waba_id: template.waba_id.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            category: template.category.clone(),
            status: template.status,
            reason: template.reason.clone(),
            rejection: None,
            at,
            what,
        }
    }

    /// Whether it is a change of status.
    pub(crate) fn is_of_status(&self) -> bool {
        matches!(self.what, What::Status | What::Event { .. })
    }
}
