use serde_json::{Value, json};

use super::*;
use crate::template::components::{Button, ButtonKind, Card, Flow, FlowName, Header, Offer};

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
            "components.1.text: BodyEdges",
            "components.1.text: BodyRatio",
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
    assert_eq!(with(|body| body["name"] = json!("a".repeat(513))), ["name: NameLength"]);
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
            "components.1.code_expiration_minutes: CodeExpiration",
            "components.2.buttons.0.otp_type: Required",
            "ttl: TtlAuthentication",
        ]
    );
    assert_eq!(with(|body| body["ttl"] = json!(60)), ["ttl: TtlCategory"]);
}

#[test]
fn what_the_upstream_wants_spelled_its_way_is_spelled_so() {
    let body = json!({
        "name": "n", "category": "utility", "language": "id", "components": [
            { "type": "body", "text": "x", "example": null },
            { "type": "buttons", "buttons": [
                { "type": "phone_number", "text": "Call", "phone_number": 6_281_234_567_890_u64 }
            ] }
        ]
    });
    let upstream = Draft::parse(&body).unwrap().to_upstream();
    assert_eq!(upstream["category"], "UTILITY");
    assert_eq!(upstream["components"][0], json!({ "type": "BODY", "text": "x" }));
    assert_eq!(upstream["components"][1]["buttons"][0]["type"], "PHONE_NUMBER");
    assert_eq!(upstream["components"][1]["buttons"][0]["phone_number"], "6281234567890");
}

#[test]
fn what_stands_in_cards_is_spelled_the_upstreams_way_too() {
    let card = json!({ "components": [
        { "type": "header", "format": "image", "example": { "header_handle": ["4::aW"] } },
        { "type": "body", "text": "Baru untuk {{1}} di toko", "example": { "body_text": ["Budi"] } },
        { "type": "buttons", "buttons": [{ "type": "phone_number", "text": "Call", "phone_number": 6_281_234_567_890_u64 }] }
    ] });
    let body = json!({
        "name": "n", "category": "marketing", "language": "id", "message_send_ttl_seconds": 43_200,
        "cta_url_link_tracking_opted_out": true,
        "components": [{ "type": "body", "text": "x" }, { "type": "carousel", "cards": [card, card] }]
    });
    let upstream = Draft::parse(&body).unwrap().to_upstream();
    let components = &upstream["components"][1]["cards"][1]["components"];
    assert_eq!(components[0]["format"], "IMAGE");
    assert_eq!(components[1]["example"]["body_text"], json!([["Budi"]]), "a bare row is the one row");
    assert_eq!(
        components[2]["buttons"][0],
        json!({
            "type": "PHONE_NUMBER", "text": "Call", "phone_number": "6281234567890"
        })
    );
    assert_eq!(upstream["message_send_ttl_seconds"], 43_200);
    assert_eq!(upstream["cta_url_link_tracking_opted_out"], true);
}

#[test]
fn thirty_days_have_a_word_of_their_own_upstream() {
    let mut body = greeting();
    body["message_send_ttl_seconds"] = json!(-1);
    let draft = Draft::parse(&body).unwrap();
    assert_eq!(draft.ttl, Some(2_592_000));
    assert_eq!(draft.to_upstream()["message_send_ttl_seconds"], -1);
    assert_eq!(
        with(|body| {
            body["ttl"] = json!(60);
            body["message_send_ttl_seconds"] = json!(60);
        }),
        ["message_send_ttl_seconds: OnlyOneOf", "ttl: TtlCategory"]
    );
}

#[test]
fn the_content_of_every_component_is_kept() {
    let list = json!([
        { "type": "BODY", "text": "Lihat" },
        { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Segera", "has_expiration": true } },
        { "type": "CAROUSEL", "cards": [{ "components": [
            { "type": "HEADER", "format": "PRODUCT" }, { "type": "BODY", "text": "Baru" },
            { "type": "BUTTONS", "buttons": [{ "type": "SPM", "text": "View" }] }
        ] }] },
        { "type": "CALL_PERMISSION_REQUEST" },
        { "type": "BUTTONS", "buttons": [
            { "type": "COPY_CODE", "example": ["HEMAT"] }, { "type": "FLOW", "text": "Mulai", "flow_name": "survei" },
            { "type": "NEWER", "text": "x" }
        ] }
    ]);
    let read = Components::read(&Node::root(&list), Some(Category::Marketing), &mut Faults::none());
    assert_eq!(read.offer, Some(Offer { text: "Segera".to_owned(), has_expiration: true }));
    assert!(read.asks_to_call);
    let spm = Button { kind: ButtonKind::Spm, text: Some("View".to_owned()) };
    let card = Card { header: Some(Header::Product), body: Some("Baru".to_owned()), buttons: vec![spm] };
    assert_eq!(read.cards, [card]);
    let kinds: Vec<&ButtonKind> = read.buttons.iter().map(|button| &button.kind).collect();
    let flow = Flow { name: Some(FlowName::Name("survei".to_owned())), ..Flow::default() };
    assert_eq!(
        kinds,
        [
            &ButtonKind::CopyCode { example: "HEMAT".to_owned() },
            &ButtonKind::Flow(flow),
            &ButtonKind::Other("NEWER".to_owned())
        ]
    );
}
