//! What is around the dialects.

use std::any::Any;

use axum::response::Response;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;

use crate::tests::desk::Desk;
use crate::{oca, unswer};

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
