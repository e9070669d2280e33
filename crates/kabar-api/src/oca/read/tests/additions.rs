//! What goes beyond the vendor's page.

use kabar_domain::clock::Moment;
use kabar_domain::send::{Action, Card, Currency, Location, MediaSource, Product, Section, Spot, TapTarget};
use serde_json::json;

use super::*;
use kabar_domain::send::CardSpot;

fn owned(text: &str) -> String {
    text.to_owned()
}

/// What is read of a button's value.
fn pressed(kind: &str, parameter: &Value) -> Part {
    let payload = json!([{ "position": "button", "sub_types": kind, "index": 0, "parameters": [parameter] }]);
    parts_of(&payload).remove(0)
}

#[test]
fn values_beyond_the_page_are_read() {
    let money = Currency { fallback: owned("Rp5"), code: owned("IDR"), amount_1000: 5000 };
    let place = |latitude: &str| Location {
        latitude: owned(latitude),
        longitude: owned("106.8271528"),
        name: owned("Monas"),
        address: owned("Gambir"),
    };
    let by_id = |id: &str| Media { source: MediaSource::Id(owned(id)), filename: None };
    let product = || Product { retailer_id: owned("kopi"), catalog_id: owned("55") };
    let target = TapTarget { url: owned("https://a.test/"), title: owned("Lihat") };
    let location = |latitude: Value, longitude: Value| {
        json!({ "type": "location", "location": {
            "latitude": latitude, "longitude": longitude, "name": "Monas", "address": "Gambir" } })
    };
    for (position, parameter, expected) in [
        (
            "body",
            json!({ "type": "text", "parameter_name": "nama", "text": "Budi" }),
            Parameter::NamedText { name: owned("nama"), text: owned("Budi") },
        ),
        ("header", json!({ "type": "text", "parameter_name": null, "text": "Budi" }), text("Budi")),
        (
            "body",
            json!({ "type": "currency", "currency": { "fallback_value": "Rp5", "code": "IDR", "amount_1000": 5000 } }),
            Parameter::Currency(money),
        ),
        (
            "body",
            json!({ "type": "date_time", "date_time": { "fallback_value": "1 Mei", "year": 2026 } }),
            Parameter::DateTime(owned("1 Mei")),
        ),
        ("header", json!({ "type": "gif", "gif": { "id": 55 } }), Parameter::Gif(by_id("55"))),
        ("header", json!({ "type": "image", "image": { "id": "4::x" } }), Parameter::Image(by_id("4::x"))),
        (
            "header",
            json!({ "type": "image", "image": { "id": "55", "url": "https://a.test/b" } }),
            Parameter::Image(media("https://a.test/b", None)),
        ),
        ("header", location(json!(-6.5), json!("106.8271528")), Parameter::Location(place("-6.5"))),
        ("header", location(json!(-6), json!(106.827_152_8)), Parameter::Location(place("-6"))),
        ("header", location(json!(1e-7), json!(106.827_152_8)), Parameter::Location(place("0.0000001"))),
        (
            "header",
            json!({ "type": "product", "product": { "product_retailer_id": "kopi", "catalog_id": 55 } }),
            Parameter::Product(product()),
        ),
        (
            "limited_time_offer",
            json!({ "type": "limited_time_offer", "limited_time_offer": { "expiration_time_ms": 1_900_000_000_000_i64 } }),
            Parameter::OfferEnds(Moment::from_millis(1_900_000_000_000)),
        ),
        (
            "order_status",
            json!({ "type": "order_status", "order_status": { "reference_id": 7 } }),
            Parameter::OrderStatus(json!({ "reference_id": 7 })),
        ),
        (
            "tap_target_configuration",
            json!({ "type": "tap_target_configuration",
                "tap_target_configuration": [{ "url": "https://a.test/", "title": "Lihat" }] }),
            Parameter::TapTargets(vec![target]),
        ),
    ] {
        let parts = parts_of(&json!([{ "position": position, "parameters": [parameter] }]));
        assert_eq!((parts[0].position.word(), parts[0].parameters.as_slice()), (position, [expected].as_slice()));
    }
}

#[test]
fn buttons_beyond_the_page_are_read() {
    let sections = vec![Section { title: owned("Kopi"), products: vec![owned("gayo")] }];
    let data = json!({ "nama": "Budi" }).as_object().cloned();
    let flow = |token: Option<&str>, data| Action::Flow { token: token.map(str::to_owned), data };
    for (kind, parameter, expected) in [
        (
            ButtonUse::CopyCode,
            json!({ "type": "coupon_code", "coupon_code": "HEMAT25" }),
            Parameter::CouponCode(owned("HEMAT25")),
        ),
        (
            ButtonUse::Catalog,
            json!({ "type": "action", "action": { "thumbnail_product_retailer_id": "kopi" } }),
            Parameter::Action(Action::Catalog { thumbnail: Some(owned("kopi")) }),
        ),
        (
            ButtonUse::Catalog,
            json!({ "type": "action", "action": { "sections": 7 } }),
            Parameter::Action(Action::Catalog { thumbnail: None }),
        ),
        (
            ButtonUse::Mpm,
            json!({ "type": "action", "action": { "thumbnail_product_retailer_id": "kopi", "sections": [
                { "title": "Kopi", "product_items": [{ "product_retailer_id": "gayo" }] }] } }),
            Parameter::Action(Action::Mpm { thumbnail: owned("kopi"), sections }),
        ),
        (ButtonUse::Flow, json!({ "type": "action", "action": {} }), Parameter::Action(flow(None, None))),
        (
            ButtonUse::Flow,
            json!({ "type": "action", "action": { "flow_token": "t", "flow_action_data": { "nama": "Budi" } } }),
            Parameter::Action(flow(Some("t"), data)),
        ),
        (ButtonUse::VoiceCall, json!({ "type": "ttl_minutes", "ttl_minutes": 100 }), Parameter::TtlMinutes(100)),
        (ButtonUse::VoiceCall, json!({ "type": "payload", "payload": "x" }), Parameter::Payload(owned("x"))),
        (
            ButtonUse::OrderDetails,
            json!({ "type": "action", "action": { "order_details": [] } }),
            Parameter::Action(Action::OrderDetails(json!([]))),
        ),
    ] {
        assert_eq!(pressed(kind.word(), &parameter), button(kind, 0, expected));
    }
    let spm = parts_of(&json!([{ "position": "button", "sub_type": "spm", "index": "1", "parameters": [] }]));
    assert_eq!(spm[0].position, Position::Button { kind: ButtonUse::Spm, index: 1 });
}

#[test]
fn cards_have_parts_of_their_own() {
    let body = with_payload(&json!([
        "no part",
        { "position": "carousel", "cards": [
            "no card",
            { "card_index": "1", "payload": [
                7,
                { "position": "body", "parameters": [{ "type": "text", "text": "Rp1" }] },
                { "position": "button", "sub_type": "url", "index": 0, "parameters": { "type": "text", "text": "x" } }
            ] },
            { "card_index": 0 }
        ] }
    ]));
    let reading = read(&body);
    let parts = reading.values.unwrap().0;
    let card = Card {
        index: 1,
        parts: vec![
            Part { position: Position::Body, parameters: vec![text("Rp1")] },
            button(ButtonUse::UrlSuffix, 0, text("x")),
        ],
    };
    let empty = Parameter::Card(Card { index: 0, parts: vec![] });
    assert_eq!(parts[0].parameters, [Parameter::Unreadable, Parameter::Card(card), empty]);

    let path = |card: Option<usize>, place: Place| {
        let spot = Spot { card: card.map(|card| CardSpot { part: 0, card }), place };
        reading.spelling.path_of(spot).to_string().replace("message.template.payload", "~")
    };
    assert_eq!(path(None, Place::Parameters(0)), "~[1].cards");
    assert_eq!(path(None, Place::Parameter(0, 2)), "~[1].cards[2]");
    assert_eq!(path(None, Place::CardIndex(0, 1)), "~[1].cards[1].card_index");
    assert_eq!(path(Some(1), Place::Values), "~[1].cards[1].payload");
    assert_eq!(path(Some(1), Place::Parameter(0, 0)), "~[1].cards[1].payload[1].parameters[0]");
    assert_eq!(path(Some(1), Place::Parameter(1, 0)), "~[1].cards[1].payload[2].parameters");
    assert_eq!(path(Some(1), Place::ButtonKind(1)), "~[1].cards[1].payload[2].sub_type");
    assert_eq!(path(Some(2), Place::Values), "~[1].cards[2].payload");
}

#[test]
fn what_can_not_be_read_beyond_the_page_is_said_at_once() {
    let body = with_payload(&json!([
        { "position": "carousel" },
        { "position": "carousel", "cards": [{ "payload": {} }, { "card_index": -1 }] },
        { "position": "header", "parameters": [
            { "type": "location", "location": { "latitude": true, "name": "" } },
            { "type": "product", "product": { "catalog_id": [] } },
            { "type": "gif", "gif": {} },
            { "type": "image", "image": { "id": {} } }
        ] },
        { "position": "body", "parameters": [
            { "type": "text", "parameter_name": 7, "text": "" },
            { "type": "currency", "currency": { "code": 1, "amount_1000": -5 } },
            { "type": "date_time" }
        ] },
        { "position": "limited_time_offer", "parameters": [
            { "type": "limited_time_offer", "limited_time_offer": { "expiration_time_ms": "besok" } }, { "type": "text" }
        ] },
        { "position": "button", "sub_types": "copy_code", "index": 0, "parameters": { "type": "text", "text": "x" } },
        { "position": "button", "sub_types": "mpm", "index": 0, "parameters": [{ "type": "action", "action": {
            "sections": [{ "product_items": [{}] }, 7] } }] },
        { "position": "button", "sub_types": "flow", "index": 0, "parameters": [{ "type": "action", "action": {
            "flow_token": "", "flow_action_data": [] } }] },
        { "position": "button", "sub_types": "voice_call", "index": 0, "parameters": [{ "type": "ttl_minutes",
            "ttl_minutes": "100" }] },
        { "position": "tap_target_configuration", "parameters": [{ "type": "tap_target_configuration",
            "tap_target_configuration": [{ "url": 7 }] }] }
    ]));
    let faults = faults_of(&body).join("\n").replace("message.template.payload", "~");
    insta::assert_snapshot!(faults, @r#"
    ~[0].cards: Cards is required
    ~[1].cards[0].card_index: Card index is required
    ~[1].cards[0].payload: Payload must be of type array
    ~[1].cards[1].card_index: Card index must be of type number
    ~[2].parameters[0].location.latitude: Latitude must be of type string
    ~[2].parameters[0].location.longitude: Longitude is required
    ~[2].parameters[0].location.name: Name must not be empty
    ~[2].parameters[0].location.address: Address is required
    ~[2].parameters[1].product.product_retailer_id: Product id is required
    ~[2].parameters[1].product.catalog_id: Catalogue id must be of type string
    ~[2].parameters[2].gif.url: URL is required
    ~[2].parameters[3].image.id: Id must be of type string
    ~[3].parameters[0].text: Text must not be empty
    ~[3].parameters[0].parameter_name: Variable name must be of type string
    ~[3].parameters[1].currency.fallback_value: Fallback text is required
    ~[3].parameters[1].currency.code: Code must be of type string
    ~[3].parameters[1].currency.amount_1000: Amount must be of type number
    ~[3].parameters[2].date_time: Date is required
    ~[4].parameters[0].limited_time_offer.expiration_time_ms: The end of the offer must be of type number
    ~[4].parameters[1].type: Type must be one of: limited_time_offer
    ~[5].parameters.type: Type must be one of: coupon_code
    ~[6].parameters[0].action.thumbnail_product_retailer_id: Thumbnail product id is required
    ~[6].parameters[0].action.sections[0].title: Title is required
    ~[6].parameters[0].action.sections[0].product_items[0].product_retailer_id: Product id is required
    ~[6].parameters[0].action.sections[1]: Item 2 of Sections must be of type object
    ~[7].parameters[0].action.flow_token: Flow token must not be empty
    ~[7].parameters[0].action.flow_action_data: Flow data must be of type object
    ~[8].parameters[0].ttl_minutes: Call duration must be of type number
    ~[9].parameters[0].tap_target_configuration[0].url: URL must be of type string
    ~[9].parameters[0].tap_target_configuration[0].title: Title is required
    "#);
}

/// A body may be as deep as its reader allows, and as wide as it likes.
#[test]
fn deep_and_wide_bodies_are_read() {
    let deep = |n: usize| format!("{}{}", "{\"x\":".repeat(n), "1") + &"}".repeat(n);
    let flow = |data: &str| {
        format!(
            r#"[{{ "position": "button", "sub_types": "flow", "index": 0, "parameters": [
                {{ "type": "action", "action": {{ "flow_action_data": {data} }} }}] }}]"#
        )
    };
    let payload: Value = serde_json::from_str(&flow(&deep(100))).unwrap();
    assert_eq!(parts_of(&payload).len(), 1);
    assert!(serde_json::from_str::<Value>(&flow(&deep(1000))).is_err());

    let mut nested = json!([]);
    for _ in 0..30 {
        nested = json!([{ "position": "carousel", "cards": [{ "card_index": 0, "payload": nested }] }]);
    }
    assert_eq!(parts_of(&nested).len(), 1);

    let card = json!({ "card_index": 0, "payload": [{ "position": "body", "parameters": [7] }] });
    let wide = json!([{ "position": "carousel", "cards": vec![card; 3000] }]);
    assert_eq!(read(&with_payload(&wide)).faults.len(), 3000);
}
