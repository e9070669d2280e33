//! Messages that are sent once more, on purpose.

use kabar_domain::clock::Clock;
use kabar_domain::ids::Msgid;
use kabar_domain::message::{Lane, State};
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::ledger::{Begun, Retried, Retry, Verdict};
use tokio::task::JoinSet;

use crate::make::{app_id, at, begin, begun, ended, lane, msgids, report, settle, states, submitted, utility, view};
use crate::place::Place;

on_every_engine!(
    another_message_goes_in_the_place_of_one_that_failed,
    what_has_not_failed_is_not_sent_once_more,
    it_is_sent_once_more_only_once,
    nobody_sends_once_more_what_is_not_theirs,
    a_retry_can_be_retried,
);

fn wish(of: Msgid, lane: Lane) -> Retry {
    let msgid = Clock::system().msgid();
    Retry { app: app_id("demo"), of, msgid, lane, at: at(50), expires_at: at(500) }
}

async fn failed(store: &Store) -> Begun {
    let one = begun(store, &utility()).await;
    settle(store, one.key, at(1), ended(State::Rejected)).await;
    one
}

async fn another_message_goes_in_the_place_of_one_that_failed(place: Place) {
    let store = place.open().await;
    let old = failed(&store).await;
    let elsewhere = lane("200", Category::Marketing);
    let retry = wish(old.msgid, elsewhere.clone());
    assert_eq!(store.retry(retry.clone()).await.unwrap(), Some(Retried::New));
    let new = begin(&store, &elsewhere, 10, at(60)).await.remove(0);
    assert_eq!((new.msgid, new.attempt), (retry.msgid, 1));
    assert_eq!((new.accepted_at, new.expires_at), (retry.at, retry.expires_at));
    assert_eq!((new.template, new.recipient, new.components), (old.template, old.recipient, old.components));
    assert_eq!(states(&store, old.msgid).await, [State::Accepted, State::Rejected], "what has ended has ended");
    assert_eq!(view(&store, old.msgid).await.retried_as, Some(retry.msgid));
    assert_eq!(view(&store, retry.msgid).await.retry_of, Some(old.msgid));

    // What the upstream reports of one says nothing of the other.
    settle(&store, new.key, at(61), submitted("wamid.2")).await;
    store.record(vec![report(Some(new.msgid), "wamid.2", State::Delivered, at(62))]).await.unwrap();
    assert_eq!(view(&store, old.msgid).await.state(), State::Rejected);
    assert_eq!(view(&store, new.msgid).await.state(), State::Delivered);
}

async fn what_has_not_failed_is_not_sent_once_more(place: Place) {
    let store = place.open().await;
    for (verdict, state) in [
        (Verdict::Later { due: at(2) }, State::Accepted),
        (Verdict::InDoubt { until: at(2) }, State::InDoubt),
        (submitted("wamid.1"), State::Submitted),
    ] {
        let one = begun(&store, &utility()).await;
        settle(&store, one.key, at(1), verdict).await;
        let answer = store.retry(wish(one.msgid, utility())).await.unwrap();
        assert_eq!(answer, Some(Retried::NotFailed(state)));
    }
    let taken_back = begun(&store, &utility()).await;
    settle(&store, taken_back.key, at(1), Verdict::Later { due: at(2) }).await;
    store.take_back(&app_id("demo"), taken_back.msgid, at(3)).await.unwrap();
    let answer = store.retry(wish(taken_back.msgid, utility())).await.unwrap();
    assert_eq!(answer, Some(Retried::NotFailed(State::Cancelled)));
    // Given up, and reported on since.
    let late = begun(&store, &utility()).await;
    settle(&store, late.key, at(1), ended(State::OutcomeUnknown)).await;
    store.record(vec![report(Some(late.msgid), "wamid.9", State::Sent, at(2))]).await.unwrap();
    assert_eq!(store.retry(wish(late.msgid, utility())).await.unwrap(), Some(Retried::NotFailed(State::Sent)));
}

async fn it_is_sent_once_more_only_once(mut place: Place) {
    let store = place.open().await;
    let old = failed(&store).await;
    let mut wishing = JoinSet::new();
    for _ in 0..50 {
        let (store, retry) = (store.clone(), wish(old.msgid, utility()));
        wishing.spawn(async move { (retry.msgid, store.retry(retry).await.unwrap().unwrap()) });
    }
    let answers = wishing.join_all().await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == Retried::New).collect();
    assert_eq!(new.len(), 1);
    let before = Retried::Before(new[0].0);
    assert_eq!(answers.iter().filter(|(_, answer)| *answer == before).count(), 49);
    place = place.after_a_crash();
    let store = place.open().await;
    assert_eq!(store.retry(wish(old.msgid, utility())).await.unwrap(), Some(before));
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(60)).await), [new[0].0]);
}

async fn nobody_sends_once_more_what_is_not_theirs(place: Place) {
    let store = place.open().await;
    let old = failed(&store).await;
    let theirs = Retry { app: app_id("other"), ..wish(old.msgid, utility()) };
    assert_eq!(store.retry(theirs).await.unwrap(), None);
    assert_eq!(store.retry(wish(Clock::system().msgid(), utility())).await.unwrap(), None);
    assert_eq!(store.counts().await.unwrap().total, 1);
}

async fn a_retry_can_be_retried(place: Place) {
    let store = place.open().await;
    let first = failed(&store).await;
    let second = wish(first.msgid, utility());
    store.retry(second.clone()).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(60)).await.remove(0);
    settle(&store, begun.key, at(61), ended(State::Expired)).await;
    let third = wish(second.msgid, utility());
    assert_eq!(store.retry(third.clone()).await.unwrap(), Some(Retried::New));
    let view = view(&store, second.msgid).await;
    assert_eq!((view.retry_of, view.retried_as), (Some(first.msgid), Some(third.msgid)));
}
