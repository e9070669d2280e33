//! Single values, most of which are ones that the platform takes.

use super::choices::Choices;
use super::values::address;
use kabar_domain::send::{
    Action, ButtonUse, Currency, Location, Media, MediaSource, Parameter, Product, Section, TapTarget,
};
use serde_json::{Value, json};

pub(super) fn value_text(choices: &mut Choices<'_>, most: usize) -> String {
    match choices.below(20) {
        0..15 => choices.one_of(&["Budi", "123456", "Rp 1.000", "語", "🎉", "a    b", "{{1}}", " a "]).to_owned(),
        15..18 => choices.one_of(&["é", "n", "語"]).repeat(most + choices.below(4) / 3),
        _ => choices.one_of(&["a     b", "a\nb", "", " ", "\t", "\u{a0}", "a\u{2028}b"]).to_owned(),
    }
}

/// A word, seldom none.
fn word(choices: &mut Choices<'_>) -> String {
    let words = ["kopi", "beras-5kg", "語", "a b", "x\u{a0}", "kopi", "kopi", ""];
    words[if choices.in_percent(20) { choices.below(8) } else { choices.below(2) }].to_owned()
}

fn id(choices: &mut Choices<'_>) -> String {
    let ids = ["310045501122334", "1", "12345678901234567890123456789012", "", "4::aW", "١٢٣"];
    ids[if choices.in_percent(5) { choices.below(6) } else { choices.below(3) }].to_owned()
}

pub(super) fn media(choices: &mut Choices<'_>) -> Media {
    let filename = choices.in_percent(50).then(|| choices.one_of(&["a.pdf", "faktur é.pdf", ""]).to_owned());
    let source = if choices.in_percent(30) { MediaSource::Id(id(choices)) } else { MediaSource::Url(address(choices)) };
    Media { source, filename }
}

pub(super) fn location(choices: &mut Choices<'_>) -> Location {
    let degrees = ["-6.1753924", "90", "-90.0", "0.0000001", ".5", "-0", "5.", "180", "-180", "90.1", "1e1", "nan", ""];
    let mut one = || degrees[if choices.in_percent(10) { choices.below(13) } else { choices.below(7) }].to_owned();
    let (latitude, longitude) = (one(), one());
    Location { latitude, longitude, name: value_text(choices, 100), address: value_text(choices, 100) }
}

pub(super) fn product(choices: &mut Choices<'_>) -> Product {
    Product { retailer_id: word(choices), catalog_id: id(choices) }
}

pub(super) fn currency(choices: &mut Choices<'_>) -> Currency {
    let codes = ["IDR", "USD", "INR", "Rp", "idr", ""];
    let code = codes[if choices.in_percent(10) { choices.below(6) } else { choices.below(3) }];
    let amount_1000 = choices.one_of(&[50_000_000, 0, 1, i64::MAX]);
    Currency { fallback: value_text(choices, 100), code: code.to_owned(), amount_1000 }
}

pub(super) fn tap_targets(choices: &mut Choices<'_>) -> Vec<TapTarget> {
    let n_targets = choices.one_of(&[1, 1, 1, 2, 0]);
    (0..n_targets).map(|_| TapTarget { url: address(choices), title: value_text(choices, 30) }).collect()
}

pub(super) fn order_status(choices: &mut Choices<'_>) -> Value {
    let state = choices.one_of(&["processing", "partially_shipped", "shipped", "completed", "canceled", "lost"]);
    let mut order = json!({ "status": state });
    choices.perhaps(50, &mut order, "description", json!("Dibawa kurir"));
    json!({ "reference_id": word(choices), "order": order })
}

fn order_details(choices: &mut Choices<'_>) -> Value {
    let amount = |choices: &mut Choices<'_>| json!({ "value": choices.one_of(&[50_000, 0, 1]), "offset": 100 });
    let n_items = choices.one_of(&[1, 2, 1, 1, 0]);
    let items: Vec<Value> = (0..n_items)
        .map(|_| {
            let quantity = if choices.in_percent(5) { 0 } else { 1 + choices.below(3) };
            json!({ "retailer_id": "kopi", "name": "Kopi", "amount": amount(choices), "quantity": quantity })
        })
        .collect();
    let mut order = json!({ "status": "pending", "items": items, "subtotal": amount(choices) });
    let tax = amount(choices);
    choices.perhaps(50, &mut order, "tax", tax);
    let end = choices.one_of(&["4102444800", "4102444800", "1209600000"]);
    choices.perhaps(40, &mut order, "expiration", json!({ "timestamp": end, "description": "x" }));
    let mut details = json!({
        "reference_id": word(choices), "type": choices.one_of(&["physical-goods", "digital-goods"]), "currency": "INR",
        "total_amount": amount(choices), "order": order
    });
    choices.perhaps(50, &mut details, "payment_settings", json!([{ "type": "payment_gateway" }]));
    choices.perhaps(2, &mut details, "currency", json!("Rp"));
    choices.perhaps(2, &mut details, "order", json!({}));
    choices.perhaps(2, &mut details, "total_amount", Value::Null);
    details
}

pub(super) fn action(choices: &mut Choices<'_>, kind: ButtonUse) -> Parameter {
    Parameter::Action(match kind {
        ButtonUse::Catalog => Action::Catalog { thumbnail: choices.in_percent(70).then(|| word(choices)) },
        ButtonUse::Mpm => {
            let n_sections = choices.one_of(&[1, 2, 1, 10, 11, 0]);
            let most = if n_sections > 2 { 3 } else { 16 };
            let section = |choices: &mut Choices<'_>| Section {
                title: choices
                    .one_of(&["Kopi", "Teh", "Kopi dari Nusantara tujuh", "Kopi dari Nusantara dua", "é"])
                    .to_owned(),
                products: (0..=choices.below(most)).map(|_| word(choices)).collect(),
            };
            let sections = (0..n_sections).map(|_| section(choices)).collect();
            Action::Mpm { thumbnail: word(choices), sections }
        }
        ButtonUse::Flow => {
            let data = json!({ "nama": "Budi", "isi": [1, { "x": null }] });
            let data = data.as_object().filter(|_| choices.in_percent(50)).cloned();
            Action::Flow { token: choices.in_percent(70).then(|| word(choices)), data }
        }
        ButtonUse::OrderDetails
        | ButtonUse::QuickReply
        | ButtonUse::UrlSuffix
        | ButtonUse::CopyCode
        | ButtonUse::Spm
        | ButtonUse::VoiceCall => Action::OrderDetails(order_details(choices)),
    })
}
