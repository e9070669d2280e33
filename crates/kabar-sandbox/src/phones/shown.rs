//! What a recipient sees of a message: the template as it was when the message was sent, with the values of the send.
//!
//! It is the platform's side of the matter, read from what arrived, not from what a gateway meant.

use serde_json::{Map, Value, json};

use crate::check::placeholders;
use crate::clock::rfc3339;
use crate::world::message::Message;

/// Where the button of a login code leads, as a template is read back.
const CODE_URL: &str = "https://www.whatsapp.com/otp/code/";

/// The message as it is seen: `header`, `body`, `footer`, `offer`, `cards`, `buttons`, as far as it has them.
pub(super) fn of(message: &Message) -> Value {
    let sent = message.components.as_ref().and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    let template = message.template_components.as_ref().map(|components| components.as_slice());
    bubble(template.unwrap_or_default(), sent.as_ref().unwrap_or(&Value::Null))
}

fn bubble(template: &[Value], sent: &Value) -> Value {
    let mut shown = Map::new();
    for component in template {
        let kind = component["type"].as_str().unwrap_or_default();
        let parameters = parameters_of(sent, kind);
        match kind {
            "HEADER" => drop(shown.insert("header".to_owned(), header(component, parameters))),
            "BODY" => drop(shown.insert("body".to_owned(), json!(text_of(component, parameters)))),
            "FOOTER" => drop(shown.insert("footer".to_owned(), component["text"].clone())),
            "LIMITED_TIME_OFFER" => {
                let ends = &parameters.first().unwrap_or(&Value::Null)["limited_time_offer"]["expiration_time_ms"];
                let offer = json!({
                    "text": component["limited_time_offer"]["text"],
                    "ends_at": ends.as_i64().map(rfc3339),
                });
                shown.insert("offer".to_owned(), offer);
            }
            "CAROUSEL" => drop(shown.insert("cards".to_owned(), cards(component, sent))),
            "CALL_PERMISSION_REQUEST" => drop(shown.insert("asks_to_call".to_owned(), json!(true))),
            "BUTTONS" => {
                let buttons = items(&component["buttons"]).iter().enumerate();
                let buttons = buttons.map(|(index, each)| button(each, index, sent)).collect();
                shown.insert("buttons".to_owned(), Value::Array(buttons));
            }
            _ => {}
        }
    }
    Value::Object(shown)
}

/// The cards; of products there are as many as were sent, and all are like the first.
fn cards(component: &Value, sent: &Value) -> Value {
    let template = items(&component["cards"]);
    let sent = component_of(sent, "CAROUSEL").map_or(&[][..], |carousel| items(&carousel["cards"]));
    let cards = (0..template.len().max(sent.len())).filter_map(|index| {
        let card = template.get(index).or_else(|| template.first())?;
        let given = sent.get(index).unwrap_or(&Value::Null);
        Some(bubble(items(&card["components"]), &given["components"]))
    });
    Value::Array(cards.collect())
}

fn header(component: &Value, parameters: &[Value]) -> Value {
    let format = component["format"].as_str().unwrap_or("TEXT").to_ascii_lowercase();
    if format == "text" {
        return json!({"kind": "text", "text": text_of(component, parameters)});
    }
    let given = parameters.first().and_then(|parameter| parameter[&format].as_object());
    let mut header = given.cloned().unwrap_or_default();
    header.insert("kind".to_owned(), json!(format));
    Value::Object(header)
}

fn button(template: &Value, index: usize, sent: &Value) -> Value {
    let kind = template["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let is_it = |component: &&Value| {
        let index_of = &component["index"];
        let number = index_of.as_u64().and_then(|number| usize::try_from(number).ok());
        let named = number.or_else(|| index_of.as_str()?.parse().ok());
        is_of(component, "BUTTON") && named.unwrap_or_default() == index
    };
    let given = items(sent).iter().find(is_it).map_or(&[][..], |component| items(&component["parameters"]));
    let value = |key: &str| given.iter().find_map(|parameter| parameter[key].as_str());
    let label = template["text"].as_str().unwrap_or_default();
    let mut shown = json!({"index": index, "kind": kind, "text": label});
    match kind.as_str() {
        // Without a payload of the send's own, the label is what comes back.
        "quick_reply" => shown["payload"] = json!(value("payload").or_else(|| value("text")).unwrap_or(label)),
        "url" => {
            let url = template["url"].as_str().unwrap_or_default();
            if url.starts_with(CODE_URL) {
                shown["kind"] = json!("login_code");
                shown["code"] = json!(value("text"));
            } else {
                shown["url"] = json!(fill(url, |_| value("text").map(str::to_owned)));
            }
        }
        "phone_number" => shown["phone_number"] = template["phone_number"].clone(),
        "copy_code" => shown["code"] = value("coupon_code").map_or_else(|| template["example"].clone(), Into::into),
        _ => {}
    }
    shown
}

fn text_of(component: &Value, parameters: &[Value]) -> String {
    let text = component["text"].as_str().unwrap_or_default();
    let mut numbers: Vec<usize> =
        placeholders::distinct(text).iter().filter_map(|name| name.trim().parse().ok()).collect();
    numbers.sort_unstable();
    // Values go by their place or by their name, never by both.
    let in_place: Vec<&Value> = parameters.iter().filter(|parameter| parameter["parameter_name"].is_null()).collect();
    fill(text, |name| {
        let parameter = match name.trim().parse::<usize>() {
            Ok(number) => in_place.get(numbers.iter().position(|other| *other == number)?).copied(),
            Err(_) => parameters.iter().find(|parameter| parameter["parameter_name"] == name.trim()),
        };
        let parameter = parameter?;
        let fallback = ["currency", "date_time"].iter().find_map(|kind| parameter[kind]["fallback_value"].as_str());
        parameter["text"].as_str().or(fallback).map(str::to_owned)
    })
}

/// The text with the values of its variables; a variable without one stays as it is written.
fn fill(text: &str, value_of: impl Fn(&str) -> Option<String>) -> String {
    placeholders::filled(text, |name| value_of(name).unwrap_or_else(|| format!("{{{{{name}}}}}")))
}

fn parameters_of<'a>(sent: &'a Value, kind: &str) -> &'a [Value] {
    component_of(sent, kind).map_or(&[], |component| items(&component["parameters"]))
}

fn component_of<'a>(sent: &'a Value, kind: &str) -> Option<&'a Value> {
    items(sent).iter().find(|component| is_of(component, kind))
}

fn is_of(component: &Value, kind: &str) -> bool {
    component["type"].as_str().is_some_and(|named| named.eq_ignore_ascii_case(kind))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_places_and_what_has_none_stays() {
        let template = [
            json!({"type": "HEADER", "format": "DOCUMENT"}),
            json!({"type": "BODY", "text": "{{2}} for {{1}}, {{1}}, {{who}} and {{3}}"}),
            json!({"type": "FOOTER", "text": "Bye"}),
            json!({"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop"},
                {"type": "QUICK_REPLY", "text": "Go"},
                {"type": "URL", "text": "Look", "url": "https://shop.test/{{1}}"},
                {"type": "URL", "text": "Copy", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}"},
                {"type": "COPY_CODE", "example": "SAVE"}
            ]}),
        ];
        let sent = json!([
            {"type": "header", "parameters": [{"type": "document", "document": {"link": "https://a.test/b.pdf", "filename": "b.pdf"}}]},
            {"type": "body", "parameters": [
                {"type": "text", "text": "one"},
                {"type": "currency", "currency": {"fallback_value": "Rp10", "code": "IDR", "amount_1000": 10_000}},
                {"type": "text", "parameter_name": "who", "text": "{{1}}"}
            ]},
            {"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{"type": "payload", "payload": "GO-1"}]},
            {"type": "button", "sub_type": "url", "index": "2", "parameters": [{"type": "text", "text": "shoes"}]},
            {"type": "button", "sub_type": "url", "index": "3", "parameters": [{"type": "text", "text": "123"}]}
        ]);
        let shown = bubble(&template, &sent);
        assert_eq!(shown["header"], json!({"link": "https://a.test/b.pdf", "filename": "b.pdf", "kind": "document"}));
        assert_eq!(shown["body"], "Rp10 for one, one, {{1}} and {{3}}", "a value is not looked at again");
        assert_eq!(shown["footer"], "Bye");
        let buttons = &shown["buttons"];
        assert_eq!((&buttons[0]["payload"], &buttons[1]["payload"]), (&json!("Stop"), &json!("GO-1")));
        assert_eq!(buttons[2]["url"], "https://shop.test/shoes");
        assert_eq!(buttons[3], json!({"index": 3, "kind": "login_code", "text": "Copy", "code": "123"}));
        assert_eq!(buttons[4]["code"], "SAVE");
    }

    #[test]
    fn each_card_has_its_own_values() {
        let card = |text: &str| {
            json!({"components": [
                {"type": "BODY", "text": text},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Take"}]}
            ]})
        };
        let template = [json!({"type": "CAROUSEL", "cards": [card("first {{1}}"), card("second {{1}}")]})];
        let sent = json!([{"type": "carousel", "cards": [
            {"card_index": 0, "components": [{"type": "body", "parameters": [{"type": "text", "text": "a"}]}]},
            {"card_index": 1, "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "b"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "P"}]}
            ]}
        ]}]);
        let cards = &bubble(&template, &sent)["cards"];
        assert_eq!((&cards[0]["body"], &cards[1]["body"]), (&json!("first a"), &json!("second b")));
        assert_eq!(cards[1]["buttons"][0]["payload"], "P");
    }
}
