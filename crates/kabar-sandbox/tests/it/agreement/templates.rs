//! Whole templates, and what is done to them to make them wrong.

use super::buttons::{button_kinds, buttons};
use super::choices::Choices;
use super::texts::{body, line, other_header, text_header, with_text};
use serde_json::{Value, json};

/// The usual: perhaps a header, a body, perhaps a footer, perhaps buttons.
pub(super) fn usual(choices: &mut Choices<'_>, named: bool) -> Vec<Value> {
    let mut components = Vec::new();
    match choices.one_of(&["", "TEXT", "", "TEXT", "", "IMAGE", "", "TEXT", "DOCUMENT", "VIDEO", "LOCATION", "GIF"]) {
        "" => {}
        "TEXT" => components.push(text_header(choices, named)),
        format => components.push(other_header(choices, format)),
    }
    components.push(body(choices, named, 1024));
    if choices.in_percent(40) {
        let text = line(choices, 60);
        components.push(with_text(choices, "FOOTER", &text, None));
    }
    let kinds = button_kinds(choices);
    if !kinds.is_empty() && choices.in_percent(70) {
        components.push(buttons(choices, &kinds));
    }
    if choices.in_percent(3) {
        components.push(json!({ "type": choices.cased("CALL_PERMISSION_REQUEST") }));
    }
    if choices.in_percent(3) {
        components.push(with_text(choices, "GREETING", "Halo", None));
    }
    components
}

pub(super) fn carousel(choices: &mut Choices<'_>, named: bool) -> Vec<Value> {
    let is_product = choices.in_percent(30);
    let format = if is_product { "PRODUCT" } else { choices.one_of(&["IMAGE", "VIDEO"]) };
    let sets: &[&[&str]] = if is_product {
        &[&["SPM"], &["URL"], &["SPM", "URL"]]
    } else {
        &[&["QUICK_REPLY", "URL"], &[], &["QUICK_REPLY"], &["PHONE_NUMBER"], &["URL", "URL"], &["URL", "QUICK_REPLY"]]
    };
    let kinds = choices.one_of(sets);
    let has_body = choices.in_percent(50);
    let n_cards = if choices.in_percent(5) { choices.one_of(&[1, 11]) } else { 2 + choices.below(3) };
    let mut cards = Vec::new();
    for _ in 0..n_cards {
        let format = if choices.in_percent(2) { "IMAGE" } else { format };
        let mut components = vec![other_header(choices, format)];
        if has_body {
            components.push(body(choices, named, 160));
        }
        if !kinds.is_empty() {
            components.push(buttons(choices, kinds));
        }
        if choices.in_percent(10) {
            components.reverse();
        }
        cards.push(json!({ "components": components }));
    }
    let carousel = json!({ "type": choices.cased("CAROUSEL"), "cards": cards });
    vec![body(choices, named, 1024), carousel]
}

pub(super) fn offer(choices: &mut Choices<'_>, named: bool) -> Vec<Value> {
    let mut inner = json!({ "text": line(choices, 16) });
    choices.perhaps(50, &mut inner, "has_expiration", json!(true));
    let mut components = vec![
        json!({ "type": choices.cased("LIMITED_TIME_OFFER"), "limited_time_offer": inner }),
        body(choices, named, 600),
    ];
    if choices.in_percent(60) {
        let format = choices.one_of(&["IMAGE", "VIDEO"]);
        components.push(other_header(choices, format));
    }
    let sets: [&[&str]; 4] = [&["COPY_CODE", "URL"], &["URL"], &["COPY_CODE"], &["QUICK_REPLY", "COPY_CODE", "URL"]];
    let kinds = choices.one_of(&sets);
    components.push(buttons(choices, kinds));
    components
}

pub(super) fn product(choices: &mut Choices<'_>, named: bool) -> Vec<Value> {
    if choices.in_percent(50) {
        let kind = choices.one_of(&["MPM", "CATALOG"]);
        return vec![text_header(choices, named), body(choices, named, 1024), buttons(choices, &[kind])];
    }
    vec![other_header(choices, "PRODUCT"), body(choices, named, 160), buttons(choices, &["SPM"])]
}

pub(super) fn login_code(choices: &mut Choices<'_>) -> Vec<Value> {
    let kind = choices.one_of(&["COPY_CODE", "ONE_TAP", "ZERO_TAP"]);
    let mut button = json!({ "type": choices.cased("OTP"), "otp_type": choices.cased(kind) });
    let labels = [line(choices, 25), line(choices, 25)].map(Value::from);
    choices.perhaps(50, &mut button, "text", labels[0].clone());
    if kind != "COPY_CODE" {
        let app = json!({ "package_name": "com.example.app_1", "signature_hash": "K8a/AINcGX7" });
        if choices.in_percent(80) {
            button["supported_apps"] = json!(vec![app; 1 + choices.below(6)]);
        } else {
            button.as_object_mut().unwrap().extend(app.as_object().unwrap().clone());
        }
        choices.perhaps(50, &mut button, "autofill_text", labels[1].clone());
    }
    if kind == "ZERO_TAP" || choices.in_percent(5) {
        button["zero_tap_terms_accepted"] = json!(true);
    }
    let mut body = json!({ "type": choices.cased("BODY") });
    choices.perhaps(50, &mut body, "add_security_recommendation", json!(true));
    let mut components = vec![body, json!({ "type": choices.cased("BUTTONS"), "buttons": [button] })];
    if choices.in_percent(50) {
        components.push(json!({ "type": choices.cased("FOOTER"), "code_expiration_minutes": 1 + choices.below(91) }));
    }
    components
}

/// The request that creates a template.
pub(super) fn template(choices: &mut Choices<'_>, name: &str) -> Value {
    let (named, marketing) = (choices.in_percent(20), choices.in_percent(60));
    let category = if marketing { "MARKETING" } else { "UTILITY" };
    let (category, components) = match choices.below(20) {
        0..12 => (category, usual(choices, named)),
        12..14 => (category, carousel(choices, named)),
        14..16 => ("MARKETING", offer(choices, named)),
        16..18 => ("MARKETING", product(choices, named)),
        _ => ("AUTHENTICATION", login_code(choices)),
    };
    let languages = ["id", "en_US", "pt_BR", "zh_CN", "es", "fil", "prs_AF", "ar_SA", "es_VE", "rw_RW"];
    let mut template = json!({
        "name": name,
        "language": choices.one_of(&languages),
        "category": choices.cased(category),
        "components": components
    });
    if named {
        template["parameter_format"] = choices.cased("NAMED");
    }
    let seconds = choices.one_of(&[60, 43_200, 30, 900, -1, 2_592_000, 29]);
    choices.perhaps(10, &mut template, "message_send_ttl_seconds", json!(seconds));
    choices.perhaps(5, &mut template, "cta_url_link_tracking_opted_out", json!(marketing));
    choices.perhaps(5, &mut template, "sub_category", json!("order_status"));
    if choices.in_percent(15) {
        mutate(choices, &mut template);
        // The name stays, for the answer depends on its being new.
        template["name"] = json!(name);
    }
    template
}

/// Changes one thing, wherever it is.
pub(super) fn mutate(choices: &mut Choices<'_>, template: &mut Value) {
    let mut pointers = Vec::new();
    collect(template, "", &mut pointers);
    let pointer = &pointers[choices.below(pointers.len())];
    let Some(value) = template.pointer_mut(pointer) else { return };
    let others = [Value::Null, json!(""), json!(" "), json!(7), json!(true), json!([]), json!({}), json!("BODY")];
    match (choices.below(4), &mut *value) {
        (0, Value::Object(map)) => {
            map.insert(choices.one_of(&["example", "text", "foo", "format", "icon"]).to_owned(), json!("a"));
        }
        (1, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(choices.below(map.len())).cloned().unwrap_or_default();
            map.remove(&key);
        }
        (0 | 1, Value::Array(elements)) if !elements.is_empty() => {
            let place = choices.below(elements.len());
            let again = elements[place].clone();
            if choices.in_percent(50) { elements.push(again) } else { drop(elements.remove(place)) }
        }
        _ if pointer.is_empty() => {}
        _ => *value = others[choices.below(others.len())].clone(),
    }
}

pub(super) fn collect(value: &Value, pointer: &str, pointers: &mut Vec<String>) {
    pointers.push(pointer.to_owned());
    let fields = value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value));
    let elements = value.as_array().into_iter().flatten().enumerate().map(|(place, value)| (place.to_string(), value));
    for (step, value) in fields.chain(elements) {
        collect(value, &format!("{pointer}/{step}"), pointers);
    }
}
