//! Statistics of the whole program, beside what its upstream knows; and a recipient who is erased from it.

use std::collections::BTreeMap;

use http::StatusCode;
use kabar_testkit::dev::Dev;
use kabar_testkit::http::Exchange;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;

/// Fails with 131026 after it was taken.
const UNDELIVERABLE: &str = "+6281299131026";
/// Refused by the upstream.
const REFUSED: &str = "+6281299131030";

/// Whatever the day is on which the test runs.
const RATES: &str = r#"{ "currency": "USD", "periods": [{ "from": "2020-01-01", "markets": [
    { "name": "Indonesia", "prefixes": ["62"], "prices": { "utility": "0.02" } },
    { "name": "North America", "prefixes": ["1"], "prices": { "utility": "0.004" } }
] }] }"#;

async fn open() -> (Dev, Oca) {
    let folder = tempfile::tempdir().unwrap();
    let rates = folder.path().join("rates.json");
    std::fs::write(&rates, RATES).unwrap();
    let dev = Program::dev(KABAR).arg("--rates").arg(rates).rate_limit(0).start().await;
    let oca = Oca::new(&dev);
    (dev, oca)
}

async fn v1(dev: &Dev, method: &str, path: &str) -> Exchange {
    let url = format!("{}/v1/{path}", dev.ready.gateway_url);
    let bearer = format!("Bearer {}", dev.ready.token);
    Oca::new(dev).http.exchange(method, &url, &[("authorization", bearer.as_str())], "").await
}

async fn state(dev: &Dev, msgid: &str) -> String {
    v1(dev, "GET", &format!("messages/{msgid}")).await.json()["state"].as_str().unwrap().to_owned()
}

async fn until(dev: &Dev, msgid: &str, wanted: &str) {
    wait_until(wanted, async || (state(dev, msgid).await == wanted).then_some(())).await;
}

#[tokio::test]
async fn statistics_are_what_the_upstream_knows_and_cost_what_the_card_says() {
    let (dev, oca) = open().await;
    let (orders, hello) = (dev.ready.code("pesanan_dikirim"), dev.ready.code("hello_world"));
    let mut msgids = Vec::new();
    for place in 0..12 {
        let to = format!("+62813814753{place:02}");
        msgids.push((oca.accepted(&Oca::message(orders, &to, &[Oca::body(&["Budi", "INV-1"])])).await, "read"));
    }
    for (to, end) in [("+16505551234", "read"), (UNDELIVERABLE, "failed"), (REFUSED, "rejected")] {
        msgids.push((oca.accepted(&Oca::message(hello, to, &[])).await, end));
    }
    for (msgid, end) in &msgids {
        until(&dev, msgid, end).await;
    }
    let answer = v1(&dev, "GET", "stats?by=template,category").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let stats = answer.json();

    let ledger = Ledger::new(&dev).messages().await;
    let told = |name: &str, status: &str| {
        let of_template = ledger.iter().filter(|message| message.template == name);
        of_template.filter(|message| message.statuses.iter().any(|one| one.status == status)).count()
    };
    let mut rows: BTreeMap<&str, &Value> = BTreeMap::new();
    for row in stats["data"].as_array().unwrap() {
        rows.insert(row["template"]["name"].as_str().unwrap(), row);
    }
    for (name, n_accepted, n_refused) in [("pesanan_dikirim", 12, 0), ("hello_world", 3, 1)] {
        let row = rows[name];
        assert_eq!(row["accepted"], n_accepted, "{row}");
        assert_eq!(row["sent"], ledger.iter().filter(|message| message.template == name).count(), "{row}");
        assert_eq!(row["delivered"], told(name, "delivered"), "{row}");
        assert_eq!(row["read"], told(name, "read"), "{row}");
        assert_eq!(row["failed"]["total"], told(name, "failed") + n_refused, "{row}");
        assert_eq!((&row["waiting"], &row["cancelled"], &row["unpriced"]), (&json!(0), &json!(0), &json!(0)));
        assert_eq!(row["category"], "utility");
    }
    assert_eq!(rows["hello_world"]["failed"]["codes"], json!({ "131026": 1, "131030": 1 }));
    // Twelve to Indonesia at 0.02, one to North America at 0.004.
    assert_eq!((&rows["pesanan_dikirim"]["cost"], &rows["hello_world"]["cost"]), (&json!("0.24"), &json!("0.004")));
    assert_eq!((&stats["total"]["cost"], &stats["currency"]), (&json!("0.244"), &json!("USD")));

    let csv = v1(&dev, "GET", "stats?by=sender&format=csv").await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let printed = Program::run(
        KABAR,
        [
            "stats",
            "--data",
            dev.data().to_str().unwrap(),
            "--app",
            &dev.ready.app_id,
            "--by",
            "sender",
            "--output",
            "csv",
        ],
    )
    .ok();
    let figures = |text: &str| text.lines().nth(1).unwrap().split(',').take(10).map(str::to_owned).collect::<Vec<_>>();
    let ours = figures(&csv.text());
    assert_eq!(ours, [dev.ready.sender.as_str(), "15", "14", "13", "13", "2", "131026:1 131030:1", "0", "0", "0"]);
    assert_eq!(figures(&printed), ours, "the command line counts the same");

    let wrong = v1(&dev, "GET", "stats?from=yesterday&by=hour&format=xml").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = wrong.json();
    let paths: Vec<&str> =
        wrong["errors"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["from", "by", "format"]);
}

#[tokio::test]
async fn a_recipient_is_erased_on_request() {
    let (dev, oca) = open().await;
    let hello = dev.ready.code("pesanan_dikirim");
    let message = |to| Oca::message(hello, to, &[Oca::body(&["Budi", "INV-77341"])]);
    let msgid = oca.accepted(&message(UNDELIVERABLE)).await;
    let other = oca.accepted(&message("+6281381475377")).await;
    until(&dev, &msgid, "failed").await;
    until(&dev, &other, "read").await;
    let before = v1(&dev, "GET", "stats").await.json();

    let answer = v1(&dev, "DELETE", &format!("recipients/{UNDELIVERABLE}")).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({ "left": "+6281" })));
    let seen = async |msgid: &str| v1(&dev, "GET", &format!("messages/{msgid}")).await.json();
    wait_until("the recipient to be erased", async || (seen(&msgid).await["phone_number"] == "+6281").then_some(()))
        .await;
    assert_eq!(seen(&msgid).await.get("upstream_id"), None);
    assert_eq!(seen(&other).await["phone_number"], "+6281381475377");
    assert_eq!(v1(&dev, "GET", "stats").await.json(), before, "figures stay");
    let retried = v1(&dev, "POST", &format!("messages/{msgid}/retry")).await;
    assert_eq!((retried.status, &retried.json()["code"]), (StatusCode::CONFLICT, &json!("values_erased")));
    assert_eq!(v1(&dev, "DELETE", "recipients/0812").await.status, StatusCode::NOT_FOUND);

    // By the command line, beside the running gateway.
    let data = dev.data().to_str().unwrap();
    Program::run(KABAR, ["recipient", "erase", "+6281381475377", "--data", data]).ok();
    wait_until("the other one to be erased", async || (seen(&other).await["phone_number"] == "+6281").then_some(()))
        .await;
}

#[tokio::test]
async fn a_rate_card_is_checked_with_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let (config, card) = (folder.path().join("kabar.toml"), folder.path().join("rates.json"));
    std::fs::write(&card, r#"{ "currency": "usd", "periods": [{ "from": "2026-01-01" }] }"#).unwrap();
    let text = format!(
        "[upstream]\napp_secret = \"s\"\nverify_token = \"v\"\n[rates]\nfile = \"{}\"\n[retention]\nmessages_days = 1\n",
        card.display()
    );
    std::fs::write(&config, text).unwrap();
    let log = Program::run(KABAR, ["config", "check", config.to_str().unwrap()]).failed();
    for wrong in ["currency must be", "periods[0].markets is missing", "retention.messages_days"] {
        assert!(log.contains(wrong), "{log}");
    }
}
