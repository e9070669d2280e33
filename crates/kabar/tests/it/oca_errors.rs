//! Every documented error of the OCA dialect, provoked, whole answers.

use std::sync::Arc;

use kabar_testkit::http::Exchange;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::{Oca, msgid_in};
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::KABAR;
use crate::shop::{arrived, code_in, open};

fn code_of(answer: &Exchange) -> u64 {
    answer.json()["errors"][0]["code"].as_u64().unwrap_or_else(|| panic!("no code: {}", answer.text()))
}

/// The entries of error 39 as `param: msg`, in order.
fn entries(answer: &Exchange) -> Vec<String> {
    assert_eq!((answer.status.as_u16(), code_of(answer)), (406, 39), "{}", answer.text());
    let json = answer.json();
    let entries = json["errors"][0]["message"].as_array().unwrap_or_else(|| panic!("no list: {}", answer.text()));
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    entries.iter().map(|entry| format!("{}: {}", text(entry, "param"), text(entry, "msg"))).collect()
}

#[tokio::test]
async fn too_many_requests_are_error_9() {
    let dev = Program::dev(KABAR).rate_limit(1).start().await;
    let oca = Arc::new(Oca::new(&dev));
    let body = Arc::new(Oca::message(dev.ready.code("hello_world"), "+6281381475170", &[]));
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let (oca, body) = (Arc::clone(&oca), Arc::clone(&body));
        calls.spawn(async move { oca.send(&body).await });
    }
    let (refused, passed): (Vec<_>, Vec<_>) =
        calls.join_all().await.into_iter().partition(|answer| answer.status == 429);
    let (Some(refused), Some(passed)) = (refused.first(), passed.first()) else {
        panic!("some of eight calls at once should pass, and some should not");
    };
    insta::assert_snapshot!(refused.snapshot());
    assert_eq!(refused.number("x-ratelimit-limit"), 1);
    assert_eq!(refused.number("x-ratelimit-remaining"), 0);
    assert!(refused.number("x-ratelimit-reset") >= 1);
    assert_eq!(passed.status, 200, "{}", passed.text());
    assert_eq!(passed.number("x-ratelimit-limit"), 1);
}

#[tokio::test]
async fn the_limit_is_25_a_second_unless_set() {
    let dev = Program::dev(KABAR).start().await;
    let answer = Oca::new(&dev).status("0190a3b4-0000-7000-8000-000000000000").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.number("x-ratelimit-limit"), 25);
    assert!(answer.number("x-ratelimit-remaining") < 25);
}

#[tokio::test]
async fn a_disk_that_takes_no_more_is_error_503_and_loses_nothing() {
    let sandbox = Program::sandbox(KABAR).start().await;
    let data = tempfile::tempdir().unwrap();
    let start = || Program::dev(KABAR).data(data.path()).rate_limit(0).sandbox_url(&sandbox.url);
    let mut accepted = Vec::new();
    {
        let dev = start().largest_file(1024 * 1024).start().await;
        let oca = Oca::new(&dev);
        let code = dev.ready.code("pesanan_dikirim");
        let long = "terima kasih ".repeat(60);
        let mut refused = None;
        for _ in 0..20_000 {
            let body = Oca::message(code, "+6281381475171", &[Oca::body(&["Budi", long.trim()])]);
            let answer = oca.send(&body).await;
            if answer.status == 200 {
                accepted.push(msgid_in(&answer));
            } else {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("a megabyte is full at some time");
        insta::assert_snapshot!(refused.snapshot());
        assert!(!accepted.is_empty());
        for msgid in &accepted {
            assert_eq!(oca.status(msgid).await.status, 200, "what was accepted can still be asked for");
        }
    }
    let dev = start().start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::of(&sandbox));
    for msgid in &accepted {
        oca.wait_for_status(msgid, "delivered").await;
        arrived(&ledger, msgid).await;
    }
}

#[tokio::test]
async fn a_token_that_does_not_count_is_error_17() {
    let shop = open().await;
    let data = shop.dev.data().to_str().unwrap();
    let issue = ["token", "issue", "--data", data, "--app", &shop.dev.ready.app_id, "--scope", "templates"];
    let for_templates_only = Program::run(KABAR, issue).ok();
    let oca = shop.oca().with_token(for_templates_only.trim());
    // A running gateway hears of a token that was issued beside it within about a second.
    let answer = kabar_testkit::wait::wait_until("the gateway to know the token", async || {
        Unswer { token: oca.token.clone(), ..shop.unswer() }.list("").await.status.is_success().then_some(())
    });
    answer.await;
    let answer = oca.send(&Oca::message(shop.code("salam"), "+6281381475172", &[Oca::body(&["Budi"])])).await;
    insta::assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_missing_header_is_error_19() {
    let shop = open().await;
    let oca = shop.oca();
    let answer = oca.post(&[("content-type", "application/json")], "{}").await;
    insta::assert_snapshot!(answer.snapshot());
    let url = format!("{}/api/v2/message/0190a3b4-0000-7000-8000-000000000000/status", oca.base);
    let asked = oca.http.exchange("GET", &url, &[], "").await;
    assert_eq!((asked.status.as_u16(), asked.body), (406, answer.body));
}

#[tokio::test]
async fn an_empty_header_is_error_43() {
    let shop = open().await;
    let oca = shop.oca();
    let answer = oca.post(&[("authorization", "")], "{}").await;
    insta::assert_snapshot!(answer.snapshot());
    for empty in ["Bearer", "Bearer ", "  "] {
        let again = oca.post(&[("authorization", empty)], "{}").await;
        assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{empty:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_error_45() {
    let shop = open().await;
    let oca = shop.oca();
    let answer = oca.with_token("not a token").send(&json!({})).await;
    insta::assert_snapshot!(answer.snapshot());
    let mut forged = oca.token.clone();
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    for token in ["a.b.c", &forged, &format!("Bearer {forged}"), "Basic ZGVtbzpkZW1v"] {
        let again = oca.with_token(token).send(&json!({})).await;
        assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{token}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_error_33() {
    let shop = open().await;
    let oca = shop.oca();
    let answer = oca.status("0190a3b4-0000-7000-8000-000000000000").await;
    insta::assert_snapshot!(answer.snapshot());
    let not_an_id = oca.status("not-an-id").await;
    assert_eq!((not_an_id.status, &not_an_id.body), (answer.status, &answer.body));
    for (method, path) in
        [("GET", "push/message"), ("POST", "push/messages"), ("GET", ""), ("DELETE", "message/x/status")]
    {
        let url = format!("{}/api/v2/{path}", oca.base);
        let nowhere = oca.http.exchange(method, &url, &[("authorization", &oca.token)], "").await;
        assert_eq!((nowhere.status, &nowhere.body), (answer.status, &answer.body), "{method} {path}");
    }
}

#[tokio::test]
async fn a_template_that_is_not_there_is_error_59() {
    let shop = open().await;
    let oca = shop.oca();
    let answer = oca.send(&Oca::message("lebaran:promo_2026", "+6281381475173", &[])).await;
    insta::assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_template_that_was_not_approved_is_error_59_too() {
    let shop = open().await;
    let unswer = shop.unswer();
    let rejected = unswer.created(&Unswer::plain("please_reject_this")).await;
    let details = unswer.wait_for_status(&rejected, "REJECTED").await;
    let answer = shop.oca().send(&Oca::message(&code_in(&details), "+6281381475174", &[])).await;
    insta::assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_body_is_told_at_once() {
    let shop = open().await;
    let body = json!({
        "message": {
            "type": "text",
            "template": {
                "template_code_id": shop.code("judul_gambar"),
                "payload": [
                    { "position": "header", "parameters": [{ "type": "image", "image": { "url": "ftp://toko.example/a" } }] },
                    { "position": "body", "parameters": [{ "type": "text", "text": "" }, { "type": "teks", "text": "Budi" }] },
                    { "position": "button", "index": "first", "parameters": [] },
                    { "position": "footer", "parameters": [] }
                ]
            }
        },
        "phone_number": "0812"
    });
    insta::assert_snapshot!(shop.oca().send(&body).await.snapshot());
}

#[tokio::test]
async fn the_documented_entry_is_told_to_the_letter() {
    let shop = open().await;
    let answer = shop.oca().send(&Oca::message(shop.code("salam"), "0812", &[Oca::body(&["Budi"])])).await;
    insta::assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn values_that_do_not_fit_the_template_never_leave_the_house() {
    let shop = open().await;
    let oca = shop.oca();
    let to = "+6281381475175";
    let text = |text: &str| json!({ "position": "header", "parameters": [{ "type": "text", "text": text }] });
    let cases = [
        ("salam", vec![]),
        ("salam", vec![Oca::body(&[])]),
        ("salam", vec![Oca::body(&["Budi", "Sari"])]),
        ("salam", vec![Oca::body(&["Budi"]), Oca::body(&["Sari"])]),
        ("salam", vec![text("INV-1"), Oca::body(&["Budi"])]),
        ("salam", vec![Oca::body(&["dua\nbaris"])]),
        ("judul_gambar", vec![text("INV-1"), Oca::body(&["Budi"])]),
        ("tombol_tautan", vec![Oca::body(&["Budi"])]),
        (
            "tombol_tautan",
            vec![
                Oca::body(&["Budi"]),
                json!({
                    "position": "button", "sub_types": "quick_reply", "index": 0,
                    "parameters": [{ "type": "payload", "payload": "YA" }]
                }),
            ],
        ),
        (
            "tombol_tautan",
            vec![
                Oca::body(&["Budi"]),
                json!({
                    "position": "button", "sub_types": "url_dynamic", "index": 3,
                    "parameters": [{ "type": "text", "text": "JNE-7" }]
                }),
            ],
        ),
        ("tanpa_isian", vec![Oca::body(&["Budi"])]),
    ];
    let mut told = Vec::new();
    for (template, payload) in cases {
        let answer = oca.send(&Oca::message(shop.code(template), to, &payload)).await;
        told.push(format!("{template} {}\n  {}", Value::from(payload), entries(&answer).join("\n  ")));
    }
    insta::assert_snapshot!(told.join("\n"));
    let ledger = shop.ledger();
    assert!(ledger.messages_to(to).await.is_empty(), "none of them is a message");
    let called = ledger
        .calls()
        .await
        .into_iter()
        .filter(|call| call.to.as_deref().is_some_and(|called| called.ends_with("81381475175")));
    assert_eq!(called.count(), 0, "and none was tried");
}

#[tokio::test]
async fn a_login_code_is_never_repeated() {
    let shop = open().await;
    let oca = shop.oca();
    let other = json!({
        "position": "button", "sub_types": "url_dynamic", "index": 0,
        "parameters": [{ "type": "text", "text": "999111" }]
    });
    let body = Oca::message(shop.code("kode_login"), "+6281381475176", &[Oca::body(&["483920"]), other]);
    let answer = oca.send(&body).await;
    assert!(!answer.text().contains("483920") && !answer.text().contains("999111"), "{}", answer.text());
    insta::assert_snapshot!(answer.snapshot());
    let too_long = Oca::message(shop.code("kode_login"), "+6281381475176", &[Oca::body(&["4839201234567890123"])]);
    let answer = oca.send(&too_long).await;
    assert_eq!(entries(&answer).len(), 1);
    assert!(!answer.text().contains("48392"), "{}", answer.text());
}

#[tokio::test]
async fn a_body_that_is_no_request_is_error_39() {
    let shop = open().await;
    let oca = shop.oca();
    let headers = [("authorization", oca.token.as_str()), ("content-type", "application/json")];
    let mut told = Vec::new();
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        "\"text\"",
        r#"{"message":"x","phone_number":7}"#,
        r#"{"message":{"template":[]}}"#,
    ] {
        let answer = oca.post(&headers, body).await;
        told.push(format!("{body}\n  {}", entries(&answer).join("\n  ")));
    }
    insta::assert_snapshot!(told.join("\n"));
    let large = format!("{{\"padding\":\"{}\"}}", "x".repeat(400_000));
    assert_eq!(
        oca.post(&headers, &large).await.status,
        406,
        "a body beyond the limit is refused in the dialect's words"
    );
}

#[tokio::test]
async fn sentences_are_indonesian_for_who_asks_for_them() {
    let shop = open().await;
    let oca = shop.oca();
    let body = Oca::message(shop.code("salam"), "0812", &[]).to_string();
    let answer =
        oca.post(&[("authorization", &oca.token), ("accept-language", "id-ID,id;q=0.9,en;q=0.5")], &body).await;
    insta::assert_snapshot!(entries(&answer).join("\n"));
}
