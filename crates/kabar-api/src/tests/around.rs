//! What is around the dialects.

use std::any::Any;

use aws_lc_rs::hmac;
use axum::response::Response;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;

use crate::tests::desk::{APP_SECRET, Desk, VERIFY_TOKEN};
use crate::{oca, unswer};

const WEBHOOK: &str = "/webhooks/meta";

fn signature(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, APP_SECRET.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[tokio::test]
async fn the_document_describes_both_dialects() {
    let desk = Desk::open().await;
    let answer = desk.call(Method::GET, "/openapi.json", &[], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_snapshot!("openapi", serde_json::to_string_pretty(&answer.json()).unwrap());
}

#[tokio::test]
async fn the_page_to_try_it_asks_nobody_else() {
    let desk = Desk::open().await;
    let moved = desk.call(Method::GET, "/docs", &[], "").await;
    assert_eq!((moved.status, moved.header("location")), (StatusCode::SEE_OTHER, "/docs/"));
    let page = desk.call(Method::GET, "/docs/", &[], "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-security-policy").starts_with("default-src 'self';"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let script = desk.call(Method::GET, "/docs/swagger-initializer.js", &[], "").await;
    assert_eq!(script.status, StatusCode::OK);
    assert!(script.text.contains("/openapi.json"), "{}", script.text);
    assert!(script.text.contains(r#""validatorUrl": "none""#), "{}", script.text);
    assert!(!script.text.contains("http://") && !script.text.contains("https://"), "{}", script.text);
}

#[tokio::test]
async fn the_upstream_verifies_our_address_by_the_right_token_alone() {
    let desk = Desk::open().await;
    let ask = |mode: &str, token: &str| {
        let token = token.replace(' ', "%20");
        format!("{WEBHOOK}?hub.mode={mode}&hub.verify_token={token}&hub.challenge=1158201444")
    };
    let good = desk.call(Method::GET, &ask("subscribe", VERIFY_TOKEN), &[], "").await;
    assert_eq!((good.status, good.text.as_str()), (StatusCode::OK, "1158201444"));
    assert!(good.header("content-type").starts_with("text/plain"));
    for path in [ask("subscribe", "wrong"), ask("unsubscribe", VERIFY_TOKEN), WEBHOOK.to_owned()] {
        let bad = desk.call(Method::GET, &path, &[], "").await;
        assert_eq!((bad.status, bad.text.as_str()), (StatusCode::FORBIDDEN, ""), "{path}");
    }
}

#[tokio::test]
async fn a_webhook_call_is_taken_if_it_is_signed_and_readable() {
    let desk = Desk::open().await;
    let body = r#"{"object":"whatsapp_business_account","entry":[]}"#;
    let call = async |body: &str, signature: &str| {
        desk.call(Method::POST, WEBHOOK, &[("x-hub-signature-256", signature)], body).await.status
    };
    assert_eq!(call(body, &signature(body)).await, StatusCode::OK);
    assert_eq!(call(body, &signature("other")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(call(body, "").await, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.call(Method::POST, WEBHOOK, &[], body).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(call("{", &signature("{")).await, StatusCode::BAD_REQUEST);
    let large = " ".repeat(4 * 1024 * 1024 + 1);
    assert_eq!(call(&large, "").await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.call(Method::PUT, WEBHOOK, &[], body).await.status, StatusCode::NOT_FOUND);
    let metrics = desk.call(Method::GET, "/metrics", &[], "").await;
    assert!(metrics.text.contains(r#"kabar_webhooks_total{outcome="bad_signature"} 3"#), "{}", metrics.text);
}

#[tokio::test]
async fn operators_see_that_it_lives_and_what_it_counts() {
    let desk = Desk::open().await;
    for path in ["/healthz", "/readyz"] {
        let answer = desk.call(Method::GET, path, &[], "").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "ok"));
    }
    desk.demo(Method::GET, "/templates/demo/101", "").await;
    desk.demo(Method::GET, "/made/up", "").await;
    let metrics = desk.call(Method::GET, "/metrics", &[], "").await;
    assert_eq!(metrics.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    for line in [
        r#"kabar_http_requests_total{dialect="unswer",route="/templates/{app}/{template}",status="2xx"} 1"#,
        r#"kabar_http_requests_total{dialect="none",route="other",status="4xx"} 1"#,
        r#"kabar_http_requests_total{dialect="none",route="/healthz",status="2xx"} 1"#,
        "kabar_messages_waiting 0",
    ] {
        assert!(metrics.text.lines().any(|found| found == line), "{line} is not in {}", metrics.text);
    }
}

#[tokio::test]
async fn every_answer_can_be_found_by_its_id_and_elsewhere_is_nothing() {
    let desk = Desk::open().await;
    let answer = desk.call(Method::GET, "/", &[("x-request-id", "order-17")], "").await;
    assert_eq!(answer.header("x-request-id"), "order-17");
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.text, r#"{"type":"about:blank","title":"Not Found","status":404}"#);
    for path in ["/api/v1/other", "/api", "/healthz/x"] {
        let answer = desk.call(Method::GET, path, &[], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn a_token_that_is_revoked_counts_no_longer_and_one_that_ends_ends() {
    let desk = Desk::open().await;
    assert_eq!(desk.demo(Method::GET, "/templates/demo", "").await.status, StatusCode::OK);
    let id = kabar_domain::ids::TokenId::from_uuid(uuid::Uuid::from_u128(1));
    desk.store.revoke_token(id, desk.clock.now()).await.unwrap();
    desk.gateway.refresh_directory().await.unwrap();
    assert_eq!(desk.demo(Method::GET, "/templates/demo", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_handler_that_panics_is_our_own_failure_in_the_words_of_the_dialect() {
    type Panicked = fn(Box<dyn Any + Send + 'static>) -> Response;
    let handlers: [(Panicked, &str); 3] = [
        (oca::panicked, r#"{"errors":[{"message":"Internal Server Error","code":13}]}"#),
        (
            unswer::panicked,
            r#"{"statusCode":500,"code":"INTERNAL_SERVER_ERROR","message":"Something went wrong on our side."}"#,
        ),
        (crate::panicked, r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#),
    ];
    for (panicked, expected) in handlers {
        let response = panicked(Box::new("a piece of the request"));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, expected);
    }
}
