//! What Meta reports by itself: statuses of messages, answers by button, and changes of templates and accounts.
//!
//! Reports come in batches, at times twice, and in any order. Meta's own pages contradict each other about shapes; every
//! reported one is read, and what is not understood becomes [`Change::Other`] instead of hiding its neighbours.

pub mod change;
mod messages;
mod read;
mod templates;
#[cfg(test)]
mod tests;

use serde_json::Value;

use change::{AccountEvent, Change};
use read::{items, number, text};

/// The body is not a webhook of Meta's at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook: no JSON object with a list of entries")]
pub struct NotAWebhook;

/// Reads all that a webhook reports, in its order.
///
/// # Errors
///
/// [`NotAWebhook`] when the body is not a JSON object with an `entry` list; nothing inside that list is an error.
pub fn parse(body: &[u8]) -> Result<Vec<Change>, NotAWebhook> {
    let body: Value = serde_json::from_slice(body).map_err(|_| NotAWebhook)?;
    let entries = body.get("entry").and_then(Value::as_array).ok_or(NotAWebhook)?;
    let mut changes = Vec::new();
    for entry in entries {
        let origin = Origin { waba: text(entry, "id").unwrap_or_default(), reported_at: number(entry, "time") };
        match entry.get("changes").and_then(Value::as_array) {
            Some(reported) => reported.iter().for_each(|change| read_change(&origin, change, &mut changes)),
            None => changes.push(origin.other("")),
        }
    }
    Ok(changes)
}

/// The entry in which a change was reported.
struct Origin {
    waba: String,
    reported_at: Option<i64>,
}

impl Origin {
    fn other(&self, field: &str) -> Change {
        Change::Other { waba: self.waba.clone(), field: field.to_owned() }
    }
}

fn read_change(origin: &Origin, change: &Value, changes: &mut Vec<Change>) {
    let field = text(change, "field").unwrap_or_default();
    let value = change.get("value").unwrap_or(&Value::Null);
    let one = match field.as_str() {
        "messages" => return messages::read(origin, value, changes),
        "user_preferences" => return messages::preferences(origin, value, changes),
        // Meta's page shows quality updates under the name of status updates, so the value decides.
        "message_template_status_update" | "message_template_quality_update"
            if value.get("new_quality_score").is_some() =>
        {
            templates::quality(origin, value)
        }
        "message_template_status_update" => templates::status(origin, change, value),
        "message_template_components_update" => templates::components(origin, value),
        "template_category_update" | "template_correct_category_detection" => templates::category(origin, value),
        "account_update"
        | "account_alerts"
        | "account_review_update"
        | "business_capability_update"
        | "phone_number_quality_update"
        | "phone_number_name_update" => Some(account(origin, &field, value)),
        _ => None,
    };
    changes.push(one.unwrap_or_else(|| origin.other(&field)));
}

fn account(origin: &Origin, field: &str, value: &Value) -> Change {
    Change::AccountEvent(AccountEvent {
        waba: origin.waba.clone(),
        reported_at: origin.reported_at,
        field: field.to_owned(),
        event: text(value, "event").or_else(|| text(value, "decision")),
        display_phone_number: text(value, "display_phone_number"),
        daily_recipients: DAILY_KEYS.iter().find_map(|key| daily_recipients(value.get(key)?)),
    })
}

/// Where the limit of recipients stands: the newest first. Until February 2026 it was told as one of the number.
const DAILY_KEYS: [&str; 3] =
    ["max_daily_conversations_per_business", "max_daily_conversation_per_phone", "current_limit"];

/// A number, -1 for no limit, or the name of a tier.
fn daily_recipients(value: &Value) -> Option<u32> {
    if let Some(number) = value.as_i64() {
        return if number < 0 { Some(u32::MAX) } else { u32::try_from(number).ok().filter(|limit| *limit > 0) };
    }
    let tier = value.as_str()?;
    match tier.strip_prefix("TIER_").unwrap_or(tier) {
        "UNLIMITED" => Some(u32::MAX),
        tier => match tier.strip_suffix('K') {
            Some(thousands) => thousands.parse::<u32>().ok()?.checked_mul(1000),
            None => tier.parse().ok(),
        }
        .filter(|limit| *limit > 0),
    }
}

/// The language as templates name it: webhooks write `en-US` for what is `en_US` elsewhere.
#[must_use]
pub fn normalised_language(language: &str) -> String {
    language.replace('-', "_")
}

/// Whether a list has elements at all.
fn has_items(value: &Value, key: &str) -> bool {
    !items(value, key).is_empty()
}
