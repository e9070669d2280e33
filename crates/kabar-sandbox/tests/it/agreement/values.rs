//! Values for a template, most of which fit.

use super::buttons::url;
use super::choices::Choices;
use kabar_domain::send::{ButtonUse, Media, Parameter, Part, Position, Values};
use kabar_domain::template::placeholder::Placeholders;
use serde_json::{Map, Value};

/// Values for a template, which mostly fit it.
pub(super) fn values(choices: &mut Choices<'_>, upstream: &Value) -> Values {
    let of_kind = |wanted: &str| {
        let components = upstream["components"].as_array().into_iter().flatten();
        components.filter_map(Value::as_object).find(|component| component["type"] == wanted)
    };
    let variables = |component: Option<&Map<String, Value>>| {
        let text = component.and_then(|component| component.get("text")?.as_str());
        Placeholders::of(text.unwrap_or_default()).count()
    };
    let authentication = upstream["category"] == "AUTHENTICATION";
    let mut parts = Vec::new();
    let header = of_kind("HEADER");
    let format = header.and_then(|header| header.get("format")?.as_str()).unwrap_or_default();
    let parameter = match format {
        "TEXT" if variables(header) > 0 => Some(Parameter::Text(value_text(choices, 40))),
        "IMAGE" => Some(Parameter::Image(media(choices))),
        "VIDEO" => Some(Parameter::Video(media(choices))),
        "DOCUMENT" => Some(Parameter::Document(media(choices))),
        _ => None,
    };
    parts.extend(parameter.map(|value| Part { position: Position::Header, parameters: vec![value] }));
    let n_values = if authentication { 1 } else { variables(of_kind("BODY")) };
    let most = if authentication { 15 } else { 300 };
    let texts: Vec<Parameter> = (0..n_values).map(|_| Parameter::Text(value_text(choices, most))).collect();
    parts.push(Part { position: Position::Body, parameters: texts });
    let buttons = of_kind("BUTTONS").and_then(|component| component["buttons"].as_array());
    for (index, button) in buttons.into_iter().flatten().enumerate() {
        let is_dynamic = button["url"].as_str().is_some_and(|url| url.contains("{{"));
        let (kind, parameter) = match button["type"].as_str().unwrap_or_default() {
            "URL" if is_dynamic => (ButtonUse::UrlSuffix, Parameter::Text(value_text(choices, 100))),
            "QUICK_REPLY" if choices.in_percent(60) => {
                (ButtonUse::QuickReply, Parameter::Payload(value_text(choices, 128)))
            }
            _ => continue,
        };
        parts.push(Part { position: Position::Button { kind, index }, parameters: vec![parameter] });
    }
    if choices.in_percent(10) {
        let place = choices.below(parts.len());
        match choices.below(3) {
            0 => drop(parts.remove(place)),
            1 => parts[place].parameters.push(Parameter::Text("lagi".to_owned())),
            _ => parts[place].parameters = vec![Parameter::Payload("lagi".to_owned())],
        }
    }
    Values(parts)
}

pub(super) fn value_text(choices: &mut Choices<'_>, most: usize) -> String {
    match choices.below(20) {
        0..14 => choices.one_of(&["Budi", "123456", "Rp 1.000", "語", "🎉", "a    b", "{{1}}", " a "]).to_owned(),
        14..18 => choices.one_of(&["é", "n", "語"]).repeat(most + choices.below(4) / 3),
        _ => choices.one_of(&["a     b", "a\nb", "", " ", "\t", "\u{a0}", "a\u{2028}b"]).to_owned(),
    }
}

pub(super) fn media(choices: &mut Choices<'_>) -> Media {
    let filename = choices.in_percent(50).then(|| choices.one_of(&["a.pdf", "faktur é.pdf", ""]).to_owned());
    Media { filename, ..Media::at(url(choices)) }
}
