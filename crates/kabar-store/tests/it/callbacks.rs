//! Callbacks: who is told, and what became of it.

use std::time::Duration;

use kabar_domain::callback::request::{Change, NewCallback, Redrive};
use kabar_domain::callback::{CallbackId, CallbackUrl, Pattern, PauseReason, Signing, Subscription};
use kabar_domain::clock::{Clock, Moment};
use kabar_store::callback::{
    AddCallback, CallAnswer, CallOutcome, CallVerdict, Callback, CallbackChange, CallbackKey, DeliveryQuery,
    DeliveryState, DueDelivery, Endpoint, MOST_CALLBACKS, SigningKey,
};
use kabar_store::{Error, Store};
use uuid::Uuid;

use crate::make::{START, app, app_id, at};
use crate::place::Place;

on_every_engine!(
    everything_of_a_callback_is_kept,
    an_app_sees_its_own_callbacks_only,
    an_app_has_so_many_callbacks_and_no_more,
    a_change_leaves_the_rest,
    an_old_key_signs_until_its_time_is_up,
    a_delivery_is_due_until_it_was_made,
    what_is_paused_waits_and_goes_on,
    a_call_that_is_answered_gone_pauses,
    health_is_remembered,
    what_was_given_up_is_made_again,
    a_range_is_made_again,
    deliveries_are_walked_newest_first,
    what_ended_long_ago_is_cleaned_away,
    what_waits_too_long_for_a_paused_callback_is_given_up,
    a_removed_callback_goes_with_its_deliveries,
);

pub(crate) async fn with_app(place: &Place) -> Store {
    let store = place.open().await;
    store.create_app(app("demo")).await.unwrap();
    store.create_app(app("other")).await.unwrap();
    store
}

fn key(secret: u8) -> SigningKey {
    SigningKey { signing: Signing::Hmac, secret: vec![secret; 32], public: None }
}

fn asked(url: &str, patterns: &[&str]) -> NewCallback {
    NewCallback {
        url: CallbackUrl::parse(url).unwrap(),
        events: Subscription::of(patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect()).unwrap(),
        description: "the shop".to_owned(),
        signing: Signing::Hmac,
    }
}

pub(crate) async fn add(store: &Store, app: &str, patterns: &[&str]) -> Callback {
    let id = CallbackId::from_uuid(Clock::system().msgid().as_uuid());
    let asked = asked("https://toko.example/kabar", patterns);
    store.add_callback(AddCallback { id, app: app_id(app), asked, key: key(1), at: START }).await.unwrap()
}

async fn test_event(store: &Store, callback: &Callback, number: u128, at: Moment) -> Uuid {
    let event = Uuid::from_u128(number);
    assert!(store.test_callback(&callback.app, callback.id, event, at).await.unwrap());
    event
}

pub(crate) async fn due(store: &Store, now: Moment) -> Vec<(Endpoint, Vec<DueDelivery>)> {
    let mut due = Vec::new();
    for key in store.callbacks_due(now).await.unwrap() {
        due.push(store.deliveries_due(key, now, 100).await.unwrap().unwrap());
    }
    due
}

fn outcome(
    callback: CallbackKey,
    delivery: &DueDelivery,
    at: Moment,
    status: u16,
    verdict: CallVerdict,
) -> CallOutcome {
    CallOutcome {
        delivery: delivery.key,
        callback,
        at,
        took: Duration::from_millis(12),
        answer: CallAnswer::Status(status),
        verdict,
        pause: None,
    }
}

/// Settles the one delivery that is due.
pub(crate) async fn settle_one(store: &Store, at: Moment, status: u16, verdict: CallVerdict) {
    let due = due(store, at).await;
    let (endpoint, deliveries) = &due[0];
    let outcome = outcome(endpoint.key, &deliveries[0], at, status, verdict);
    assert_eq!(store.settle_deliveries(vec![outcome]).await.unwrap(), []);
}

async fn fresh(store: &Store, callback: &Callback) -> Callback {
    store.callback(&callback.app, callback.id).await.unwrap().unwrap()
}

async fn states(store: &Store, callback: &Callback) -> Vec<DeliveryState> {
    let query = DeliveryQuery::default();
    let mut listed = store.deliveries(&callback.app, callback.id, query, 100).await.unwrap().unwrap();
    listed.reverse();
    listed.iter().map(|delivery| delivery.state).collect()
}

async fn everything_of_a_callback_is_kept(place: Place) {
    let store = with_app(&place).await;
    let id = CallbackId::from_uuid(Uuid::from_u128(5));
    let asked = asked("https://toko.example/kabar", &["message.*", "template.status"]);
    let public = SigningKey { signing: Signing::Ed25519, secret: vec![7; 32], public: Some(vec![8; 32]) };
    let adding = AddCallback { id, app: app_id("demo"), asked: asked.clone(), key: public, at: START };
    let missing = AddCallback { app: app_id("none"), ..adding.clone() };
    assert!(matches!(store.add_callback(missing).await, Err(Error::NoSuchApp(_))));
    let expected = Callback {
        id,
        app: app_id("demo"),
        url: asked.url,
        description: asked.description,
        events: asked.events,
        signing: Signing::Ed25519,
        public_key: Some(vec![8; 32]),
        old_key_until: None,
        created_at: START,
        changed_at: START,
        paused: None,
        failing_since: None,
        waiting: 0,
    };
    assert_eq!(store.add_callback(adding).await.unwrap(), expected);
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.callbacks(None).await.unwrap(), std::slice::from_ref(&expected));
    assert_eq!(store.callback(&app_id("demo"), id).await.unwrap(), Some(expected));
}

async fn an_app_sees_its_own_callbacks_only(place: Place) {
    let store = with_app(&place).await;
    let mine = add(&store, "demo", &["*"]).await;
    let theirs = add(&store, "other", &["*"]).await;
    assert_eq!(store.callbacks(Some(&mine.app)).await.unwrap(), std::slice::from_ref(&mine));
    assert_eq!(store.callbacks(None).await.unwrap().len(), 2);
    let demo = app_id("demo");
    assert_eq!(store.callback(&demo, theirs.id).await.unwrap(), None);
    assert_eq!(store.change_callback(&demo, theirs.id, CallbackChange::Pause, START).await.unwrap(), None);
    assert!(!store.remove_callback(&demo, theirs.id, START).await.unwrap());
    assert!(!store.test_callback(&demo, theirs.id, Uuid::from_u128(1), START).await.unwrap());
    assert_eq!(store.deliveries(&demo, theirs.id, DeliveryQuery::default(), 10).await.unwrap(), None);
    let range = Redrive { from: START, to: at(10), delivered_too: true };
    assert_eq!(store.redrive(&demo, theirs.id, range, START).await.unwrap(), None);
}

async fn an_app_has_so_many_callbacks_and_no_more(place: Place) {
    let store = with_app(&place).await;
    let first = add(&store, "demo", &["*"]).await;
    for _ in 1..MOST_CALLBACKS {
        add(&store, "demo", &["*"]).await;
    }
    let one_more = || AddCallback {
        id: CallbackId::from_uuid(Uuid::from_u128(9)),
        app: app_id("demo"),
        asked: asked("https://toko.example/", &["*"]),
        key: key(1),
        at: START,
    };
    assert!(matches!(store.add_callback(one_more()).await, Err(Error::TooManyCallbacks { .. })));
    assert!(store.remove_callback(&first.app, first.id, START).await.unwrap());
    store.add_callback(one_more()).await.unwrap();
}

async fn a_change_leaves_the_rest(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    let change = Change { url: Some(CallbackUrl::parse("https://baru.example/").unwrap()), ..Change::default() };
    let changed =
        store.change_callback(&callback.app, callback.id, CallbackChange::Facts(change.clone()), at(5)).await.unwrap();
    assert_eq!(changed, Some(Callback { url: change.url.unwrap(), changed_at: at(5), ..callback }));
}

async fn an_old_key_signs_until_its_time_is_up(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    test_event(&store, &callback, 1, START).await;
    let change = CallbackChange::Key { key: key(2), old_until: at(100) };
    let rotated = store.change_callback(&callback.app, callback.id, change, at(10)).await.unwrap().unwrap();
    assert_eq!(rotated.old_key_until, Some(at(100)));
    let secrets = async |now| {
        let due = due(&store, now).await;
        due[0].0.signing_keys.iter().map(|key| key.secret[0]).collect::<Vec<_>>()
    };
    assert_eq!(secrets(at(99)).await, [2, 1], "the new one first");
    assert_eq!(secrets(at(100)).await, [2]);
}

async fn a_delivery_is_due_until_it_was_made(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    assert_eq!(store.callbacks_due(at(10)).await.unwrap(), []);
    let event = test_event(&store, &callback, 1, START).await;
    test_event(&store, &callback, 1, START).await;
    let found = due(&store, at(1)).await;
    assert_eq!(found[0].1.len(), 1, "one event is told once");
    assert_eq!((found[0].1[0].event, found[0].1[0].tries), (event, 0));
    assert_eq!(
        found[0].1[0].body,
        r#"{"type":"callback.test","timestamp":"2023-11-14T22:13:20.000Z","data":{"app":"demo"}}"#
    );
    assert_eq!(fresh(&store, &callback).await.waiting, 1);

    settle_one(&store, at(1), 500, CallVerdict::Later(at(6))).await;
    assert_eq!(due(&store, at(5)).await, []);
    // Another process finds it as it was left.
    store.close().await;
    let store = place.open().await;
    assert_eq!(due(&store, at(6)).await[0].1[0].tries, 1);
    settle_one(&store, at(6), 204, CallVerdict::Delivered).await;
    assert_eq!(due(&store, at(1000)).await, []);
    let delivery = store.delivery(&callback.app, callback.id, event).await.unwrap().unwrap();
    assert_eq!((delivery.state, delivery.ended_at), (DeliveryState::Delivered, Some(at(6))));
    let answers: Vec<_> = delivery.calls.iter().map(|call| (call.at, call.answer.clone())).collect();
    assert_eq!(answers, [(at(1), CallAnswer::Status(500)), (at(6), CallAnswer::Status(204))]);
    assert_eq!(fresh(&store, &callback).await.waiting, 0);
}

async fn what_is_paused_waits_and_goes_on(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    test_event(&store, &callback, 1, START).await;
    settle_one(&store, at(1), 500, CallVerdict::Later(at(5000))).await;
    let key = {
        test_event(&store, &callback, 2, at(2)).await;
        due(&store, at(2)).await[0].0.key
    };
    let change =
        async |change, at| store.change_callback(&callback.app, callback.id, change, at).await.unwrap().unwrap();
    let paused = change(CallbackChange::Pause, at(3)).await;
    assert_eq!(paused.paused, Some((at(3), PauseReason::Asked)));
    assert_eq!(change(CallbackChange::Pause, at(4)).await.paused, paused.paused, "it is paused already");
    test_event(&store, &callback, 3, at(4)).await;
    assert_eq!(due(&store, at(4)).await, []);
    assert_eq!(store.deliveries_due(key, at(4), 10).await.unwrap(), None);
    assert_eq!(fresh(&store, &callback).await.waiting, 3);

    let resumed = change(CallbackChange::Resume, at(10)).await;
    assert_eq!((resumed.paused, resumed.failing_since), (None, None));
    assert_eq!(due(&store, at(10)).await[0].1.len(), 3, "what waited for its next try goes as well");
}

async fn a_call_that_is_answered_gone_pauses(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    for number in 1..=2 {
        test_event(&store, &callback, number, START).await;
    }
    let due = due(&store, at(1)).await;
    let gone = |delivery: &DueDelivery| CallOutcome {
        pause: Some(PauseReason::Gone),
        ..outcome(due[0].0.key, delivery, at(1), 410, CallVerdict::Later(at(6)))
    };
    let outcomes = due[0].1.iter().map(gone).collect();
    assert_eq!(store.settle_deliveries(outcomes).await.unwrap(), [due[0].0.key], "it is said once");
    assert_eq!(fresh(&store, &callback).await.paused, Some((at(1), PauseReason::Gone)));
}

async fn health_is_remembered(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    test_event(&store, &callback, 1, START).await;
    for second in [1, 2] {
        settle_one(&store, at(second), 500, CallVerdict::Later(at(second + 1))).await;
        assert_eq!(fresh(&store, &callback).await.failing_since, Some(at(1)));
    }
    assert_eq!(due(&store, at(3)).await[0].0.failing_since, Some(at(1)));
    settle_one(&store, at(3), 200, CallVerdict::Delivered).await;
    assert_eq!(fresh(&store, &callback).await.failing_since, None);
}

async fn what_was_given_up_is_made_again(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    let event = test_event(&store, &callback, 1, START).await;
    settle_one(&store, at(1), 500, CallVerdict::GivenUp).await;
    assert_eq!(states(&store, &callback).await, [DeliveryState::Failed]);
    assert!(!store.redrive_one(&callback.app, callback.id, Uuid::from_u128(2), at(2)).await.unwrap());
    assert!(store.redrive_one(&callback.app, callback.id, event, at(2)).await.unwrap());
    let again = due(&store, at(2)).await;
    assert_eq!((again[0].1[0].event, again[0].1[0].tries), (event, 0), "the same event, with all tries before it");
    settle_one(&store, at(3), 500, CallVerdict::Later(at(5000))).await;
    assert!(store.redrive_one(&callback.app, callback.id, event, at(4)).await.unwrap());
    settle_one(&store, at(4), 200, CallVerdict::Delivered).await;
    let delivery = store.delivery(&callback.app, callback.id, event).await.unwrap().unwrap();
    assert_eq!(delivery.calls.len(), 3, "no call is forgotten");
}

async fn a_range_is_made_again(place: Place) {
    const N_EVENTS: u64 = 1203;
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    for number in 0..N_EVENTS {
        test_event(&store, &callback, u128::from(number), at(number)).await;
    }
    while let Some((endpoint, deliveries)) = due(&store, at(5000)).await.into_iter().next() {
        let settled = deliveries.iter().map(|delivery| {
            let number = delivery.event.as_u128();
            let verdict = if number % 2 == 0 { CallVerdict::Delivered } else { CallVerdict::GivenUp };
            outcome(endpoint.key, delivery, at(5000), 200, verdict)
        });
        store.settle_deliveries(settled.collect()).await.unwrap();
    }
    let redrive = async |from, to, delivered_too| {
        let range = Redrive { from: at(from), to: at(to), delivered_too };
        store.redrive(&callback.app, callback.id, range, at(6000)).await.unwrap().unwrap()
    };
    assert_eq!(redrive(100, 110, false).await, 5);
    assert_eq!(redrive(100, 110, false).await, 0, "they wait already");
    assert_eq!(redrive(0, N_EVENTS, true).await, N_EVENTS - 5);
    assert_eq!(fresh(&store, &callback).await.waiting, u32::try_from(N_EVENTS).unwrap());
}

async fn deliveries_are_walked_newest_first(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    for number in 0..25_u64 {
        // Two and two happened at the same moment.
        test_event(&store, &callback, u128::from(number), at(number / 2)).await;
    }
    let mut met = Vec::new();
    let mut query = DeliveryQuery::default();
    loop {
        let page = store.deliveries(&callback.app, callback.id, query, 4).await.unwrap().unwrap();
        met.extend(page.iter().map(|delivery| delivery.event.as_u128()));
        let Some(last) = page.last() else { break };
        query.after = Some(last.place());
    }
    assert_eq!(met, (0..25).rev().collect::<Vec<_>>());
    let failed = DeliveryQuery { state: Some(DeliveryState::Failed), after: None };
    assert_eq!(store.deliveries(&callback.app, callback.id, failed, 4).await.unwrap(), Some(Vec::new()));
}

async fn what_ended_long_ago_is_cleaned_away(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    for number in 0..5 {
        test_event(&store, &callback, number, START).await;
        let verdict = if number < 4 { CallVerdict::Delivered } else { CallVerdict::Later(at(500)) };
        settle_one(&store, at(u64::try_from(number).unwrap() + 1), 200, verdict).await;
    }
    let clean = async |before| {
        let cleaned = store.clean_deliveries(at(before), at(1000), 2).await.unwrap();
        (cleaned.removed, cleaned.given_up)
    };
    assert_eq!(clean(1).await, (0, 0));
    assert_eq!([clean(4).await, clean(4).await, clean(4).await], [(2, 0), (1, 0), (0, 0)], "step by step");
    assert_eq!([clean(900).await, clean(900).await], [(1, 0), (0, 0)], "what is to be tried again stays");
    assert_eq!(states(&store, &callback).await, [DeliveryState::Waiting]);
}

async fn what_waits_too_long_for_a_paused_callback_is_given_up(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    test_event(&store, &callback, 1, START).await;
    test_event(&store, &callback, 2, at(600)).await;
    let change = CallbackChange::Pause;
    store.change_callback(&callback.app, callback.id, change, START).await.unwrap().unwrap();
    let cleaned = store.clean_deliveries(at(500), at(1000), 10).await.unwrap();
    assert_eq!((cleaned.removed, cleaned.given_up), (0, 1));
    assert_eq!(states(&store, &callback).await, [DeliveryState::Failed, DeliveryState::Waiting]);
    let again = Redrive { from: START, to: at(500), delivered_too: false };
    assert_eq!(store.redrive(&callback.app, callback.id, again, at(1001)).await.unwrap(), Some(1));
}

async fn a_removed_callback_goes_with_its_deliveries(place: Place) {
    let store = with_app(&place).await;
    let callback = add(&store, "demo", &["*"]).await;
    let other = add(&store, "demo", &["*"]).await;
    for number in 0..5 {
        test_event(&store, &callback, number, START).await;
    }
    test_event(&store, &other, 9, START).await;
    assert!(store.remove_callback(&callback.app, callback.id, at(1)).await.unwrap());
    assert!(!store.remove_callback(&callback.app, callback.id, at(1)).await.unwrap());
    assert_eq!(store.callbacks(None).await.unwrap(), [fresh(&store, &other).await]);
    assert_eq!(due(&store, at(1)).await.len(), 1, "nothing is made any more");
    let mut n_removed = 0;
    loop {
        let cleaned = store.clean_deliveries(START, at(1), 2).await.unwrap();
        n_removed += cleaned.removed;
        if cleaned.removed + cleaned.given_up == 0 {
            break;
        }
    }
    assert_eq!(n_removed, 6, "five deliveries, and the callback itself");
    assert_eq!(states(&store, &other).await, [DeliveryState::Waiting]);
}
