//! Subscriptions, and what callbacks are told.

use std::time::Duration;

use aws_lc_rs::hmac;
use kabar_sandbox::{Review, Timings};
use serde_json::{Value, json};

use crate::harness::{Callback, Delivery, Platform, SECRET, VERIFY_TOKEN, WABA, quick, send_body, until};

async fn subscribe(platform: &Platform, url: &str, verify_token: &str) -> crate::harness::Answer {
    let body = json!({"override_callback_uri": url, "verify_token": verify_token});
    platform.post(&format!("/v26.0/{WABA}/subscribed_apps"), &body).await
}

fn is_signed(delivery: &Delivery) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let hex = delivery.signature.strip_prefix("sha256=").unwrap();
    let tag: Vec<u8> = (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    hmac::verify(&key, &delivery.body, &tag).is_ok()
}

async fn until_read(callback: &Callback, n_messages: usize) -> Vec<Value> {
    until("all statuses are told", async || {
        let statuses = callback.statuses();
        let n_read = statuses.iter().filter(|status| status["status"] == "read").count();
        (n_read >= n_messages).then_some(statuses)
    })
    .await
}

#[tokio::test]
async fn the_statuses_of_a_message_are_told_signed_and_in_order() {
    let platform = Platform::start(quick()).await;
    let callback = Callback::start().await;
    subscribe(&platform, &callback.url, VERIFY_TOKEN).await.ok();
    platform.create(WABA, "order_update").await;
    let number = platform.number(WABA).await;
    let mut body = send_body("order_update", "6281234567890");
    body["biz_opaque_callback_data"] = json!("pesan-é");
    let answer = platform.post(&format!("/{number}/messages"), &body).await.ok();
    let statuses = until_read(&callback, 1).await;
    let kinds: Vec<_> = statuses.iter().map(|status| status["status"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["sent", "delivered", "read"]);
    for status in &statuses {
        assert_eq!(status["id"], answer["messages"][0]["id"]);
        assert_eq!(status["recipient_id"], "6281234567890");
        assert_eq!(status["biz_opaque_callback_data"], "pesan-é");
        assert!(status["timestamp"].as_str().unwrap().parse::<u64>().is_ok());
    }
    let pricing = json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility"});
    assert_eq!((&statuses[0]["pricing"], &statuses[1]["pricing"]), (&pricing, &pricing));
    assert!(statuses[2].get("pricing").is_none());
    let display = platform.get(&format!("/{number}?fields=display_phone_number")).await.ok();
    let digits: String =
        display["display_phone_number"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    let value = &callback.values("messages")[0];
    assert_eq!(value["metadata"], json!({"display_phone_number": digits, "phone_number_id": number}));
    assert_eq!(value["contacts"][0]["wa_id"], "6281234567890");
    assert!(value["contacts"][0]["user_id"].is_string());
    for delivery in callback.deliveries() {
        assert!(is_signed(&delivery));
        assert!(delivery.body.is_ascii(), "what is not ASCII is escaped");
        assert_eq!(delivery.json()["object"], "whatsapp_business_account");
        assert_eq!(delivery.json()["entry"][0]["id"], WABA);
    }
    let message = until("the ledger knows that all is told", async || {
        let message = platform.ledger("messages").await.remove(0);
        let statuses = message["statuses"].as_array().unwrap();
        let told = statuses.len() == 3 && statuses.iter().all(|status| status["delivered_at"].is_string());
        told.then_some(message)
    })
    .await;
    assert_eq!(message["statuses"][0]["status"], "sent");
    let calls = platform.ledger("webhooks").await;
    assert!(calls.iter().all(|call| call["outcome"] == "answered: 200" && call["url"] == callback.url.as_str()));
}

#[tokio::test]
async fn a_template_s_decision_is_told() {
    let mut options = quick();
    options.review = Review::Manual;
    let platform = Platform::start(options).await;
    let callback = Callback::start().await;
    subscribe(&platform, &callback.url, VERIFY_TOKEN).await.ok();
    let mut ids = Vec::new();
    for (name, decision) in [("good", "approve"), ("bad", "reject"), ("tired", "pause"), ("gone", "disable")] {
        let mut template = crate::harness::simple_template(name);
        template["language"] = json!("en_US");
        let created = platform.post(&format!("/{WABA}/message_templates"), &template).await.ok();
        let id = created["id"].as_str().unwrap().to_owned();
        platform.call("POST", &format!("/_sandbox/templates/{id}/{decision}"), None).await.ok();
        ids.push(id);
    }
    let values = until("all decisions are told", async || {
        let values = callback.values("message_template_status_update");
        (values.len() == 4).then_some(values)
    })
    .await;
    assert_eq!(
        values[0],
        json!({
            "event": "APPROVED",
            "message_template_id": ids[0].parse::<u64>().unwrap(),
            "message_template_name": "good",
            "message_template_language": "en-US",
            "reason": "NONE",
            "message_template_category": "UTILITY"
        })
    );
    assert_eq!((&values[1]["event"], &values[1]["reason"]), (&json!("REJECTED"), &json!("INVALID_FORMAT")));
    assert!(values[1]["rejection_info"]["recommendation"].is_string());
    assert_eq!(values[2]["other_info"]["title"], "FIRST_PAUSE");
    assert!(values[3]["disable_info"]["disable_date"].is_string());
    assert!(callback.deliveries()[0].json()["entry"][0]["time"].is_number());
}

#[tokio::test]
async fn a_callback_is_kept_only_after_its_handshake_and_the_newest_wins() {
    let platform = Platform::start(quick()).await;
    let (first, second) = (Callback::start().await, Callback::start().await);
    let refused = subscribe(&platform, &first.url, "wrong").await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "2200"));
    let nobody = subscribe(&platform, "http://127.0.0.1:1/hook", VERIFY_TOKEN).await;
    assert_eq!(nobody.code(), "2200");
    assert_eq!(subscribe(&platform, "nonsense", VERIFY_TOKEN).await.code(), "2200");
    let path = format!("/v26.0/{WABA}/subscribed_apps");
    let no_token = platform.post(&path, &json!({"override_callback_uri": first.url})).await;
    assert_eq!(no_token.code(), "100");
    assert_eq!(platform.get(&path).await.ok(), json!({"data": []}));
    subscribe(&platform, &first.url, VERIFY_TOKEN).await.ok();
    // Once more, as a form and as a query.
    let form = http::Request::post(&path)
        .header("authorization", "Bearer t")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(format!(
            "override_callback_uri={}&verify_token=verify+me+%26+more",
            first.url.replace(':', "%3A").replace('/', "%2F")
        )))
        .unwrap();
    platform.request(form).await.ok();
    let query = format!("{path}?override_callback_uri={}&verify_token=verify%20me%20%26%20more", second.url);
    platform.call("POST", &query, None).await.ok();
    let subscribed = platform.get(&path).await.ok();
    assert_eq!(subscribed["data"][0]["override_callback_uri"], second.url.as_str());
    platform.create(WABA, "order_update").await;
    until("the second is told", async || (!second.deliveries().is_empty()).then_some(())).await;
    assert!(first.deliveries().is_empty());
    assert_eq!(platform.call("DELETE", &path, None).await.ok(), json!({"success": true}));
    assert_eq!(platform.get(&path).await.ok(), json!({"data": []}));
}

#[tokio::test]
async fn the_default_callback_is_verified_and_serves_accounts_without_their_own() {
    let callback = Callback::start().await;
    let mut options = quick();
    options.webhook_url = Some(callback.url.clone());
    options.verify_token = Some(VERIFY_TOKEN.to_owned());
    let platform = Platform::start(options).await;
    platform.create("1001", "order_update").await;
    platform.create("1002", "order_update").await;
    until("both are told", async || (callback.values("message_template_status_update").len() == 2).then_some(())).await;
    assert_eq!(callback.n_handshakes(), 1);
    let own = Callback::start().await;
    subscribe(&platform, &own.url, VERIFY_TOKEN).await.ok();
    platform.create(WABA, "order_update").await;
    until("the account's own is told", async || (own.deliveries().len() == 1).then_some(())).await;
    assert_eq!(callback.values("message_template_status_update").len(), 2);
}

#[tokio::test]
async fn a_callback_that_fails_is_tried_again_and_hears_everything_once_in_order() {
    let platform = Platform::start(quick()).await;
    let callback = Callback::start().await;
    subscribe(&platform, &callback.url, VERIFY_TOKEN).await.ok();
    platform.create(WABA, "order_update").await;
    until("the approval is told", async || (!callback.deliveries().is_empty()).then_some(())).await;
    callback.refuse_next(2);
    let number = platform.number(WABA).await;
    for index in 0..20 {
        platform.send(&number, "order_update", &format!("62812000000{index:02}")).await.ok();
    }
    let statuses = until_read(&callback, 20).await;
    assert_eq!(callback.n_refused(), 2);
    assert_eq!(statuses.len(), 60);
    for index in 0..20 {
        let to = format!("62812000000{index:02}");
        let of_one = statuses.iter().filter(|status| status["recipient_id"] == to.as_str());
        let kinds: Vec<_> = of_one.map(|status| status["status"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["sent", "delivered", "read"]);
    }
    let outcomes = platform.ledger("webhooks").await;
    assert_eq!(outcomes.iter().filter(|call| call["outcome"] == "answered: 500").count(), 2);
}

#[tokio::test]
async fn what_happened_before_a_callback_is_there_is_told_in_batches_afterwards() {
    let mut options = quick();
    options.timings = Timings { sent: Duration::ZERO, delivered: Duration::ZERO, read: Duration::ZERO };
    let platform = Platform::start(options).await;
    let number = platform.number(WABA).await;
    platform.create(WABA, "order_update").await;
    for index in 0..500 {
        platform.send(&number, "order_update", &format!("62812000{index:04}")).await.ok();
    }
    until("all are read", async || {
        let messages = platform.ledger("messages").await;
        messages.iter().all(|message| message["statuses"].as_array().unwrap().len() == 3).then_some(())
    })
    .await;
    let callback = Callback::start().await;
    subscribe(&platform, &callback.url, VERIFY_TOKEN).await.ok();
    until_read(&callback, 500).await;
    let sizes: Vec<_> =
        platform.ledger("webhooks").await.iter().map(|call| call["updates"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [1000, 501], "1,500 statuses and an approval");
}
