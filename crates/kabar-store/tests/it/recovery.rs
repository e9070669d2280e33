//! What a new process makes of what an earlier one left under way.

use kabar_domain::message::State;
use kabar_domain::template::Category;
use kabar_store::ledger::{MessageKey, Recovered, Verdict};
use kabar_store::{Error, Options, Store};

use crate::make::{
    PATIENCE, START, accept, at, begin, ended, lane, msgids, report, settle, states, submitted, utility,
};
use crate::place::Place;

on_every_engine!(
    a_new_store_has_nothing_to_recover,
    what_was_not_called_leaves_again_and_the_rest_is_in_doubt,
    notes_begin_anew_with_each_process,
    without_notes_everything_is_in_doubt,
    outcomes_are_not_touched,
    a_retry_that_was_under_way_is_recovered_once,
    patience_depends_on_the_class,
    many_messages_are_recovered_in_parts,
    what_this_process_began_is_left_alone,
    a_second_crash_during_recovery_loses_nothing,
    only_who_serves_begins_attempts,
);

fn keys(begun: &[kabar_store::ledger::Begun]) -> Vec<MessageKey> {
    begun.iter().map(|message| message.key).collect()
}

async fn recover(store: &Store) -> (u64, u64) {
    let Recovered { again, in_doubt } = store.recover(at(100), PATIENCE).await.unwrap();
    (again, in_doubt)
}

async fn a_new_store_has_nothing_to_recover(place: Place) {
    let store = place.open().await;
    assert_eq!(recover(&store).await, (0, 0));
    accept(&store, &utility(), 3).await;
    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (0, 0), "what was only accepted simply goes on");
    assert_eq!(begin(&store, &utility(), 10, START).await.len(), 3);
}

async fn what_was_not_called_leaves_again_and_the_rest_is_in_doubt(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    let accepted = accept(&store, &utility(), 6).await;
    let begun = begin(&store, &utility(), 5, START).await;
    store.note_calls(&keys(&begun[..2]));
    store.note_calls(&keys(&begun[2..3]));

    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (2, 3));
    assert_eq!(recover(&store).await, (0, 0));
    let again = begin(&store, &utility(), 10, at(100)).await;
    assert_eq!(msgids(&again), accepted[3..], "those that were begun come before what is new");
    assert_eq!(again[0].attempt, 1, "an attempt that was surely not made does not count");
    assert_eq!(states(&store, accepted[3]).await, [State::Accepted]);

    assert_eq!(states(&store, accepted[0]).await, [State::Accepted, State::InDoubt]);
    assert!(store.doubts_due(at(699), 10).await.unwrap().is_empty());
    let doubts = store.doubts_due(at(700), 10).await.unwrap();
    assert_eq!(doubts.iter().map(|doubt| doubt.msgid).collect::<Vec<_>>(), accepted[..3]);
    settle(&store, doubts[0].key, at(700), Verdict::Later { due: at(700) }).await;
    assert_eq!(begin(&store, &utility(), 10, at(700)).await[0].attempt, 2);
}

async fn notes_begin_anew_with_each_process(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    accept(&store, &utility(), 6).await;
    store.note_calls(&keys(&begin(&store, &utility(), 2, START).await));
    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (0, 2));
    store.note_calls(&keys(&begin(&store, &utility(), 1, at(100)).await));
    begin(&store, &utility(), 2, at(100)).await;
    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (2, 1));
}

async fn without_notes_everything_is_in_doubt(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    accept(&store, &utility(), 3).await;
    begin(&store, &utility(), 2, START).await;

    let place = place.after_a_crash();
    std::fs::remove_file(place.file("kabar.db.calls")).unwrap();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (0, 2));
    assert_eq!(begin(&store, &utility(), 10, at(100)).await.len(), 1);
}

async fn outcomes_are_not_touched(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    let accepted = accept(&store, &utility(), 6).await;
    let begun = begin(&store, &utility(), 6, START).await;
    store.note_calls(&keys(&begun));
    settle(&store, begun[0].key, at(1), submitted("wamid.0")).await;
    settle(&store, begun[1].key, at(1), ended(State::Rejected)).await;
    settle(&store, begun[2].key, at(1), Verdict::Later { due: at(500) }).await;
    settle(&store, begun[3].key, at(1), Verdict::InDoubt { until: at(500) }).await;
    store.record(vec![report(Some(accepted[4]), "wamid.4", State::Sent, at(1))]).await.unwrap();

    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (0, 1), "only the last one has neither an outcome nor evidence");
    assert_eq!(states(&store, accepted[4]).await, [State::Accepted, State::Sent]);
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(500)).await), accepted[2..3]);
    let doubts = store.doubts_due(at(500), 10).await.unwrap();
    assert_eq!(doubts.iter().map(|doubt| doubt.msgid).collect::<Vec<_>>(), accepted[3..4]);
}

async fn a_retry_that_was_under_way_is_recovered_once(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    let accepted = accept(&store, &utility(), 3).await;
    let begun = begin(&store, &utility(), 3, START).await;
    for message in &begun[..2] {
        settle(&store, message.key, at(1), Verdict::Later { due: at(2) }).await;
    }
    assert_eq!(begin(&store, &utility(), 1, at(2)).await.len(), 1);

    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (2, 0));
    let again = begin(&store, &utility(), 10, at(100)).await;
    assert_eq!(msgids(&again), [accepted[1], accepted[0], accepted[2]], "the longest due first");
    assert_eq!(again.iter().map(|message| message.attempt).collect::<Vec<_>>(), [2, 2, 1]);
}

async fn patience_depends_on_the_class(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    for class in [Category::Authentication, Category::Utility, Category::Marketing] {
        accept(&store, &lane("100", class), 1).await;
        let begun = begin(&store, &lane("100", class), 1, START).await;
        store.note_calls(&keys(&begun));
    }
    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (0, 3));
    let due = async |second| store.doubts_due(at(second), 10).await.unwrap().len();
    assert_eq!([due(129).await, due(130).await, due(699).await, due(700).await, due(1000).await], [0, 1, 1, 2, 3]);
}

async fn many_messages_are_recovered_in_parts(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    let mut accepting = tokio::task::JoinSet::new();
    for _ in 0..9000 {
        let store = store.clone();
        accepting.spawn(async move { store.accept(crate::make::message(&utility())).await.unwrap() });
    }
    accepting.join_all().await;
    let begun = begin(&store, &utility(), 9000, START).await;
    assert_eq!(begun.len(), 9000);
    store.note_calls(&keys(&begun[..5000]));

    let place = place.after_a_crash();
    let store = place.open().await;
    let before = store.counts().await.unwrap().commits;
    assert_eq!(recover(&store).await, (4000, 5000));
    assert!(store.counts().await.unwrap().commits - before >= 3);
    assert_eq!(begin(&store, &utility(), 9000, at(100)).await.len(), 4000);
}

async fn what_this_process_began_is_left_alone(place: Place) {
    let store = place.open().await;
    accept(&store, &utility(), 2).await;
    begin(&store, &utility(), 1, START).await;
    assert_eq!(recover(&store).await, (0, 0));
    assert_eq!(store.counts().await.unwrap().being_sent, 1);
}

async fn a_second_crash_during_recovery_loses_nothing(place: Place) {
    let store = place.open().await;
    recover(&store).await;
    let accepted = accept(&store, &utility(), 2).await;
    let begun = begin(&store, &utility(), 2, START).await;
    store.note_calls(&keys(&begun[..1]));
    // The second process is killed before it recovers anything.
    let place = place.after_a_crash();
    let store = place.open().await;
    accept(&store, &utility(), 1).await;
    drop(store);
    let place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(recover(&store).await, (1, 1));
    assert_eq!(msgids(&begin(&store, &utility(), 1, at(100)).await), accepted[1..]);
}

async fn only_who_serves_begins_attempts(place: Place) {
    let store = Store::open(Options { exclusive: false, ..place.options() }).await.unwrap();
    accept(&store, &utility(), 1).await;
    assert!(matches!(store.begin_attempts(&utility(), 1, START).await, Err(Error::Engine(_))));
    assert!(matches!(store.recover(START, PATIENCE).await, Err(Error::Engine(_))));
    let serving = place.open().await;
    assert_eq!(begin(&serving, &utility(), 1, START).await.len(), 1);
}
