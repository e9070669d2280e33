//! Requests that are repeated.

use kabar_domain::fault::Path;
use kabar_domain::ids::AppId;
use kabar_domain::request::IdempotencyKey;
use kabar_store::ledger::NewMessage;
use kabar_store::once::{Accepted, Fingerprint, Once};
use tokio::task::JoinSet;

use crate::make::{app_id, at, lane, message, utility};
use crate::place::Place;

on_every_engine!(
    a_repetition_has_the_first_message,
    another_request_under_the_key_is_told,
    keys_of_one_app_are_nothing_to_another,
    of_many_at_once_one_is_new,
    what_was_accepted_is_known_after_a_crash,
    a_request_that_failed_was_not_there,
    requests_are_forgotten_in_order_and_within_bounds,
);

fn once(key: &str, content: &str) -> Once {
    let key = IdempotencyKey::parse(key.as_bytes(), &Path::root()).unwrap();
    Once { key, content: Fingerprint::of(&[content.as_bytes()]) }
}

async fn a_repetition_has_the_first_message(place: Place) {
    let store = place.open().await;
    let (first, second) = (message(&utility()), message(&utility()));
    let msgid = first.msgid;
    assert_eq!(store.accepted_before(&first.app, once("a", "x")).await.unwrap(), None);
    assert_eq!(store.accept_once(first, once("a", "x")).await.unwrap(), Accepted::New);
    // Through another lane, as when the template has changed its category meanwhile.
    let elsewhere = NewMessage { lane: lane("100", kabar_domain::template::Category::Marketing), ..second };
    assert_eq!(store.accept_once(elsewhere, once("a", "x")).await.unwrap(), Accepted::Before(msgid));
    assert_eq!(store.accepted_before(&app_id("demo"), once("a", "x")).await.unwrap(), Some(Accepted::Before(msgid)));
    assert_eq!(store.counts().await.unwrap().total, 1);
    assert_eq!(store.accept_once(message(&utility()), once("b", "x")).await.unwrap(), Accepted::New);
    assert_eq!(store.counts().await.unwrap().total, 2);
}

async fn another_request_under_the_key_is_told(place: Place) {
    let store = place.open().await;
    store.accept_once(message(&utility()), once("a", "x")).await.unwrap();
    assert_eq!(store.accept_once(message(&utility()), once("a", "y")).await.unwrap(), Accepted::KeyTaken);
    assert_eq!(store.accepted_before(&app_id("demo"), once("a", "y")).await.unwrap(), Some(Accepted::KeyTaken));
    assert_eq!(store.counts().await.unwrap().total, 1);
}

async fn keys_of_one_app_are_nothing_to_another(place: Place) {
    let store = place.open().await;
    for app in ["demo", "toko"] {
        let message = NewMessage { app: AppId::parse(app).unwrap(), ..message(&utility()) };
        assert_eq!(store.accept_once(message, once("a", "x")).await.unwrap(), Accepted::New, "{app}");
    }
}

async fn of_many_at_once_one_is_new(place: Place) {
    let store = place.open().await;
    let mut accepting = JoinSet::new();
    for _ in 0..500 {
        let (store, message) = (store.clone(), message(&utility()));
        accepting.spawn(async move { (message.msgid, store.accept_once(message, once("a", "x")).await.unwrap()) });
    }
    let answers = accepting.join_all().await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == Accepted::New).collect();
    assert_eq!(new.len(), 1);
    let before = Accepted::Before(new[0].0);
    assert_eq!(answers.iter().filter(|(_, answer)| *answer == before).count(), 499);
    assert_eq!(store.counts().await.unwrap().total, 1);
}

async fn what_was_accepted_is_known_after_a_crash(mut place: Place) {
    let store = place.open().await;
    let first = message(&utility());
    let msgid = first.msgid;
    store.accept_once(first, once("a", "x")).await.unwrap();
    place = place.after_a_crash();
    let store = place.open().await;
    let answer = store.accept_once(message(&utility()), once("a", "x")).await.unwrap();
    assert_eq!(answer, Accepted::Before(msgid));
    assert_eq!(store.counts().await.unwrap().total, 1);
}

async fn a_request_that_failed_was_not_there(place: Place) {
    let store = place.open().await;
    let known = message(&utility());
    store.accept(known.clone()).await.unwrap();
    // The same msgid again, which the engine refuses.
    store.accept_once(known, once("a", "x")).await.unwrap_err();
    assert_eq!(store.accept_once(message(&utility()), once("a", "y")).await.unwrap(), Accepted::New);
}

async fn requests_are_forgotten_in_order_and_within_bounds(place: Place) {
    let store = place.open().await;
    for n in 0..5 {
        let message = NewMessage { accepted_at: at(n), ..message(&utility()) };
        store.accept_once(message, once(&format!("key {n}"), "x")).await.unwrap();
    }
    assert_eq!(store.forget_requests(at(0), 10).await.unwrap(), 0);
    assert_eq!(store.forget_requests(at(3), 2).await.unwrap(), 2);
    let demo = app_id("demo");
    let known = |n: u64| store.accepted_before(&demo, once(&format!("key {n}"), "x"));
    assert_eq!((known(1).await.unwrap(), known(2).await.unwrap().is_some()), (None, true));
    assert_eq!(store.forget_requests(at(3), 10).await.unwrap(), 1);
    assert_eq!((known(2).await.unwrap(), known(3).await.unwrap().is_some()), (None, true));
    assert_eq!(store.counts().await.unwrap().total, 5, "messages stay");
}
