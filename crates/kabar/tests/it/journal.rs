//! What the upstream reports, in whatever order, and taken in once more from the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use kabar_testkit::http::Http;
use kabar_testkit::program::Program;
use kabar_testkit::stand::{Options, Stand, UTILITY};
use kabar_testkit::torture::lost::accept;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;

const PATIENCE: Duration = Duration::from_secs(240);
const MESSAGES: usize = 2_000;

/// What is known of a message, without the times, which no two runs share.
#[derive(Debug, PartialEq, Eq)]
struct View {
    state: String,
    happened: Vec<(String, Option<u64>)>,
}

async fn view(stand: &Stand, msgid: &str) -> View {
    let url = format!("{}/v1/messages/{msgid}", stand.oca.base);
    let authorization = format!("Bearer {}", stand.oca.token);
    let answer = stand.oca.http.exchange("GET", &url, &[("Authorization", &authorization)], "").await;
    let told: Value = serde_json::from_str(&answer.text()).unwrap();
    let mut happened: Vec<(String, Option<u64>)> = told["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["state"].as_str().unwrap().to_owned(), event["code"].as_u64()))
        .collect();
    happened.sort();
    View { state: told["state"].as_str().unwrap().to_owned(), happened }
}

/// Sends the messages, one in ten to somebody whom none can be delivered to, and gives what came of each once all is told.
async fn sent(stand: &Stand) -> Vec<View> {
    let msgids = accept(stand, UTILITY, 0, MESSAGES).await;
    let mut failing = Vec::new();
    for number in 0..MESSAGES / 10 {
        let to = format!("+628{number:03}99131026");
        failing.push(stand.oca.accepted(&stand.request(UTILITY, &to, &["Budi", "INV-1"])).await);
    }
    let mut views = Vec::new();
    for (msgid, end) in msgids.iter().map(|id| (id, "read")).chain(failing.iter().map(|id| (id, "failed"))) {
        let ended = wait_until("the last report of a message", async || {
            let seen = view(stand, msgid).await;
            let all = if end == "read" { 5 } else { 3 };
            (seen.state == end && seen.happened.len() >= all).then_some(seen)
        });
        views.push(tokio::time::timeout(PATIENCE, ended).await.unwrap());
    }
    views
}

/// How many updates each webhook call brought.
async fn updates_of_calls(stand: &Stand) -> Vec<u64> {
    let text = Http::new().get(&format!("{}/_sandbox/ledger/webhooks", stand.sandbox_url)).await;
    let calls = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    calls.map(|call| call["updates"].as_u64().unwrap_or_default()).collect()
}

#[tokio::test]
async fn statuses_twice_shuffled_batched_and_before_the_answer_give_the_view_of_the_orderly_run() {
    let orderly = Stand::raise(KABAR, Options::new(1)).await;
    let expected = sent(&orderly).await;
    drop(orderly);

    let stand = Stand::raise(KABAR, Options::new(2)).await;
    stand
        .set_faults(&json!([
            { "kind": "send", "probability": 0.3, "after": true, "fault": "slow", "ms": 2500 },
            { "kind": "status", "probability": 0.5, "fault": "duplicate", "copies": 2 },
            { "kind": "status", "probability": 0.5, "fault": "reorder", "ms": 3000 },
            { "kind": "status", "fault": "batch", "ms": 8000 }
        ]))
        .await;
    let seen = sent(&stand).await;
    assert_eq!(seen.len(), expected.len());
    for (number, (seen, expected)) in seen.iter().zip(&expected).enumerate() {
        assert_eq!(seen, expected, "message {number}");
    }
    let updates = updates_of_calls(&stand).await;
    assert!(updates.iter().any(|updates| *updates >= 500), "nothing was batched: {updates:?}");
    assert!(updates.iter().sum::<u64>() > 4 * MESSAGES as u64, "nothing came twice: {updates:?}");
}

/// How many reports the gateway counted, by what became of them.
async fn reports(url: &str) -> BTreeMap<String, u64> {
    let text = Http::new().get(&format!("{url}/metrics")).await;
    let lines = text.lines().filter_map(|line| line.strip_prefix("kabar_reports_total{outcome=\""));
    lines
        .filter_map(|line| line.split_once("\"} "))
        .map(|(outcome, figure)| (outcome.to_owned(), figure.parse().unwrap()))
        .collect()
}

/// A refused call in the list of the journal.
struct RefusedCall {
    id: String,
    bytes: String,
}

/// The first that reports of messages.
fn refused_report(config: &str) -> Option<RefusedCall> {
    let list = ["journal", "list", "--from", "2020-01-01", "--output", "json", "--config", config];
    let list: Value = serde_json::from_str(&Program::run(KABAR, list).ok()).unwrap();
    let text = |call: &Value, field: &str| call[field].as_str().unwrap().to_owned();
    let refused = list.as_array().unwrap().iter().filter(|call| call["signed_by"] == "(refused)");
    let mut found = refused.map(|call| RefusedCall { id: text(call, "id"), bytes: text(call, "bytes") });
    found.find(|call| {
        let body = Program::run(KABAR, ["journal", "show", &call.id, "--config", config]).ok();
        let body: Value = serde_json::from_str(&body).unwrap();
        // What was under way when the gateway was killed, news of a template as a rule, stands before them.
        let entries = body["entry"].as_array().unwrap().iter();
        let mut changes = entries.flat_map(|entry| entry["changes"].as_array().unwrap());
        changes.any(|change| change["value"]["statuses"].is_array())
    })
}

/// `kabar serve` with a wrong secret, so that it refuses all that the sandbox reports; then with the right one.
#[tokio::test]
async fn what_was_refused_for_a_wrong_secret_is_made_up_for_from_the_journal() {
    let mut stand = Stand::raise(KABAR, Options::new(3)).await;
    stand.kill_gateway();
    stand.try_start_gateway(|serve| serve.env("KABAR_APP_SECRET", "mistyped")).await.unwrap();
    let msgids = accept(&stand, UTILITY, 0, 20).await;
    let config = stand.config();
    let config = config.to_str().unwrap();
    let refused = wait_until("a report to be refused", async || refused_report(config)).await;
    assert_eq!(reports(&stand.oca.base).await, BTreeMap::new());
    // Of what it refused the sandbox tells again; those that come no more are lost but for the journal.
    stand.kill_sandbox();
    stand.kill_gateway();
    stand.start_gateway().await;

    let replay = || Program::run(KABAR, ["journal", "replay", "--from", "2020-01-01", "--config", config]).ok();
    let first = replay();
    assert!(first.contains(" 0 refused, 0 unreadable") && !first.contains("messages 0 reports were news"), "{first}");
    let told = reports(&stand.oca.base).await;
    assert!(told.get("new").is_some_and(|new| *new > 0), "{told:?}");
    let mut views = Vec::new();
    for msgid in &msgids {
        views.push(view(&stand, msgid).await);
    }
    assert!(views.iter().any(|view| view.happened.len() > 2), "{views:?}");

    let second = replay();
    assert!(second.contains("messages 0 reports were news"), "{second}");
    for (msgid, before) in msgids.iter().zip(views) {
        assert_eq!(view(&stand, msgid).await, before);
    }

    let shown = Program::run(KABAR, ["journal", "show", &refused.id, "--config", config]);
    assert!(shown.log.contains("refused: its signature fits no secret"), "{}", shown.log);
    assert_eq!(shown.ok().len().to_string(), refused.bytes);

    let none = Program::run(KABAR, ["journal", "show", "999999", "--config", config]).failed();
    assert!(none.contains("the journal has no call 999999"), "{none}");
    let backwards =
        Program::run(KABAR, ["journal", "replay", "--from", "2026-02-01", "--to", "2026-01-01", "--config", config]);
    assert!(backwards.failed().contains("--from must lie before --to"));
    let nonsense = Program::run(KABAR, ["journal", "list", "--from", "yesterday", "--config", config]).failed();
    assert!(nonsense.contains("a moment is written like 2026-11-21T22:32:00Z"), "{nonsense}");
}
