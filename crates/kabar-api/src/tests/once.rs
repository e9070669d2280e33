//! Requests that are repeated, in the OCA dialect.

use std::time::Duration;

use http::{Method, StatusCode};
use kabar_domain::ids::{AppId, Msgid, TemplateId};
use serde_json::{Value, json};

use crate::tests::desk::{Answer, Desk, code};

const PUSH: &str = "/api/v2/push/message";

fn order(who: &str) -> Value {
    json!({
        "message": { "type": "template", "template": { "template_code_id": code("pesanan"), "payload": [
            { "position": "body", "parameters": [{ "type": "text", "text": who }, { "type": "text", "text": "INV-1" }] }
        ] } },
        "phone_number": "6281381475159"
    })
}

async fn push(desk: &Desk, jwt: &str, key: &str, body: &str) -> Answer {
    desk.call(Method::POST, PUSH, &[("authorization", jwt), ("idempotency-key", key)], body).await
}

fn msgid(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["msgid"].as_str().unwrap().to_owned()
}

async fn n_messages(desk: &Desk) -> u64 {
    desk.store.counts().await.unwrap().total
}

#[tokio::test]
async fn the_same_request_under_one_key_is_one_message() {
    let desk = Desk::open().await;
    let first = push(&desk, &desk.jwt(), "pesanan-17", &order("Budi").to_string()).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    // Other spaces, and the keys the other way round.
    let body = order("Budi");
    let turned = format!("{{ \"phone_number\": {}, \"message\": {:#} }}", body["phone_number"], body["message"]);
    for body in [body.to_string(), turned] {
        let again = push(&desk, &desk.jwt(), "pesanan-17", &body).await;
        assert_eq!(again.text, first.text);
        assert_eq!(again.header("idempotent-replayed"), "true");
    }
    assert_eq!(n_messages(&desk).await, 1);
    let other = push(&desk, &desk.jwt(), "pesanan-18", &order("Budi").to_string()).await;
    assert_ne!(msgid(&other), msgid(&first));
    let without = desk.demo(Method::POST, PUSH, &order("Budi").to_string()).await;
    assert_ne!(msgid(&without), msgid(&first));
    assert_eq!(n_messages(&desk).await, 3);
}

#[tokio::test]
async fn another_request_under_the_key_is_a_conflict() {
    let desk = Desk::open().await;
    push(&desk, &desk.jwt(), "a", &order("Budi").to_string()).await;
    let other = push(&desk, &desk.jwt(), "a", &order("Siti").to_string()).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    insta::assert_snapshot!(other.text, @r#"{"errors":[{"message":"Idempotency Key Belongs To Another Request","code":409}]}"#);
    assert_eq!(n_messages(&desk).await, 1);
}

#[tokio::test]
async fn a_request_that_was_refused_leaves_its_key_free() {
    let desk = Desk::open().await;
    let mut wrong = order("Budi");
    wrong["phone_number"] = "0812".into();
    assert_eq!(push(&desk, &desk.jwt(), "a", &wrong.to_string()).await.oca_error(), (406, 39));
    msgid(&push(&desk, &desk.jwt(), "a", &order("Budi").to_string()).await);
}

#[tokio::test]
async fn what_was_accepted_is_answered_so_whatever_became_of_its_template() {
    let desk = Desk::open().await;
    let first = push(&desk, &desk.jwt(), "a", &order("Budi").to_string()).await;
    // Another app has no such template, and no such key either.
    let other = push(&desk, &desk.jwt_of_another(), "a", &order("Budi").to_string()).await;
    assert_eq!(other.oca_error(), (406, 59));
    let demo = AppId::parse("demo").unwrap();
    desk.store.remove_template(&demo, &TemplateId::parse("101").unwrap(), None).await.unwrap();
    let desk = desk.started_again().await;
    assert_eq!(push(&desk, &desk.jwt(), "b", &order("Budi").to_string()).await.oca_error(), (406, 59));
    assert_eq!(msgid(&push(&desk, &desk.jwt(), "a", &order("Budi").to_string()).await), msgid(&first));
    assert_eq!(push(&desk, &desk.jwt(), "a", &order("Siti").to_string()).await.oca_error(), (409, 409));
}

#[tokio::test]
async fn a_key_that_is_none_is_told_with_all_else_that_is_wrong() {
    let desk = Desk::open().await;
    let mut body = order("Budi");
    body["phone_number"] = "0812".into();
    body["message"]["expires_in"] = 0.into();
    let answer = push(&desk, &desk.jwt(), "", &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE);
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r#"
    {
      "errors": [
        {
          "message": [
            {
              "msg": "Idempotency-Key must be 1 to 255 printable ASCII characters, and there must be only one",
              "param": "Idempotency-Key",
              "location": "headers"
            },
            {
              "value": "0812",
              "msg": "Invalid country code",
              "param": "phone_number",
              "location": "body"
            },
            {
              "value": 0,
              "msg": "Waiting time must be between 1 and 2592000 seconds",
              "param": "message.expires_in",
              "location": "body"
            }
          ],
          "code": 39
        }
      ]
    }
    "#);
    let long = push(&desk, &desk.jwt(), &"k".repeat(256), &order("Budi").to_string()).await;
    assert_eq!(long.oca_error(), (406, 39));
    assert_eq!(n_messages(&desk).await, 0);
}

#[tokio::test]
async fn a_message_waits_as_long_as_its_request_says() {
    let desk = Desk::open().await;
    let mut body = order("Budi");
    body["message"]["expires_in"] = 90.into();
    let accepted = msgid(&desk.demo(Method::POST, PUSH, &body.to_string()).await);
    let (app, msgid) = (AppId::parse("demo").unwrap(), Msgid::parse(&accepted).unwrap());
    let view = desk.store.message(&app, msgid).await.unwrap().unwrap();
    assert_eq!(view.expires_at, desk.clock.now().plus(Duration::from_secs(90)));
}

#[tokio::test]
async fn when_too_many_wait_only_what_was_accepted_before_is_answered() {
    let desk = Desk::open().await;
    let body = order("Budi").to_string();
    let first = push(&desk, &desk.jwt(), "a", &body).await;
    for _ in 1..100 {
        msgid(&desk.demo(Method::POST, PUSH, &body).await);
    }
    let full = desk.demo(Method::POST, PUSH, &body).await;
    assert_eq!((full.oca_error(), full.header("retry-after")), ((503, 503), "5"));
    assert_eq!(push(&desk, &desk.jwt(), "a", &body).await.text, first.text);
    assert_eq!(n_messages(&desk).await, 100);
}
