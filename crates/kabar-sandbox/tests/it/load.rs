//! Ten thousand messages, all told.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Callback, Platform, VERIFY_TOKEN, WABA, quick, send_body, until};

const N_MESSAGES: usize = 10_000;
const N_SENDERS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_are_all_told_in_order_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = quick();
    options.state_file = Some(dir.path().join("sandbox.jsonl"));
    let platform = Arc::new(Platform::start(options).await);
    let callback = Callback::start().await;
    let subscription = json!({"override_callback_uri": callback.url, "verify_token": VERIFY_TOKEN});
    platform.post(&format!("/{WABA}/subscribed_apps"), &subscription).await.ok();
    platform.create(WABA, "order_update").await;
    let path = format!("/v26.0/{}/messages", platform.number(WABA).await);
    let mut senders = JoinSet::new();
    for sender in 0..N_SENDERS {
        let (platform, path) = (Arc::clone(&platform), path.clone());
        senders.spawn(async move {
            for index in (sender..N_MESSAGES).step_by(N_SENDERS) {
                let mut body = send_body("order_update", &format!("6281200{index:06}"));
                body["biz_opaque_callback_data"] = json!(format!("m-{index}"));
                platform.post(&path, &body).await.ok();
            }
        });
    }
    senders.join_all().await;
    until("nothing is left to tell", async || {
        let index = platform.get("/_sandbox").await.ok();
        let n_told: usize = callback.deliveries().len();
        let messages = platform.ledger("messages").await;
        let done = messages.iter().all(|message| message["statuses"].as_array().unwrap().len() == 3);
        (done && n_told > 0 && index["counts"]["updates_not_yet_told"] == 0).then_some(())
    })
    .await;
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    for status in callback.statuses() {
        let key = status["biz_opaque_callback_data"].as_str().unwrap().to_owned();
        told.entry(key).or_default().push(status["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(told.len(), N_MESSAGES);
    assert!(told.values().all(|kinds| kinds == &["sent", "delivered", "read"]));
    let n_calls = callback.deliveries().len();
    assert!(n_calls < N_MESSAGES, "load makes batches: {n_calls} calls");
    assert_eq!(platform.ledger("calls?biz_opaque_callback_data=m-77").await.len(), 1);
}
