//! What a callback says: the JSON body of each event.
//!
//! Values of a message are never in it. The recipient is, for it is the app's own.

use serde_json::{Map, Value, json};

use crate::callback::EventType;
use crate::clock::Moment;
use crate::ids::{AppId, Msgid};
use crate::message::Reason;

/// The message that an event is about.
#[derive(Debug, Clone)]
pub struct MessageFacts<'a> {
    /// Whose it is.
    pub app: &'a AppId,
    /// Its id.
    pub msgid: Msgid,
    /// For whom it is, in E.164.
    pub recipient: &'a str,
    /// The sender's phone number id.
    pub sender: &'a str,
    /// The upstream's id of it, once that is known.
    pub wamid: Option<&'a str>,
    /// Its template, while it exists.
    pub template: Option<TemplateFacts<'a>>,
}

/// The template that an event is about.
#[derive(Debug, Clone, Copy)]
pub struct TemplateFacts<'a> {
    /// The upstream's id.
    pub id: &'a str,
    /// What the OCA dialect sends by.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its language.
    pub language: &'a str,
}

/// A pressed quick-reply button.
#[derive(Debug, Clone, Copy)]
pub struct ReplyFacts<'a> {
    /// The upstream's id of the reply.
    pub wamid: &'a str,
    /// What was sent along with the button.
    pub payload: Option<&'a str>,
    /// The button's label.
    pub text: Option<&'a str>,
}

/// Something became of a message.
pub fn message(event: EventType, at: Moment, facts: &MessageFacts<'_>, reason: Option<&Reason>) -> String {
    let mut data = message_data(facts);
    if let Some(reason) = reason {
        data.insert("error".to_owned(), json!({ "code": reason.code, "message": reason.text }));
    }
    body(event, at, &data)
}

/// A recipient pressed a button of a message.
pub fn reply(at: Moment, facts: &MessageFacts<'_>, reply: ReplyFacts<'_>) -> String {
    let mut data = message_data(facts);
    let reply = json!({ "wamid": reply.wamid, "payload": reply.payload, "text": reply.text });
    data.insert("reply".to_owned(), reply);
    body(EventType::MessageReply, at, &data)
}

/// Something of a template is now other than it was. `now` and `before` are words of the upstream's.
pub fn template(
    event: EventType,
    at: Moment,
    app: &AppId,
    facts: TemplateFacts<'_>,
    (before, now): (&str, &str),
    reason: Option<&str>,
) -> String {
    let key = event.as_str().rsplit('.').next().unwrap_or_default();
    let mut data = Map::new();
    data.insert("app".to_owned(), json!(app));
    data.insert("template".to_owned(), template_data(facts));
    data.insert(key.to_owned(), json!(now));
    data.insert("previous".to_owned(), json!(before));
    if let Some(reason) = reason {
        data.insert("reason".to_owned(), json!(reason));
    }
    body(event, at, &data)
}

/// A sender is held for a reason, in words; or goes on, without one.
pub fn sender_held(at: Moment, app: &AppId, sender: &str, reason: Option<&str>) -> String {
    let mut data = Map::new();
    data.insert("app".to_owned(), json!(app));
    data.insert("sender".to_owned(), json!(sender));
    data.insert("held".to_owned(), json!(reason.is_some()));
    if let Some(reason) = reason {
        data.insert("reason".to_owned(), json!(reason));
    }
    body(EventType::SenderHeld, at, &data)
}

/// The upstream reports something of a number, in its own words.
pub fn sender_quality(at: Moment, app: &AppId, waba: &str, phone_number: Option<&str>, event: &str) -> String {
    let mut data = Map::new();
    data.insert("app".to_owned(), json!(app));
    data.insert("waba".to_owned(), json!(waba));
    data.insert("phone_number".to_owned(), json!(phone_number));
    data.insert("event".to_owned(), json!(event));
    body(EventType::SenderQuality, at, &data)
}

/// Somebody tries out a callback of this app.
pub fn test(at: Moment, app: &AppId) -> String {
    let mut data = Map::new();
    data.insert("app".to_owned(), json!(app));
    body(EventType::Test, at, &data)
}

fn message_data(facts: &MessageFacts<'_>) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("app".to_owned(), json!(facts.app));
    data.insert("msgid".to_owned(), json!(facts.msgid.to_string()));
    data.insert("recipient".to_owned(), json!(facts.recipient));
    data.insert("sender".to_owned(), json!(facts.sender));
    data.insert("template".to_owned(), facts.template.map_or(Value::Null, template_data));
    data.insert("wamid".to_owned(), json!(facts.wamid));
    data
}

fn template_data(facts: TemplateFacts<'_>) -> Value {
    json!({ "id": facts.id, "code": facts.code, "name": facts.name, "language": facts.language })
}

fn body(event: EventType, at: Moment, data: &Map<String, Value>) -> String {
    json!({ "type": event.as_str(), "timestamp": at.to_string(), "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    /// The examples of the page, by their types.
    fn examples(page: &str) -> BTreeMap<String, Value> {
        let blocks = page.split("```json ").skip(1).filter_map(|rest| rest.split_once("```"));
        let named = blocks.filter_map(|(block, _)| block.split_once('\n'));
        named.map(|(name, text)| (name.to_owned(), serde_json::from_str(text).unwrap())).collect()
    }

    #[test]
    fn the_page_shows_what_is_told() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/callbacks.md");
        let page = std::fs::read_to_string(path).unwrap();
        let examples = examples(&page);
        let at = Moment::parse("2026-11-21T22:32:00Z").unwrap();
        let app = AppId::parse("toko").unwrap();
        let template = TemplateFacts {
            id: "1519350671883350",
            code: "01a2003c_e4ca_72b4_93a3_02975c422b68:pesanan_dikirim",
            name: "pesanan_dikirim",
            language: "id",
        };
        let reason = Reason { code: 131_026, text: "Message undeliverable".to_owned() };
        let facts = |template| MessageFacts {
            app: &app,
            msgid: Msgid::parse("01a2003c-e4ca-72b4-93a3-02975c422b68").unwrap(),
            recipient: "+6281234567890",
            sender: "106540352242922",
            wamid: Some("wamid.HBgNNjI4MTIzNDU2Nzg5MA=="),
            template,
        };
        // Each event, and the one that stands for it on the page.
        let plain = |event| (message(event, at, &facts(Some(template)), None), "message.submitted");
        let ended = |event| (message(event, at, &facts(None), Some(&reason)), "message.failed");
        let changed = |event, words, reason| super::template(event, at, &app, template, words, reason);
        let pressed =
            ReplyFacts { wamid: "wamid.HBgNNjI4MTIzNDU2Nzg5MQ==", payload: Some("stop"), text: Some("Berhenti") };
        for event in EventType::ALL.into_iter().chain([EventType::Test]) {
            let (told, shown_as) = match event {
                EventType::MessageSubmitted
                | EventType::MessageSent
                | EventType::MessageDelivered
                | EventType::MessageRead
                | EventType::MessageInDoubt => plain(event),
                EventType::MessageFailed
                | EventType::MessageRejected
                | EventType::MessageExpired
                | EventType::MessageCancelled => ended(event),
                EventType::MessageReply => (reply(at, &facts(None), pressed), "message.reply"),
                EventType::TemplateStatus => {
                    (changed(event, ("PENDING", "REJECTED"), Some("INVALID_FORMAT")), "template.status")
                }
                EventType::TemplateCategory => (changed(event, ("UTILITY", "MARKETING"), None), "template.category"),
                EventType::TemplateQuality => (changed(event, ("GREEN", "RED"), None), "template.quality"),
                EventType::SenderHeld => {
                    let reason = "code 190: The access token has expired or was revoked.";
                    (sender_held(at, &app, "106540352242922", Some(reason)), "sender.held")
                }
                EventType::SenderQuality => {
                    let told = sender_quality(at, &app, "102290129340398", Some("15550783881"), "FLAGGED");
                    (told, "sender.quality")
                }
                EventType::Test => (test(at, &app), "callback.test"),
            };
            let mut shown = examples[shown_as].clone();
            shown["type"] = json!(event.as_str());
            assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), shown, "{event}");
            assert!(page.contains(&format!("`{event}`")), "{event} is not on the page");
        }
    }
}
