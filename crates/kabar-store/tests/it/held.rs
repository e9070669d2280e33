//! Messages that are held until something is put right.

use kabar_domain::ids::SenderId;
use kabar_domain::message::State;
use kabar_domain::template::Category;
use kabar_store::ledger::{Hold, Outcome, Verdict};
use tokio::task::JoinSet;

use crate::make::{
    PATIENCE, accept, at, begin, begun, ended, lane, message, msgids, report, settle, states, submitted, utility,
};
use crate::place::Place;

on_every_engine!(
    what_is_held_leaves_only_when_it_is_let_go,
    what_is_let_go_leaves_in_order_and_before_what_is_newer,
    only_what_is_held_for_that_is_let_go,
    a_held_message_can_end,
    evidence_ends_a_hold,
    holds_outlive_a_crash,
    many_are_let_go_at_once,
);

const TEMPLATE: Hold = Hold::Template(7);

async fn what_is_held_leaves_only_when_it_is_let_go(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::Held { on: TEMPLATE }).await;
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.held, counts.waiting, counts.being_sent, counts.in_doubt), (1, 0, 0, 0));
    assert_eq!(store.holds().await.unwrap(), [TEMPLATE]);
    assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
    assert!(store.backlog().await.unwrap().is_empty());
    assert!(store.doubts_due(at(1000), 10).await.unwrap().is_empty());

    assert_eq!(store.release_held(&TEMPLATE, at(9)).await.unwrap(), [utility()]);
    assert!(store.holds().await.unwrap().is_empty());
    assert_eq!(store.backlog().await.unwrap()[0].due, at(9));
    let again = begin(&store, &utility(), 10, at(9)).await;
    assert_eq!(again.iter().map(|message| (message.key, message.attempt)).collect::<Vec<_>>(), [(one.key, 2)]);
    settle(&store, one.key, at(10), submitted("wamid.1")).await;
    assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::Submitted]);
}

async fn what_is_let_go_leaves_in_order_and_before_what_is_newer(place: Place) {
    let store = place.open().await;
    let (one, two) = (begun(&store, &utility()).await, begun(&store, &utility()).await);
    for held in [&two, &one] {
        settle(&store, held.key, at(1), Verdict::Held { on: TEMPLATE }).await;
    }
    let newer = accept(&store, &utility(), 1).await;
    store.release_held(&TEMPLATE, at(2)).await.unwrap();
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(2)).await), [one.msgid, two.msgid, newer[0]]);
}

async fn only_what_is_held_for_that_is_let_go(place: Place) {
    let store = place.open().await;
    let marketing = lane("100", Category::Marketing);
    let sender = Hold::Sender(SenderId::parse("100").unwrap());
    let holds = [TEMPLATE, Hold::Template(70), sender.clone(), TEMPLATE];
    let mut held = Vec::new();
    for (hold, lane) in holds.iter().zip([&utility(), &utility(), &utility(), &marketing]) {
        let message = begun(&store, lane).await;
        settle(&store, message.key, at(1), Verdict::Held { on: hold.clone() }).await;
        held.push(message);
    }
    assert_eq!(store.holds().await.unwrap(), [sender.clone(), TEMPLATE, Hold::Template(70)]);
    assert_eq!(store.release_held(&Hold::Template(8), at(2)).await.unwrap(), []);
    assert_eq!(store.release_held(&TEMPLATE, at(2)).await.unwrap(), [utility(), marketing]);
    assert_eq!(store.counts().await.unwrap().held, 2);
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(2)).await), [held[0].msgid]);
    assert_eq!(store.release_held(&sender, at(2)).await.unwrap(), [utility()]);
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(2)).await), [held[2].msgid]);
}

async fn a_held_message_can_end(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::Held { on: TEMPLATE }).await;
    settle(&store, one.key, at(2), ended(State::Expired)).await;
    assert_eq!(states(&store, one.msgid).await, [State::Accepted, State::Expired]);
    assert!(store.holds().await.unwrap().is_empty());
    assert!(store.release_held(&TEMPLATE, at(3)).await.unwrap().is_empty());
}

async fn evidence_ends_a_hold(place: Place) {
    let store = place.open().await;
    let (one, two) = (begun(&store, &utility()).await, begun(&store, &utility()).await);
    settle(&store, one.key, at(1), Verdict::Held { on: TEMPLATE }).await;
    store.record(vec![report(Some(one.msgid), "wamid.1", State::Sent, at(2))]).await.unwrap();
    assert!(store.holds().await.unwrap().is_empty());
    store.record(vec![report(Some(two.msgid), "wamid.2", State::Sent, at(2))]).await.unwrap();
    settle(&store, two.key, at(3), Verdict::Held { on: TEMPLATE }).await;
    assert!(store.holds().await.unwrap().is_empty());
}

async fn holds_outlive_a_crash(mut place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::Held { on: TEMPLATE }).await;
    place = place.after_a_crash();
    let store = place.open().await;
    let recovered = store.recover(at(2), PATIENCE).await.unwrap();
    assert_eq!((recovered.again, recovered.in_doubt), (0, 0));
    assert_eq!(store.holds().await.unwrap(), [TEMPLATE]);
    store.release_held(&TEMPLATE, at(3)).await.unwrap();
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(3)).await), [one.msgid]);
}

async fn many_are_let_go_at_once(place: Place) {
    const MANY: usize = 9000;
    let store = place.open().await;
    let mut accepting = JoinSet::new();
    for _ in 0..MANY {
        let store = store.clone();
        accepting.spawn(async move { store.accept(message(&utility())).await });
    }
    assert!(accepting.join_all().await.iter().all(Result::is_ok));
    let begun = begin(&store, &utility(), u32::MAX, at(1)).await;
    let outcomes = begun
        .iter()
        .map(|message| Outcome { key: message.key, at: at(1), verdict: Verdict::Held { on: TEMPLATE } })
        .collect();
    store.settle(outcomes).await.unwrap();
    assert_eq!(store.counts().await.unwrap().held, MANY as u64);
    assert_eq!(store.release_held(&TEMPLATE, at(2)).await.unwrap(), [utility()]);
    assert_eq!(msgids(&begin(&store, &utility(), u32::MAX, at(2)).await), msgids(&begun));
}
