//! Templates as they are sent and as they are seen: `…/contract` and `…/preview`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use http::Method;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HOST};
use kabar_store::directory::Scope;
use serde_json::{Value, json};

use crate::tests::desk::{Answer, Desk, code};

async fn contract(desk: &Desk, template: u32) -> Answer {
    desk.demo(Method::GET, &format!("/templates/demo/{template}/contract"), "").await
}

async fn preview(desk: &Desk, template: u32, body: &str) -> Answer {
    desk.demo(Method::POST, &format!("/templates/demo/{template}/preview"), body).await
}

fn errors(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.text);
    answer.json()["errors"].as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn the_contract_of_a_template_is_told_with_a_sample() {
    let desk = Desk::open().await;
    let answer = contract(&desk, 102).await;
    insta::assert_snapshot!("contract", serde_json::to_string_pretty(&answer.json()).unwrap());
    // The sample is a body that can be sent; here, it waits for a sender that nobody runs.
    for template in [101, 102, 103] {
        let example = contract(&desk, template).await.json()["data"]["example"].to_string();
        let sent = desk.demo(Method::POST, "/api/v2/push/message", &example).await;
        assert_eq!(sent.status.as_u16(), 200, "{example}: {}", sent.text);
    }
}

#[tokio::test]
async fn the_command_is_one_for_a_shell() {
    let desk = Desk::open().await;
    let bearer = format!("Bearer {}", desk.jwt());
    let headers = [(AUTHORIZATION.as_str(), bearer.as_str()), (HOST.as_str(), "kabar.example:8080")];
    let answer = desk.call(Method::GET, "/templates/demo/101/contract", &headers, "").await.json();
    // A shell takes it apart, and nobody is called.
    let script = format!("curl() {{ printf '%s\\037' \"$@\"; }}\n{}", answer["data"]["curl"].as_str().unwrap());
    let output = Command::new("sh").arg("-c").arg(script).env("TOKEN", "secret").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let arguments: Vec<&str> = told.split_terminator('\u{1f}').collect();
    let [post, method, url, header, authorization, content, kind, data, body] = arguments[..] else {
        panic!("{arguments:?}")
    };
    assert_eq!([post, method, url], ["-X", "POST", "http://kabar.example:8080/api/v2/push/message"]);
    assert_eq!([header, authorization], ["-H", "Authorization: Bearer secret"]);
    assert_eq!([content, kind, data], ["-H", "Content-Type: application/json", "-d"]);
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), answer["data"]["example"]);
}

#[tokio::test]
async fn a_preview_shows_values_as_their_recipient_sees_them() {
    let desk = Desk::open().await;
    let payload = json!([
        { "position": "header", "parameters": [{ "type": "image", "image": { "url": "https://toko.example/a.jpg" } }] },
        { "position": "button", "sub_types": "url_dynamic", "index": 1, "parameters": [{ "type": "text", "text": "a?b=c" }] }
    ]);
    let answer = preview(&desk, 102, &payload.to_string()).await;
    insta::assert_snapshot!("preview", serde_json::to_string_pretty(&answer.json()).unwrap());
    // The whole body of a send shows the same, and to whom it goes does not matter.
    let whole = json!({ "phone_number": "nobody", "message": { "type": "template", "template": {
        "template_code_id": code("promo"), "payload": payload
    } } });
    assert_eq!(preview(&desk, 102, &whole.to_string()).await.text, answer.text);
}

#[tokio::test]
async fn without_values_a_preview_shows_the_templates_examples() {
    let desk = Desk::open().await;
    let order = preview(&desk, 101, "").await;
    assert_eq!(order.json()["data"]["body"]["text"], "Halo a, pesanan b.");
    // Kept as they were created, so the upstream's words are put to them here.
    let login = preview(&desk, 103, "").await.json();
    assert_eq!(login["data"]["body"]["plain"], "123456 adalah kode verifikasi Anda.");
    assert_eq!(login["data"]["buttons"], json!([{ "label": "Salin kode", "type": "copy_code", "code": "123456" }]));
}

#[tokio::test]
async fn everything_that_does_not_fit_is_told_at_its_path() {
    let desk = Desk::open().await;
    let wrong = json!([
        { "position": "body", "parameters": [{ "type": "text", "text": "a\nb" }, { "type": "text" }] },
        { "position": "header", "parameters": [{ "type": "text", "text": "Promo" }] }
    ]);
    let answer = preview(&desk, 101, &wrong.to_string()).await;
    assert_eq!(errors(&answer), ["payload.0.parameters.1.text", "payload.1", "payload.0.parameters.0.text"]);
    let whole = json!({ "message": { "type": "template", "template": {
        "template_code_id": code("promo"), "payload": wrong
    } } });
    let list = "message.template.payload";
    assert_eq!(
        errors(&preview(&desk, 101, &whole.to_string()).await),
        [
            format!("{list}.0.parameters.1.text"),
            "message.template.template_code_id".to_owned(),
            format!("{list}.1"),
            format!("{list}.0.parameters.0.text"),
        ]
    );
    let none = preview(&desk, 101, "[]").await;
    assert_eq!(none.json()["errors"], json!({ "payload": "Template membutuhkan 2 nilai pada posisi body" }));
    let bearer = format!("Bearer {}", desk.jwt());
    let headers = [(AUTHORIZATION.as_str(), bearer.as_str()), (ACCEPT_LANGUAGE.as_str(), "en")];
    let english = desk.call(Method::POST, "/templates/demo/101/preview", &headers, "[]").await;
    assert_ne!(english.json()["errors"], none.json()["errors"]);
    for body in ["{", "7", "null", "\"text\""] {
        assert_eq!(preview(&desk, 101, body).await.status.as_u16(), 400, "{body}");
    }
}

#[tokio::test]
async fn only_the_apps_own_templates_are_shown() {
    let desk = Desk::open().await;
    for (method, what) in [(Method::GET, "contract"), (Method::POST, "preview")] {
        for (jwt, template, status) in [
            (desk.jwt(), "999", 404),
            (desk.jwt(), "x", 404),
            (desk.jwt_of_another(), "101", 403),
            (desk.jwt_for(Scope::Send), "101", 403),
            (desk.jwt_for(Scope::Templates), "101", 200),
        ] {
            for base in ["/templates", "/api/v1/templates"] {
                let bearer = format!("Bearer {jwt}");
                let path = format!("{base}/demo/{template}/{what}");
                let answer = desk.call(method.clone(), &path, &[(AUTHORIZATION.as_str(), &bearer)], "").await;
                assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
                assert_eq!(answer.json()["statusCode"], status);
            }
        }
    }
}

/// The names of all fields of an object and of what is in it.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.keys().cloned());
            fields.values().for_each(|field| keys(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn the_document_describes_every_field_of_a_template_that_the_examples_have() {
    let desk = Desk::open().await;
    let document = desk.call(Method::GET, "/openapi.json", &[], "").await.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let of_templates = schemas.iter().filter(|(name, _)| name.starts_with("unswer."));
    let described: BTreeSet<&String> = of_templates
        .filter_map(|(_, schema)| schema["properties"].as_object())
        .flat_map(|fields| fields.keys())
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    for kind in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let template = serde_json::from_str(&fs::read_to_string(kind.join("template.json")).unwrap()).unwrap();
        let mut used = BTreeSet::new();
        keys(&template, &mut used);
        let unknown: Vec<&String> = used.iter().filter(|key| !described.contains(key)).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", kind.display());
    }
}
