use serde_json::{Value, json};

use super::*;
use crate::send::{ButtonUse, Media, Parameter, Part, Position};

mod anything;
mod kinds;

fn text(text: &str) -> Parameter {
    Parameter::Text(text.to_owned())
}

fn picture(url: &str) -> Parameter {
    Parameter::Image(Media::at(url))
}

fn part(position: Position, parameters: Vec<Parameter>) -> Part {
    Part { position, parameters }
}

const fn url_button(index: usize) -> Position {
    Position::Button { kind: ButtonUse::UrlSuffix, index }
}

const fn quick_reply(index: usize) -> Position {
    Position::Button { kind: ButtonUse::QuickReply, index }
}

/// Header picture, two variables, a quick reply, a URL with a variable, a telephone number.
fn promo() -> Contract {
    Contract::compile(
        Category::Marketing,
        &json!([
            { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW"] } },
            { "type": "BODY", "text": "Halo {{1}}, diskon {{2}}!", "example": { "body_text": [["Budi", "10%"]] } },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Stop" },
                { "type": "URL", "text": "Buka", "url": "https://toko.example/{{1}}", "example": ["x"] },
                { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+6281234567890" }
            ] }
        ]),
    )
}

fn login_code() -> Contract {
    Contract::compile(
        Category::Authentication,
        &json!([
            { "type": "BODY", "add_security_recommendation": true },
            { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] }
        ]),
    )
}

const NOW: Moment = Moment::from_seconds(1_800_000_000);

/// The caller's spelling of the tests.
pub(super) fn path_of(spot: Spot) -> Path {
    let payload = Path::root().key("payload");
    let root = match spot.card {
        Some(card) => payload.index(card.part).key("cards").index(card.card).key("payload"),
        None => payload,
    };
    match spot.place {
        Place::Values => root,
        Place::Part(part) => root.index(part),
        Place::Position(part) => root.index(part).key("position"),
        Place::ButtonIndex(part) => root.index(part).key("index"),
        Place::ButtonKind(part) => root.index(part).key("sub_types"),
        Place::Parameters(part) => root.index(part).key("parameters"),
        Place::Parameter(part, value) => root.index(part).key("parameters").index(value),
        Place::CardIndex(part, card) => root.index(part).key("cards").index(card).key("card_index"),
    }
}

fn bound(contract: &Contract, parts: Vec<Part>) -> Value {
    let bound = contract.bind(&Values(parts), NOW, &path_of).unwrap();
    serde_json::from_str(bound.as_json()).unwrap()
}

fn faults(contract: &Contract, parts: Vec<Part>) -> Vec<String> {
    let faults = contract.bind(&Values(parts), NOW, &path_of).unwrap_err();
    faults.iter().map(|fault| format!("{}: {:?}", fault.path, fault.rule)).collect()
}

#[test]
fn every_kind_of_value_becomes_the_upstreams() {
    let parts = vec![
        part(url_button(1), vec![text("sepatu?u=1")]),
        part(Position::Body, vec![text("Budi"), text("10%")]),
        part(quick_reply(0), vec![Parameter::Payload("stop-promo".to_owned())]),
        part(Position::Header, vec![picture("https://toko.example/a.jpg")]),
    ];
    assert_eq!(
        bound(&promo(), parts),
        json!([
            { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://toko.example/a.jpg" } }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "Budi" }, { "type": "text", "text": "10%" }] },
            { "type": "button", "sub_type": "quick_reply", "index": "0",
              "parameters": [{ "type": "payload", "payload": "stop-promo" }] },
            { "type": "button", "sub_type": "url", "index": "1",
              "parameters": [{ "type": "text", "text": "sepatu?u=1" }] }
        ])
    );
}

#[test]
fn a_quick_reply_may_go_without_a_payload() {
    let parts = vec![
        part(Position::Header, vec![picture("http://toko.example/a.jpg")]),
        part(Position::Body, vec![text("Budi"), text("10%")]),
        part(url_button(1), vec![text("x")]),
        part(quick_reply(0), vec![]),
    ];
    assert_eq!(bound(&promo(), parts).as_array().unwrap().len(), 3);
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    assert_eq!(
        faults(&promo(), vec![]),
        ["payload: ValuesMissing", "payload: ValuesMissing", "payload: ButtonMissing"]
    );
}

#[test]
fn everything_that_does_not_fit_is_told_at_once() {
    let parts = vec![
        part(Position::Header, vec![text("Promo")]),
        part(Position::Body, vec![text(""), text("a\nb"), text("c")]),
        part(quick_reply(1), vec![Parameter::Payload("x".to_owned())]),
        part(url_button(2), vec![text("x")]),
        part(url_button(3), vec![text("x")]),
        part(Position::Body, vec![]),
    ];
    assert_eq!(
        faults(&promo(), parts),
        [
            "payload[5].position: PositionTwice",
            "payload[0].parameters[0]: ValueKind",
            "payload[1].parameters: ValueCount",
            "payload[1].parameters[0].text: Empty",
            "payload[1].parameters[1].text: TextSpaces",
            "payload[4].index: NoSuchButton",
            "payload[2].sub_types: ButtonKind",
            "payload[3]: ButtonWithoutValue",
        ]
    );
}

#[test]
fn a_template_without_variables_takes_nothing_but_empty_lists() {
    let plain = Contract::compile(Category::Utility, &json!([{ "type": "BODY", "text": "Halo" }]));
    assert_eq!(bound(&plain, vec![]), json!([]));
    assert_eq!(bound(&plain, vec![part(Position::Body, vec![]), part(Position::Header, vec![])]), json!([]));
    let parts = vec![part(Position::Body, vec![text("x")]), part(Position::Header, vec![text("x")])];
    assert_eq!(faults(&plain, parts), ["payload[1]: PositionSurplus", "payload[0]: PositionSurplus"]);
}

#[test]
fn a_login_code_fills_its_button_from_the_body() {
    let code = |components: Value| {
        assert_eq!(
            components,
            json!([
                { "type": "body", "parameters": [{ "type": "text", "text": "123456" }] },
                { "type": "button", "sub_type": "url", "index": "0",
                  "parameters": [{ "type": "text", "text": "123456" }] }
            ])
        );
    };
    code(bound(&login_code(), vec![part(Position::Body, vec![text("123456")])]));
    code(bound(
        &login_code(),
        vec![part(Position::Body, vec![text("123456")]), part(url_button(0), vec![text("123456")])],
    ));
    assert_eq!(
        faults(
            &login_code(),
            vec![part(Position::Body, vec![text("123456")]), part(url_button(0), vec![text("654321")])]
        ),
        ["payload[1].parameters[0].text: CodeDiffers"]
    );
    assert_eq!(
        faults(&login_code(), vec![part(Position::Body, vec![text("1234567890123456")])]),
        ["payload[0].parameters[0].text: CodeLength"]
    );
}

#[test]
fn the_upstreams_own_listing_of_a_login_code_gives_the_same_contract() {
    let listed = Contract::compile(
        Category::Authentication,
        &json!([
            { "type": "BODY", "text": "*{{1}}* is your verification code." },
            { "type": "BUTTONS", "buttons": [
                { "type": "URL", "text": "Copy code", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}" }
            ] }
        ]),
    );
    assert_eq!(listed, login_code());
}

#[test]
fn a_document_keeps_its_name_and_media_must_be_on_the_web() {
    let invoice = Contract::compile(
        Category::Utility,
        &json!([{ "type": "HEADER", "format": "DOCUMENT" }, { "type": "BODY", "text": "Faktur" }]),
    );
    let document = |url: &str| {
        let media = Media { filename: Some("faktur.pdf".to_owned()), ..Media::at(url) };
        vec![part(Position::Header, vec![Parameter::Document(media)])]
    };
    assert_eq!(
        bound(&invoice, document("https://toko.example/f.pdf"))[0]["parameters"][0]["document"],
        json!({ "link": "https://toko.example/f.pdf", "filename": "faktur.pdf" })
    );
    for url in ["ftp://toko.example/f.pdf", "toko.example/f.pdf", "https://", "https://toko.example/a b", ""] {
        assert_eq!(faults(&invoice, document(url)), ["payload[0].parameters[0].document.url: MediaUrl"], "{url}");
    }
}

#[test]
fn what_this_program_does_not_know_is_said() {
    let newer = Contract::compile(
        Category::Utility,
        &json!([
            { "type": "HEADER", "format": "HOLOGRAM" }, { "type": "BODY", "text": "Halo" },
            { "type": "BUTTONS", "buttons": [{ "type": "TELEPORT", "text": "Ayo" }] }
        ]),
    );
    assert_eq!(newer.unknown(), ["HEADER HOLOGRAM", "a TELEPORT button"]);
    assert_eq!(faults(&newer, vec![]), ["payload: NotExpressible", "payload: NotExpressible"]);
}
