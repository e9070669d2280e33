//! Doubts: due when their patience ends, until they are settled.

use kabar_domain::message::{State, own_code};
use kabar_domain::template::Category;
use kabar_store::ledger::Verdict;

use crate::make::{at, begin, begun, ended, lane, report, settle, states, submitted, utility, view};
use crate::place::Place;

on_every_engine!(
    a_doubt_is_due_when_its_patience_ends,
    a_doubt_ends_as_unknown_and_evidence_still_corrects_it,
    a_doubt_may_be_tried_again,
    a_message_in_doubt_is_never_said_not_to_have_arrived,
    evidence_between_asking_and_settling_wins,
);

async fn a_doubt_is_due_when_its_patience_ends(place: Place) {
    let store = place.open().await;
    let login = lane("100", Category::Authentication);
    let [one, two] = [begun(&store, &utility()).await, begun(&store, &login).await];
    settle(&store, one.key, at(1), Verdict::InDoubt { until: at(60) }).await;
    settle(&store, two.key, at(1), Verdict::InDoubt { until: at(30) }).await;
    assert!(store.doubts_due(at(29), 10).await.unwrap().is_empty());
    let due = store.doubts_due(at(30), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].key, due[0].msgid, &due[0].lane), (two.key, two.msgid, &login));
    assert_eq!(due[0].expires_at, two.expires_at);
    let keys = |doubts: Vec<kabar_store::ledger::Doubt>| doubts.iter().map(|doubt| doubt.key).collect::<Vec<_>>();
    assert_eq!(keys(store.doubts_due(at(60), 10).await.unwrap()), [two.key, one.key], "the oldest first");
    assert_eq!(keys(store.doubts_due(at(60), 1).await.unwrap()), [two.key]);
}

async fn a_doubt_ends_as_unknown_and_evidence_still_corrects_it(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::InDoubt { until: at(2) }).await;
    settle(&store, one.key, at(3), ended(State::OutcomeUnknown)).await;
    assert!(store.doubts_due(at(1000), 10).await.unwrap().is_empty());
    assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::InDoubt, State::OutcomeUnknown]);
    store.record(vec![report(Some(one.msgid), "wamid.1", State::Delivered, at(9))]).await.unwrap();
    assert_eq!(states(&store, one.msgid).await.last(), Some(&State::Delivered));
}

async fn a_doubt_may_be_tried_again(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::InDoubt { until: at(2) }).await;
    settle(&store, one.key, at(3), Verdict::Later { due: at(3) }).await;
    assert!(store.doubts_due(at(1000), 10).await.unwrap().is_empty());
    let again = begin(&store, &utility(), 10, at(3)).await;
    assert_eq!(again.iter().map(|message| (message.key, message.attempt)).collect::<Vec<_>>(), [(one.key, 2)]);
    settle(&store, one.key, at(4), submitted("wamid.1")).await;
    assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::InDoubt, State::Submitted]);
}

async fn a_message_in_doubt_is_never_said_not_to_have_arrived(place: Place) {
    let store = place.open().await;
    for end in [State::Expired, State::Cancelled, State::Rejected, State::OutcomeUnknown] {
        let one = begun(&store, &utility()).await;
        settle(&store, one.key, at(1), Verdict::InDoubt { until: at(2) }).await;
        settle(&store, one.key, at(3), Verdict::Later { due: at(3) }).await;
        begin(&store, &utility(), 10, at(3)).await;
        settle(&store, one.key, at(4), ended(end)).await;
        let history = view(&store, one.msgid).await.history;
        assert_eq!(history.state(), Some(State::OutcomeUnknown), "{end}");
        let reason = history.reason().unwrap();
        assert_eq!(reason.code == own_code::OUTCOME_UNKNOWN, end != State::OutcomeUnknown, "{end}");
        assert!(reason.text.contains("Undeliverable"), "{}", reason.text);
    }
}

async fn evidence_between_asking_and_settling_wins(place: Place) {
    let store = place.open().await;
    for (n, verdict) in [Verdict::Later { due: at(3) }, ended(State::OutcomeUnknown)].into_iter().enumerate() {
        let one = begun(&store, &utility()).await;
        settle(&store, one.key, at(1), Verdict::InDoubt { until: at(2) }).await;
        let doubt = store.doubts_due(at(2), 10).await.unwrap().remove(0);
        store.record(vec![report(Some(one.msgid), &format!("wamid.{n}"), State::Sent, at(2))]).await.unwrap();
        settle(&store, doubt.key, at(3), verdict).await;
        assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::InDoubt, State::Sent]);
        assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
    }
}
