//! Nothing is lost and nothing is doubled, whatever happens to the gateway, to its upstream, and to what lies between.

#![expect(clippy::unwrap_used, reason = "all of this is tests, though clippy knows only functions marked so")]

use std::path::Path;
use std::time::Duration;

use kabar_testkit::stand::{LOGIN_CODE, Options, Stand, UTILITY};
use kabar_testkit::torture::lost::{self, accept};
use kabar_testkit::torture::{self, Plan};
use serde_json::{Value, json};

// A build without debug assertions has none.
#[cfg(debug_assertions)]
mod kill_points;

const KABAR: &str = env!("CARGO_BIN_EXE_kabar");
/// How long anything may take to settle. It only ends a test that would never end by itself.
const PATIENCE: Duration = Duration::from_secs(180);

/// The seed of this run: that of `KABAR_TORTURE_SEED`, or any.
fn seed() -> u64 {
    match std::env::var("KABAR_TORTURE_SEED") {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("KABAR_TORTURE_SEED is no number: {text}")),
        Err(_) => u64::from(std::process::id()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_nothing_is_lost_and_nothing_doubled() {
    let plan = Plan {
        binary: KABAR.into(),
        seed: seed(),
        kills: 12,
        lasts: Duration::from_secs(15),
        callers: 6,
        pause: Duration::from_millis(30),
        has_kill_points: cfg!(debug_assertions),
        patience: PATIENCE,
        progress: |_| {},
    };
    println!("KABAR_TORTURE_SEED={} does the same again", plan.seed);
    let summary = torture::run(&plan).await;
    println!("{summary}");
    summary.check();
    assert!(summary.told > 100, "the callers hardly called\n{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_answer_is_lost_reports_tell_what_became_of_each_message() {
    const EACH: usize = 200;
    let report = lost::every_answer(Path::new(KABAR), seed(), EACH, PATIENCE).await;
    // The upstream reported on each of them in time, so none was sent again.
    assert_eq!(report["sent_once"], 2 * EACH, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_report_only_login_codes_are_sent_again() {
    const EACH: usize = 20;
    let stand = Stand::raise(KABAR, Options::new(seed())).await;
    // The answer to each call for an order update is lost, the first one for each login code, and every report.
    let mut rules = vec![
        json!({"kind": "send", "category": "UTILITY", "after": true, "fault": "close"}),
        json!({"kind": "status", "fault": "lose"}),
    ];
    rules.extend((EACH..2 * EACH).map(|number| {
        let to = format!("6281371{number:06}");
        json!({"kind": "send", "to": to, "times": 1, "after": true, "fault": "close"})
    }));
    let rules = Value::Array(rules);
    stand.set_faults(&rules).await;
    let mut msgids = accept(&stand, UTILITY, 0, EACH).await;
    msgids.extend(accept(&stand, LOGIN_CODE, EACH, EACH).await);
    stand.settle(PATIENCE).await;
    let report: Value = serde_json::from_str(&stand.verify(&msgids).ok()).unwrap();
    assert_eq!(report["sent_again"], EACH, "{report}");
    assert_eq!(report["states"], json!({"outcome unknown": EACH, "submitted": EACH}), "{report}");
}
