//! A draft as the upstream wants it.

use serde_json::{Map, Value, json};

use crate::template::ParameterFormat;
use crate::template::draft::{Draft, ttl};

pub(super) fn body(draft: &Draft) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("name", json!(draft.name.as_str()));
    put("language", json!(draft.language.as_str()));
    put("category", json!(draft.category.as_str()));
    if draft.parameter_format != ParameterFormat::default() {
        put("parameter_format", json!(draft.parameter_format.as_str()));
    }
    if let Some(sub_category) = draft.sub_category {
        put("sub_category", json!(sub_category));
    }
    if let Some(display_format) = draft.display_format {
        put("display_format", json!(display_format));
    }
    if let Some(ttl) = draft.ttl {
        put("message_send_ttl_seconds", json!(ttl::to_upstream(ttl, draft.category)));
    }
    if let Some(opted_out) = draft.link_tracking_opted_out {
        put("cta_url_link_tracking_opted_out", json!(opted_out));
    }
    put("components", Value::Array(draft.components.iter().map(component).collect()));
    Value::Object(body)
}

/// A component as the upstream wants it.
pub(in crate::template) fn component(component: &Value) -> Value {
    let mut component = component.clone();
    let is_greeting = component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("GREETING"));
    if !is_greeting {
        drop_nulls(&mut component);
    }
    rewrite(&mut component);
    let cards = component.get_mut("cards").and_then(Value::as_array_mut);
    for card in cards.into_iter().flatten() {
        let components = card.get_mut("components").and_then(Value::as_array_mut);
        components.into_iter().flatten().for_each(rewrite);
    }
    component
}

fn rewrite(component: &mut Value) {
    upper_case(component, &["type", "format"]);
    // A bare row of examples stands for the one row that there has to be.
    if let Some(rows) = component.pointer_mut("/example/body_text")
        && rows.as_array().is_some_and(|texts| !texts.is_empty() && texts.iter().all(Value::is_string))
    {
        *rows = json!([rows.take()]);
    }
    let buttons = component.get_mut("buttons").and_then(Value::as_array_mut);
    for button in buttons.into_iter().flatten() {
        upper_case(button, &["type", "otp_type", "icon"]);
        let has_example = button["type"].as_str().is_some_and(|kind| matches!(kind, "URL" | "COPY_CODE"));
        if let (false, Some(button)) = (has_example, button.as_object_mut()) {
            button.shift_remove("example");
        }
        for key in ["phone_number", "flow_id"] {
            if let Some(number) = button.get(key).and_then(Value::as_u64) {
                button[key] = json!(number.to_string());
            }
        }
    }
}

/// A field that is `null` counts as one that is not there; the upstream may see it differently.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn upper_case(object: &mut Value, keys: &[&str]) {
    for key in keys {
        if let Some(Value::String(text)) = object.get_mut(*key) {
            text.make_ascii_uppercase();
        }
    }
}
