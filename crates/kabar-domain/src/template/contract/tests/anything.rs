//! No components and no values make the binder panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::path_of;
use crate::clock::Moment;
use crate::send::{
    Action, ButtonUse, Card, Currency, Location, Media, MediaSource, Parameter, Part, Position, Product, Section,
    TapTarget, Values,
};
use crate::template::Category;
use crate::template::contract::Contract;

fn words() -> impl Strategy<Value = String> {
    let likely = ["Budi", "", " ", "a\nb", "{{1}}", "é", "-6.2", "IDR", "https://a.test/b", "123", "nama", "HEMAT25"];
    prop_oneof![
        6 => prop::sample::select(likely.to_vec()).prop_map(str::to_owned),
        2 => "\\PC{0,20}",
        1 => (0_usize..1100).prop_map(|n| "x".repeat(n)),
    ]
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words().prop_map(Value::from),
    ];
    let keys = ["order", "status", "items", "total_amount", "value", "offset", "expiration", "timestamp", "x"];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(keys.to_vec()), inner), 0..5).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

fn media() -> impl Strategy<Value = Media> {
    let source = prop_oneof![words().prop_map(MediaSource::Url), words().prop_map(MediaSource::Id)];
    (source, prop::option::of(words())).prop_map(|(source, filename)| Media { source, filename })
}

fn actions() -> impl Strategy<Value = Action> {
    let section =
        (words(), prop::collection::vec(words(), 0..20)).prop_map(|(title, products)| Section { title, products });
    prop_oneof![
        prop::option::of(words()).prop_map(|thumbnail| Action::Catalog { thumbnail }),
        (words(), prop::collection::vec(section, 0..12))
            .prop_map(|(thumbnail, sections)| Action::Mpm { thumbnail, sections }),
        (prop::option::of(words()), documents())
            .prop_map(|(token, data)| Action::Flow { token, data: data.as_object().cloned() }),
        documents().prop_map(Action::OrderDetails),
    ]
}

fn parameters() -> impl Strategy<Value = Parameter> {
    let money = (words(), words(), any::<i64>())
        .prop_map(|(fallback, code, amount_1000)| Parameter::Currency(Currency { fallback, code, amount_1000 }));
    let place = (words(), words(), words(), words()).prop_map(|(latitude, longitude, name, address)| {
        Parameter::Location(Location { latitude, longitude, name, address })
    });
    let product = (words(), words())
        .prop_map(|(retailer_id, catalog_id)| Parameter::Product(Product { retailer_id, catalog_id }));
    let target = (words(), words()).prop_map(|(url, title)| TapTarget { url, title });
    prop_oneof![
        4 => words().prop_map(Parameter::Text),
        2 => (words(), words()).prop_map(|(name, text)| Parameter::NamedText { name, text }),
        1 => money,
        1 => words().prop_map(Parameter::DateTime),
        1 => media().prop_map(Parameter::Image),
        1 => media().prop_map(Parameter::Document),
        1 => place,
        1 => product,
        1 => words().prop_map(Parameter::Payload),
        1 => words().prop_map(Parameter::CouponCode),
        1 => any::<i64>().prop_map(|ms| Parameter::OfferEnds(Moment::from_millis(ms))),
        1 => any::<u64>().prop_map(Parameter::TtlMinutes),
        1 => actions().prop_map(Parameter::Action),
        1 => documents().prop_map(Parameter::OrderStatus),
        1 => prop::collection::vec(target, 0..3).prop_map(Parameter::TapTargets),
        1 => Just(Parameter::Unreadable),
    ]
}

fn positions() -> impl Strategy<Value = Position> {
    let button = (prop::sample::select(ButtonUse::ALL.to_vec()), prop_oneof![0_usize..4, any::<usize>()])
        .prop_map(|(kind, index)| Position::Button { kind, index });
    prop_oneof![
        2 => Just(Position::Header),
        2 => Just(Position::Body),
        4 => button,
        1 => Just(Position::LimitedTimeOffer),
        2 => Just(Position::Carousel),
        1 => Just(Position::OrderStatus),
        1 => Just(Position::TapTarget),
    ]
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let plain = (positions(), prop::collection::vec(parameters(), 0..4))
        .prop_map(|(position, parameters)| Part { position, parameters });
    let plain = prop::collection::vec(plain, 0..6);
    plain.prop_recursive(3, 30, 4, |inner| {
        let index = prop_oneof![0_usize..4, any::<usize>()];
        let card = (index, inner.clone()).prop_map(|(index, parts)| Parameter::Card(Card { index, parts }));
        (inner, prop::collection::vec(card, 0..5)).prop_map(|(mut parts, cards)| {
            parts.push(Part { position: Position::Carousel, parameters: cards });
            parts
        })
    })
}

static CONTRACTS: LazyLock<Vec<Contract>> = LazyLock::new(contracts);

/// Templates of all kinds.
fn contracts() -> Vec<Contract> {
    let buttons: Vec<Value> = ["COPY_CODE", "CATALOG", "MPM", "SPM", "VOICE_CALL", "ORDER_DETAILS", "QUICK_REPLY"]
        .map(|kind| json!({ "type": kind, "text": "x", "example": "x" }))
        .to_vec();
    let card = json!({ "components": [
        { "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Hanya {{1}}!" },
        { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "x", "url": "https://a.test/{{1}}" }] }
    ] });
    let product = json!({ "components": [{ "type": "HEADER", "format": "PRODUCT" }] });
    let body = json!({ "type": "BODY", "text": "Halo {{1}} dan {{2}}" });
    let named = json!({ "type": "BODY", "text": "Halo {{nama}} dan {{x}}" });
    [
        json!([body, { "type": "HEADER", "format": "LOCATION" }, { "type": "BUTTONS", "buttons": buttons }]),
        json!([named, { "type": "HEADER", "format": "TEXT", "text": "{{nama}}" }]),
        json!([body, { "type": "CAROUSEL", "cards": [card, card] }]),
        json!([{ "type": "BODY", "text": "x" }, { "type": "CAROUSEL", "cards": [product, product] }]),
        json!([{ "type": "BODY", "text": "x" }, { "type": "HEADER", "format": "IMAGE" }, { "type": "LIMITED_TIME_OFFER",
            "limited_time_offer": { "text": "x", "has_expiration": true } }]),
    ]
    .iter()
    .map(|components| Contract::compile(Category::Marketing, components).with_sub_category(Some("ORDER_STATUS")))
    .chain([super::login_code()])
    .collect()
}

proptest! {
    #[test]
    fn no_values_make_it_panic(parts in parts()) {
        let values = Values(parts);
        for contract in CONTRACTS.iter() {
            match contract.bind(&values, Moment::from_seconds(1_800_000_000), &path_of) {
                Ok(bound) => prop_assert!(serde_json::from_str::<Vec<Value>>(bound.as_json()).is_ok()),
                Err(faults) => prop_assert!(!faults.is_empty()),
            }
        }
    }
}

/// Values may be many; the caller's body bounds them, not their kind.
#[test]
fn very_many_values_are_told_of_too() {
    let texts = vec![Parameter::Text("x".to_owned()); 20_000];
    let parts = vec![Part { position: Position::Body, parameters: texts }];
    for contract in CONTRACTS.iter() {
        assert!(contract.bind(&Values(parts.clone()), Moment::from_seconds(0), &path_of).is_err());
    }
}
