//! The journal of webhook calls, and reports of messages that are not known yet.

use kabar_domain::clock::Moment;
use kabar_domain::message::State;
use kabar_store::Store;
use kabar_store::journal::{MOST_REFUSED, NewCall, Range, Tally};
use kabar_store::ledger::Recorded;

use crate::make::{START, at, begun, report, settle, states, submitted, utility, view};
use crate::place::Place;

on_every_engine!(
    a_call_is_kept_byte_for_byte,
    a_part_of_the_journal_is_walked_in_order,
    of_refused_calls_the_newest_are_kept,
    old_calls_are_forgotten,
    a_replay_goes_on_where_it_was,
    a_report_waits_for_the_answer_that_names_its_message,
    reports_of_nobodys_messages_are_forgotten,
);

fn call(received_at: Moment, body: &[u8]) -> NewCall {
    NewCall {
        received_at,
        signed_by: Some("main".to_owned()),
        signature: Some("sha256=00".to_owned()),
        body: body.to_vec(),
    }
}

const ALL: Range = Range { from: Moment::from_millis(0), to: Moment::from_seconds(4_000_000_000) };

async fn ids(store: &Store, range: Range) -> Vec<i64> {
    store.calls(range, range.start(), 10_000).await.unwrap().iter().map(|head| head.id).collect()
}

async fn a_call_is_kept_byte_for_byte(place: Place) {
    let store = place.open().await;
    let long = br#"{"object":"whatsapp_business_account","entry":[{"id":"\u00e9"}]}"#.repeat(50_000);
    let odd: Vec<u8> = (0..=255).collect();
    for body in [&long[..], &odd, b"", b"{}"] {
        let new = call(at(1), body);
        let n_kept = store.keep_call(new.clone()).await.unwrap();
        let head = store.calls(ALL, ALL.start(), 10).await.unwrap().pop().unwrap();
        assert_eq!((head.n_bytes as usize, u64::from(head.n_kept)), (body.len(), n_kept));
        assert_eq!(store.call(head.id).await.unwrap().unwrap().call, new);
    }
    let first = store.calls(ALL, ALL.start(), 1).await.unwrap().remove(0);
    assert!(first.n_kept * 10 < first.n_bytes, "{first:?}");
    assert_eq!(store.call(99).await.unwrap(), None);
}

async fn a_part_of_the_journal_is_walked_in_order(place: Place) {
    let store = place.open().await;
    // The clock was put back in between.
    for seconds in [10, 20, 15, 15, 30] {
        store.keep_call(call(at(seconds), b"{}")).await.unwrap();
    }
    assert_eq!(ids(&store, ALL).await, [1, 3, 4, 2, 5]);
    let part = Range { from: at(15), to: at(30) };
    assert_eq!(ids(&store, part).await, [3, 4, 2]);
    let mut walked = Vec::new();
    let mut place = part.start();
    while let Some(head) = store.calls(part, place, 1).await.unwrap().pop() {
        place = head.place();
        walked.push(head.id);
    }
    assert_eq!(walked, [3, 4, 2]);
}

async fn of_refused_calls_the_newest_are_kept(place: Place) {
    let store = place.open().await;
    store.keep_call(call(START, b"signed")).await.unwrap();
    for _ in 0..MOST_REFUSED + 5 {
        store.keep_call(NewCall { signed_by: None, signature: None, ..call(START, b"refused") }).await.unwrap();
    }
    let kept = store.calls(ALL, ALL.start(), 10_000).await.unwrap();
    assert_eq!(kept.len(), 1 + MOST_REFUSED as usize);
    assert_eq!((kept[0].signed_by.as_deref(), kept[1].signed_by.as_deref()), (Some("main"), None));
    assert_eq!(kept[1].id, 2 + 5);
}

async fn old_calls_are_forgotten(place: Place) {
    let store = place.open().await;
    for seconds in [10, 20, 30] {
        store.keep_call(call(at(seconds), b"{}")).await.unwrap();
    }
    assert_eq!(store.forget_calls(at(30), 1).await.unwrap(), 1);
    assert_eq!(store.forget_calls(at(30), 10).await.unwrap(), 1);
    assert_eq!(store.forget_calls(at(30), 10).await.unwrap(), 0);
    assert_eq!(ids(&store, ALL).await, [3]);
}

async fn a_replay_goes_on_where_it_was(place: Place) {
    let store = place.open().await;
    assert_eq!(store.next_replay().await.unwrap(), None);
    let (first, second) = (Range { from: at(1), to: at(2) }, Range { from: at(3), to: at(4) });
    let one = store.ask_for_replay(first, START).await.unwrap();
    let two = store.ask_for_replay(second, START).await.unwrap();
    let mut replay = store.next_replay().await.unwrap().unwrap();
    assert_eq!((replay.id, replay.range, replay.place), (one, first, first.start()));
    replay.place.id = 7;
    replay.tally = Tally { calls: 1, refused: 2, unreadable: 3, news: 4, known: 5, uncorrelated: 6 };
    store.replayed(replay).await.unwrap();
    store.close().await;

    let store = place.open().await;
    assert_eq!(store.next_replay().await.unwrap(), Some(replay));
    replay.done_at = Some(at(9));
    store.replayed(replay).await.unwrap();
    assert_eq!(store.replay(one).await.unwrap(), Some(replay));
    assert_eq!(store.next_replay().await.unwrap().map(|next| next.id), Some(two));
}

async fn a_report_waits_for_the_answer_that_names_its_message(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    let other = begun(&store, &utility()).await;
    let reports = [State::Sent, State::Delivered, State::Sent].map(|state| report(None, "wamid.1", state, at(5)));
    assert_eq!(store.record(reports.to_vec()).await.unwrap(), [Recorded::Uncorrelated; 3]);
    // Whoever opens the store after a crash knows of them too.
    let place = place.after_a_crash();
    let store = place.open().await;
    store.recover(at(6), crate::make::PATIENCE).await.unwrap();
    settle(&store, other.key, at(6), submitted("wamid.2")).await;
    assert_eq!(view(&store, other.msgid).await.state(), State::Submitted);
    settle(&store, one.key, at(6), submitted("wamid.1")).await;
    let seen: std::collections::BTreeSet<State> = states(&store, one.msgid).await.into_iter().collect();
    assert!(seen.is_superset(&[State::Submitted, State::Sent, State::Delivered].into()), "{seen:?}");
    assert_eq!(view(&store, one.msgid).await.state(), State::Delivered);
    // They were taken up, and are known when they come again.
    assert_eq!(store.record(reports.to_vec()).await.unwrap(), [Recorded::Known; 3]);
    assert_eq!(store.forget_uncorrelated(at(100), 10).await.unwrap(), 0);
}

async fn reports_of_nobodys_messages_are_forgotten(place: Place) {
    let store = place.open().await;
    for seconds in [1, 2, 3] {
        store.record(vec![report(None, "wamid.of.another", State::Sent, at(seconds))]).await.unwrap();
    }
    assert_eq!(store.forget_uncorrelated(at(3), 1).await.unwrap(), 1);
    assert_eq!(store.forget_uncorrelated(at(3), 10).await.unwrap(), 1);
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(4), submitted("wamid.of.another")).await;
    assert_eq!(view(&store, one.msgid).await.state(), State::Sent);
}
