//! Faults by rule, over real connections: what the client sees, and what the ledger says of it.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use kabar_outbound::{Client, Error, Response};
use kabar_sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::harness::{Callback, Platform, VERIFY_TOKEN, WABA, quick, send_body, until};

/// A sandbox behind a listener, since connections are to be closed.
struct Served {
    url: String,
    client: Client,
    _stop_at_drop: DropGuard,
}

impl Served {
    async fn start(options: Options) -> Self {
        let sandbox = Sandbox::open(options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let options = kabar_listen::Options::default();
        tasks.spawn(kabar_listen::serve(listener, sandbox.router(), options, stop.clone()));
        tasks.spawn({
            let stop = stop.clone();
            async move { sandbox.run(stop).await }
        });
        let client =
            Client::new(kabar_outbound::Options { total_timeout: Duration::from_secs(60), ..Default::default() });
        Self { url, client, _stop_at_drop: stop.drop_guard() }
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Response, Error> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", "Bearer token")
            .header("content-type", "application/json")
            .body(if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) });
        self.client.send(request.unwrap()).await
    }

    /// Adds rules in place of those there are.
    async fn rules(&self, rules: &Value) {
        self.call("DELETE", "/_sandbox/faults", &Value::Null).await.unwrap();
        let answer = self.call("POST", "/_sandbox/faults", rules).await.unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    async fn send(&self, number: &str, to: &str) -> Result<Response, Error> {
        let mut body = send_body("hello_world", to);
        body["template"]["language"]["code"] = json!("en_US");
        body["biz_opaque_callback_data"] = json!(to);
        self.call("POST", &format!("/v26.0/{number}/messages"), &body).await
    }

    async fn number(&self) -> String {
        let answer = self.call("GET", &format!("/{WABA}/phone_numbers"), &Value::Null).await.unwrap();
        serde_json::from_slice::<Value>(&answer.body).unwrap()["data"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn ledger(&self, path: &str) -> Vec<Value> {
        let answer = self.call("GET", &format!("/_sandbox/ledger/{path}"), &Value::Null).await.unwrap();
        let text = String::from_utf8(answer.body.into()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn unknown(outcome: &Result<Response, Error>) -> bool {
    matches!(outcome, Err(Error::Unknown(_)))
}

#[tokio::test]
async fn each_fault_is_seen_by_the_client_and_told_by_the_ledger() {
    let served = Served::start(quick()).await;
    let number = served.number().await;
    let cases = [
        // The rule, whether the message is handled all the same, the answer's status (0: none), and the ledger's words.
        (json!({"kind": "send", "fault": "close"}), false, 0, (0, "close")),
        (json!({"kind": "send", "fault": "close", "after": true}), true, 0, (200, "close, after")),
        (json!({"kind": "send", "fault": "cut", "after": true}), true, 0, (200, "cut, after")),
        (json!({"kind": "send", "fault": "cut"}), false, 0, (0, "cut")),
        (json!({"kind": "send", "fault": "hang", "ms": 30}), false, 0, (0, "hang")),
        (json!({"kind": "send", "fault": "hang", "ms": 30, "after": true}), true, 0, (200, "hang, after")),
        (json!({"kind": "send", "fault": "slow", "ms": 30}), true, 200, (200, "slow")),
        (json!({"kind": "send", "fault": "slow", "ms": 30, "after": true}), true, 200, (200, "slow, after")),
        (json!({"kind": "send", "fault": "proxy", "http": 504}), false, 504, (504, "proxy 504")),
        (json!({"kind": "send", "fault": "proxy", "after": true}), true, 502, (200, "proxy 502, after")),
        (json!({"kind": "send", "fault": "error", "code": 131_016}), false, 500, (500, "error 131016")),
        (json!({"kind": "send", "fault": "error", "code": 4, "retry_after": 7}), false, 400, (400, "error 4")),
        (json!({"kind": "send", "fault": "down", "ms": 1}), false, 0, (0, "down")),
    ];
    for (place, (rule, handled, status, (noted, words))) in cases.into_iter().enumerate() {
        let to = format!("62812000000{place:02}");
        served.rules(&rule).await;
        let outcome = served.send(&number, &to).await;
        match outcome {
            Ok(answer) => {
                assert_eq!(answer.status.as_u16(), status, "{rule}");
                let retry_after = answer.headers.get("retry-after").and_then(|seconds| seconds.to_str().ok());
                assert_eq!(retry_after, rule.get("retry_after").map(|_| "7"), "{rule}");
                let is_envelope = serde_json::from_slice::<Value>(&answer.body).is_ok();
                assert_eq!(is_envelope, rule["fault"] != "proxy", "{rule}");
            }
            Err(error) => assert!(unknown(&Err(error)) && status == 0, "{rule}"),
        }
        served.rules(&json!([])).await;
        let messages = served.ledger(&format!("messages?to={to}")).await;
        assert_eq!(messages.len(), usize::from(handled), "{rule}");
        let calls = served.ledger(&format!("calls?to={to}")).await;
        assert_eq!(calls.len(), 1, "{rule}");
        assert_eq!((&calls[0]["status"], &calls[0]["fault"]), (&json!(noted), &json!(words)), "{rule}");
    }
}

#[tokio::test]
async fn a_rule_names_who_meets_it() {
    let served = Served::start(quick()).await;
    let number = served.number().await;
    served
        .rules(&json!({"rules": [
            {"kind": "send", "to": "62812*9", "fault": "proxy", "http": 501},
            {"kind": "send", "template": "hello_*", "category": "UTILITY", "sender": number, "to": "*8", "fault": "proxy", "http": 503},
            {"method": "GET", "path": "/*/phone_numbers", "fault": "proxy", "http": 505},
            {"kind": "templates", "fault": "proxy", "http": 507}
        ]}))
        .await;
    let status = |outcome: Result<Response, Error>| outcome.unwrap().status.as_u16();
    assert_eq!(status(served.send(&number, "6281200000009").await), 501);
    assert_eq!(status(served.send(&number, "6281300000009").await), 200);
    assert_eq!(status(served.send(&number, "6281300000008").await), 503);
    assert_eq!(status(served.call("GET", &format!("/v26.0/{WABA}/phone_numbers"), &Value::Null).await), 505);
    assert_eq!(status(served.call("GET", &format!("/{WABA}/message_templates"), &Value::Null).await), 507);
    assert_eq!(status(served.call("GET", &format!("/{WABA}"), &Value::Null).await), 200);
    let rules = served.call("GET", "/_sandbox/faults", &Value::Null).await.unwrap();
    let rules: Value = serde_json::from_slice(&rules.body).unwrap();
    let hits: Vec<&Value> = rules["rules"].as_array().unwrap().iter().map(|rule| &rule["hits"]).collect();
    assert_eq!(hits, [1, 1, 1, 1]);
}

#[tokio::test]
async fn the_first_send_of_a_number_has_the_category_of_its_template() {
    let served = Served::start(quick()).await;
    served.number().await;
    served.rules(&json!({"kind": "send", "category": "UTILITY", "fault": "proxy", "http": 503})).await;
    assert_eq!(served.send("106540352242922", "6281200000001").await.unwrap().status, 503);
}

#[tokio::test]
async fn a_full_stop_is_for_every_call_and_ends() {
    let served = Served::start(quick()).await;
    let number = served.number().await;
    served.rules(&json!({"kind": "send", "times": 1, "fault": "down", "ms": 3_600_000})).await;
    assert!(unknown(&served.send(&number, "6281200000001").await));
    assert!(unknown(&served.call("GET", &format!("/{WABA}"), &Value::Null).await));
    served.rules(&json!([])).await;
    assert_eq!(served.call("GET", &format!("/{WABA}"), &Value::Null).await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_rules_is_told_at_once_and_nothing_is_added() {
    let platform = Platform::start(quick()).await;
    let rules =
        json!({"seed": 3, "rules": [{"fault": "close"}, {"fault": "slow"}, {"fault": "error", "code": 1.5, "a": 1}]});
    let answer = platform.post("/_sandbox/faults", &rules).await;
    assert_eq!(answer.status, 400);
    let problems = answer.body["problems"].as_array().unwrap();
    let paths: Vec<&str> = problems.iter().map(|problem| problem["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["rules[1].ms", "rules[2].code", "rules[2].a"]);
    assert_eq!(platform.get("/_sandbox/faults").await.ok()["rules"], json!([]));
    let added = platform.post("/_sandbox/faults", &json!({"seed": 3, "rules": [{"fault": "close", "every": 9}]})).await;
    assert_eq!(added.ok(), json!({"ids": [1], "seed": 3}));
    assert_eq!(platform.call("DELETE", "/_sandbox/faults/2", None).await.status, 404);
    assert_eq!(platform.call("DELETE", "/_sandbox/faults/1", None).await.ok()["rules"], json!([]));
}

/// Has one message sent under a rule for statuses, and gives what the callback was told, in order.
async fn told(rule: Value, wanted: usize) -> Vec<String> {
    let callback = Callback::start().await;
    let mut options = quick();
    options.webhook_url = Some(callback.url.clone());
    options.verify_token = Some(VERIFY_TOKEN.to_owned());
    let platform = Platform::start(options).await;
    platform.post("/_sandbox/faults", &rule).await.ok();
    let number = platform.number(WABA).await;
    platform.create(WABA, "pesanan").await;
    platform.send(&number, "pesanan", "6281200000001").await.ok();
    until("the statuses to be told", async || (callback.statuses().len() >= wanted).then_some(())).await;
    until("the sandbox to have nothing to tell", async || {
        (platform.get("/_sandbox").await.ok()["counts"]["updates_not_yet_told"] == 0).then_some(())
    })
    .await;
    let lost = platform.ledger("messages").await[0]["statuses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|status| status["lost"] == true)
        .map(|status| format!("lost {}", status["status"].as_str().unwrap()))
        .collect::<Vec<_>>();
    let told = callback.statuses().into_iter().map(|status| status["status"].as_str().unwrap().to_owned());
    told.chain(lost).collect()
}

#[tokio::test]
async fn statuses_are_lost_told_twice_and_out_of_order() {
    assert_eq!(
        told(json!({"kind": "status", "status": "delivered", "fault": "lose"}), 2).await,
        ["sent", "read", "lost delivered"]
    );
    assert_eq!(
        told(json!({"kind": "status", "status": "read", "fault": "duplicate", "copies": 2}), 5).await,
        ["sent", "delivered", "read", "read", "read"]
    );
    assert_eq!(
        told(json!({"kind": "status", "status": "sent", "fault": "delay", "ms": 300}), 3).await,
        ["delivered", "read", "sent"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_status_stays_lost_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = quick();
    options.state_file = Some(folder.path().join("state"));
    options.faults = kabar_sandbox::faults::Plan::parse(br#"{"kind":"status","fault":"lose"}"#).unwrap();
    let platform = Platform::start(options.clone()).await;
    let number = platform.number(WABA).await;
    platform.create(WABA, "pesanan").await;
    platform.send(&number, "pesanan", "6281200000001").await.ok();
    let statuses = async |platform: &Platform| platform.ledger("messages").await[0]["statuses"].clone();
    until("all statuses", async || (statuses(&platform).await.as_array().unwrap().len() == 3).then_some(())).await;
    let before = statuses(&platform).await;
    platform.stop().await;
    let platform = Platform::start(options).await;
    assert_eq!(statuses(&platform).await, before);
    assert_eq!(before[0]["lost"], true);
    let counts = platform.get("/_sandbox").await.ok();
    assert_eq!(counts["counts"]["updates_not_yet_told"], 1, "the approval of the template is told, no status is");
}
