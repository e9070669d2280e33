//! What the upstream reports, early, late, twice and out of order.

use kabar_domain::message::{Reason, State};
use kabar_store::ledger::{Recorded, Verdict};

use crate::make::{
    START, accept, at, begin, begun, ended, message, msgids, report, settle, states, submitted, utility, view,
};
use crate::place::Place;

on_every_engine!(
    reports_are_found_by_either_id,
    answers_come_in_the_order_of_the_reports,
    duplicates_are_known,
    late_reports_do_not_take_a_message_back,
    a_report_that_comes_before_the_answer_counts,
    evidence_before_the_outcome_is_stronger,
    evidence_ends_waiting,
    a_message_that_was_reported_on_is_passed_over,
    the_newest_of_two_wamids_is_kept,
    a_failure_keeps_its_reason,
);

async fn reports_are_found_by_either_id(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    let recorded = store
        .record(vec![
            report(None, "wamid.1", State::Sent, at(2)),
            report(Some(one.msgid), "wamid.1", State::Delivered, at(3)),
            // Somebody else's callback data beside a wamid of ours.
            report(Some(message(&utility()).msgid), "wamid.1", State::Read, at(4)),
        ])
        .await
        .unwrap();
    assert_eq!(recorded, [Recorded::New; 3]);
    let expected = [State::Accepted, State::Submitted, State::Sent, State::Delivered, State::Read];
    assert_eq!(states(&store, one.msgid).await, expected);
}

async fn answers_come_in_the_order_of_the_reports(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    let recorded = store
        .record(vec![
            report(None, "wamid.unknown", State::Sent, at(2)),
            report(None, "wamid.1", State::Sent, at(2)),
            report(Some(message(&utility()).msgid), "wamid.unknown", State::Sent, at(2)),
            report(None, "wamid.1", State::Sent, at(2)),
        ])
        .await
        .unwrap();
    assert_eq!(recorded, [Recorded::Uncorrelated, Recorded::New, Recorded::Uncorrelated, Recorded::Known]);
}

async fn duplicates_are_known(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    let sent = report(Some(one.msgid), "wamid.1", State::Sent, at(2));
    assert_eq!(store.record(vec![sent.clone()]).await.unwrap(), [Recorded::New]);
    assert_eq!(store.record(vec![sent]).await.unwrap(), [Recorded::Known]);
    let at_another_time = report(Some(one.msgid), "wamid.1", State::Sent, at(3));
    assert_eq!(store.record(vec![at_another_time]).await.unwrap(), [Recorded::New]);
    assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::Sent, State::Sent]);
}

async fn late_reports_do_not_take_a_message_back(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    for (state, second) in [(State::Read, 9), (State::Delivered, 5), (State::Sent, 3)] {
        store.record(vec![report(None, "wamid.1", state, at(second))]).await.unwrap();
        assert_eq!(view(&store, one.msgid).await.history.state(), Some(State::Read));
    }
    let expected = [State::Accepted, State::Submitted, State::Sent, State::Delivered, State::Read];
    assert_eq!(states(&store, one.msgid).await, expected);
}

async fn a_report_that_comes_before_the_answer_counts(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    store.record(vec![report(Some(one.msgid), "wamid.1", State::Delivered, at(1))]).await.unwrap();
    assert_eq!(view(&store, one.msgid).await.wamid.as_deref(), Some("wamid.1"));
    assert_eq!(store.counts().await.unwrap().being_sent, 1, "the answer is still to come");
    settle(&store, one.key, at(2), submitted("wamid.1")).await;
    assert_eq!(store.counts().await.unwrap().being_sent, 0);
    let view = view(&store, one.msgid).await;
    assert_eq!(view.history.state(), Some(State::Delivered));
    assert_eq!(view.history.events.len(), 3);
}

async fn evidence_before_the_outcome_is_stronger(place: Place) {
    let store = place.open().await;
    let verdicts = [
        Verdict::Later { due: at(3) },
        Verdict::InDoubt { until: at(3) },
        ended(State::OutcomeUnknown),
        ended(State::Expired),
    ];
    for (n, verdict) in verdicts.into_iter().enumerate() {
        let one = begun(&store, &utility()).await;
        store.record(vec![report(Some(one.msgid), &format!("wamid.{n}"), State::Sent, at(1))]).await.unwrap();
        settle(&store, one.key, at(2), verdict).await;
        assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::Sent]);
    }
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.being_sent, counts.in_doubt), (0, 0, 0));
    assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
    assert!(store.doubts_due(at(1000), 10).await.unwrap().is_empty());
}

async fn evidence_ends_waiting(place: Place) {
    let store = place.open().await;
    let doubtful = begun(&store, &utility()).await;
    settle(&store, doubtful.key, at(1), Verdict::InDoubt { until: at(60) }).await;
    let delayed = begun(&store, &utility()).await;
    settle(&store, delayed.key, at(1), Verdict::Later { due: at(60) }).await;
    store
        .record(vec![
            report(Some(doubtful.msgid), "wamid.1", State::Sent, at(2)),
            report(Some(delayed.msgid), "wamid.2", State::Delivered, at(2)),
        ])
        .await
        .unwrap();
    assert!(store.doubts_due(at(1000), 10).await.unwrap().is_empty());
    assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
    assert!(store.backlog().await.unwrap().is_empty());
    assert_eq!(states(&store, doubtful.msgid).await, [State::Accepted, State::InDoubt, State::Sent]);
}

async fn a_message_that_was_reported_on_is_passed_over(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 4).await;
    // As it may be when the database was put back to an earlier state.
    let reports = [1, 3].map(|place| report(Some(accepted[place]), &format!("wamid.{place}"), State::Sent, at(1)));
    store.record(reports.to_vec()).await.unwrap();
    let begun = begin(&store, &utility(), 2, at(2)).await;
    assert_eq!(msgids(&begun), [accepted[0], accepted[2]]);
    assert!(begin(&store, &utility(), 2, at(2)).await.is_empty());
    assert!(store.backlog().await.unwrap().is_empty());
}

async fn the_newest_of_two_wamids_is_kept(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::InDoubt { until: at(2) }).await;
    let doubt = store.doubts_due(at(2), 10).await.unwrap().remove(0);
    settle(&store, doubt.key, at(2), Verdict::Later { due: at(2) }).await;
    let again = begin(&store, &utility(), 1, at(2)).await.remove(0);
    assert_eq!((again.key, again.attempt), (one.key, 2));
    store.record(vec![report(Some(one.msgid), "wamid.first", State::Sent, at(3))]).await.unwrap();
    settle(&store, again.key, at(4), submitted("wamid.second")).await;
    assert_eq!(view(&store, one.msgid).await.wamid.as_deref(), Some("wamid.second"));

    let recorded = store
        .record(vec![
            report(Some(one.msgid), "wamid.first", State::Delivered, at(5)),
            report(None, "wamid.second", State::Delivered, at(6)),
        ])
        .await
        .unwrap();
    assert_eq!(recorded, [Recorded::New; 2]);
    assert_eq!(view(&store, one.msgid).await.wamid.as_deref(), Some("wamid.second"));
}

async fn a_failure_keeps_its_reason(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    let mut failed = report(None, "wamid.1", State::Failed, at(2));
    let reason = Reason { code: 131_049, text: "Not delivered to maintain a healthy ecosystem".to_owned() };
    failed.event.reason = Some(reason.clone());
    store.record(vec![failed]).await.unwrap();
    assert_eq!(view(&store, one.msgid).await.history.reason(), Some(&reason));
    assert_eq!(view(&store, one.msgid).await.history.events[0].at, START);
}
