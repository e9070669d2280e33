//! The things that can be reported.

use std::fmt;

use crate::wire::message::Masked;

/// One thing that Meta reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Something became of a message.
    MessageStatus(MessageStatus),
    /// A recipient pressed a quick-reply button.
    ButtonReply(ButtonReply),
    /// A sender is in trouble, without a message being named.
    SenderErrors(SenderErrors),
    /// A template was approved, rejected, paused …
    TemplateStatus(TemplateStatus),
    /// Recipients take a template better or worse than before.
    TemplateQuality(TemplateQuality),
    /// Meta moved, or will move, a template into another category.
    TemplateCategory(TemplateCategory),
    /// A template's text or buttons were changed.
    TemplateComponents(TemplateRef),
    /// A recipient stops a business's marketing, or wants it again.
    Preference(Preference),
    /// Something about the account or a number.
    AccountEvent(AccountEvent),
    /// Something that is not understood, or does not concern us: other inbound messages among them.
    Other {
        /// The WABA; empty when the report names none.
        waba: String,
        /// The webhook's field; empty when the report names none.
        field: String,
    },
}

impl Change {
    /// The account (WABA) in whose entry it stands; empty when the report names none.
    #[must_use]
    pub fn waba(&self) -> &str {
        match self {
            Self::MessageStatus(status) => &status.waba,
            Self::ButtonReply(reply) => &reply.waba,
            Self::SenderErrors(errors) => &errors.waba,
            Self::TemplateStatus(status) => &status.template.waba,
            Self::TemplateQuality(quality) => &quality.template.waba,
            Self::TemplateCategory(category) => &category.template.waba,
            Self::TemplateComponents(template) => &template.waba,
            Self::Preference(preference) => &preference.waba,
            Self::AccountEvent(event) => &event.waba,
            Self::Other { waba, .. } => waba,
        }
    }
}

/// The number of a person; its `Debug` form shows the last four digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient(String);

impl Recipient {
    pub(super) fn new(digits: String) -> Self {
        Self(digits)
    }

    /// The number as reported: digits with the country code, without `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Masked(&self.0).fmt(f)
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageStatus {
    /// The WABA; empty when the report names none.
    pub waba: String,
    /// The sender; empty when the report names none.
    pub phone_number_id: String,
    /// Meta's id of the message.
    pub wamid: String,
    /// What became of it. `Delivered` may be left out before `Read`.
    pub status: Status,
    /// When, in Unix seconds.
    pub timestamp: Option<i64>,
    /// To whom; absent for a recipient who is addressed without a number.
    pub recipient: Option<Recipient>,
    /// What was sent along with the message.
    pub biz_opaque_callback_data: Option<String>,
    /// Why it failed; empty otherwise.
    pub errors: Vec<StatusError>,
    /// How it is charged; with `Sent` and the first of `Delivered` and `Read` only.
    pub pricing: Option<Pricing>,
}

/// How a message is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pricing {
    /// Whether it costs anything.
    pub billable: Option<bool>,
    /// By what is charged: `PMP` for each message.
    pub model: Option<String>,
    /// `regular`, or why it is free.
    pub kind: Option<String>,
    /// As what it is charged, such as `marketing`.
    pub category: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// It left Meta.
    Sent,
    /// It reached the recipient's device.
    Delivered,
    /// It was read.
    Read,
    /// It will not be delivered.
    Failed,
    /// Its recording was played.
    Played,
    /// A status that this version does not know.
    Other(String),
}

/// A reason for which a message failed, or a sender is in trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusError {
    /// The code; see [`crate::errors::row`].
    pub code: Option<u32>,
    /// Meta's title.
    pub title: Option<String>,
    /// Meta's sentence.
    pub message: Option<String>,
    /// The finding in words.
    pub details: Option<String>,
}

/// A pressed quick-reply button.
#[derive(Clone, PartialEq, Eq)]
pub struct ButtonReply {
    /// The WABA; empty when the report names none.
    pub waba: String,
    /// The sender that was answered; empty when the report names none.
    pub phone_number_id: String,
    /// Meta's id of this answer.
    pub wamid: String,
    /// Meta's id of the message whose button was pressed.
    pub replied_to: Option<String>,
    /// Who pressed it.
    pub from: Option<Recipient>,
    /// When, in Unix seconds.
    pub timestamp: Option<i64>,
    /// What was sent along with the button; its label where nothing was.
    pub payload: Option<String>,
    /// The button's label.
    pub text: Option<String>,
}

/// Shows neither label nor payload: both are contents of a message.
impl fmt::Debug for ButtonReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ButtonReply")
            .field("waba", &self.waba)
            .field("phone_number_id", &self.phone_number_id)
            .field("wamid", &self.wamid)
            .field("replied_to", &self.replied_to)
            .field("from", &self.from)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// Trouble of a sender, without a message being named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderErrors {
    /// The WABA; empty when the report names none.
    pub waba: String,
    /// The sender; empty when the report names none.
    pub phone_number_id: String,
    /// What is wrong.
    pub errors: Vec<StatusError>,
}

/// The template that a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRef {
    /// The WABA; empty when the report names none.
    pub waba: String,
    /// Meta's id of this language of the template.
    pub template_id: String,
    /// The name; empty when the report has none.
    pub name: String,
    /// The language in the form `en_US`; empty when the report has none.
    pub language: String,
    /// When it was reported, in Unix seconds: reports may come in any order.
    pub reported_at: Option<i64>,
}

/// A template's new standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateStatus {
    /// Which template.
    pub template: TemplateRef,
    /// The event: a status such as `APPROVED`, or `FLAGGED`, `LOCKED`, `REINSTATED`, `UNARCHIVED`. Upper case.
    pub event: String,
    /// Why it was rejected, such as `INVALID_FORMAT`.
    pub reason: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Why it was rejected, for people.
    pub rejection_info: Option<RejectionInfo>,
    /// Which pause it is: `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE`, `DISABLED`.
    pub other_info: Option<OtherInfo>,
    /// When it was disabled, in Unix seconds.
    pub disable_date: Option<i64>,
}

/// Why a template was rejected, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectionInfo {
    /// What is wrong.
    pub reason: Option<String>,
    /// What to do.
    pub recommendation: Option<String>,
}

/// More about a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherInfo {
    /// Which pause.
    pub title: Option<String>,
    /// What it is about, for people.
    pub description: Option<String>,
}

/// A template's new quality score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateQuality {
    /// Which template.
    pub template: TemplateRef,
    /// The score before.
    pub previous: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub new: String,
}

/// A template's new, or coming, category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateCategory {
    /// Which template.
    pub template: TemplateRef,
    /// The category that it had, once the change is made.
    pub previous: Option<String>,
    /// The category that it has now.
    pub new: Option<String>,
    /// The category into which it will be moved; absent once the change is made.
    pub correct: Option<String>,
    /// When it will be moved, in Unix seconds.
    pub update_at: Option<i64>,
}

/// What a recipient chose of a business's marketing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// The WABA; empty when the report names none.
    pub waba: String,
    /// The sender; empty when the report names none.
    pub phone_number_id: String,
    /// Who.
    pub recipient: Recipient,
    /// Whether marketing stops; otherwise it goes on.
    pub stop: bool,
    /// When, in Unix seconds.
    pub timestamp: Option<i64>,
}

/// Something about the account or a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    /// The WABA; empty when the report names none.
    pub waba: String,
    /// When it was reported, in Unix seconds.
    pub reported_at: Option<i64>,
    /// The webhook's field, such as `account_update`.
    pub field: String,
    /// The event, such as `ACCOUNT_RESTRICTION`.
    pub event: Option<String>,
    /// The sender's own number, where it is about one.
    pub display_phone_number: Option<String>,
    /// To how many recipients within 24 hours the business may write by itself, where that is told; the largest number
    /// that there is stands for no limit.
    pub daily_recipients: Option<u32>,
}
