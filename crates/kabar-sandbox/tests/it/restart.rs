//! What survives the end of the process.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use kabar_sandbox::{Error, Options, Review, Sandbox, StateError, Timings};
use serde_json::json;

use crate::harness::{Callback, Platform, VERIFY_TOKEN, WABA, quick, send_body, until};

fn kept(path: &Path) -> Options {
    let mut options = quick();
    options.state_file = Some(path.to_owned());
    options
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sandbox.jsonl");
    let platform = Platform::start(kept(&path)).await;
    let callback = Callback::start().await;
    let subscription = json!({"override_callback_uri": callback.url, "verify_token": VERIFY_TOKEN});
    platform.post(&format!("/{WABA}/subscribed_apps"), &subscription).await.ok();
    let id = platform.create(WABA, "order_update").await;
    let gone = platform.create(WABA, "gone").await;
    platform.call("DELETE", &format!("/{WABA}/message_templates?name=gone"), None).await.ok();
    let mut body = send_body("order_update", "6281234567890");
    body["biz_opaque_callback_data"] = json!("m-1");
    body["template"]["components"] = json!([{"type": "body", "parameters": []}]);
    platform.post("/2001/messages", &body).await.ok();
    assert_eq!(platform.send("2001", "order_update", "6281299131056").await.code(), "131056");
    until("all is told", async || {
        let index = platform.get("/_sandbox").await.ok();
        let messages = platform.ledger("messages").await;
        let read = messages[0]["statuses"].as_array().unwrap().len() == 3;
        (read && index["counts"]["updates_not_yet_told"] == 0).then_some(())
    })
    .await;
    let templates = platform.get(&format!("/{WABA}/message_templates")).await.ok();
    let messages = platform.ledger("messages").await;
    let calls = platform.ledger("calls").await;
    let n_told = callback.statuses().len();
    platform.stop().await;

    let platform = Platform::start(kept(&path)).await;
    assert_eq!(platform.ledger("messages").await, messages);
    assert_eq!(platform.ledger("calls").await, calls);
    assert_eq!(platform.get(&format!("/{WABA}/message_templates")).await.ok(), templates);
    assert_eq!(platform.get(&format!("/{id}?fields=status")).await.ok()["status"], "APPROVED");
    assert_eq!(platform.get(&format!("/{gone}")).await.code(), "100/33");
    let numbers = platform.get(&format!("/{WABA}/phone_numbers?fields=id")).await.ok();
    assert!(numbers["data"].as_array().unwrap().contains(&json!({"id": "2001"})), "{numbers}");
    // The second refusal, then it is accepted.
    assert_eq!(platform.send("2001", "order_update", "6281299131056").await.code(), "131056");
    assert_eq!(platform.send("2001", "order_update", "6281299131056").await.status, 200);
    // The subscription is there, and what was told is not told again.
    until("the new message is told", async || (callback.statuses().len() == n_told + 3).then_some(())).await;
}

#[tokio::test]
async fn statuses_and_reviews_go_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sandbox.jsonl");
    let callback = Callback::start().await;
    let hour = Duration::from_secs(3600);
    let mut slow = kept(&path);
    slow.timings = Timings { sent: Duration::ZERO, delivered: hour, read: hour };
    slow.review = Review::Instant;
    let platform = Platform::start(slow.clone()).await;
    platform.create(WABA, "order_update").await;
    let number = platform.number(WABA).await;
    for index in 0..10 {
        platform.send(&number, "order_update", &format!("628120000000{index}")).await.ok();
    }
    until("all are sent", async || {
        let messages = platform.ledger("messages").await;
        messages.iter().all(|message| message["statuses"].as_array().unwrap().len() == 1).then_some(())
    })
    .await;
    platform.stop().await;
    slow.review = Review::Manual;
    let platform = Platform::start(slow).await;
    let pending = platform.create(WABA, "pending").await;
    platform.stop().await;

    let mut options = kept(&path);
    options.review = Review::After(Duration::ZERO);
    options.webhook_url = Some(callback.url.clone());
    let platform = Platform::start(options).await;
    let statuses = until("all statuses are told", async || {
        let statuses = callback.statuses();
        (statuses.len() == 30).then_some(statuses)
    })
    .await;
    for index in 0..10 {
        let to = format!("628120000000{index}");
        let of_one = statuses.iter().filter(|status| status["recipient_id"] == to.as_str());
        let kinds: Vec<_> = of_one.map(|status| status["status"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["sent", "delivered", "read"]);
    }
    until("the review has gone on", async || {
        let read = platform.get(&format!("/{pending}?fields=status")).await.ok();
        (read["status"] == "APPROVED").then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_is_in_the_file_although_nothing_was_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sandbox.jsonl");
    let platform = Platform::start(kept(&path)).await;
    platform.create(WABA, "order_update").await;
    let number = platform.number(WABA).await;
    platform.send(&number, "order_update", "6281234567890").await.ok();
    // What a killed process leaves behind, its last line torn.
    let copy = dir.path().join("copy.jsonl");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::OpenOptions::new().append(true).open(&copy).unwrap().write_all(b"{\"message\":{\"wam").unwrap();
    let after = Platform::start(kept(&copy)).await;
    let wamids = async |platform: &Platform| {
        let messages = platform.ledger("messages").await;
        messages.into_iter().map(|message| message["wamid"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(wamids(&after).await, wamids(&platform).await);
    assert_eq!(wamids(&after).await.len(), 1);
    assert_eq!(after.ledger("calls").await, platform.ledger("calls").await);
}

#[tokio::test]
async fn a_damaged_file_is_refused_by_name_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sandbox.jsonl");
    let platform = Platform::start(kept(&path)).await;
    platform.create(WABA, "order_update").await;
    platform.stop().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let damaged: Vec<_> =
        text.lines().enumerate().map(|(index, line)| if index == 2 { "oops" } else { line }).collect();
    std::fs::write(&path, damaged.join("\n") + "\n").unwrap();
    let err = Sandbox::open(kept(&path)).await.unwrap_err();
    assert!(matches!(err, Error::State(StateError::Damaged { line: 3, .. })), "{err}");
    assert!(err.to_string().contains("sandbox.jsonl") && err.to_string().contains("line 3"), "{err}");
}
