//! Reports about messages and senders.

use serde_json::Value;

use super::change::{
    ButtonReply, Change, MessageStatus, Preference, Pricing, Recipient, SenderErrors, Status, StatusError,
};
use super::read::{items, number, text};
use super::{Origin, has_items};

/// The webhook's field.
const FIELD: &str = "messages";

pub(super) fn read(origin: &Origin, value: &Value, changes: &mut Vec<Change>) {
    let before = changes.len();
    let phone_number_id = value.get("metadata").and_then(|metadata| text(metadata, "phone_number_id"));
    let sender = Sender { origin, phone_number_id: phone_number_id.unwrap_or_default() };
    for status in items(value, "statuses") {
        changes.push(sender.status(status).map_or_else(|| origin.other(FIELD), Change::MessageStatus));
    }
    for message in items(value, "messages") {
        changes.push(sender.button_reply(message).map_or_else(|| origin.other(FIELD), Change::ButtonReply));
    }
    if has_items(value, "errors") {
        changes.push(sender.errors(value));
    }
    if changes.len() == before {
        changes.push(origin.other(FIELD));
    }
}

/// What recipients chose. Of other things than marketing nothing is known.
pub(super) fn preferences(origin: &Origin, value: &Value, changes: &mut Vec<Change>) {
    let phone_number_id = value.get("metadata").and_then(|metadata| text(metadata, "phone_number_id"));
    let preference = |item: &Value| {
        let is_marketing = text(item, "category").is_none_or(|category| category == "marketing_messages");
        let stop = match text(item, "value")?.as_str() {
            "stop" => true,
            "resume" => false,
            _ => return None,
        };
        is_marketing.then_some(Preference {
            waba: origin.waba.clone(),
            phone_number_id: phone_number_id.clone().unwrap_or_default(),
            recipient: Recipient::new(text(item, "wa_id")?),
            stop,
            timestamp: number(item, "timestamp"),
        })
    };
    let items = items(value, "user_preferences");
    changes.extend(
        items.iter().map(|item| preference(item).map_or_else(|| origin.other("user_preferences"), Change::Preference)),
    );
    if items.is_empty() {
        changes.push(origin.other("user_preferences"));
    }
}

struct Sender<'a> {
    origin: &'a Origin,
    phone_number_id: String,
}

impl Sender<'_> {
    fn status(&self, value: &Value) -> Option<MessageStatus> {
        Some(MessageStatus {
            waba: self.origin.waba.clone(),
            phone_number_id: self.phone_number_id.clone(),
            wamid: text(value, "id")?,
            status: match text(value, "status")?.as_str() {
                "sent" => Status::Sent,
                "delivered" => Status::Delivered,
                "read" => Status::Read,
                "failed" => Status::Failed,
                "played" => Status::Played,
                other => Status::Other(other.to_owned()),
            },
            timestamp: number(value, "timestamp"),
            recipient: text(value, "recipient_id").map(Recipient::new),
            biz_opaque_callback_data: text(value, "biz_opaque_callback_data"),
            errors: errors(value),
            pricing: value.get("pricing").and_then(pricing),
        })
    }

    fn button_reply(&self, value: &Value) -> Option<ButtonReply> {
        if text(value, "type")? != "button" {
            return None;
        }
        let button = value.get("button")?;
        Some(ButtonReply {
            waba: self.origin.waba.clone(),
            phone_number_id: self.phone_number_id.clone(),
            wamid: text(value, "id")?,
            replied_to: value.get("context").and_then(|context| text(context, "id")),
            from: text(value, "from").map(Recipient::new),
            timestamp: number(value, "timestamp"),
            payload: text(button, "payload"),
            text: text(button, "text"),
        })
    }

    fn errors(&self, value: &Value) -> Change {
        Change::SenderErrors(SenderErrors {
            waba: self.origin.waba.clone(),
            phone_number_id: self.phone_number_id.clone(),
            errors: errors(value),
        })
    }
}

fn errors(value: &Value) -> Vec<StatusError> {
    items(value, "errors")
        .iter()
        .map(|error| StatusError {
            code: number(error, "code").and_then(|code| u32::try_from(code).ok()),
            title: text(error, "title"),
            message: text(error, "message"),
            details: error.get("error_data").and_then(|data| text(data, "details")),
        })
        .collect()
}

fn pricing(value: &Value) -> Option<Pricing> {
    Some(Pricing {
        billable: value.get("billable").and_then(Value::as_bool),
        model: text(value, "pricing_model"),
        kind: text(value, "type"),
        category: text(value, "category")?,
    })
}
