//! Exchanges in the OCA dialect.

use std::num::NonZeroU32;

use http::{Method, StatusCode};
use kabar_store::directory::Scope;
use serde_json::{Value, json};

use crate::DEFAULT_MAX_BODY_BYTES;
use crate::tests::desk::{Answer, Desk, code};

const PUSH: &str = "/api/v2/push/message";

fn message(template: &str, payload: &Value) -> Value {
    json!({
        "message": { "type": "template", "template": { "template_code_id": code(template), "payload": payload } },
        "phone_number": "6281381475159"
    })
}

fn texts(texts: &[&str]) -> Value {
    let parameters: Vec<Value> = texts.iter().map(|text| json!({ "type": "text", "text": text })).collect();
    json!([{ "position": "body", "parameters": parameters }])
}

async fn push(desk: &Desk, body: &Value) -> Answer {
    desk.demo(Method::POST, PUSH, &body.to_string()).await
}

/// The entries of error 39, a line each.
fn entries(answer: &Answer) -> String {
    assert_eq!(answer.oca_error(), (406, 39), "{}", answer.text);
    let body = answer.json();
    let entries = body["errors"][0]["message"].as_array().unwrap();
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let value = entry.get("value").map_or(String::new(), |value| format!(" <{value}>"));
            format!("{}: {}{value}", entry["param"].as_str().unwrap(), entry["msg"].as_str().unwrap())
        })
        .collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_message_is_accepted_and_can_be_asked_for_by_its_app_alone() {
    let desk = Desk::open().await;
    let accepted = push(&desk, &message("pesanan", &texts(&["Budi", "INV-1"]))).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text);
    let body = accepted.json();
    let msgid = body["msgid"].as_str().unwrap();
    assert_eq!(accepted.text, format!(r#"{{"msgid":"{msgid}","success":true}}"#));
    let path = format!("/api/v2/message/{msgid}/status");
    let status = desk.demo(Method::GET, &path, "").await;
    assert_eq!(
        status.text,
        format!(
            r#"{{"msgid":"{msgid}","phone_number":"+6281381475159","history_status":[{{"timestamp":"2024-03-01T03:22:58.000Z","status":"submitted"}}]}}"#
        )
    );
    let other = desk.call(Method::GET, &path, &[("authorization", &desk.jwt_of_another())], "").await;
    assert_eq!(other.oca_error(), (404, 33));
    for unknown in ["0199a4f4-334a-7b2c-8a52-b1e2c0ffee01", "x", "%ff"] {
        let answer = desk.demo(Method::GET, &format!("/api/v2/message/{unknown}/status"), "").await;
        assert_eq!(answer.oca_error(), (404, 33), "{unknown}");
    }
}

#[tokio::test]
async fn every_form_of_token_is_let_in_or_told_why_not() {
    let desk = Desk::open().await;
    let body = message("hello_world", &Value::Null).to_string();
    let good = desk.jwt();
    let cases = [
        (Some(good.clone()), (200, 0)),
        (Some(format!("Bearer {good}")), (200, 0)),
        (Some(format!("bearer  {good}")), (200, 0)),
        (Some(desk.jwt_for(Scope::Send)), (200, 0)),
        (None, (406, 19)),
        (Some(String::new()), (401, 43)),
        (Some("Bearer".to_owned()), (401, 43)),
        (Some("Bearer x.y.z".to_owned()), (401, 45)),
        (Some("Basic abc".to_owned()), (401, 45)),
        (Some(desk.jwt_expired()), (401, 45)),
        (Some(desk.jwt_revoked()), (401, 17)),
        (Some(desk.jwt_unknown()), (401, 17)),
        (Some(desk.jwt_for(Scope::Templates)), (401, 17)),
    ];
    for (authorization, expected) in cases {
        let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = desk.call(Method::POST, PUSH, &headers, &body).await;
        assert_eq!(answer.oca_error(), expected, "{authorization:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once_whoever_found_it() {
    let desk = Desk::open().await;
    let payload = json!([
        { "position": "header", "parameters": [{ "type": "text", "text": "Halo" }] },
        { "position": "button", "sub_type": "url", "index": "1", "parameters": { "type": "text", "text": 5 } },
        { "position": "button", "sub_type": "url", "index": 7, "parameters": [] },
        { "position": "kaki" }
    ]);
    let mut body = message("promo", &payload);
    body["phone_number"] = "0812".into();
    insta::assert_snapshot!(entries(&push(&desk, &body).await), @r#"
    message.template.payload[1].parameters.text: Text must be of type string <5>
    message.template.payload[3].position: Position must be one of: header, body, button <"kaki">
    message.template.payload[3].parameters: Parameter list is required
    phone_number: Invalid country code <"0812">
    message.template.payload[0].parameters[0]: The value must be of kind image, got text <{"type":"text","text":"Halo"}>
    message.template.payload[2].index: The template has no button with index 7 <7>
    "#);
    let headers = [("authorization", desk.jwt()), ("accept-language", "id-ID".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let indonesian = desk.call(Method::POST, PUSH, &headers, &body.to_string()).await;
    insta::assert_snapshot!(entries(&indonesian), @r#"
    message.template.payload[1].parameters.text: Teks harus ber-tipe data string <5>
    message.template.payload[3].position: Posisi harus salah satu dari: header, body, button <"kaki">
    message.template.payload[3].parameters: Daftar parameter wajib diisi
    phone_number: Kode negara tidak valid <"0812">
    message.template.payload[0].parameters[0]: Nilai harus berjenis image, diterima text <{"type":"text","text":"Halo"}>
    message.template.payload[2].index: Template ini tidak memiliki tombol dengan index 7 <7>
    "#);
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_with_what_stands_there() {
    let desk = Desk::open().await;
    let answer = push(&desk, &message("pesanan", &texts(&["Budi", "satu\ndua", "tiga"]))).await;
    insta::assert_snapshot!(entries(&answer), @r#"
    message.template.payload[0].parameters: The template needs 2 value(s) at position body, got 3 <[{"type":"text","text":"Budi"},{"type":"text","text":"satu\ndua"},{"type":"text","text":"tiga"}]>
    message.template.payload[0].parameters[1].text: Text must not have line breaks, tabs, or more than four spaces in a row <"satu\ndua">
    "#);
    let missing = push(&desk, &message("pesanan", &Value::Null)).await;
    insta::assert_snapshot!(missing.text, @r#"{"errors":[{"message":[{"value":null,"msg":"The template needs 2 value(s) at position body","param":"message.template.payload","location":"body"}],"code":39}]}"#);
}

#[tokio::test]
async fn a_login_code_is_sent_by_its_text_alone_and_never_repeated() {
    let desk = Desk::open().await;
    assert_eq!(push(&desk, &message("masuk", &texts(&["483920"]))).await.status, StatusCode::OK);
    let secret = "4839204839204839";
    let button = |text: &str| json!({ "position": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": text }] });
    let mut different = texts(&[secret]);
    different.as_array_mut().unwrap().push(button("1"));
    let unknown = message("tidak_ada", &json!([{ "position": "x", "parameters": [secret], "y": secret }]));
    for body in [
        message("masuk", &texts(&[secret])),
        message("masuk", &texts(&["1", secret])),
        message("masuk", &different),
        unknown,
    ] {
        let answer = push(&desk, &body).await;
        assert_eq!(answer.oca_error(), (406, 39), "{}", answer.text);
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_template_that_is_not_there_or_not_approved_is_error_59() {
    let desk = Desk::open().await;
    let unknown = push(&desk, &message("tidak_ada", &Value::Null)).await;
    assert_eq!(unknown.oca_error(), (406, 59));
    let paused = push(&desk, &message("ditahan", &Value::Null)).await;
    assert_eq!(paused.oca_error(), (406, 59));
    assert!(paused.text.contains("PAUSED"), "{}", paused.text);
    // What is wrong with the request itself comes first.
    let mut both = message("tidak_ada", &Value::Null);
    both["phone_number"] = "0812".into();
    assert_eq!(entries(&push(&desk, &both).await), "phone_number: Invalid country code <\"0812\">");
    let body = message("hello_world", &Value::Null).to_string();
    let other = desk.call(Method::POST, PUSH, &[("authorization", &desk.jwt_of_another())], &body).await;
    assert_eq!(other.oca_error(), (406, 59));
}

#[tokio::test]
async fn a_body_that_can_not_be_read_is_error_39() {
    let desk = Desk::open().await;
    let large = " ".repeat(DEFAULT_MAX_BODY_BYTES + 1);
    for (body, expected) in [
        ("", ": The request body is not valid JSON"),
        ("{", ": The request body is not valid JSON"),
        ("a=b", ": The request body is not valid JSON"),
        ("[]", ": The request body must be of type object"),
        (large.as_str(), ": The request body is too large"),
    ] {
        assert_eq!(entries(&desk.demo(Method::POST, PUSH, body).await), expected);
    }
    let deep = "[".repeat(100_000);
    assert_eq!(entries(&desk.demo(Method::POST, PUSH, &deep).await), ": The request body is not valid JSON");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_dialect() {
    let desk = Desk::open_with(NonZeroU32::new(25)).await;
    for (method, path) in [
        (Method::GET, PUSH),
        (Method::PUT, PUSH),
        (Method::POST, "/api/v2/message/0199a4f4-334a-7b2c-8a52-b1e2c0ffee01/status"),
        (Method::GET, "/api/v2/"),
        (Method::GET, "/api/v2"),
        (Method::GET, "/api/v2/anything/else"),
    ] {
        let answer = desk.call(method.clone(), path, &[], "").await;
        assert_eq!(answer.oca_error(), (404, 33), "{method} {path}: {}", answer.text);
        assert_eq!(answer.header("x-ratelimit-remaining"), "25", "{method} {path}");
    }
}

#[tokio::test]
async fn both_dialects_share_the_limit_of_an_app() {
    let desk = Desk::open_with(NonZeroU32::new(2)).await;
    let body = message("hello_world", &Value::Null).to_string();
    let first = desk.demo(Method::POST, PUSH, &body).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.header("x-ratelimit-limit"), "2");
    assert_eq!(first.header("x-ratelimit-remaining"), "1");
    assert_eq!(first.header("x-ratelimit-reset"), "1");
    // The limiter goes by the machine's clock; two more at once are too many however slow the machine is, unless half a
    // second passes between them. So it is asked until it refuses.
    let refused = loop {
        let answer = desk.demo(Method::GET, "/templates/demo", "").await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["code"], "TOO_MANY_REQUESTS");
    let refused = loop {
        let answer = desk.demo(Method::POST, PUSH, &body).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(refused.oca_error(), (429, 9));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let other = desk.call(Method::POST, PUSH, &[("authorization", &desk.jwt_of_another())], "{}").await;
    assert_eq!(other.header("x-ratelimit-remaining"), "1");
    let metrics = desk.call(Method::GET, "/metrics", &[], "").await;
    assert!(metrics.text.contains(r#"kabar_http_rate_limited_total{dialect="oca"}"#), "{}", metrics.text);
}

#[tokio::test]
async fn a_store_that_is_gone_is_error_13() {
    let desk = Desk::open().await;
    desk.store.close().await;
    let answer = push(&desk, &message("hello_world", &Value::Null)).await;
    assert_eq!(answer.text, r#"{"errors":[{"message":"Internal Server Error","code":13}]}"#);
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let unswer = desk.demo(Method::GET, "/templates/demo", "").await;
    assert_eq!((unswer.status.as_u16(), unswer.json()["code"].as_str()), (500, Some("INTERNAL_SERVER_ERROR")));
    let ready = desk.call(Method::GET, "/readyz", &[], "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!ready.text.is_empty());
}
