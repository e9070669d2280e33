//! A look at every message tells where each one is.

use kabar_domain::message::State;
use kabar_domain::template::Category;
use kabar_store::ledger::{Hold, Verdict, Whereabouts};

use crate::make::{accept, at, begin, lane, settle, submitted, utility};
use crate::place::Place;

on_every_engine!(every_message_is_met_once_and_somewhere);

async fn every_message_is_met_once_and_somewhere(place: Place) {
    let store = place.open().await;
    assert!(store.audit(None, 10).await.unwrap().is_empty());
    let codes = accept(&store, &lane("100", Category::Authentication), 1).await;
    let msgids = accept(&store, &utility(), 7).await;
    let begun = begin(&store, &utility(), 6, at(1)).await;
    settle(&store, begun[0].key, at(2), submitted("wamid.1")).await;
    settle(&store, begun[1].key, at(2), Verdict::Later { due: at(9) }).await;
    settle(&store, begun[2].key, at(2), Verdict::InDoubt { until: at(9) }).await;
    settle(&store, begun[3].key, at(2), Verdict::Held { on: Hold::Template(7) }).await;
    settle(&store, begun[4].key, at(2), Verdict::InDoubt { until: at(3) }).await;
    settle(&store, begun[4].key, at(3), Verdict::Later { due: at(3) }).await;

    let mut met = Vec::new();
    let mut after = None;
    loop {
        let page = store.audit(after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.key);
        met.extend(page);
    }
    let seen: Vec<_> = met.iter().map(|one| (one.msgid, one.state, one.whereabouts, one.doubts)).collect();
    assert_eq!(
        seen,
        [
            (codes[0], State::Accepted, Whereabouts::Waiting, 0),
            (msgids[0], State::Submitted, Whereabouts::Ended, 0),
            (msgids[1], State::Accepted, Whereabouts::Waiting, 0),
            (msgids[2], State::InDoubt, Whereabouts::InDoubt, 1),
            (msgids[3], State::Accepted, Whereabouts::Held, 0),
            (msgids[4], State::InDoubt, Whereabouts::Waiting, 1),
            (msgids[5], State::Accepted, Whereabouts::BeingSent, 0),
            (msgids[6], State::Accepted, Whereabouts::Waiting, 0),
        ]
    );
    assert_eq!(met[0].lane, lane("100", Category::Authentication));
}
