//! Secrets: kept, sealed, and opened by the right key only.

use kabar_store::{Error, Options, Store};

use crate::make::{app, sender};
use crate::place::Place;

on_every_engine!(
    the_first_secret_of_a_name_stays,
    all_who_ask_get_the_same,
    secrets_survive_and_are_not_in_the_files,
    a_wrong_key_is_named,
    a_lost_key_is_not_made_anew,
);

async fn the_first_secret_of_a_name_stays(place: Place) {
    let store = place.open().await;
    assert_eq!(store.secret("a", b"one".to_vec()).await.unwrap(), b"one");
    assert_eq!(store.secret("a", b"two".to_vec()).await.unwrap(), b"one");
    assert_eq!(store.secret("b", b"two".to_vec()).await.unwrap(), b"two");
}

async fn all_who_ask_get_the_same(place: Place) {
    let store = place.open().await;
    let mut asking = tokio::task::JoinSet::new();
    for n in 0..16 {
        let store = store.clone();
        asking.spawn(async move { store.secret("a", vec![n]).await.unwrap() });
    }
    let answers = asking.join_all().await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

async fn secrets_survive_and_are_not_in_the_files(place: Place) {
    let store = place.open().await;
    store.create_app(app("one")).await.unwrap();
    let mut with_token = sender("one", "100");
    with_token.access_token = Some("EAAG-very-secret".to_owned());
    store.add_sender(with_token.clone()).await.unwrap();
    store.secret("jwt", b"signing-key-value".to_vec()).await.unwrap();
    store.close().await;

    for entry in std::fs::read_dir(place.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in [&b"EAAG-very-secret"[..], b"signing-key-value"] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret));
        }
    }
    let store = place.open().await;
    assert_eq!(store.secret("jwt", b"other".to_vec()).await.unwrap(), b"signing-key-value");
    assert!(store.directory().await.unwrap().senders == [with_token]);
}

async fn a_wrong_key_is_named(place: Place) {
    place.open().await.close().await;
    let other = place.file("other.key");
    std::fs::write(&other, [7; 32]).unwrap();
    let options = Options { key_file: Some(other), ..place.options() };
    assert!(matches!(Store::open(options).await, Err(Error::WrongKey { path }) if path.ends_with("other.key")));
    place.open().await.close().await;
}

async fn a_lost_key_is_not_made_anew(place: Place) {
    place.open().await.close().await;
    let lost = place.file("lost.key");
    let options = Options { key_file: Some(lost.clone()), ..place.options() };
    assert!(matches!(Store::open(options).await, Err(Error::WrongKey { .. })));
    assert!(!lost.exists());
}
