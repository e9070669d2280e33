//! Many commands share a commit, and none spoils another.

use kabar_store::Error;
use tokio::task::JoinSet;

use crate::make::{START, accept, app, app_id, begin, message, settle, submitted, utility};
use crate::place::Place;

on_every_engine!(
    commands_that_wait_share_a_commit,
    a_guilty_command_fails_alone,
    a_refused_command_spoils_nothing,
    two_processes_may_accept_into_one_lane,
    a_rollback_does_not_forget_what_is_under_way,
);

async fn commands_that_wait_share_a_commit(place: Place) {
    let store = place.open().await;
    let before = store.counts().await.unwrap().commits;
    let mut accepting = JoinSet::new();
    for _ in 0..2000 {
        let store = store.clone();
        accepting.spawn(async move { store.accept(message(&utility())).await });
    }
    assert!(accepting.join_all().await.iter().all(Result::is_ok));
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.total, counts.waiting), (2000, 2000));
    let n_commits = counts.commits - before;
    assert!(n_commits < 1000, "{n_commits} commits");
}

async fn a_guilty_command_fails_alone(place: Place) {
    let store = place.open().await;
    let known = message(&utility());
    store.accept(known.clone()).await.unwrap();
    let mut accepting = JoinSet::new();
    for n in 0..300 {
        let message = if n % 100 == 50 { known.clone() } else { message(&utility()) };
        let store = store.clone();
        accepting.spawn(async move { (n, store.accept(message).await) });
    }
    for (n, answer) in accepting.join_all().await {
        match answer {
            Ok(()) => assert_ne!(n % 100, 50),
            Err(err) => assert!(matches!(&err, Error::Engine(_)) && n % 100 == 50, "{n}: {err}"),
        }
    }
    assert_eq!(store.counts().await.unwrap().total, 298);
    let begun = begin(&store, &utility(), 1000, START).await;
    assert_eq!(begun.len(), 298);
    assert!(begun.iter().map(|message| message.key).is_sorted_by(|a, b| a < b));
}

async fn a_refused_command_spoils_nothing(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let mut creating = JoinSet::new();
    for n in 0..100 {
        let id = if n % 2 == 0 { "one".to_owned() } else { format!("app-{n}") };
        let store = store.clone();
        creating.spawn(async move { (n, store.create_app(app(&id)).await) });
    }
    for (n, answer) in creating.join_all().await {
        match answer {
            Ok(()) => assert_eq!(n % 2, 1),
            Err(err) => assert!(matches!(&err, Error::AppExists(id) if *id == app_id("one")), "{err}"),
        }
    }
    assert_eq!(store.directory().await.unwrap().apps.len(), 51);
}

async fn two_processes_may_accept_into_one_lane(place: Place) {
    let serving = place.open().await;
    let other = kabar_store::Store::open(kabar_store::Options { exclusive: false, ..place.options() }).await.unwrap();
    for _ in 0..5 {
        accept(&serving, &utility(), 2).await;
        accept(&other, &utility(), 2).await;
    }
    assert_eq!(begin(&serving, &utility(), 100, START).await.len(), 20);
}

async fn a_rollback_does_not_forget_what_is_under_way(place: Place) {
    let store = place.open().await;
    let known = message(&utility());
    store.accept(known.clone()).await.unwrap();
    accept(&store, &utility(), 4).await;
    let begun = begin(&store, &utility(), 3, START).await;
    settle(&store, begun[0].key, START, submitted("wamid")).await;
    store.accept(known).await.unwrap_err();
    for message in &begun[1..] {
        settle(&store, message.key, START, submitted("wamid")).await;
    }
    assert_eq!(store.counts().await.unwrap().being_sent, 0);
    assert_eq!(begin(&store, &utility(), 10, START).await.len(), 2, "and no more than that");

    let place = place.after_a_crash();
    let store = place.open().await;
    let recovered = store.recover(START, crate::make::PATIENCE).await.unwrap();
    assert_eq!(recovered.again + recovered.in_doubt, 2);
}
