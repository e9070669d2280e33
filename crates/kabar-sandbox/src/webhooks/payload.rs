//! The body of a webhook call: message statuses in the shape of version 24 and later, and template statuses.

use std::collections::HashSet;
use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::graph::errors;
use crate::random;
use crate::statuses::Status;
use crate::world::account::Update;
use crate::world::message::{Message, StatusRecord};
use crate::world::reply::{Reply, Said};
use crate::world::template::What;
use crate::world::{TemplateChange, TemplateStatus, World};

const HREF: &str = "/documentation/business-messaging/whatsapp/support/error-codes";

/// The body that tells `updates` of one account, in their order.
pub(crate) fn body(world: &World, waba_id: &str, updates: &[Update]) -> Bytes {
    let mut entries: Vec<Value> = Vec::new();
    let mut changes: Vec<Value> = Vec::new();
    let mut statuses: Vec<Value> = Vec::new();
    let mut number: Option<&str> = None;
    for &update in updates {
        match update {
            Update::Status(index, status) => {
                let message = usize::try_from(index).ok().and_then(|index| world.messages.get(index));
                let Some((message, record)) = message.and_then(|message| Some((message, message.record_of(status)?)))
                else {
                    continue;
                };
                if number != Some(message.phone_number_id.as_str()) {
                    changes.extend(messages_change(world, number, &std::mem::take(&mut statuses)));
                    number = Some(&message.phone_number_id);
                }
                statuses.push(status_value(message, record));
            }
            Update::Reply(reply) => {
                changes.extend(messages_change(world, number.take(), &std::mem::take(&mut statuses)));
                changes.extend(world.reply(reply).map(|reply| reply_change(world, reply)));
            }
            Update::Template(change) => {
                changes.extend(messages_change(world, number.take(), &std::mem::take(&mut statuses)));
                if !changes.is_empty() {
                    entries.push(json!({"id": waba_id, "changes": std::mem::take(&mut changes)}));
                }
                if let Some(change) = world.changes.get(&change) {
                    entries.push(json!({
                        "id": waba_id,
                        "time": change.at / 1000,
                        "changes": [{"value": change_value(change), "field": field(change)}]
                    }));
                }
            }
        }
    }
    changes.extend(messages_change(world, number, &statuses));
    if !changes.is_empty() {
        entries.push(json!({"id": waba_id, "changes": changes}));
    }
    escaped(&json!({"object": "whatsapp_business_account", "entry": entries}).to_string())
}

fn messages_change(world: &World, phone_number_id: Option<&str>, statuses: &[Value]) -> Option<Value> {
    let phone_number_id = phone_number_id.filter(|_| !statuses.is_empty())?;
    let display = world.numbers.get(phone_number_id).map(|number| number.display.as_str()).unwrap_or_default();
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display, "phone_number_id": phone_number_id},
        "statuses": statuses
    });
    let contacts = contacts(statuses);
    if !contacts.is_empty() {
        value["contacts"] = Value::Array(contacts);
    }
    Some(json!({"value": value, "field": "messages"}))
}

/// What a recipient answered, as an inbound message, or chose of the business.
fn reply_change(world: &World, reply: &Reply) -> Value {
    let display = world.numbers.get(&reply.phone_number_id).map(|number| number.display.as_str()).unwrap_or_default();
    let metadata = json!({"display_phone_number": display, "phone_number_id": reply.phone_number_id});
    let mut message = json!({
        "from": reply.from,
        "id": reply.wamid,
        "timestamp": (reply.at / 1000).to_string(),
    });
    if let Some(answered) = &reply.answers {
        message["context"] = json!({"from": display, "id": answered});
    }
    match &reply.said {
        Said::Button { text, payload } => {
            message["type"] = json!("button");
            message["button"] = json!({"payload": payload, "text": text});
        }
        Said::Text(text) => {
            message["type"] = json!("text");
            message["text"] = json!({"body": text});
        }
        Said::Marketing { stopped } => return preference_change(&metadata, reply, *stopped),
    }
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [{"profile": {"name": format!("Phone {}", reply.from)}, "wa_id": reply.from}],
        "messages": [message]
    });
    json!({"value": value, "field": "messages"})
}

/// That a recipient wants no marketing any more, or wants it again.
fn preference_change(metadata: &Value, reply: &Reply, stopped: bool) -> Value {
    let wish = if stopped { "stop" } else { "resume" };
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [{"wa_id": reply.from}],
        "user_preferences": [{
            "wa_id": reply.from,
            "detail": format!("User requested to {wish} marketing messages"),
            "category": "marketing_messages",
            "value": wish,
            "timestamp": reply.at / 1000
        }]
    });
    json!({"value": value, "field": "user_preferences"})
}

/// The recipients, each once; those of failed messages are left out.
fn contacts(statuses: &[Value]) -> Vec<Value> {
    let mut met = HashSet::new();
    let told = statuses.iter().filter(|status| status["status"] != "failed");
    let recipients = told.filter_map(|status| status["recipient_id"].as_str()).filter(|to| met.insert(*to));
    let contact = |to: &str| json!({"wa_id": to, "user_id": format!("US.{}", random::derived_id(to, 17))});
    recipients.map(contact).collect()
}

fn status_value(message: &Message, record: &StatusRecord) -> Value {
    let mut value = json!({
        "id": message.wamid,
        "status": record.status.as_str(),
        "timestamp": (record.at / 1000).to_string(),
        "recipient_id": message.to
    });
    if let Some(opaque) = &message.biz_opaque_callback_data {
        value["biz_opaque_callback_data"] = json!(opaque);
    }
    match record.status {
        Status::Sent | Status::Delivered => {
            value["pricing"] = json!({
                "billable": true,
                "pricing_model": "PMP",
                "type": "regular",
                "category": message.category.to_ascii_lowercase()
            });
        }
        Status::Failed => {
            let row = errors::codes::row(message.fails_with.unwrap_or(131_000));
            value["errors"] = json!([{
                "code": row.code,
                "title": row.title,
                "message": row.title,
                "error_data": {"details": row.details},
                "href": HREF
            }]);
        }
        Status::Read => {}
    }
    value
}

/// The field of a template's webhook. Scores have one of their own; the platform's documentation has a slip there.
fn field(change: &TemplateChange) -> &'static str {
    match change.what {
        What::Status | What::Event { .. } => "message_template_status_update",
        What::Quality { .. } => "message_template_quality_update",
        What::Category { .. } | What::AnnouncedCategory { .. } => "template_category_update",
        What::Components(_) => "message_template_components_update",
    }
}

fn change_value(change: &TemplateChange) -> Value {
    let of_template = json!({
        "message_template_id": change.template_id.parse::<u64>().unwrap_or_default(),
        "message_template_name": change.name,
        // Webhooks write the language with a hyphen, all other places with an underscore.
        "message_template_language": change.language.replace('_', "-"),
    });
    let joined = |first: Value, last: Value| {
        let mut joined = first;
        if let (Value::Object(joined), Value::Object(last)) = (&mut joined, last) {
            joined.extend(last);
        }
        joined
    };
    match &change.what {
        What::Status => status_change(change, &of_template, None, None),
        What::Event { event, title } => status_change(change, &of_template, event.as_deref(), title.as_deref()),
        What::Quality { previous, new } => {
            let scores = json!({"previous_quality_score": previous.as_str(), "new_quality_score": new.as_str()});
            joined(scores, of_template)
        }
        What::Category { previous } => {
            joined(of_template, json!({"previous_category": previous, "new_category": change.category}))
        }
        // As long as it is announced, the "new" category is the one that it has.
        What::AnnouncedCategory { correct, from } => joined(
            of_template,
            json!({
                "new_category": change.category,
                "correct_category": correct,
                "category_update_timestamp": from / 1000
            }),
        ),
        What::Components(texts) => joined(of_template, texts.clone()),
    }
}

fn status_change(change: &TemplateChange, of_template: &Value, event: Option<&str>, title: Option<&str>) -> Value {
    let mut value = json!({"event": event.unwrap_or_else(|| change.status.as_str())});
    for (key, part) in of_template.as_object().into_iter().flatten() {
        value[key] = part.clone();
    }
    let is_ending = change.status == TemplateStatus::PendingDeletion;
    value["reason"] = if is_ending { Value::Null } else { json!(change.reason) };
    value["message_template_category"] = json!(change.category);
    if let Some(rejection) = &change.rejection {
        value["rejection_info"] = json!({"reason": rejection.reason, "recommendation": rejection.recommendation});
    }
    let paused = change.status == TemplateStatus::Paused;
    if let Some(title) = title.or_else(|| paused.then_some("FIRST_PAUSE")) {
        let description = match title {
            "FIRST_PAUSE" => "The template is paused for three hours because of its low quality.",
            "SECOND_PAUSE" => "The template is paused for six hours because of its low quality.",
            "RATE_LIMITING_PAUSE" => "The template is paused until it is asked back.",
            "UNPAUSE" => "The template can be sent again.",
            _ => "The sandbox was asked for it.",
        };
        value["other_info"] = json!({"title": title, "description": description});
    }
    if change.status == TemplateStatus::Disabled {
        value["disable_info"] = json!({"disable_date": (change.at / 1000).to_string()});
    }
    value
}

/// The platform writes everything outside ASCII as `\uXXXX`; whoever parses and writes the body again before checking the
/// signature gets another text, and is found out.
fn escaped(json: &str) -> Bytes {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        if char.is_ascii() {
            escaped.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("a String takes all that is written");
            }
        }
    }
    Bytes::from(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ascii_is_escaped() {
        assert_eq!(escaped("{\"a\":\"é😀\"}"), Bytes::from_static(b"{\"a\":\"\\u00e9\\ud83d\\ude00\"}"));
    }
}
