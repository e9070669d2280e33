//! Callbacks under `/v1`.

use http::{Method, StatusCode};
use kabar_store::directory::Scope;
use serde_json::{Value, json};

use crate::tests::desk::{Answer, Desk};

const URL: &str = "https://toko.example/kabar";

async fn create(desk: &Desk, body: &Value) -> Answer {
    desk.demo(Method::POST, "/v1/callbacks", &body.to_string()).await
}

async fn created(desk: &Desk) -> Value {
    let answer = create(desk, &json!({ "url": URL, "events": ["message.*"], "description": "orders" })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()
}

fn id(callback: &Value) -> &str {
    callback["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_callback_is_made_listed_changed_and_deleted() {
    let desk = Desk::open().await;
    let answer = create(&desk, &json!({ "url": URL, "events": ["message.*", "template.status"] })).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let made = answer.json();
    assert_eq!(answer.header("location"), format!("/v1/callbacks/{}", id(&made)));
    insta::assert_json_snapshot!(made, { ".id" => "[id]", ".secret" => "[secret]" }, @r#"
    {
      "id": "[id]",
      "url": "https://toko.example/kabar",
      "events": [
        "message.*",
        "template.status"
      ],
      "description": "",
      "signing": "hmac",
      "old_key_until": null,
      "state": "active",
      "paused": null,
      "failing_since": null,
      "waiting": 0,
      "created_at": "2024-03-01T03:22:58.000Z",
      "changed_at": "2024-03-01T03:22:58.000Z",
      "secret": "[secret]"
    }
    "#);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));

    let path = format!("/v1/callbacks/{}", id(&made));
    let read = desk.demo(Method::GET, &path, "").await.json();
    assert_eq!(read.get("secret"), None, "it is told once");
    assert_eq!(desk.demo(Method::GET, "/v1/callbacks", "").await.json(), json!({ "data": [read] }));
    let changed = desk.demo(Method::PATCH, &path, r#"{"description":"the shop"}"#).await.json();
    assert_eq!((&changed["description"], &changed["url"]), (&json!("the shop"), &json!(URL)));
    assert_eq!(desk.demo(Method::DELETE, &path, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.demo(Method::GET, &path, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.demo(Method::DELETE, &path, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_callback_is_told_at_once() {
    let desk = Desk::open().await;
    let body = json!({ "url": "http://169.254.169.254/", "events": ["message.*", "message.seen"], "secret": "x" });
    let answer = create(&desk, &body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "invalid",
      "detail": "The request is not valid",
      "errors": [
        {
          "path": "secret",
          "rule": "unexpected_field",
          "message": "callback has no field named secret"
        },
        {
          "path": "url",
          "rule": "callback_https",
          "message": "URL must begin with https"
        },
        {
          "path": "url",
          "rule": "callback_address",
          "message": "The address 169.254.169.254 must not be called: it is none of the public internet"
        },
        {
          "path": "events[1]",
          "rule": "not_one_of",
          "message": "Item 2 of Event list must be one of: *, message.*, template.*, sender.*, message.submitted, message.sent, message.delivered, message.read, message.failed, message.rejected, message.expired, message.cancelled, message.in_doubt, message.reply, template.status, template.category, template.quality, sender.held, sender.quality"
        }
      ]
    }
    "#);
    let bearer = format!("Bearer {}", desk.jwt());
    let headers = [("authorization", bearer.as_str()), ("accept-language", "id")];
    let answer = desk.call(Method::POST, "/v1/callbacks", &headers, "{}").await;
    assert_eq!(answer.json()["errors"][0]["message"], "URL wajib diisi");
    assert_eq!(create(&desk, &json!("text")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.demo(Method::POST, "/v1/callbacks", "{").await.json()["code"], "not_json");
    assert_eq!(desk.demo(Method::POST, "/v1/callbacks", "").await.json()["code"], "not_json");
}

#[tokio::test]
async fn only_a_token_for_callbacks_of_the_same_app_is_let_in() {
    let desk = Desk::open().await;
    let made = created(&desk).await;
    let path = format!("/v1/callbacks/{}", id(&made));
    let code = async |jwt: String| {
        let bearer = format!("Bearer {jwt}");
        let answer = desk.call(Method::GET, &path, &[("authorization", &bearer)], "").await;
        (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code(desk.jwt_for(Scope::Send)).await, (403, "forbidden".to_owned()));
    assert_eq!(code(desk.jwt_of_another()).await, (404, "not_found".to_owned()));
    assert_eq!(code(desk.jwt_revoked()).await, (401, "token_invalid".to_owned()));
    assert_eq!(code(desk.jwt_expired()).await, (401, "token_expired".to_owned()));
    let missing = desk.call(Method::GET, &path, &[], "").await;
    assert_eq!(missing.json()["code"], "token_missing");
    for path in ["/v1", "/v1/other", "/v1/callbacks/x", "/v1/callbacks/x/y"] {
        let answer = desk.demo(Method::GET, path, "").await;
        assert_eq!((answer.status, &answer.json()["title"]), (StatusCode::NOT_FOUND, &json!("Not Found")), "{path}");
    }
    let put = desk.demo(Method::PUT, &path, "{}").await;
    assert_eq!(put.json()["code"], "not_found");
}

#[tokio::test]
async fn a_new_key_is_told_once_and_the_old_one_has_an_end() {
    let desk = Desk::open().await;
    let made = created(&desk).await;
    let path = format!("/v1/callbacks/{}/rotate", id(&made));
    let rotated = desk.demo(Method::POST, &path, "").await.json();
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(rotated["old_key_until"], "2024-03-02T03:22:58.000Z");
    let pair = desk.demo(Method::POST, &path, r#"{"overlap_hours":1,"signing":"ed25519"}"#).await.json();
    assert_eq!((pair.get("secret"), &pair["signing"]), (None, &json!("ed25519")));
    assert!(pair["public_key"].as_str().unwrap().starts_with("whpk_"));
    let wrong = desk.demo(Method::POST, &path, r#"{"overlap_hours":169}"#).await;
    assert_eq!(wrong.json()["errors"][0]["message"], "Overlap of the keys must be between 0 and 168 hours");
}

#[tokio::test]
async fn what_a_callback_was_told_can_be_looked_at_and_told_again() {
    let desk = Desk::open().await;
    let made = created(&desk).await;
    let path = |rest: &str| format!("/v1/callbacks/{}{rest}", id(&made));
    let queued = desk.demo(Method::POST, &path("/test"), "").await;
    assert_eq!(queued.status, StatusCode::ACCEPTED);
    let event = queued.json()["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        desk.demo(Method::POST, &path("/test"), "").await;
    }
    let page = desk.demo(Method::GET, &path("/deliveries?limit=2&state=waiting"), "").await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let next = page["next"].as_str().unwrap();
    let last = desk.demo(Method::GET, &path(&format!("/deliveries?limit=2&after={next}")), "").await.json();
    assert_eq!((last["data"].as_array().unwrap().len(), &last["next"]), (1, &Value::Null));
    let one = desk.demo(Method::GET, &path(&format!("/deliveries/{event}")), "").await.json();
    assert_eq!(last["data"][0], one);
    insta::assert_json_snapshot!(one, { ".id" => "[id]" }, @r#"
    {
      "id": "[id]",
      "type": "callback.test",
      "occurred_at": "2024-03-01T03:22:58.000Z",
      "state": "waiting",
      "due_at": "2024-03-01T03:22:58.000Z",
      "ended_at": null,
      "calls": [],
      "payload": {
        "type": "callback.test",
        "timestamp": "2024-03-01T03:22:58.000Z",
        "data": {
          "app": "demo"
        }
      }
    }
    "#);
    let again = desk.demo(Method::POST, &path(&format!("/deliveries/{event}/redrive")), "").await;
    assert_eq!((again.status, again.json()), (StatusCode::ACCEPTED, json!({ "id": event })));
    let none = path("/deliveries/00000000-0000-0000-0000-000000000000/redrive");
    assert_eq!(desk.demo(Method::POST, &none, "").await.status, StatusCode::NOT_FOUND);
    let range = r#"{"from":"2024-03-01T00:00:00Z","to":"2024-03-02T00:00:00Z","state":"all"}"#;
    assert_eq!(desk.demo(Method::POST, &path("/redrive"), range).await.json(), json!({ "redriven": 0 }));
    let wrong = desk.demo(Method::GET, &path("/deliveries?limit=201&state=new&after=here"), "").await.json();
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_paused_callback_is_not_tried_out() {
    let desk = Desk::open().await;
    let made = created(&desk).await;
    let path = |rest: &str| format!("/v1/callbacks/{}{rest}", id(&made));
    let paused = desk.demo(Method::POST, &path("/pause"), "").await.json();
    assert_eq!((&paused["state"], &paused["paused"]["reason"]), (&json!("paused"), &json!("asked")));
    let refused = desk.demo(Method::POST, &path("/test"), "").await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::CONFLICT, &json!("callback_paused")));
    let resumed = desk.demo(Method::POST, &path("/resume"), "").await.json();
    assert_eq!((&resumed["state"], &resumed["paused"]), (&json!("active"), &Value::Null));
}

#[tokio::test]
async fn an_app_that_has_too_many_callbacks_is_told_so() {
    let desk = Desk::open().await;
    for _ in 0..20 {
        created(&desk).await;
    }
    let refused = create(&desk, &json!({ "url": URL, "events": ["*"] })).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::CONFLICT, &json!("too_many_callbacks")));
    assert_eq!(refused.json()["detail"], "An app may have at most 20 callbacks");
}
