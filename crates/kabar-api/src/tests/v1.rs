//! Kabar's own paths.

use http::{Method, StatusCode};
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Lane, Reason, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::Category;
use kabar_store::directory::Scope;
use kabar_store::ledger::{NewMessage, Outcome, Verdict};
use serde_json::Value;

use crate::tests::desk::{Answer, Desk};

/// A message of `demo`, in a lane at which nobody works: what the tests do not do to it does not happen.
async fn message(desk: &Desk, template: i64) -> (Msgid, Lane) {
    let lane = Lane { sender: "99".parse().unwrap(), class: Category::Utility };
    let (msgid, now) = (desk.clock.msgid(), desk.clock.now());
    desk.store
        .accept(NewMessage {
            msgid,
            app: AppId::parse("demo").unwrap(),
            lane: lane.clone(),
            template,
            recipient: PhoneNumber::parse("6281381475159").unwrap(),
            components: "[]".to_owned(),
            media: None,
            accepted_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(60)),
        })
        .await
        .unwrap();
    (msgid, lane)
}

async fn settled(desk: &Desk, template: i64, verdict: Verdict) -> Msgid {
    let (msgid, lane) = message(desk, template).await;
    let now = desk.clock.now();
    let begun = desk.store.begin_attempts(&lane, 10, now).await.unwrap();
    let key = begun.iter().find(|begun| begun.msgid == msgid).unwrap().key;
    desk.store.settle(vec![Outcome { key, at: now, verdict }]).await.unwrap();
    msgid
}

fn rejected() -> Verdict {
    let reason = Reason { code: 131_026, text: "Message undeliverable".to_owned() };
    Verdict::Ended { state: State::Rejected, reason }
}

async fn ask(desk: &Desk, method: Method, msgid: Msgid, what: &str) -> Answer {
    desk.demo(method, &format!("/v1/messages/{msgid}{what}"), "").await
}

/// An answer without the ids that are new in every run.
fn shown(answer: &Answer) -> String {
    let mut json = answer.json();
    for key in ["msgid", "retry_of", "retried_as"] {
        if let Some(id) = json.get_mut(key) {
            *id = Value::from("…");
        }
    }
    format!("{} {}", answer.status.as_u16(), serde_json::to_string_pretty(&json).unwrap())
}

#[tokio::test]
async fn a_message_is_taken_back_and_that_is_told() {
    let desk = Desk::open().await;
    let (msgid, lane) = message(&desk, 5).await;
    let first = ask(&desk, Method::POST, msgid, "/cancel").await;
    insta::assert_snapshot!(shown(&first), @r#"
    200 {
      "msgid": "…",
      "state": "cancelled",
      "phone_number": "+6281381475159",
      "template": "hello_world",
      "expires_at": "2024-03-01T03:23:58.000Z",
      "history": [
        {
          "state": "accepted",
          "at": "2024-03-01T03:22:58.000Z"
        },
        {
          "state": "cancelled",
          "at": "2024-03-01T03:22:58.000Z",
          "code": 900003,
          "reason": "it was taken back before it left"
        }
      ]
    }
    "#);
    let again = ask(&desk, Method::POST, msgid, "/cancel").await;
    assert_eq!((again.status, &again.text), (StatusCode::OK, &first.text));
    assert_eq!(ask(&desk, Method::GET, msgid, "").await.text, first.text);
    assert!(desk.store.begin_attempts(&lane, 10, desk.clock.now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_may_have_left_is_not_taken_back() {
    let desk = Desk::open().await;
    let (under_way, lane) = message(&desk, 5).await;
    desk.store.begin_attempts(&lane, 1, desk.clock.now()).await.unwrap();
    let conflict = ask(&desk, Method::POST, under_way, "/cancel").await;
    assert_eq!(conflict.header("content-type"), "application/problem+json");
    insta::assert_snapshot!(shown(&conflict), @r#"
    409 {
      "type": "about:blank",
      "title": "Conflict",
      "status": 409,
      "code": "message_state",
      "detail": "A message that is being sent can't be taken back",
      "state": "being_sent"
    }
    "#);
    let ended = settled(&desk, 5, rejected()).await;
    let conflict = ask(&desk, Method::POST, ended, "/cancel").await;
    assert_eq!((conflict.status.as_u16(), &conflict.json()["state"]), (409, &Value::from("rejected")));
}

#[tokio::test]
async fn a_message_that_failed_is_sent_once_more_and_only_once() {
    let desk = Desk::open().await;
    let failed = settled(&desk, 5, rejected()).await;
    let first = ask(&desk, Method::POST, failed, "/retry").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let retry = first.json();
    assert_eq!(
        (&retry["retry_of"], &retry["template"]),
        (&Value::from(failed.to_string()), &Value::from("hello_world"))
    );
    let again = ask(&desk, Method::POST, failed, "/retry").await;
    assert_eq!((again.status, &again.json()["msgid"]), (StatusCode::OK, &retry["msgid"]));
    insta::assert_snapshot!(shown(&ask(&desk, Method::GET, failed, "").await), @r#"
    200 {
      "msgid": "…",
      "state": "rejected",
      "phone_number": "+6281381475159",
      "template": "hello_world",
      "expires_at": "2024-03-01T03:23:58.000Z",
      "retried_as": "…",
      "history": [
        {
          "state": "accepted",
          "at": "2024-03-01T03:22:58.000Z"
        },
        {
          "state": "rejected",
          "at": "2024-03-01T03:22:58.000Z",
          "code": 131026,
          "reason": "Message undeliverable"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn what_has_not_failed_or_has_no_template_is_not_sent_once_more() {
    let desk = Desk::open().await;
    let paused = settled(&desk, 4, rejected()).await;
    insta::assert_snapshot!(shown(&ask(&desk, Method::POST, paused, "/retry").await), @r#"
    409 {
      "type": "about:blank",
      "title": "Conflict",
      "status": 409,
      "code": "template_not_approved",
      "detail": "The message's template can't be sent, its status is PAUSED"
    }
    "#);
    let gone = settled(&desk, 999, rejected()).await;
    assert_eq!(ask(&desk, Method::POST, gone, "/retry").await.status, StatusCode::CONFLICT);
    let (waiting, _) = message(&desk, 5).await;
    insta::assert_snapshot!(shown(&ask(&desk, Method::POST, waiting, "/retry").await), @r#"
    409 {
      "type": "about:blank",
      "title": "Conflict",
      "status": 409,
      "code": "message_state",
      "detail": "A message that is waiting has not failed, and is not sent once more",
      "state": "accepted"
    }
    "#);
}

#[tokio::test]
async fn only_its_own_app_with_the_right_token_sees_a_message() {
    let desk = Desk::open().await;
    let (msgid, _) = message(&desk, 5).await;
    for (method, what) in [(Method::GET, ""), (Method::POST, "/cancel"), (Method::POST, "/retry")] {
        let path = format!("/v1/messages/{msgid}{what}");
        let with = async |jwt: &str| desk.call(method.clone(), &path, &[("authorization", jwt)], "").await;
        let none = desk.call(method.clone(), &path, &[], "").await;
        assert_eq!((none.status.as_u16(), none.header("www-authenticate")), (401, "Bearer"));
        assert_eq!(with(&desk.jwt_revoked()).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(with(&desk.jwt_for(Scope::Templates)).await.status, StatusCode::FORBIDDEN);
        assert_eq!(with(&desk.jwt_of_another()).await.status, StatusCode::NOT_FOUND);
    }
    let state = ask(&desk, Method::GET, msgid, "").await.json();
    assert_eq!((&state["state"], &state["waits_for"]["what"]), (&Value::from("accepted"), &Value::from("turn")));
    for path in ["/v1/messages/x", "/v1/messages/0199a4f4-334a-7b2c-8a52-b1e2c0ffee01", "/v1/other", "/v1/messages/%ff"]
    {
        let answer = desk.demo(Method::GET, path, "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["title"]), (404, &Value::from("Not Found")), "{path}");
    }
    assert_eq!(ask(&desk, Method::GET, msgid, "/cancel").await.status, StatusCode::NOT_FOUND);
}
