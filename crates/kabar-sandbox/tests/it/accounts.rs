//! Paths, tokens, accounts and numbers.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::harness::{Platform, WABA, quick};

#[tokio::test]
async fn an_account_comes_into_being_with_a_number_and_the_sample_template() {
    let platform = Platform::start(quick()).await;
    let numbers = platform.get(&format!("/v26.0/{WABA}/phone_numbers")).await.ok();
    let number = &numbers["data"][0];
    assert_eq!(number["quality_rating"], "GREEN");
    assert_eq!(number["throughput"], json!({"level": "HIGH"}));
    assert!(number["display_phone_number"].as_str().unwrap().starts_with("+1 555-"), "{number}");
    assert!(numbers["paging"]["cursors"]["after"].is_string());
    let id = number["id"].as_str().unwrap();
    let read = platform.get(&format!("/{id}?fields=display_phone_number,throughput{{level}}")).await.ok();
    assert_eq!(read["id"], id);
    assert_eq!(read["display_phone_number"], number["display_phone_number"]);
    let templates = platform.get(&format!("/{WABA}/message_templates")).await.ok();
    let sample = &templates["data"][0];
    assert_eq!(sample["name"], "hello_world");
    assert_eq!((&sample["language"], &sample["status"]), (&json!("en_US"), &json!("APPROVED")));
    assert_eq!(sample["category"], "UTILITY");
    // A number that never sent can be read too, and belongs to nobody yet.
    let unheard = platform.get("/2001?fields=display_phone_number,quality_rating").await.ok();
    assert_eq!(unheard["quality_rating"], "GREEN");
    assert_eq!(platform.get("/2001").await.code(), "100/33");
    // The same account has the same number in every sandbox.
    let other = Platform::start(quick()).await;
    assert_eq!(other.number(WABA).await, id);
}

#[tokio::test]
async fn a_token_is_needed_and_only_the_named_one_is_taken() {
    let mut options = quick();
    options.token = Some("right".to_owned());
    let platform = Platform::start(options).await;
    let path = format!("/v26.0/{WABA}/phone_numbers");
    let ask = async |path: &str, header: Option<&str>| {
        let mut request = Request::get(path);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        platform.request(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask(&path, Some("Bearer right")).await.status, 200);
    assert_eq!(ask(&format!("{path}?access_token=right"), None).await.status, 200);
    let wrong = ask(&path, Some("Bearer wrong")).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "190"));
    assert_eq!(wrong.body["error"]["type"], "OAuthException");
    let none = ask(&path, None).await;
    assert_eq!((none.status, none.code().as_str()), (403, "200"));
    let request = Request::post(format!("/v26.0/{WABA}/message_templates")).body(Body::empty()).unwrap();
    let none = platform.request(request).await;
    assert_eq!((none.status, none.code().as_str()), (401, "104"));
    // The ledger shows the calls and never the token.
    let calls = platform.ledger("calls").await;
    let outcomes: Vec<_> = calls.iter().map(|call| call["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["ok", "ok", "refused: 190", "refused: 200", "refused: 104"]);
    assert!(calls.iter().all(|call| !call.to_string().contains("right")), "{calls:?}");
}

#[tokio::test]
async fn unknown_paths_and_ids_are_refused_as_the_platform_does() {
    let platform = Platform::start(quick()).await;
    let number = platform.number(WABA).await;
    for (method, path, status, code) in [
        ("GET", "/v26.0/4711".to_owned(), 400, "100/33"),
        ("GET", "/".to_owned(), 400, "100/33"),
        ("GET", "/v26.0/me".to_owned(), 404, "803"),
        ("GET", format!("/v26.0/{WABA}/flows"), 400, "2500"),
        ("GET", format!("/v26.0/{WABA}/message_templates/1"), 400, "2500"),
        ("GET", format!("/v26.0/{number}/messages"), 400, "100/33"),
        ("POST", format!("/v26.0/{WABA}/messages"), 400, "100"),
        ("GET", format!("/v26.0/{number}/message_templates"), 400, "100"),
        ("GET", format!("/v26.0/{number}?fields=surname"), 400, "100"),
    ] {
        let answer = platform.call(method, &path, None).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path}: {}", answer.body);
    }
    let unknown = platform.get("/v26.0/4711").await;
    assert_eq!(unknown.body["error"]["type"], "GraphMethodException");
    let broken = Request::post(format!("/{number}/messages"))
        .header("authorization", "Bearer t")
        .header("content-type", "application/json")
        .body(Body::from("{\"to\":"))
        .unwrap();
    let broken = platform.request(broken).await;
    assert_eq!((broken.status, broken.code().as_str()), (400, "100"));
    let large = Request::post(format!("/{number}/messages"))
        .header("authorization", "Bearer t")
        .body(Body::from(vec![b' '; 4 * 1024 * 1024]))
        .unwrap();
    let large = platform.request(large).await;
    assert_eq!((large.status, large.code().as_str()), (400, "100"));
}

#[tokio::test]
async fn answers_carry_the_platforms_headers() {
    let platform = Platform::start(quick()).await;
    let answer = platform.get(&format!("/v21.0/{WABA}/phone_numbers")).await;
    assert_eq!(answer.headers["content-type"], "application/json; charset=UTF-8");
    assert_eq!(answer.headers["facebook-api-version"], "v21.0");
    assert!(answer.headers.contains_key("x-fb-request-id"));
    let usage: serde_json::Value =
        serde_json::from_str(answer.headers["x-business-use-case-usage"].to_str().unwrap()).unwrap();
    assert_eq!(usage[WABA][0]["type"], "whatsapp_business_management");
    let newest = platform.get(&format!("/{WABA}/phone_numbers")).await;
    assert_eq!(newest.headers["facebook-api-version"], "v26.0");
}

#[tokio::test]
async fn a_new_number_belongs_to_the_account_with_its_template() {
    let platform = Platform::start(quick()).await;
    platform.create("1001", "only_here").await;
    platform.create("1002", "elsewhere").await;
    assert_eq!(platform.send("2001", "only_here", "6281200000001").await.status, 200);
    // Of several accounts with a template, the one named last gets the number.
    platform.create("1001", "in_both").await;
    platform.create("1002", "in_both").await;
    platform.get("/1001/phone_numbers").await.ok();
    assert_eq!(platform.send("2003", "in_both", "6281200000001").await.status, 200);
    platform.get("/1002/phone_numbers").await.ok();
    // `hello_world` is everywhere, so the account named last gets the number; the template's language is not its own.
    let unknown = platform.send("2002", "hello_world", "6281200000001").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "132001"));
    for (waba_id, number) in [("1001", "2001"), ("1001", "2003"), ("1002", "2002")] {
        let numbers = platform.get(&format!("/{waba_id}/phone_numbers?fields=id")).await.ok();
        assert!(numbers["data"].as_array().unwrap().contains(&json!({"id": number})), "{numbers}");
    }
    // It stays there, also when it sends by another account's template.
    assert_eq!(platform.send("2001", "elsewhere", "6281200000001").await.code(), "132001");
    let message = &platform.ledger("messages").await[0];
    assert_eq!((&message["waba_id"], &message["phone_number_id"]), (&json!("1001"), &json!("2001")));
}

#[tokio::test]
async fn the_sandbox_tells_what_it_has() {
    let platform = Platform::start(quick()).await;
    let index = platform.get("/_sandbox").await.ok();
    assert!(index["endpoints"]["GET /_sandbox/ledger/messages"].is_string());
    assert_eq!(platform.get("/_sandbox/health").await.status, 200);
    assert_eq!(platform.get("/_sandbox/other").await.status, 404);
    let recipients = platform.get("/_sandbox/recipients").await.ok();
    assert_eq!(recipients.as_array().unwrap().len(), kabar_sandbox::recipients::table().len());
    assert_eq!(recipients[0]["ends_in"], "99131026");
    // None of this is a Graph call.
    assert!(platform.ledger("calls").await.is_empty());
}
