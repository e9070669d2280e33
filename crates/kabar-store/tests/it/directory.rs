//! Apps, senders and tokens.

use kabar_domain::ids::TokenId;
use kabar_store::directory::{Scope, Token};
use kabar_store::{Error, Options};
use uuid::Uuid;

use crate::make::{app, app_id, at, sender};
use crate::place::Place;

on_every_engine!(
    apps_are_unique,
    a_sender_belongs_to_one_app,
    a_sender_is_replaced_by_its_own_app,
    tokens_are_revoked_once,
    what_was_refused_changes_nothing,
    every_change_is_seen_by_other_processes,
);

fn token(n: u128, app: &str) -> Token {
    Token {
        id: TokenId::from_uuid(Uuid::from_u128(n)),
        app: app_id(app),
        label: "laptop".to_owned(),
        scopes: vec![Scope::Send, Scope::Templates],
        issued_at: at(1),
        expires_at: Some(at(100)),
        revoked_at: None,
    }
}

async fn apps_are_unique(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    store.create_app(app("two")).await.unwrap();
    assert!(matches!(store.create_app(app("one")).await, Err(Error::AppExists(id)) if id == app_id("one")));
    assert_eq!(store.directory().await.unwrap().apps, [app("one"), app("two")]);
}

async fn a_sender_belongs_to_one_app(place: Place) {
    let store = place.open().await;
    assert!(matches!(store.add_sender(sender("one", "100")).await, Err(Error::NoSuchApp(id)) if id == app_id("one")));
    store.create_app(app("one")).await.unwrap();
    store.create_app(app("two")).await.unwrap();
    store.add_sender(sender("one", "100")).await.unwrap();
    let taken = store.add_sender(sender("two", "100")).await;
    assert!(matches!(taken, Err(Error::SenderTaken { owner, .. }) if owner == app_id("one")));
    assert!(store.directory().await.unwrap().senders == [sender("one", "100")]);
}

async fn a_sender_is_replaced_by_its_own_app(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let first = sender("one", "100");
    store.add_sender(first.clone()).await.unwrap();
    let mut second = first.clone();
    second.waba = "901".parse().unwrap();
    second.throughput = 1000;
    second.access_token = Some("EAAG-secret".to_owned());
    second.created_at = at(50);
    store.add_sender(second.clone()).await.unwrap();
    second.created_at = first.created_at;
    assert!(store.directory().await.unwrap().senders == [second]);
}

async fn tokens_are_revoked_once(place: Place) {
    let store = place.open().await;
    assert!(matches!(store.issue_token(token(1, "one")).await, Err(Error::NoSuchApp(_))));
    store.create_app(app("one")).await.unwrap();
    let mut first = token(1, "one");
    let second = Token { scopes: vec![Scope::Templates], expires_at: None, issued_at: at(2), ..token(2, "one") };
    store.issue_token(first.clone()).await.unwrap();
    store.issue_token(second.clone()).await.unwrap();
    assert_eq!(store.directory().await.unwrap().tokens, [first.clone(), second.clone()]);

    assert!(store.revoke_token(first.id, at(5)).await.unwrap());
    assert!(store.revoke_token(first.id, at(9)).await.unwrap());
    assert!(!store.revoke_token(token(3, "one").id, at(9)).await.unwrap());
    first.revoked_at = Some(at(5));
    assert_eq!(store.directory().await.unwrap().tokens, [first, second]);
}

async fn what_was_refused_changes_nothing(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let version = store.directory_version().await.unwrap();
    store.create_app(app("one")).await.unwrap_err();
    store.add_sender(sender("two", "100")).await.unwrap_err();
    store.issue_token(token(1, "two")).await.unwrap_err();
    assert!(!store.revoke_token(token(3, "one").id, at(9)).await.unwrap());
    assert_eq!(store.directory_version().await.unwrap(), version);
}

async fn every_change_is_seen_by_other_processes(place: Place) {
    let serving = place.open().await;
    let other = kabar_store::Store::open(Options { exclusive: false, ..place.options() }).await.unwrap();
    let mut seen = serving.directory_version().await.unwrap();
    let mut grew = async || {
        let version = serving.directory_version().await.unwrap();
        let before = std::mem::replace(&mut seen, version);
        version > before && serving.directory().await.unwrap().version == version
    };
    other.create_app(app("one")).await.unwrap();
    assert!(grew().await);
    other.add_sender(sender("one", "100")).await.unwrap();
    assert!(grew().await);
    other.issue_token(token(1, "one")).await.unwrap();
    assert!(grew().await);
    other.revoke_token(token(1, "one").id, at(5)).await.unwrap();
    assert!(grew().await);
    assert!(!grew().await, "nothing changed meanwhile");
}
