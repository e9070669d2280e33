//! Ends that are not the outcome of an attempt: taken back, and out of time.

use kabar_domain::clock::Clock;
use kabar_domain::message::{State, own_code};
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::ledger::{Hold, NewMessage, Outcome, Standing, TakenBack, Verdict};
use tokio::task::JoinSet;

use crate::make::{
    PATIENCE, accept, app_id, at, begin, begun, ended, lane, message, msgids, report, settle, states, submitted,
    utility, view,
};
use crate::place::Place;

on_every_engine!(
    what_is_taken_back_never_leaves,
    what_may_have_left_is_not_taken_back,
    what_waits_can_be_taken_back,
    nobody_takes_back_what_is_not_theirs,
    what_is_out_of_time_ends_wherever_it_waits,
    a_message_in_doubt_that_was_to_be_tried_again_ends_as_unknown,
    what_is_out_of_time_within_a_lane_does_not_hold_up_the_others,
    many_run_out_of_time_at_once,
    where_a_message_stands_is_told,
);

const HELD: Verdict = Verdict::Held { on: Hold::Template(7) };

async fn take_back(store: &Store, msgid: kabar_domain::ids::Msgid) -> TakenBack {
    store.take_back(&app_id("demo"), msgid, at(5)).await.unwrap().unwrap()
}

async fn what_is_taken_back_never_leaves(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 3).await;
    assert_eq!(take_back(&store, accepted[1]).await, TakenBack::Done);
    assert_eq!(take_back(&store, accepted[1]).await, TakenBack::Done);
    assert_eq!(states(&store, accepted[1]).await, [State::Accepted, State::Cancelled]);
    let reason = view(&store, accepted[1]).await.history.reason().unwrap().code;
    assert_eq!(reason, own_code::CANCELLED);
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(6)).await), [accepted[0], accepted[2]]);
    let alone = accept(&store, &utility(), 1).await;
    assert_eq!(take_back(&store, alone[0]).await, TakenBack::Done);
    assert!(begin(&store, &utility(), 10, at(6)).await.is_empty());
}

async fn what_may_have_left_is_not_taken_back(place: Place) {
    let store = place.open().await;
    let under_way = begun(&store, &utility()).await;
    assert_eq!(take_back(&store, under_way.msgid).await, TakenBack::TooLate(State::BeingSent));
    settle(&store, under_way.key, at(1), Verdict::InDoubt { until: at(9) }).await;
    assert_eq!(take_back(&store, under_way.msgid).await, TakenBack::TooLate(State::InDoubt));
    settle(&store, under_way.key, at(2), Verdict::Later { due: at(2) }).await;
    assert_eq!(take_back(&store, under_way.msgid).await, TakenBack::TooLate(State::InDoubt));
    for (verdict, state) in [(submitted("w"), State::Submitted), (ended(State::Rejected), State::Rejected)] {
        let one = begun(&store, &utility()).await;
        settle(&store, one.key, at(1), verdict).await;
        assert_eq!(take_back(&store, one.msgid).await, TakenBack::TooLate(state));
    }
}

async fn what_waits_can_be_taken_back(place: Place) {
    let store = place.open().await;
    for verdict in [Verdict::Later { due: at(2) }, HELD] {
        let one = begun(&store, &utility()).await;
        settle(&store, one.key, at(1), verdict).await;
        assert_eq!(take_back(&store, one.msgid).await, TakenBack::Done);
        assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::Cancelled]);
    }
    assert!(store.holds().await.unwrap().is_empty());
    assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
}

async fn nobody_takes_back_what_is_not_theirs(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 1).await;
    assert_eq!(store.take_back(&app_id("other"), accepted[0], at(1)).await.unwrap(), None);
    assert_eq!(store.take_back(&app_id("demo"), Clock::system().msgid(), at(1)).await.unwrap(), None);
    assert_eq!(states(&store, accepted[0]).await, [State::Accepted]);
}

/// Accepts one message that may wait for so many seconds.
async fn lasting(store: &Store, seconds: u64) -> kabar_domain::ids::Msgid {
    let message = NewMessage { expires_at: at(seconds), ..message(&utility()) };
    let msgid = message.msgid;
    store.accept(message).await.unwrap();
    msgid
}

async fn what_is_out_of_time_ends_wherever_it_waits(place: Place) {
    let store = place.open().await;
    for verdict in [Verdict::Later { due: at(2) }, HELD, Verdict::InDoubt { until: at(2) }] {
        lasting(&store, 60).await;
        let one = begin(&store, &utility(), 1, at(1)).await.remove(0);
        settle(&store, one.key, at(1), verdict).await;
    }
    lasting(&store, 60).await;
    begin(&store, &utility(), 1, at(1)).await;
    let (waits, lasts) = (lasting(&store, 60).await, lasting(&store, 61).await);
    assert_eq!(store.expire(at(59)).await.unwrap(), 0);
    assert_eq!(store.expire(at(60)).await.unwrap(), 3, "neither what is in doubt nor what is being sent");
    assert_eq!(store.expire(at(60)).await.unwrap(), 0);
    assert_eq!(states(&store, waits).await, [State::Accepted, State::Expired]);
    assert_eq!(view(&store, waits).await.history.reason().unwrap().code, own_code::EXPIRED);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.held, counts.in_doubt, counts.being_sent), (1, 0, 1, 1));
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(60)).await), [lasts]);
}

async fn a_message_in_doubt_that_was_to_be_tried_again_ends_as_unknown(place: Place) {
    let store = place.open().await;
    let login = lane("100", Category::Authentication);
    let one = begun(&store, &login).await;
    settle(&store, one.key, at(1), Verdict::InDoubt { until: at(2) }).await;
    settle(&store, one.key, at(2), Verdict::Later { due: at(2) }).await;
    assert_eq!(store.expire(one.expires_at).await.unwrap(), 1);
    assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::InDoubt, State::OutcomeUnknown]);
}

async fn what_is_out_of_time_within_a_lane_does_not_hold_up_the_others(mut place: Place) {
    let store = place.open().await;
    let mut accepted = Vec::new();
    for seconds in [10, 10, 99, 10, 99] {
        accepted.push(lasting(&store, seconds).await);
    }
    assert_eq!(store.expire(at(10)).await.unwrap(), 3);
    assert_eq!(msgids(&begin(&store, &utility(), 1, at(10)).await), [accepted[2]]);
    place = place.after_a_crash();
    let store = place.open().await;
    store.recover(at(11), PATIENCE).await.unwrap();
    let again = begin(&store, &utility(), 10, at(11)).await;
    assert_eq!(msgids(&again), [accepted[2], accepted[4]]);
    for message in again {
        settle(&store, message.key, at(11), submitted(&message.msgid.to_string())).await;
    }
    assert!(store.backlog().await.unwrap().is_empty());
}

async fn many_run_out_of_time_at_once(place: Place) {
    const MANY: usize = 5000;
    let store = place.open().await;
    let doubtful = begun(&store, &utility()).await;
    settle(&store, doubtful.key, at(1), Verdict::InDoubt { until: at(9000) }).await;
    let mut accepting = JoinSet::new();
    for _ in 0..MANY {
        let store = store.clone();
        accepting.spawn(async move { store.accept(message(&utility())).await });
    }
    assert!(accepting.join_all().await.iter().all(Result::is_ok));
    assert_eq!(store.expire(at(3600)).await.unwrap(), MANY as u64);
    assert!(store.backlog().await.unwrap().is_empty(), "the lane need not be looked through again");
    assert_eq!(store.counts().await.unwrap().waiting, 0);
    let later = accept(&store, &utility(), 1).await;
    let begun = begin(&store, &utility(), 10, at(3600)).await;
    assert_eq!(msgids(&begun), later);
    store.settle(vec![Outcome { key: begun[0].key, at: at(3601), verdict: submitted("w") }]).await.unwrap();
}

async fn where_a_message_stands_is_told(place: Place) {
    let store = place.open().await;
    let one = accept(&store, &utility(), 1).await[0];
    assert_eq!(
        (view(&store, one).await.standing, view(&store, one).await.state()),
        (Standing::InLine, State::Accepted)
    );
    let key = begin(&store, &utility(), 1, at(1)).await[0].key;
    let being_sent = view(&store, one).await;
    assert_eq!((being_sent.standing.clone(), being_sent.state()), (Standing::BeingSent, State::BeingSent));
    for (verdict, standing) in [
        (HELD, Standing::Held { on: Hold::Template(7) }),
        (Verdict::Later { due: at(2) }, Standing::Again { due: at(2) }),
        (Verdict::InDoubt { until: at(3) }, Standing::InDoubt { until: at(3) }),
        (ended(State::OutcomeUnknown), Standing::Settled),
    ] {
        settle(&store, key, at(1), verdict).await;
        assert_eq!(view(&store, one).await.standing, standing);
    }
    store.record(vec![report(Some(one), "wamid.1", State::Read, at(5))]).await.unwrap();
    assert_eq!(view(&store, one).await.state(), State::Read);
}
