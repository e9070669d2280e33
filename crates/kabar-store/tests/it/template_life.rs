//! The history of templates, names that were deleted, and how apps react to drift.

use kabar_domain::template::guard::{Guard, Reaction};
use kabar_domain::template::{Category, Status};
use kabar_store::Error;
use kabar_store::template::{DeletedName, EVENTS_KEPT, EventKind, EventSource, TemplateEvent, Told};

use crate::make::{app, app_id, at, template};
use crate::place::Place;

on_every_engine!(
    what_happened_is_kept_with_the_template,
    a_long_history_keeps_its_newest,
    a_template_made_anew_keeps_its_history,
    a_deleted_name_is_remembered_until_it_is_there_again,
    a_report_without_a_change_moves_its_own_time_only,
    a_guard_is_kept_for_each_app,
);

fn event(seconds: u64, kind: EventKind, became: &str) -> TemplateEvent {
    TemplateEvent {
        at: at(seconds),
        kind,
        source: EventSource::Webhook,
        was: Some("before".to_owned()),
        became: Some(became.to_owned()),
        reason: None,
    }
}

async fn what_happened_is_kept_with_the_template(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    store.create_app(app("two")).await.unwrap();
    let mut put = template("one", 1, "a");
    let events: Vec<TemplateEvent> = EventKind::NAMES
        .iter()
        .zip(EventSource::NAMES.iter().cycle())
        .map(|((name, kind), (_, source))| TemplateEvent { source: *source, ..event(1, *kind, name) })
        .collect();
    put.events = events.clone();
    let stored = store.put_template(put.clone()).await.unwrap();
    store.put_template(template("two", 1, "a")).await.unwrap();
    // The facts are the same, and yet something happened.
    put.events =
        vec![TemplateEvent { was: None, reason: Some("because".to_owned()), ..event(0, EventKind::Edited, "x") }];
    assert_eq!(store.put_template(put.clone()).await.unwrap(), stored);
    store.close().await;

    let store = place.open().await;
    let expected = [events, put.events].concat();
    assert_eq!(
        store.template_events(&stored.app, &stored.id).await.unwrap(),
        expected,
        "in the order in which they came"
    );
    assert_eq!(store.template_events(&app_id("two"), &stored.id).await.unwrap(), []);
    store.remove_template(&stored.app, &stored.id, None).await.unwrap();
    assert_eq!(store.template_events(&stored.app, &stored.id).await.unwrap(), []);
}

async fn a_long_history_keeps_its_newest(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let mut put = template("one", 1, "a");
    let n = u64::from(EVENTS_KEPT) + 7;
    for number in 0..n {
        put.events = vec![event(number, EventKind::Quality, &number.to_string())];
        store.put_template(put.clone()).await.unwrap();
    }
    let kept = store.template_events(&put.app, &put.id).await.unwrap();
    let times: Vec<_> = kept.iter().map(|event| event.at).collect();
    assert_eq!(times, (7..n).map(at).collect::<Vec<_>>());
}

async fn a_template_made_anew_keeps_its_history(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let mut put = template("one", 1, "a");
    put.events = vec![event(1, EventKind::Created, "x")];
    store.put_template(put).await.unwrap();
    let mut anew = template("one", 2, "a");
    anew.events = vec![event(2, EventKind::MadeAnew, "y")];
    store.put_template(anew.clone()).await.unwrap();
    let kinds: Vec<EventKind> =
        store.template_events(&anew.app, &anew.id).await.unwrap().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::MadeAnew]);
}

async fn a_deleted_name_is_remembered_until_it_is_there_again(place: Place) {
    const DAY: u64 = 24 * 3600;
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let one = app_id("one");
    let gone = async |id: u64, name: &str, day: u64| {
        let mut put = template("one", id, name);
        put.facts.status = Status::Approved;
        store.put_template(put.clone()).await.unwrap();
        assert!(store.remove_template(&one, &put.id, Some(at(day * DAY))).await.unwrap());
    };
    gone(1, "a", 0).await;
    let expected =
        DeletedName { name: "a".to_owned(), language: "id".to_owned(), category: Category::Utility, deleted_at: at(0) };
    assert_eq!(store.deleted_names(&one, "a").await.unwrap(), std::slice::from_ref(&expected));
    assert_eq!(store.deleted_names(&app_id("two"), "a").await.unwrap(), []);

    let other = template("one", 2, "b");
    store.put_template(other.clone()).await.unwrap();
    assert!(store.remove_template(&one, &other.id, None).await.unwrap());
    assert_eq!(store.deleted_names(&one, "b").await.unwrap(), [], "it was not to be remembered");

    gone(3, "c", 29).await;
    assert_eq!(store.deleted_names(&one, "a").await.unwrap().len(), 1);
    gone(4, "d", 30).await;
    assert_eq!(store.deleted_names(&one, "a").await.unwrap(), [], "it is free again");
    assert_eq!(store.deleted_names(&one, "c").await.unwrap().len(), 1);
    store.put_template(template("one", 5, "c")).await.unwrap();
    assert_eq!(store.deleted_names(&one, "c").await.unwrap(), [], "there is a template of that name");
}

async fn a_report_without_a_change_moves_its_own_time_only(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let first = store.put_template(template("one", 1, "a")).await.unwrap();
    let mut again = template("one", 1, "a");
    again.at = at(9);
    again.told = Told { status_at: Some(at(8)), ..Told::default() };
    let second = store.put_template(again).await.unwrap();
    assert_eq!((second.updated_at, second.told.status_at), (first.updated_at, Some(at(8))));
    let mut asked = template("one", 1, "a");
    asked.asked = Some(Category::Marketing);
    asked.told = second.told;
    assert_eq!(store.put_template(asked).await.unwrap().asked, Category::Marketing);
    let mut later = template("one", 1, "a");
    later.facts.status = Status::Approved;
    assert_eq!(store.put_template(later).await.unwrap().asked, Category::Marketing, "it stays until it is said anew");
}

async fn a_guard_is_kept_for_each_app(place: Place) {
    let store = place.open().await;
    let guard = Guard { marketing: Reaction::Refuse, paused: Reaction::Hold, red: Reaction::Hold };
    assert!(matches!(store.set_guard(&app_id("one"), guard).await, Err(Error::NoSuchApp(_))));
    store.create_app(app("one")).await.unwrap();
    store.create_app(app("two")).await.unwrap();
    let before = store.directory_version().await.unwrap();
    store.set_guard(&app_id("one"), guard).await.unwrap();
    let directory = store.directory().await.unwrap();
    assert!(directory.version > before, "whoever follows the directory sees it");
    assert_eq!(directory.guards[&app_id("one")], guard);
    assert_eq!(directory.guards[&app_id("two")], Guard::default());
}
