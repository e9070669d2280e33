use kabar_domain::catalogue::{Locale, sentence};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use serde_json::{Map, json};

use super::*;
use kabar_domain::send::{ButtonUse, Media, Parameter, Part, Place, Position};

mod additions;

/// A body with this `payload`, right in all else.
fn with_payload(payload: &Value) -> Value {
    json!({
        "phone_number": "+6281381475159",
        "message": { "type": "template", "template": { "template_code_id": "ABC:greeting", "payload": payload } }
    })
}

fn parts_of(payload: &Value) -> Vec<Part> {
    let reading = read(&with_payload(payload));
    assert!(reading.faults.is_empty(), "{payload}: {}", reading.faults);
    reading.values.unwrap().0
}

fn faults_of(body: &Value) -> Vec<String> {
    read(body).faults.iter().map(|fault| format!("{}: {}", fault.path, sentence(fault, Locale::English))).collect()
}

fn text(text: &str) -> Parameter {
    Parameter::Text(text.to_owned())
}

fn media(url: &str, filename: Option<&str>) -> Media {
    Media { filename: filename.map(str::to_owned), ..Media::at(url) }
}

fn button(kind: ButtonUse, index: usize, parameter: Parameter) -> Part {
    Part { position: Position::Button { kind, index }, parameters: vec![parameter] }
}

#[test]
fn the_example_of_the_page_is_read() {
    let body = json!({
        "message": {
            "type": "template",
            "template": {
                "template_code_id": "AbC_1:Greeting",
                "payload": [{ "position": "body", "parameters": [{ "type": "text", "text": "Budi" }] }]
            }
        },
        "phone_number": "6281381475159"
    });
    let reading = read(&body);
    assert!(reading.faults.is_empty());
    assert_eq!(reading.template, Some(TemplateCode::from_caller("abc_1:greeting")));
    assert_eq!(reading.recipient.unwrap().as_e164(), "+6281381475159");
    let body = Part { position: Position::Body, parameters: vec![text("Budi")] };
    assert_eq!(reading.values, Some(Values(vec![body])));
}

#[test]
fn every_kind_of_header_is_read() {
    let url = "HTTPS://example.com/a";
    for (parameter, expected) in [
        (json!({ "type": "text", "text": "Halo" }), text("Halo")),
        (json!({ "type": "image", "image": { "url": url } }), Parameter::Image(media(url, None))),
        (json!({ "type": "video", "video": { "url": url } }), Parameter::Video(media(url, None))),
        (json!({ "type": "document", "document": { "url": url } }), Parameter::Document(media(url, None))),
        (
            json!({ "type": "document", "document": { "url": url, "caption": "Faktur.pdf", "size": 3 }, "x": [] }),
            Parameter::Document(media(url, Some("Faktur.pdf"))),
        ),
    ] {
        let parts = parts_of(&json!([{ "position": "header", "parameters": [parameter], "unknown": 1 }]));
        assert_eq!(parts, [Part { position: Position::Header, parameters: vec![expected] }]);
    }
}

#[test]
fn both_spellings_of_a_button_are_one() {
    let url = json!({ "type": "text", "text": "17" });
    let reply = json!({ "type": "payload", "payload": "YES" });
    for (part, expected) in [
        (json!({ "sub_types": "url_dynamic", "index": 0, "parameters": [url] }), (ButtonUse::UrlSuffix, 0, text("17"))),
        (json!({ "sub_type": "url", "index": "1", "parameters": url }), (ButtonUse::UrlSuffix, 1, text("17"))),
        (json!({ "sub_types": "url", "index": "02", "parameters": url }), (ButtonUse::UrlSuffix, 2, text("17"))),
        (
            json!({ "sub_type": "quick_reply", "index": 3, "parameters": [reply] }),
            (ButtonUse::QuickReply, 3, Parameter::Payload("YES".to_owned())),
        ),
        (
            json!({ "sub_types": "quick_reply", "sub_type": "url", "index": 3, "parameters": reply }),
            (ButtonUse::QuickReply, 3, Parameter::Payload("YES".to_owned())),
        ),
    ] {
        let mut part = part;
        part["position"] = "button".into();
        let (kind, index, parameter) = expected;
        assert_eq!(parts_of(&json!([part])), [button(kind, index, parameter)]);
    }
}

#[test]
fn a_template_without_variables_needs_no_payload() {
    assert_eq!(parts_of(&Value::Null), []);
    assert_eq!(parts_of(&json!([])), []);
    assert_eq!(
        parts_of(&json!([{ "position": "body", "parameters": [] }])),
        [Part { position: Position::Body, parameters: vec![] }]
    );
    let mut body = with_payload(&Value::Null);
    body["message"]["template"].as_object_mut().unwrap().remove("payload");
    assert_eq!(read(&body).values, Some(Values::default()));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let body = json!({
        "phone_number": "0812",
        "message": { "type": "text", "template": { "template_code_id": " ", "payload": [
            "no part",
            { "position": "footer", "parameters": [] },
            { "position": "body" },
            { "position": "body", "parameters": [
                { "type": "text", "text": 5 }, { "type": "image" }, 7, { "type": "text", "text": "" }, {}
            ] },
            { "position": "header", "parameters": [
                { "type": "document", "document": { "url": "ftp://a/b", "caption": 1 } },
                { "type": "image", "image": "https://a/b" },
                { "type": "video", "text": "https://a/b" }
            ] },
            { "position": "button", "parameters": { "type": "payload", "text": "x" } },
            { "position": "button", "sub_type": "copy", "index": -1, "parameters": "x" },
            { "position": "button", "sub_types": "url", "index": 1.5, "parameters": [{ "type": "text" }] },
            { "position": "button", "sub_types": "url", "index": "99999999999999999999", "parameters": [] }
        ] } }
    });
    insta::assert_snapshot!(faults_of(&body).join("\n"), @r#"
    message.type: Type must be one of: template
    message.template.template_code_id: Template code must not be empty
    message.template.payload[0]: Item 1 of Payload must be of type object
    message.template.payload[1].position: Position must be one of: header, body, button
    message.template.payload[2].parameters: Parameter list is required
    message.template.payload[3].parameters[0].text: Text must be of type string
    message.template.payload[3].parameters[1].type: Type must be one of: text
    message.template.payload[3].parameters[2]: Item 3 of Parameter list must be of type object
    message.template.payload[3].parameters[3].text: Text must not be empty
    message.template.payload[3].parameters[4].type: Type is required
    message.template.payload[4].parameters[0].document.caption: Caption must be of type string
    message.template.payload[4].parameters[0].document.url: URL must be an http or https URL
    message.template.payload[4].parameters[1].image: Image must be of type object
    message.template.payload[4].parameters[2].video: Video is required
    message.template.payload[5].sub_types: Button kind is required
    message.template.payload[5].index: Index is required
    message.template.payload[5].parameters.payload: Payload is required
    message.template.payload[6].sub_type: Button kind must be one of: quick_reply, url_dynamic
    message.template.payload[6].index: Index must be of type number
    message.template.payload[6].parameters: Parameter list must be of type array
    message.template.payload[7].index: Index must be of type number
    message.template.payload[7].parameters[0].text: Text is required
    message.template.payload[8].index: Index must be of type number
    phone_number: Invalid country code
    "#);
}

#[test]
fn what_is_not_there_is_named() {
    assert_eq!(faults_of(&json!({})), ["message: Message is required", "phone_number: Phone number is required"]);
    assert_eq!(faults_of(&json!([])), [": The request body must be of type object"]);
    assert_eq!(
        faults_of(&json!({ "message": {}, "phone_number": null })),
        [
            "message.type: Type is required",
            "message.template: Template is required",
            "phone_number: Phone number is required"
        ]
    );
    assert_eq!(
        faults_of(&with_payload(&json!({ "position": "body" }))),
        ["message.template.payload: Payload must be of type array"]
    );
    assert_eq!(read(&with_payload(&json!("x"))).values, None);
}

#[test]
fn a_number_without_a_country_code_is_told_from_no_number() {
    for (number, expected) in [
        (json!("0812"), "Invalid country code"),
        (json!("081381475159"), "Invalid country code"),
        (json!("+999123456789"), "Invalid country code"),
        (json!("nomor"), "Invalid phone number"),
        (json!("62"), "Invalid phone number"),
        (json!(""), "Phone number must not be empty"),
        (json!(6_281_381_475_159_u64), "Phone number must be of type string"),
    ] {
        let mut body = with_payload(&Value::Null);
        body["phone_number"] = number;
        assert_eq!(faults_of(&body), [format!("phone_number: {expected}")]);
    }
}

#[test]
fn later_faults_are_named_as_the_caller_spelled_it() {
    let reading = read(&with_payload(&json!([
        { "position": "none", "parameters": [] },
        { "position": "button", "sub_type": "url", "index": 0, "parameters": { "type": "text", "text": "a" } },
        { "position": "button", "sub_types": "url", "index": 1, "parameters": [{ "type": "text", "text": "a" }] }
    ])));
    assert_eq!(reading.values.unwrap().0.len(), 2);
    let spelling = reading.spelling;
    let path = |place: Place| spelling.path_of(place.into()).to_string().replace("message.template.payload", "~");
    assert_eq!(path(Place::Values), "~");
    assert_eq!(path(Place::Part(0)), "~[1]");
    assert_eq!(path(Place::Position(1)), "~[2].position");
    assert_eq!(path(Place::ButtonIndex(1)), "~[2].index");
    assert_eq!(path(Place::ButtonKind(0)), "~[1].sub_type");
    assert_eq!(path(Place::ButtonKind(1)), "~[2].sub_types");
    assert_eq!(path(Place::Parameters(0)), "~[1].parameters");
    assert_eq!(path(Place::Parameter(0, 0)), "~[1].parameters");
    assert_eq!(path(Place::Parameter(1, 0)), "~[2].parameters[0]");
}

/// JSON made of the dialect's own words, so that reading goes deep.
fn some_json() -> impl Strategy<Value = Value> {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "parameter_name", "currency", "fallback_value", "amount_1000", "date_time", "gif", "id", "location", "latitude",
        "longitude", "name", "address", "product", "product_retailer_id", "catalog_id", "coupon_code", "copy_code", "mpm",
        "catalog", "flow", "voice_call", "order_details", "action", "sections", "title", "product_items", "flow_token",
        "flow_action_data", "ttl_minutes", "limited_time_offer", "expiration_time_ms", "carousel", "cards", "card_index",
        "order_status", "tap_target_configuration",
        "phone_number",
        "message",
        "type",
        "template",
        "template_code_id",
        "payload",
        "position",
        "parameters",
        "text",
        "image",
        "video",
        "document",
        "url",
        "caption",
        "sub_type",
        "sub_types",
        "index",
        "button",
        "header",
        "body",
        "quick_reply",
        "url_dynamic",
    ];
    let word = || prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..8).prop_map(|pairs| Value::Object(Map::from_iter(pairs))),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_is_too_strange_to_be_read(body in some_json(), payload in some_json()) {
        for body in [body, with_payload(&payload)] {
            let reading = read(&body);
            for fault in &reading.faults {
                assert!(!sentence(fault, Locale::Indonesian).contains('{'), "{fault:?}");
            }
            if let Some(values) = &reading.values {
                assert_eq!(values.0.len(), reading.spelling.parts.len());
            }
        }
    }
}
