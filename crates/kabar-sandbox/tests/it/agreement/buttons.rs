//! Buttons of templates.

use super::choices::Choices;
use super::texts::line;
use serde_json::{Value, json};

pub(super) fn url(choices: &mut Choices<'_>) -> String {
    #[rustfmt::skip]
    const STARTS: [&str; 22] = [
        "https://a.test", "http://a.example:8080", "HTTPS://A.test", "https://u:p@a.test", "https://a_b.test",
        "https://127.0.0.1", "https://xn--bcher-kva.test", "https://a.test.", "https://wa.me", "https://-", "a.test",
        "https://x@api.whatsapp.com:443", "https://é.test", "https://", "ftp://a.test", "https://a%41.test",
        "https://[::1]", "https://@a.test", "https://a.test:99999", "https://a.test:", "https://a;b@c",
        "https://a.test:+80",
    ];
    const ENDS: [&str; 8] = ["/", "", "/b/c.pdf", "/b?c=d&e=%20", "/#f", "?x=1", "/~a_b-c.d", "/b?c[]=1"];
    const ODD: &str = "[]@!$&'()*+,;=%\"<|^é `\\";
    // The first eight are what people write.
    let n_starts = if choices.in_percent(8) { STARTS.len() } else { 8 };
    let mut url = format!("{}{}", choices.one_of(&STARTS[..n_starts]), choices.one_of(&ENDS));
    if choices.in_percent(10) {
        url.push_str(choices.one_of(&["/", "?", "#", "/a", ""]));
        url.extend((0..=choices.below(3)).map(|_| choices.char_of(ODD)));
    }
    if choices.in_percent(2) {
        let missing = 2_000 + choices.below(2) - url.len();
        url.extend(std::iter::repeat_n('a', missing));
    }
    url
}

pub(super) const FIXED_LABELS: [(&str, &str); 4] = [
    ("CATALOG", "View catalog"),
    ("MPM", "View items"),
    ("SPM", "View"),
    ("REQUEST_CONTACT_INFO", "Share Contact Info"),
];

pub(super) fn button(choices: &mut Choices<'_>, kind: &str) -> Value {
    let label = line(choices, 25);
    let fixed = FIXED_LABELS.iter().find(|(fixed, _)| *fixed == kind);
    let mut button = json!({ "type": choices.cased(kind) });
    if kind != "COPY_CODE" {
        button["text"] = json!(fixed.map_or(label.as_str(), |(_, label)| label));
    }
    match kind {
        "URL" => {
            let mut url = url(choices);
            if choices.in_percent(40) {
                url.push_str(if choices.in_percent(5) { "{{ 1 }}" } else { "{{1}}" });
                let bare = choices.in_percent(30);
                button["example"] = if bare { json!("https://a.test/b") } else { json!(["b"]) };
            } else if choices.in_percent(5) {
                button["example"] = choices.one_of(&["a", ""]).into();
            }
            button["url"] = json!(url);
        }
        "PHONE_NUMBER" => {
            let numbers = [json!("+6281234567890"), json!("15550051310"), json!(6_281_234_567_890_u64), json!("110")];
            button["phone_number"] = numbers[choices.below(4)].clone();
            let digits = "1".repeat(4 + choices.below(18));
            choices.perhaps(10, &mut button, "phone_number", json!(digits));
        }
        "COPY_CODE" => {
            let code = if choices.in_percent(20) { "c".repeat(14 + choices.below(7)) } else { "HEMAT 25%".to_owned() };
            button["example"] = if choices.in_percent(50) { json!([code]) } else { json!(code) };
        }
        "FLOW" => {
            let key = choices.one_of(&["flow_id", "flow_name", "flow_json"]);
            let number = key == "flow_id" && choices.in_percent(50);
            button[key] = if number { json!(123_456) } else { json!("{\"a\": 1}") };
            let action = choices.one_of(&["navigate", "NAVIGATE", "data_exchange"]);
            choices.perhaps(50, &mut button, "flow_action", json!(action));
            choices.perhaps(50, &mut button, "navigate_screen", json!("MULAI"));
            let icon = choices.one_of(&["DOCUMENT", "promotion", "REVIEW"]);
            choices.perhaps(30, &mut button, "icon", json!(icon));
        }
        // The page of one dialect has an example for a button of any kind.
        _ => choices.perhaps(5, &mut button, "example", json!(["a"])),
    }
    button
}

pub(super) fn buttons(choices: &mut Choices<'_>, kinds: &[&str]) -> Value {
    let buttons: Vec<Value> = kinds.iter().map(|kind| button(choices, kind)).collect();
    json!({ "type": choices.cased("BUTTONS"), "buttons": buttons })
}

/// Kinds of buttons, mostly so many of each as there may be, and in such an order.
pub(super) fn button_kinds(choices: &mut Choices<'_>) -> Vec<&'static str> {
    #[rustfmt::skip]
    const OTHERS: [&str; 9] = [
        "URL", "PHONE_NUMBER", "URL", "VOICE_CALL", "COPY_CODE", "FLOW", "ORDER_DETAILS", "CATALOG",
        "REQUEST_CONTACT_INFO",
    ];
    let replies = vec!["QUICK_REPLY"; choices.one_of(&[0, 1, 2, 3, 0, 1, 9, 10])];
    let mut others: Vec<&str> = Vec::new();
    for _ in 0..choices.one_of(&[1, 0, 2, 3]) {
        let kind = OTHERS[if choices.in_percent(40) { choices.below(9) } else { choices.below(3) }];
        let most = if kind == "URL" { 2 } else { 1 };
        if others.iter().filter(|other| **other == kind).count() < most || choices.in_percent(3) {
            others.push(kind);
        }
    }
    let n_replies = replies.len().min(if choices.in_percent(3) { 10 } else { 10 - others.len() });
    let n_others = others.len();
    let mut kinds = [others, replies[..n_replies].to_vec()].concat();
    if choices.in_percent(50) {
        kinds.rotate_left(n_others);
    }
    if kinds.len() > 1 && choices.in_percent(4) {
        let last = kinds.len() - 1;
        kinds.swap(choices.below(last), last);
    }
    kinds
}
