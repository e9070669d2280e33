use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use serde_json::{Value, json};

use super::*;

fn greeting() -> Value {
    json!({
        "name": "greeting_message",
        "category": "UTILITY",
        "language": "id",
        "components": [{
            "type": "BODY",
            "text": "Halo {{1}}, selamat datang di {{2}}.",
            "example": { "body_text": [["John Doe", "Unswer"]] }
        }]
    })
}

/// The faults of a template as `path: rule`, sorted.
fn faults_of(body: &Value) -> Vec<String> {
    let mut lines: Vec<String> = match Draft::parse(body) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| format!("{}: {:?}", fault.path.dotted(), fault.rule)).collect(),
    };
    lines.sort();
    lines
}

fn with(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut body = greeting();
    change(&mut body);
    faults_of(&body)
}

#[test]
fn the_pages_example_is_taken_and_passed_on_as_it_came() {
    let draft = Draft::parse(&greeting()).unwrap();
    assert_eq!(draft.to_upstream(), greeting());
}

#[test]
fn all_faults_are_told_at_once() {
    let body = json!({
        "name": "Not Snake",
        "category": "SPAM",
        "language": "xx",
        "ttl": "soon",
        "components": [
            { "type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}" },
            { "type": "BODY", "text": "{{1}} and {{3}}", "example": { "body_text": [["one"]] } },
            { "type": "FOOTER", "text": "bye {{1}}" },
            { "type": "BUTTONS", "buttons": [
                { "type": "PHONE_NUMBER", "text": "Call", "phone_number": "not a number" },
                { "type": "URL", "text": "Open", "url": "kabar.example/{{1}}/x" },
                { "type": "FLOW", "text": "Start" },
                { "type": "SPIN" }
            ] },
            { "type": "BODY", "text": "again" },
            { "type": "AUDIO" },
            "not an object"
        ]
    });
    assert_eq!(
        faults_of(&body),
        [
            "category: NotOneOf",
            "components.0.example.header_text: Required",
            "components.0.text: HeaderPlaceholders",
            "components.1.example.body_text.0: ExampleCount",
            "components.1.text: PlaceholderNumbers",
            "components.2.text: FooterPlaceholder",
            "components.3.buttons.0.phone_number: ButtonPhone",
            "components.3.buttons.1.example: Required",
            "components.3.buttons.1.url: NotUrl",
            "components.3.buttons.1.url: UrlPlaceholder",
            "components.3.buttons.2.flow_id: Required",
            "components.3.buttons.3.type: NotOneOf",
            "components.4: ComponentTwice",
            "components.5.type: NotOneOf",
            "components.6: WrongType",
            "language: UnknownLanguage",
            "name: TemplateName",
            "ttl: WrongType",
        ]
    );
}

#[test]
fn each_required_field_is_missed() {
    assert_eq!(
        faults_of(&json!({})),
        ["category: Required", "components: Required", "language: Required", "name: Required"]
    );
    assert_eq!(faults_of(&json!([])), [": WrongType"]);
    assert_eq!(with(|body| body["components"] = json!([])), ["components: BodyMissing"]);
    assert_eq!(with(|body| body["name"] = json!("")), ["name: Empty"]);
    assert_eq!(with(|body| body["name"] = json!("a".repeat(513))), ["name: TooLong"]);
    assert_eq!(with(|body| body["name"] = json!("hello_world")), ["name: SampleName"]);
    assert_eq!(
        with(|body| body["components"][0]["example"] = Value::Null),
        ["components.0.example.body_text: Required"]
    );
    assert_eq!(
        with(|body| body["components"][0]["example"]["body_text"] = json!([["one", ""]])),
        ["components.0.example.body_text.0.1: Empty"]
    );
}

#[test]
fn a_media_header_needs_a_handle_and_a_location_none() {
    let header = |header: Value| with(|body| body["components"].as_array_mut().unwrap().insert(0, header));
    assert_eq!(header(json!({"type": "HEADER", "format": "LOCATION"})), [""; 0]);
    assert_eq!(header(json!({"type": "HEADER", "format": "IMAGE"})), ["components.0.example.header_handle: Required"]);
    assert_eq!(
        header(json!({"type": "header", "format": "image", "example": {"header_handle": ["4::aW1hZ2U="]}})),
        [""; 0]
    );
    assert_eq!(header(json!({"type": "HEADER"})), ["components.0.format: Required"]);
    assert_eq!(header(json!({"type": "HEADER", "format": "TEXT"})), ["components.0.text: Required"]);
}

#[test]
fn a_buttons_number_may_be_text_or_number() {
    let phone = |number: Value| {
        with(|body| {
            body["components"].as_array_mut().unwrap().push(json!({
                "type": "BUTTONS",
                "buttons": [{ "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": number }]
            }));
        })
    };
    for good in [json!("+6281234567890"), json!("6281234567890"), json!(6_281_234_567_890_u64), json!("02130001234")] {
        assert_eq!(phone(good), [""; 0]);
    }
    for bad in [json!("nomor"), json!(true), json!({}), json!(-1), json!(1.5), json!("+"), json!("62 812")] {
        assert_eq!(phone(bad), ["components.1.buttons.0.phone_number: ButtonPhone"]);
    }
}

#[test]
fn authentication_templates_leave_the_text_to_the_upstream() {
    let body = json!({
        "name": "login_code", "category": "AUTHENTICATION", "language": "id", "ttl": 300,
        "components": [
            { "type": "BODY", "add_security_recommendation": true },
            { "type": "FOOTER", "code_expiration_minutes": 5 },
            { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] }
        ]
    });
    let draft = Draft::parse(&body).unwrap();
    assert_eq!(draft.to_upstream()["message_send_ttl_seconds"], json!(300));
    let mut wrong = body;
    wrong["ttl"] = json!(10);
    wrong["components"][0]["text"] = json!("Kode {{1}}");
    wrong["components"][1]["code_expiration_minutes"] = json!(91);
    wrong["components"][2]["buttons"][0] = json!({ "type": "OTP" });
    assert_eq!(
        faults_of(&wrong),
        [
            "components.0.text: AuthenticationFixed",
            "components.1.code_expiration_minutes: OutOfRange",
            "components.2.buttons.0.otp_type: Required",
            "ttl: OutOfRange",
        ]
    );
    assert_eq!(with(|body| body["ttl"] = json!(60)), ["ttl: TtlCategory"]);
}

#[test]
fn what_the_upstream_wants_spelled_its_way_is_spelled_so() {
    let body = json!({
        "name": "n", "category": "utility", "language": "id", "components": [
            { "type": "body", "text": "x" },
            { "type": "buttons", "buttons": [
                { "type": "phone_number", "text": "Call", "phone_number": 6_281_234_567_890_u64 }
            ] }
        ]
    });
    let upstream = Draft::parse(&body).unwrap().to_upstream();
    assert_eq!(upstream["category"], "UTILITY");
    assert_eq!(upstream["components"][0]["type"], "BODY");
    assert_eq!(upstream["components"][1]["buttons"][0]["type"], "PHONE_NUMBER");
    assert_eq!(upstream["components"][1]["buttons"][0]["phone_number"], "6281234567890");
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        Just("BODY"),
        Just("HEADER"),
        Just("TEXT"),
        Just("BUTTONS"),
        Just("URL"),
        Just("{{1}}"),
        Just("{{"),
        Just("OTP"),
        Just("GREETING"),
        Just("IMAGE"),
        Just("https://a.example/{{1}}"),
        Just("PHONE_NUMBER"),
        Just("AUTHENTICATION"),
    ];
    let keys = prop_oneof![
        Just("name"),
        Just("category"),
        Just("language"),
        Just("components"),
        Just("type"),
        Just("format"),
        Just("text"),
        Just("buttons"),
        Just("example"),
        Just("body_text"),
        Just("url"),
        Just("phone_number"),
        Just("ttl"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(body in any_json()) {
        if let Err(faults) = Draft::parse(&body) {
            assert!(!faults.is_empty());
        }
    }
}
