//! The upstream calls.

use aws_lc_rs::hmac;
use http::{Method, StatusCode};
use kabar_domain::clock::Moment;
use kabar_store::journal::{CallHead, MOST_REFUSED_BYTES, Range};
use serde_json::{Value, json};

use crate::tests::desk::{APP_SECRET, Desk, OTHER_APP_SECRET, VERIFY_TOKEN};

const WEBHOOK: &str = "/webhooks/meta";
const ALL: Range = Range { from: Moment::from_millis(0), to: Moment::from_seconds(4_000_000_000) };

fn signature(body: &str) -> String {
    signed(APP_SECRET, body)
}

fn signed(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

async fn post(desk: &Desk, secret: &str, body: &str) -> StatusCode {
    let signature = signed(secret, body);
    desk.call(Method::POST, WEBHOOK, &[("x-hub-signature-256", &signature)], body).await.status
}

async fn journal(desk: &Desk) -> Vec<CallHead> {
    desk.store.calls(ALL, ALL.start(), 100).await.unwrap()
}

/// A call with these statuses for an account.
fn body(account: &str, statuses: &[Value]) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [entry(account, "100", statuses)] }).to_string()
}

fn entry(account: &str, sender: &str, statuses: &[Value]) -> Value {
    json!({ "id": account, "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": sender },
        "statuses": statuses
    }}]})
}

fn status(number: usize, status: &str) -> Value {
    json!({ "id": format!("wamid.{number}"), "status": status, "timestamp": "1709263400", "recipient_id": "6281234567890" })
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
async fn every_call_is_kept_as_it_came_with_the_verdict_on_its_signature() {
    let desk = Desk::open().await;
    // Spaces and escapes that nobody would write again like this.
    let good = "{ \"object\":\"whatsapp_business_account\", \"entry\":[ ], \"x\":\"\\u00e9\" }\n";
    assert_eq!(post(&desk, APP_SECRET, good).await, StatusCode::OK);
    assert_eq!(post(&desk, APP_SECRET, "{").await, StatusCode::BAD_REQUEST);
    assert_eq!(post(&desk, "wrong", good).await, StatusCode::UNAUTHORIZED);
    let long = "x".repeat(MOST_REFUSED_BYTES + 1);
    assert_eq!(post(&desk, "wrong", &long).await, StatusCode::UNAUTHORIZED);
    let kept = journal(&desk).await;
    let verdicts: Vec<_> = kept.iter().map(|head| head.signed_by.as_deref()).collect();
    assert_eq!(verdicts, [Some("main"), Some("main"), None, None]);
    let whole = desk.store.call(kept[0].id).await.unwrap().unwrap().call;
    assert_eq!((whole.body.as_slice(), whole.signature), (good.as_bytes(), Some(signature(good))));
    assert_eq!(kept[3].n_bytes as usize, MOST_REFUSED_BYTES);
}

#[tokio::test]
async fn what_can_t_be_kept_is_asked_for_again() {
    let desk = Desk::open().await;
    desk.store.close().await;
    assert_eq!(post(&desk, APP_SECRET, &body("10", &[])).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(post(&desk, APP_SECRET, "{").await, StatusCode::SERVICE_UNAVAILABLE);
    // Nobody asks for that again.
    assert_eq!(post(&desk, "wrong", "{").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_meta_app_signs_with_its_own_secret_and_speaks_for_its_own_accounts() {
    let desk = Desk::open().await;
    for (secret, account, answer) in [
        (APP_SECRET, "10", StatusCode::OK),
        (OTHER_APP_SECRET, "20", StatusCode::OK),
        (OTHER_APP_SECRET, "10", StatusCode::FORBIDDEN),
        (APP_SECRET, "20", StatusCode::FORBIDDEN),
        ("", "10", StatusCode::UNAUTHORIZED),
    ] {
        let body = body(account, &[status(1, "delivered")]);
        assert_eq!(post(&desk, secret, &body).await, answer, "{secret} {account}");
    }
    let verdicts: Vec<_> = journal(&desk).await.into_iter().map(|head| head.signed_by).collect();
    assert_eq!(verdicts, [Some("main".to_owned()), Some("other".to_owned()), None, None, None]);
    // One foreign account is enough to take nothing of a call.
    let mixed = json!({ "object": "whatsapp_business_account", "entry": [
        entry("10", "100", &[status(1, "read")]), entry("20", "100", &[status(1, "read")])
    ]});
    assert_eq!(post(&desk, APP_SECRET, &mixed.to_string()).await, StatusCode::FORBIDDEN);
    let metrics = desk.call(Method::GET, "/metrics", &[], "").await;
    assert!(metrics.text.contains(r#"kabar_webhooks_total{outcome="not_its_account"} 3"#), "{}", metrics.text);
}

#[tokio::test]
async fn a_thousand_updates_of_many_senders_in_three_megabytes_are_taken_at_once() {
    let desk = Desk::open().await;
    let statuses: Vec<Value> = (0..1000).map(|number| status(number, "sent")).collect();
    let entries: Vec<Value> = statuses
        .chunks(50)
        .enumerate()
        .map(|(sender, statuses)| entry("10", &(100 + sender).to_string(), statuses))
        .collect();
    let mut call = json!({ "object": "whatsapp_business_account", "entry": entries });
    call["padding"] = "p".repeat(3 * 1024 * 1024 - call.to_string().len() - 20).into();
    let call = call.to_string();
    assert!(call.len() > 3 * 1024 * 1024 - 100, "{}", call.len());
    assert_eq!(post(&desk, APP_SECRET, &call).await, StatusCode::OK);
    let kept = journal(&desk).await.remove(0);
    assert_eq!(kept.n_bytes as usize, call.len());
    assert!(kept.n_kept < 200_000, "{kept:?}");
    let metrics = desk.call(Method::GET, "/metrics", &[], "").await;
    assert!(metrics.text.contains(r#"kabar_reports_total{outcome="uncorrelated"} 1000"#), "{}", metrics.text);
}
