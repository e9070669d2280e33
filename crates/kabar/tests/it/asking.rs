//! What became of messages, asked of the real program: over HTTP, and by the command line beside the running gateway.

use std::collections::BTreeSet;

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Http;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::wait::wait_until;
use serde_json::Value;

use crate::KABAR;

/// A recipient to whom the sandbox can deliver, and one whose message fails by a report.
const WELL: &str = "+6281381475230";
const FAILS: &str = "+6281299131026";

async fn ask(dev: &Dev, path: &str, language: &str) -> String {
    let bearer = format!("Bearer {}", dev.ready.token);
    let url = format!("{}{path}", dev.ready.gateway_url);
    let headers = [("authorization", bearer.as_str()), ("accept-language", language)];
    let answer = Http::new().exchange("GET", &url, &headers, String::new()).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
    answer.text()
}

async fn send(dev: &Dev, recipient: &str) -> String {
    let body = Oca::body(&["Budi", "INV-1"]);
    Oca::new(dev).accepted(&Oca::message(dev.ready.code("pesanan_dikirim"), recipient, &[body])).await
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{err}: {text}"))
}

#[tokio::test]
async fn the_command_line_and_the_paths_tell_the_same() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let (read, failed) = (send(&dev, WELL).await, send(&dev, FAILS).await);
    for (msgid, state) in [(&read, "read"), (&failed, "failed")] {
        wait_until("the messages to come to their ends", async || {
            let message = json(&ask(&dev, &format!("/v1/messages/{msgid}"), "en").await);
            (message["state"] == state).then_some(())
        })
        .await;
    }
    let data = dev.data().to_str().unwrap().to_owned();
    let run = |args: &[&str]| Program::run(KABAR, [&["message"], args, &["--data", &data]].concat());

    // Everything is there twice, and the same.
    for msgid in [&read, &failed] {
        let shown = json(&run(&["show", msgid, "--output", "json"]).ok());
        assert_eq!(shown, json(&ask(&dev, &format!("/v1/messages/{msgid}"), "en").await));
        for language in ["id", "en"] {
            let told = json(&run(&["explain", msgid, "--lang", language, "--output", "json"]).ok());
            assert_eq!(told, json(&ask(&dev, &format!("/v1/messages/{msgid}/explain"), language).await));
        }
    }
    let listed = json(&run(&["list", "--output", "json"]).ok());
    assert_eq!(listed, json(&ask(&dev, "/v1/messages", "en").await)["data"]);
    for format in ["csv", "jsonl"] {
        let exported = run(&["export", "--format", format]).ok();
        assert_eq!(exported, ask(&dev, &format!("/v1/messages/export?format={format}"), "en").await);
    }
    let msgids: BTreeSet<&str> = listed.as_array().unwrap().iter().map(|one| one["msgid"].as_str().unwrap()).collect();
    assert_eq!(msgids, BTreeSet::from([read.as_str(), failed.as_str()]));

    // A person is told in words, and only of what is asked for.
    let explained = run(&["explain", &failed, "--lang", "id"]).ok();
    assert!(explained.contains("gagal disampaikan") && explained.contains("=> "), "{explained}");
    assert!(!explained.contains("Budi"), "values of a message are not told");
    let table = run(&["list", "--state", "failed", "--recipient", FAILS, "--template", "pesanan_dikirim"]).ok();
    assert!(table.contains(&failed) && !table.contains(&read), "{table}");
    assert!(run(&["show", &read]).ok().contains("delivered"));
    assert!(run(&["list", "--state", "expired"]).ok().starts_with("MSGID"));
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_all_at_once_with_a_hint() {
    let dev = Program::dev(KABAR).start().await;
    let data = dev.data().to_str().unwrap().to_owned();
    let run = |args: &[&str]| Program::run(KABAR, [&["message"], args, &["--data", &data]].concat()).failed();
    let wrong = run(&["export", "--from", "yesterday", "--state", "lost", "--recipient", "toko", "--error", "x"]);
    for part in ["--from", "2026-11-21T22:32:00Z", "--state", "outcome_unknown", "--recipient", "--error"] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
    let unknown = run(&["explain", "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01"]);
    assert!(unknown.contains("no message 0199a4f4") && unknown.contains("--data"), "{unknown}");
    assert!(run(&["list", "--app", "toko"]).contains("there are: demo"));
    Program::run(KABAR, ["app", "create", "toko", "--data", &data]).ok();
    assert!(run(&["list"]).contains("--app: demo, toko"));
}
