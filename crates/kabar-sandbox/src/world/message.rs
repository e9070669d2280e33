//! A message as the platform keeps it, and so as the ledger shows it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::statuses::{Status, Timings, plan};

/// An accepted message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) wamid: String,
    /// The recipient in digits.
    pub(crate) to: String,
    pub(crate) phone_number_id: String,
    pub(crate) waba_id: String,
    pub(crate) template: String,
    pub(crate) language: String,
    pub(crate) category: String,
    /// As they were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) components: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) biz_opaque_callback_data: Option<String>,
    pub(crate) accepted_at: i64,
    /// The error of its failure, for a recipient that fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fails_with: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) statuses: Vec<StatusRecord>,
    /// The template's components as they were when it was sent; found again when the message enters the world.
    #[serde(skip)]
    pub(crate) template_components: Option<Arc<Vec<Value>>>,
}

/// A status that a message has reached.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct StatusRecord {
    pub(crate) status: Status,
    pub(crate) at: i64,
    /// When the callback took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delivered_at: Option<i64>,
    /// By a fault rule, no callback is ever told of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) lost: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Message {
    /// The status that comes next, with its time.
    pub(crate) fn next_status(&self, timings: &Timings) -> Option<(Status, i64)> {
        let status = *plan(self.fails_with.is_some()).get(self.statuses.len())?;
        Some((status, self.accepted_at.saturating_add(status.delay_ms(timings))))
    }

    pub(crate) fn record_of(&self, status: Status) -> Option<&StatusRecord> {
        self.statuses.iter().find(|record| record.status == status)
    }
}
