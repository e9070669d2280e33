//! Messages that are looked for, exported and explained.

use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION};
use http::{Method, StatusCode};
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Answer, Lane, Note, NoteKind, Reason, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::Category;
use kabar_store::directory::Scope;
use kabar_store::ledger::{NewMessage, Noted, Outcome, Verdict};
use serde_json::Value;

use crate::tests::desk::Desk;

async fn message(desk: &Desk, recipient: &str) -> Msgid {
    let (msgid, now) = (desk.clock.msgid(), desk.clock.now());
    desk.store
        .accept(NewMessage {
            msgid,
            app: AppId::parse("demo").unwrap(),
            lane: Lane { sender: "99".parse().unwrap(), class: Category::Utility },
            template: 5,
            recipient: PhoneNumber::parse(recipient).unwrap(),
            components: "[]".to_owned(),
            media: None,
            accepted_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(60)),
        })
        .await
        .unwrap();
    msgid
}

/// Three messages, of which the first was refused for good.
async fn three(desk: &Desk) -> [Msgid; 3] {
    let mut msgids = Vec::new();
    for recipient in ["6281381475159", "6281381475160", "6281381475159"] {
        msgids.push(message(desk, recipient).await);
    }
    let lane = Lane { sender: "99".parse().unwrap(), class: Category::Utility };
    let now = desk.clock.now();
    let one = desk.store.begin_attempts(&lane, 1, now).await.unwrap().remove(0);
    let text = "=cmd|' /C calc'!A0, \"no\"".to_owned();
    let reason = Reason { code: 131_026, text: text.clone() };
    let answer = Answer { http_status: Some(400), code: Some(131_026), text: Some(text), ..Answer::default() };
    let note = Note { kind: NoteKind::Refused, attempt: 1, at: now, due: None, answer };
    let verdict = Verdict::Ended { state: State::Rejected, reason };
    let outcome = Outcome { key: one.key, at: now, verdict };
    desk.store.settle(vec![Noted { outcome, note: Some(Box::new(note)) }]).await.unwrap();
    msgids.try_into().unwrap()
}

async fn page(desk: &Desk, query: &str) -> (Vec<String>, Option<String>) {
    let answer = desk.demo(Method::GET, &format!("/v1/messages?{query}"), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    let msgids = json["data"].as_array().unwrap().iter().map(|one| one["msgid"].as_str().unwrap().to_owned());
    (msgids.collect(), json["next"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn messages_are_found_page_by_page() {
    let desk = Desk::open().await;
    let [first, second, third] = three(&desk).await.map(|msgid| msgid.to_string());
    assert_eq!(page(&desk, "").await, (vec![third.clone(), second.clone(), first.clone()], None));
    let (one, next) = page(&desk, "limit=2").await;
    assert_eq!(one, [third.clone(), second.clone()]);
    assert_eq!(page(&desk, &format!("limit=2&after={}", next.unwrap())).await.0, std::slice::from_ref(&first));
    // A plus that nobody encoded is a space.
    assert_eq!(page(&desk, "recipient=+6281381475159").await.0, [third.clone(), first.clone()]);
    assert_eq!(
        page(&desk, "state=rejected,failed&error=131026&template=hello_world").await.0,
        std::slice::from_ref(&first)
    );
    let line = desk.demo(Method::GET, "/v1/messages?state=rejected", "").await.json()["data"][0].clone();
    insta::assert_json_snapshot!(line, { ".msgid" => "…" }, @r#"
    {
      "msgid": "…",
      "state": "rejected",
      "phone_number": "+6281381475159",
      "template": "hello_world",
      "category": "UTILITY",
      "sender": "99",
      "accepted_at": "2024-03-01T03:22:58.000Z",
      "state_at": "2024-03-01T03:22:58.000Z",
      "error_code": 131026,
      "error_reason": "=cmd|' /C calc'!A0, \"no\"",
      "attempts": 1
    }
    "#);
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_query_is_told_at_once() {
    let desk = Desk::open().await;
    let query = "recipient=toko&state=lost&from=yesterday&limit=0&after=x&recipent=1&state=read&sender=a&error=b";
    for (path, n_wrong) in [("/v1/messages", 9), ("/v1/messages/export", 9)] {
        let answer = desk.demo(Method::GET, &format!("{path}?{query}&to=now"), "").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let json = answer.json();
        let paths: Vec<&str> =
            json["errors"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
        // An export has no pages, so that their names are none of its own.
        assert_eq!(paths.len(), n_wrong + 1, "{paths:?}");
        if path == "/v1/messages" {
            insta::assert_json_snapshot!(json["errors"]);
        }
    }
    let format = desk.demo(Method::GET, "/v1/messages/export?format=xlsx", "").await;
    assert_eq!(format.json()["errors"][0]["message"], "Format must be one of: csv, jsonl");
}

#[tokio::test]
async fn an_export_is_a_document_of_lines() {
    let desk = Desk::open().await;
    let msgids = three(&desk).await;
    let without_ids = |mut text: String| {
        for (msgid, name) in msgids.iter().zip(["first", "second", "third"]) {
            text = text.replace(&msgid.to_string(), name);
        }
        text
    };
    let csv = desk.demo(Method::GET, "/v1/messages/export", "").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"messages.csv\"");
    assert!(csv.text.split_inclusive('\n').all(|line| line.ends_with("\r\n")));
    insta::assert_snapshot!(without_ids(csv.text.replace('\r', "")));
    let bearer = format!("Bearer {}", desk.jwt());
    let headers = [(AUTHORIZATION.as_str(), bearer.as_str()), (ACCEPT.as_str(), "application/x-ndjson")];
    let lines = desk.call(Method::GET, "/v1/messages/export?state=accepted", &headers, "").await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let found: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        found.iter().map(|line| line["msgid"].as_str().unwrap()).collect::<Vec<_>>(),
        [msgids[2].to_string(), msgids[1].to_string()]
    );
    let none = desk.demo(Method::GET, "/v1/messages/export?format=jsonl&error=1", "").await;
    assert_eq!((none.status, none.text.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn an_export_goes_on_over_pages() {
    let desk = Desk::open().await;
    for number in 0..2500 {
        message(&desk, &format!("62813814{number:05}")).await;
    }
    let lines = desk.demo(Method::GET, "/v1/messages/export?format=jsonl", "").await;
    let numbers: Vec<String> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["phone_number"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(numbers, (0..2500).rev().map(|number| format!("+62813814{number:05}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_message_is_explained_in_the_language_asked_for() {
    let desk = Desk::open().await;
    let [first, second, _] = three(&desk).await;
    let bearer = format!("Bearer {}", desk.jwt());
    let mut pages = Vec::new();
    for (msgid, language) in [(first, "id"), (first, "en"), (second, "fr")] {
        let headers = [(AUTHORIZATION.as_str(), bearer.as_str()), (ACCEPT_LANGUAGE.as_str(), language)];
        let answer = desk.call(Method::GET, &format!("/v1/messages/{msgid}/explain"), &headers, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let pretty = serde_json::to_string_pretty(&answer.json()).unwrap();
        pages.push(pretty.replace(&msgid.to_string(), "…"));
    }
    insta::assert_snapshot!(pages.join("\n"));
}

#[tokio::test]
async fn only_its_own_app_with_the_right_token_finds_a_message() {
    let desk = Desk::open().await;
    let [first, ..] = three(&desk).await;
    for path in ["/v1/messages", "/v1/messages/export", &format!("/v1/messages/{first}/explain")] {
        let with = async |jwt: &str| desk.call(Method::GET, path, &[("authorization", jwt)], "").await;
        assert_eq!(desk.call(Method::GET, path, &[], "").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(with(&desk.jwt_for(Scope::Templates)).await.status, StatusCode::FORBIDDEN);
        let other = with(&desk.jwt_of_another()).await;
        assert!(!other.text.contains(&first.to_string()), "{}", other.text);
        assert!(with(&desk.jwt_for(Scope::Send)).await.text.contains(&first.to_string()));
    }
    let (path, jwt) = (format!("/v1/messages/{first}/explain"), desk.jwt_of_another());
    let other = desk.call(Method::GET, &path, &[("authorization", &jwt)], "").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}
