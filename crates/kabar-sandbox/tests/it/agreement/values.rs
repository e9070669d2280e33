//! Values for a template, most of which fit.

use super::buttons::url;
use super::choices::Choices;
use super::things::{action, currency, location, media, order_status, product, tap_targets, value_text};
use kabar_domain::clock::Moment;
use kabar_domain::send::{ButtonUse, Card, Parameter, Part, Position, Values};
use kabar_domain::template::placeholder::Placeholders;
use serde_json::{Map, Value};

/// Values for a template, which mostly fit it.
pub(super) fn values(choices: &mut Choices<'_>, upstream: &Value) -> Values {
    let authentication = upstream["category"] == "AUTHENTICATION";
    let mut parts = Vec::new();
    if authentication {
        parts.push(Part { position: Position::Body, parameters: vec![Parameter::Text(value_text(choices, 15))] });
        return Values(parts);
    }
    let components = Parts { components: &upstream["components"], named: upstream["parameter_format"] == "NAMED" };
    parts.extend(components.values(choices));
    let ends = components
        .of_kind("LIMITED_TIME_OFFER")
        .is_some_and(|component| component["limited_time_offer"]["has_expiration"] == Value::Bool(true));
    if ends {
        // Most are after any time at which this runs, and one is before.
        let end = choices.one_of(&[4_102_444_800_000, 33_000_000_000_000, 4_102_444_800_000, 1_209_600_000]);
        let parameters = vec![Parameter::OfferEnds(Moment::from_millis(end))];
        parts.push(Part { position: Position::LimitedTimeOffer, parameters });
    }
    if let Some(component) = components.of_kind("CAROUSEL") {
        parts.push(Part { position: Position::Carousel, parameters: cards(choices, component, components.named) });
    }
    if upstream["sub_category"] == "ORDER_STATUS" && choices.in_percent(70) {
        let parameters = vec![Parameter::OrderStatus(order_status(choices))];
        parts.push(Part { position: Position::OrderStatus, parameters });
    }
    if choices.in_percent(10) {
        let parameters = vec![Parameter::TapTargets(tap_targets(choices))];
        parts.push(Part { position: Position::TapTarget, parameters });
    }
    if choices.in_percent(8) {
        spoil(choices, &mut parts);
    }
    Values(parts)
}

/// Changes one part, so that it mostly does not fit any more.
fn spoil(choices: &mut Choices<'_>, parts: &mut Vec<Part>) {
    if parts.is_empty() {
        return;
    }
    let place = choices.below(parts.len());
    match choices.below(5) {
        0 => drop(parts.remove(place)),
        1 => parts[place].parameters.push(Parameter::Text("lagi".to_owned())),
        2 => parts[place].parameters = vec![Parameter::Payload("lagi".to_owned())],
        3 => {
            let again = parts[place].clone();
            parts.push(again);
        }
        _ => drop(parts[place].parameters.pop()),
    }
}

fn cards(choices: &mut Choices<'_>, carousel: &Map<String, Value>, named: bool) -> Vec<Parameter> {
    let defined = carousel["cards"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_product = defined[0].to_string().contains("\"PRODUCT\"");
    let n_cards = if is_product { 1 + choices.below(11) } else { defined.len() };
    let n_cards = if choices.in_percent(2) { n_cards + 1 } else { n_cards };
    let mut cards: Vec<Parameter> = (0..n_cards)
        .map(|index| {
            let card = defined.get(index).unwrap_or(&defined[0]);
            let index = if choices.in_percent(1) { 0 } else { index };
            let parts = Parts { components: &card["components"], named }.values(choices);
            Parameter::Card(Card { index, parts })
        })
        .collect();
    if choices.in_percent(30) {
        cards.reverse();
    }
    cards
}

/// The components of a message, or of a card.
struct Parts<'u> {
    components: &'u Value,
    named: bool,
}

impl<'u> Parts<'u> {
    fn of_kind(&self, wanted: &str) -> Option<&'u Map<String, Value>> {
        let components = self.components.as_array().into_iter().flatten();
        components.filter_map(Value::as_object).find(|component| component["type"] == wanted)
    }

    /// Header, body and buttons.
    fn values(&self, choices: &mut Choices<'_>) -> Vec<Part> {
        let mut parts = Vec::new();
        let header = self.of_kind("HEADER");
        let format = header.and_then(|header| header.get("format")?.as_str()).unwrap_or_default();
        let parameter = match format {
            "IMAGE" => Some(Parameter::Image(media(choices))),
            "VIDEO" => Some(Parameter::Video(media(choices))),
            "GIF" => Some(Parameter::Gif(media(choices))),
            "DOCUMENT" => Some(Parameter::Document(media(choices))),
            "LOCATION" => Some(Parameter::Location(location(choices))),
            "PRODUCT" => Some(Parameter::Product(product(choices))),
            _ => None,
        };
        parts.extend(parameter.map(|value| Part { position: Position::Header, parameters: vec![value] }));
        if format == "TEXT" {
            let parameters = self.texts(choices, header, 40);
            parts.push(Part { position: Position::Header, parameters });
        }
        let parameters = self.texts(choices, self.of_kind("BODY"), 300);
        parts.push(Part { position: Position::Body, parameters });
        let buttons = self.of_kind("BUTTONS").and_then(|component| component["buttons"].as_array());
        for (index, button) in buttons.into_iter().flatten().enumerate() {
            if let Some((kind, parameters)) = pressed(choices, button) {
                parts.push(Part { position: Position::Button { kind, index }, parameters });
            }
        }
        parts
    }

    fn texts(&self, choices: &mut Choices<'_>, component: Option<&Map<String, Value>>, most: usize) -> Vec<Parameter> {
        let text = component.and_then(|component| component.get("text")?.as_str());
        let placeholders = Placeholders::of(text.unwrap_or_default());
        let mut texts: Vec<Parameter> = Vec::new();
        for name in placeholders.names() {
            let text = value_text(choices, most);
            texts.push(match (self.named, choices.below(20)) {
                (true, 0) => Parameter::Text(text),
                (true, 1) => Parameter::NamedText { name: "lain".to_owned(), text },
                (true, _) => Parameter::NamedText { name: name.to_owned(), text },
                (false, 17) if most > 100 => Parameter::Currency(currency(choices)),
                (false, 18) if most > 100 => Parameter::DateTime(text),
                (false, 19) if choices.in_percent(20) => Parameter::NamedText { name: "nama".to_owned(), text },
                (false, _) => Parameter::Text(text),
            });
        }
        if self.named {
            texts.reverse();
        }
        texts
    }
}

/// What a button is given, if anything.
fn pressed(choices: &mut Choices<'_>, button: &Value) -> Option<(ButtonUse, Vec<Parameter>)> {
    let is_dynamic = button["url"].as_str().is_some_and(|url| url.contains("{{"));
    Some(match button["type"].as_str().unwrap_or_default() {
        "URL" if is_dynamic => (ButtonUse::UrlSuffix, vec![Parameter::Text(value_text(choices, 100))]),
        "QUICK_REPLY" if choices.in_percent(60) => {
            (ButtonUse::QuickReply, vec![Parameter::Payload(value_text(choices, 128))])
        }
        "COPY_CODE" => {
            let codes = ["HEMAT25", "A1", "AAAAABBBBBCCCCCDDDDD", "AAAAABBBBBCCCCCDDDDDE", "HEMAT 25%", "é", ""];
            let code = codes[if choices.in_percent(20) { choices.below(7) } else { choices.below(3) }];
            (ButtonUse::CopyCode, vec![Parameter::CouponCode(code.to_owned())])
        }
        "CATALOG" if choices.in_percent(60) => (ButtonUse::Catalog, vec![action(choices, ButtonUse::Catalog)]),
        "MPM" => (ButtonUse::Mpm, vec![action(choices, ButtonUse::Mpm)]),
        "FLOW" if choices.in_percent(60) => (ButtonUse::Flow, vec![action(choices, ButtonUse::Flow)]),
        "ORDER_DETAILS" => (ButtonUse::OrderDetails, vec![action(choices, ButtonUse::OrderDetails)]),
        "SPM" if choices.in_percent(30) => (ButtonUse::Spm, vec![]),
        "VOICE_CALL" if choices.in_percent(60) => {
            let minutes = choices.one_of(&[100, 1, 43_200, 43_200, 10_080, 43_201]);
            let mut parameters = vec![Parameter::TtlMinutes(minutes), Parameter::Payload(value_text(choices, 512))];
            if choices.in_percent(40) {
                drop(parameters.remove(choices.below(2)));
            }
            (ButtonUse::VoiceCall, parameters)
        }
        _ => return None,
    })
}

/// An address, for what leads somewhere.
pub(super) fn address(choices: &mut Choices<'_>) -> String {
    url(choices)
}
