//! Files that were uploaded for messages, and messages that wait for them.

use kabar_domain::attached::AtSend;
use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::message::State;
use kabar_domain::template::contract::MediaKind;
use kabar_store::ledger::{Hold, NewMessage, Retried, Retry, Verdict};
use kabar_store::media::{FileKey, SentMedia};

use crate::make::{app_id, at, begin, begun, ended, message, settle, utility};
use crate::place::Place;

on_every_engine!(
    a_file_is_kept_replaced_and_forgotten,
    the_oldest_files_are_swept,
    a_message_waits_for_a_file_and_that_is_no_attempt,
    how_files_go_is_kept_with_the_message,
);

fn key(url: &str) -> FileKey {
    FileKey::of(&SenderId::parse("100").unwrap(), MediaKind::Image, url)
}

fn file(url: &str, uploaded_at: Moment) -> SentMedia {
    SentMedia {
        key: key(url),
        media_id: "8800123".to_owned(),
        sha256: [7; 32],
        etag: Some("\"a\"".to_owned()),
        last_modified: None,
        uploaded_at,
        checked_at: uploaded_at,
    }
}

async fn a_file_is_kept_replaced_and_forgotten(mut place: Place) {
    let store = place.open().await;
    assert_eq!(store.sent_media().await.unwrap(), []);
    store.keep_sent_media(file("https://a.example/1", at(1))).await.unwrap();
    place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(store.sent_media().await.unwrap(), [file("https://a.example/1", at(1))]);
    let renewed = SentMedia { media_id: "8800124".to_owned(), etag: None, ..file("https://a.example/1", at(2)) };
    store.keep_sent_media(renewed.clone()).await.unwrap();
    assert_eq!(store.sent_media().await.unwrap(), [renewed]);
    store.forget_sent_media(key("https://a.example/2")).await.unwrap();
    assert_eq!(store.sent_media().await.unwrap().len(), 1);
    store.forget_sent_media(key("https://a.example/1")).await.unwrap();
    assert_eq!(store.sent_media().await.unwrap(), []);
}

async fn the_oldest_files_are_swept(place: Place) {
    let store = place.open().await;
    for n in 0..6 {
        store.keep_sent_media(file(&format!("https://a.example/{n}"), at(n))).await.unwrap();
    }
    assert_eq!(store.sweep_sent_media(at(2), 10).await.unwrap(), 2);
    assert_eq!(store.sweep_sent_media(at(2), 3).await.unwrap(), 1);
    let mut left: Vec<Moment> = store.sent_media().await.unwrap().iter().map(|file| file.uploaded_at).collect();
    left.sort();
    assert_eq!(left, [at(3), at(4), at(5)]);
}

async fn a_message_waits_for_a_file_and_that_is_no_attempt(place: Place) {
    let store = place.open().await;
    let (one, other) = (begun(&store, &utility()).await, begun(&store, &utility()).await);
    let (first, second) = (Hold::Media(key("https://a.example/1")), Hold::Media(key("https://a.example/2")));
    settle(&store, one.key, at(1), Verdict::Held { on: first.clone() }).await;
    settle(&store, other.key, at(1), Verdict::Held { on: second.clone() }).await;
    let mut holds = store.holds().await.unwrap();
    assert_eq!(holds.len(), 2);
    holds.retain(|hold| *hold != first && *hold != second);
    assert_eq!(holds, []);
    assert_eq!(store.release_held(&first, at(2)).await.unwrap(), [utility()]);
    let again = begin(&store, &utility(), 10, at(2)).await;
    assert_eq!(again.iter().map(|message| (message.key, message.attempt)).collect::<Vec<_>>(), [(one.key, 1)]);
}

async fn how_files_go_is_kept_with_the_message(place: Place) {
    let store = place.open().await;
    for media in [None, Some(AtSend::Upload), Some(AtSend::Link)] {
        let sent = NewMessage { media, ..message(&utility()) };
        store.accept(sent.clone()).await.unwrap();
        let one = begin(&store, &utility(), 1, at(1)).await.remove(0);
        assert_eq!(one.media, media);
        // It waits, and still knows; and so does what is sent in its place.
        settle(&store, one.key, at(1), Verdict::NotYet { due: at(2) }).await;
        let one = begin(&store, &utility(), 1, at(2)).await.remove(0);
        assert_eq!(one.media, media);
        settle(&store, one.key, at(3), ended(State::Rejected)).await;
        let msgid = kabar_domain::clock::Clock::system().msgid();
        let app = app_id("demo");
        let retry = Retry { app, of: one.msgid, msgid, lane: utility(), at: at(4), expires_at: at(500) };
        assert_eq!(store.retry(retry).await.unwrap(), Some(Retried::New));
        let one = begin(&store, &utility(), 1, at(5)).await.remove(0);
        assert_eq!((one.msgid, one.media), (msgid, media));
        settle(&store, one.key, at(6), ended(State::Rejected)).await;
    }
}
