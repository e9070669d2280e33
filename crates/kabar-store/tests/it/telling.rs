//! What happens is told, in the transaction in which it happens, to those who want to hear of it.

use kabar_domain::message::{Reason, State};
use kabar_domain::template::{Category, Status};
use kabar_store::Store;
use kabar_store::callback::{CallVerdict, Callback, CallbackChange, DeliveryQuery, DeliveryState, Reply, SenderNews};
use kabar_store::ledger::{NewMessage, Report, Verdict};

use crate::callbacks::{add, due, settle_one, with_app};
use crate::make::{self, PATIENCE, START, at, begin, ended, settle, submitted, template, utility};
use crate::place::Place;

on_every_engine!(
    every_step_of_a_message_is_told,
    nothing_is_told_to_whom_it_does_not_concern,
    what_is_told_of_one_message_comes_in_its_order,
    what_is_reported_twice_is_told_once,
    what_a_crash_leaves_in_doubt_is_told,
    a_template_that_changes_is_told,
    a_pressed_button_is_told_once,
    what_is_new_of_a_sender_is_told_to_whom_it_concerns,
    what_is_told_is_there_after_a_crash,
    a_callback_that_another_process_makes_is_told_too,
);

/// What a callback is told, oldest first: type and body.
async fn told(store: &Store, callback: &Callback) -> Vec<(String, String)> {
    let query = DeliveryQuery::default();
    let mut listed = store.deliveries(&callback.app, callback.id, query, 100).await.unwrap().unwrap();
    listed.reverse();
    listed.into_iter().map(|delivery| (delivery.kind, delivery.body)).collect()
}

async fn kinds(store: &Store, callback: &Callback) -> Vec<String> {
    told(store, callback).await.into_iter().map(|(kind, _)| kind).collect()
}

async fn record(store: &Store, message: &NewMessage, state: State, seconds: u64) {
    let report = make::report(Some(message.msgid), "wamid.1", state, at(seconds));
    store.record(vec![report]).await.unwrap();
}

/// A message that is being sent.
async fn begun(store: &Store) -> (NewMessage, kabar_store::ledger::Begun) {
    let message = make::message(&utility());
    store.accept(message.clone()).await.unwrap();
    (message, begin(store, &utility(), 1, START).await.remove(0))
}

async fn every_step_of_a_message_is_told(place: Place) {
    let store = with_app(&place).await;
    store.put_template(template("demo", 1519, "pesanan")).await.unwrap();
    let callback = add(&store, "demo", &["message.*"]).await;
    let mut message = make::message(&utility());
    message.template = 1;
    store.accept(message.clone()).await.unwrap();
    let begun = begin(&store, &utility(), 1, START).await.remove(0);
    settle(&store, begun.key, at(1), Verdict::InDoubt { until: at(99) }).await;
    record(&store, &message, State::Sent, 2).await;
    let reason = Some(Reason { code: 131_026, text: "Undeliverable".to_owned() });
    let mut failed = make::report(Some(message.msgid), "wamid.1", State::Failed, at(3));
    failed.event.reason = reason;
    store.record(vec![failed]).await.unwrap();
    record(&store, &message, State::Delivered, 4).await;
    record(&store, &message, State::Read, 5).await;
    assert_eq!(
        kinds(&store, &callback).await,
        ["message.in_doubt", "message.sent", "message.failed", "message.delivered", "message.read"]
    );
    let told = told(&store, &callback).await;
    let expected = format!(
        r#"{{"type":"message.failed","timestamp":"2023-11-14T22:13:23.000Z","data":{{"app":"demo","msgid":"{}","recipient":"+6281234567890","sender":"100","template":{{"id":"1519","code":"00000000_0000_0000_0000_0000000005ef:demo_pesanan","name":"pesanan","language":"id"}},"wamid":"wamid.1","error":{{"code":131026,"message":"Undeliverable"}}}}}}"#,
        message.msgid
    );
    assert_eq!(told[2].1, expected);

    for (verdict, kind) in [
        (submitted("wamid.2"), "message.submitted"),
        (ended(State::Rejected), "message.rejected"),
        (ended(State::Expired), "message.expired"),
    ] {
        let other = make::begun(&store, &utility()).await;
        settle(&store, other.key, at(10), verdict).await;
        assert_eq!(kinds(&store, &callback).await.pop().unwrap(), kind);
    }
    let taken_back = make::message(&utility());
    store.accept(taken_back.clone()).await.unwrap();
    store.take_back(&taken_back.app, taken_back.msgid, at(11)).await.unwrap();
    assert_eq!(kinds(&store, &callback).await.pop().unwrap(), "message.cancelled");
    let doubted = make::begun(&store, &utility()).await;
    settle(&store, doubted.key, at(12), Verdict::InDoubt { until: at(13) }).await;
    settle(&store, doubted.key, at(13), ended(State::OutcomeUnknown)).await;
    assert_eq!(kinds(&store, &callback).await.pop().unwrap(), "message.failed");
}

async fn nothing_is_told_to_whom_it_does_not_concern(place: Place) {
    let store = with_app(&place).await;
    let read_only = add(&store, "demo", &["message.read"]).await;
    let others = add(&store, "other", &["*"]).await;
    let removed = add(&store, "demo", &["*"]).await;
    store.remove_callback(&removed.app, removed.id, START).await.unwrap();
    let (message, begun) = begun(&store).await;
    settle(&store, begun.key, at(1), submitted("wamid.1")).await;
    record(&store, &message, State::Delivered, 2).await;
    record(&store, &message, State::Read, 3).await;
    assert_eq!(kinds(&store, &read_only).await, ["message.read"]);
    assert_eq!(told(&store, &others).await, []);
}

async fn what_is_told_of_one_message_comes_in_its_order(place: Place) {
    let store = with_app(&place).await;
    add(&store, "demo", &["*"]).await;
    let (first, one) = begun(&store).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    record(&store, &first, State::Delivered, 2).await;
    record(&store, &first, State::Read, 3).await;
    let (_, other) = begun(&store).await;
    settle(&store, other.key, at(4), submitted("wamid.2")).await;
    let due_kinds = async |now| {
        let due = due(&store, now).await;
        due.iter().flat_map(|(_, due)| due).map(|delivery| kind_of(&delivery.body)).collect::<Vec<_>>()
    };
    assert_eq!(due_kinds(at(5)).await, ["message.submitted", "message.submitted"], "one of each message");
    settle_one(&store, at(5), 500, CallVerdict::Later(at(100))).await;
    assert_eq!(due_kinds(at(6)).await, ["message.submitted"], "the other message does not wait");
    settle_one(&store, at(6), 200, CallVerdict::Delivered).await;
    assert_eq!(due_kinds(at(99)).await, Vec::<String>::new());
    settle_one(&store, at(100), 200, CallVerdict::Delivered).await;
    assert_eq!(due_kinds(at(100)).await, ["message.delivered"]);
    settle_one(&store, at(101), 500, CallVerdict::GivenUp).await;
    assert_eq!(due_kinds(at(101)).await, ["message.read"], "what was given up is waited for no longer");
}

fn kind_of(body: &str) -> String {
    body.split('"').nth(3).unwrap_or_default().to_owned()
}

async fn what_is_reported_twice_is_told_once(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    let second = add(&store, "demo", &["*"]).await;
    let (message, begun) = begun(&store).await;
    settle(&store, begun.key, at(1), submitted("wamid.1")).await;
    let report = || -> Report { make::report(Some(message.msgid), "wamid.1", State::Sent, at(2)) };
    store.record(vec![report(), report()]).await.unwrap();
    store.record(vec![report()]).await.unwrap();
    assert_eq!(kinds(&store, &callback).await, ["message.submitted", "message.sent"]);
    let ids = async |callback: &Callback| {
        let listed = store.deliveries(&callback.app, callback.id, DeliveryQuery::default(), 10).await.unwrap().unwrap();
        listed.iter().map(|delivery| delivery.event).collect::<Vec<_>>()
    };
    assert_eq!(ids(&callback).await, ids(&second).await, "one event has one id, whoever is told");
}

async fn what_a_crash_leaves_in_doubt_is_told(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["message.in_doubt"]).await;
    let (_, begun) = begun(&store).await;
    store.note_calls(&[begun.key]);
    let crashed = place.after_a_crash();
    drop(store);
    let store = crashed.open().await;
    store.recover(at(1), PATIENCE).await.unwrap();
    assert_eq!(kinds(&store, &callback).await, ["message.in_doubt"]);
}

async fn a_template_that_changes_is_told(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["template.*"]).await;
    let mut put = template("demo", 1, "pesanan");
    store.put_template(put.clone()).await.unwrap();
    assert_eq!(told(&store, &callback).await, [], "its app made it, and knows");
    put.at = at(1);
    put.facts.status = Status::Rejected;
    put.facts.rejected_reason = "INVALID_FORMAT".to_owned();
    store.put_template(put.clone()).await.unwrap();
    put.at = at(2);
    put.facts.category = Category::Marketing;
    put.facts.quality = "RED".to_owned();
    store.put_template(put.clone()).await.unwrap();
    store.put_template(put).await.unwrap();
    assert_eq!(kinds(&store, &callback).await, ["template.status", "template.category", "template.quality"]);
    assert_eq!(
        told(&store, &callback).await[0].1,
        r#"{"type":"template.status","timestamp":"2023-11-14T22:13:21.000Z","data":{"app":"demo","template":{"id":"1","code":"00000000_0000_0000_0000_000000000001:demo_pesanan","name":"pesanan","language":"id"},"status":"REJECTED","previous":"PENDING","reason":"INVALID_FORMAT"}}"#
    );
}

async fn a_pressed_button_is_told_once(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["message.reply"]).await;
    let (message, begun) = begun(&store).await;
    settle(&store, begun.key, at(1), submitted("wamid.1")).await;
    let reply = |replied_to: &str| Reply {
        wamid: "wamid.reply".to_owned(),
        replied_to: replied_to.to_owned(),
        at: at(9),
        payload: Some("stop".to_owned()),
        text: Some("Berhenti".to_owned()),
    };
    store.tell_replies(vec![reply("wamid.1"), reply("wamid.1"), reply("wamid.none")]).await.unwrap();
    store.tell_replies(vec![reply("wamid.1")]).await.unwrap();
    let told = told(&store, &callback).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains(&message.msgid.to_string()), "{}", told[0].1);
    assert!(
        told[0].1.ends_with(r#""reply":{"wamid":"wamid.reply","payload":"stop","text":"Berhenti"}}}"#),
        "{}",
        told[0].1
    );
}

async fn what_is_told_is_there_after_a_crash(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    let (_, begun) = begun(&store).await;
    settle(&store, begun.key, at(1), submitted("wamid.1")).await;
    let crashed = place.after_a_crash();
    drop(store);
    let store = crashed.open().await;
    assert_eq!(kinds(&store, &callback).await, ["message.submitted"]);
    settle_one(&store, at(2), 200, CallVerdict::Delivered).await;
    let listed = store.deliveries(&callback.app, callback.id, DeliveryQuery::default(), 10).await.unwrap().unwrap();
    assert_eq!(listed[0].state, DeliveryState::Delivered);
}

async fn a_callback_that_another_process_makes_is_told_too(place: Place) {
    let store = with_app(&place).await;
    let (message, begun) = begun(&store).await;
    settle(&store, begun.key, at(1), submitted("wamid.1")).await;
    let other = Store::open(kabar_store::Options { exclusive: false, ..place.options() }).await.unwrap();
    let callback = add(&other, "demo", &["*"]).await;
    record(&store, &message, State::Sent, 2).await;
    assert_eq!(kinds(&store, &callback).await, ["message.sent"]);
    other.change_callback(&callback.app, callback.id, CallbackChange::Pause, at(3)).await.unwrap().unwrap();
    record(&store, &message, State::Read, 4).await;
    assert_eq!(kinds(&store, &callback).await, ["message.sent", "message.read"], "while it is paused, it waits");
    assert_eq!(due(&store, at(5)).await, []);
    other.close().await;
}

async fn what_is_new_of_a_sender_is_told_to_whom_it_concerns(place: Place) {
    let store = with_app(&place).await;
    store.add_sender(make::sender("demo", "100")).await.unwrap();
    store.add_sender(make::sender("other", "200")).await.unwrap();
    let (own, others) = (add(&store, "demo", &["sender.*"]).await, add(&store, "other", &["*"]).await);
    let held = |reason: Option<&str>, seconds| SenderNews::Held {
        app: make::app_id("demo"),
        sender: "100".parse().unwrap(),
        reason: reason.map(str::to_owned),
        at: at(seconds),
    };
    let quality = SenderNews::Quality {
        waba: "900".parse().unwrap(),
        phone_number: Some("15550783881".to_owned()),
        event: "FLAGGED".to_owned(),
        at: at(3),
    };
    let news = vec![held(Some("code 190"), 1), held(None, 2), quality];
    store.tell_senders(news.clone()).await.unwrap();
    store.tell_senders(news).await.unwrap();
    let told_own = told(&store, &own).await;
    let is_held: Vec<Option<bool>> = told_own
        .iter()
        .map(|(_, body)| match (body.contains(r#""held":true"#), body.contains(r#""held":false"#)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        })
        .collect();
    assert_eq!(kinds(&store, &own).await, ["sender.held", "sender.held", "sender.quality"]);
    assert_eq!(is_held, [Some(true), Some(false), None]);
    assert_eq!(kinds(&store, &others).await, ["sender.quality"]);
}
