//! Statistics: equal to what is counted by hand from every message, whatever was erased or forgotten since.

use std::collections::HashMap;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::Msgid;
use kabar_domain::message::{Lane, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::pricing::Pricing;
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::callback::Reply;
use kabar_store::ledger::{NewMessage, Report, Verdict};
use kabar_store::stats::{Fact, Piece, SLOT, Tally};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, proptest};

use crate::make::{app_id, at, begin, ended, lane, message, report, settle, submitted, utility, view};
use crate::place::Place;

on_every_engine!(
    each_message_is_counted_where_it_belongs,
    what_is_forgotten_stays_counted,
    a_walk_that_something_was_forgotten_under_is_not_whole,
    a_lane_of_which_all_is_forgotten_goes_on_with_new_numbers,
    the_last_word_on_the_price_is_that_of_the_delivery,
    what_is_told_before_the_id_is_known_counts,
    a_reply_counts_once,
);

const DAY: u64 = 86_400;

/// The whole of the tests' time.
pub(crate) async fn all(store: &Store) -> Piece {
    between(store, at(0).minus(Duration::from_secs(30 * DAY)), at(30 * DAY)).await
}

async fn between(store: &Store, from: Moment, to: Moment) -> Piece {
    let mut walk = store.walk_stats(&app_id("demo"), from, to).await.unwrap();
    let mut found = Piece::new();
    while let Some(piece) = walk.next().await.unwrap() {
        for (fact, tally) in piece {
            found.entry(fact).or_default().add(tally);
        }
    }
    assert!(walk.is_whole().await.unwrap());
    found
}

pub(crate) fn pricing(status: State, billable: bool, category: &str) -> Option<Pricing> {
    Some(Pricing::of_upstream(status, Some(billable), Some("PMP"), None, category))
}

fn slot(at: Moment) -> Moment {
    let slot = i64::try_from(SLOT.as_millis()).unwrap();
    Moment::from_millis(at.as_millis().div_euclid(slot) * slot)
}

/// One message as a person would count it, from all that is told of it.
fn by_hand(
    view: &kabar_store::ledger::MessageView,
    lane: &Lane,
    pricing: Option<Pricing>,
    replies: u64,
) -> (Fact, Tally) {
    let events = &view.history.events;
    let state = view.history.state().unwrap();
    let first =
        |wanted: &[State]| events.iter().filter(|event| wanted.contains(&event.state)).min_by_key(|event| event.at);
    let delivered = matches!(state, State::Delivered | State::Read)
        .then(|| first(&[State::Delivered, State::Read]).map(|event| slot(event.at)))
        .flatten();
    let code = if state.is_failure() {
        first(&[state]).and_then(|event| event.reason.as_ref()).map(|why| why.code)
    } else {
        None
    };
    let prefix = view.recipient.digits().chars().take(4).collect();
    let accepted = slot(events[0].at);
    let fact = Fact { lane: lane.clone(), accepted, template: view.template, state, code, prefix, pricing, delivered };
    (fact, Tally { messages: 1, replies })
}

async fn each_message_is_counted_where_it_belongs(place: Place) {
    let store = place.open().await;
    let lanes = [utility(), lane("200", Category::Marketing)];
    for day in 0..4_u64 {
        for lane in &lanes {
            store.accept(NewMessage { accepted_at: at(day * DAY), ..message(lane) }).await.unwrap();
        }
    }
    let found = between(&store, slot(at(DAY)), slot(at(3 * DAY))).await;
    assert_eq!(found.len(), 4);
    assert!(found.values().all(|tally| *tally == Tally { messages: 1, replies: 0 }));
    let days: Vec<Moment> = found.keys().filter(|fact| fact.lane == lanes[0]).map(|fact| fact.accepted).collect();
    assert!(days.contains(&slot(at(DAY))) && days.contains(&slot(at(2 * DAY))), "{days:?}");
    let mut other = store.walk_stats(&app_id("other"), at(0), at(9 * DAY)).await.unwrap();
    assert_eq!(other.next().await.unwrap(), None, "another app has none of it");
}

async fn what_is_forgotten_stays_counted(place: Place) {
    let store = place.open().await;
    for n in 0..3 {
        store.accept(NewMessage { accepted_at: at(n), ..message(&utility()) }).await.unwrap();
    }
    let begun = begin(&store, &utility(), 2, at(5)).await;
    settle(&store, begun[0].key, at(6), submitted("wamid.1")).await;
    settle(&store, begun[1].key, at(6), ended(State::Rejected)).await;
    let told = report(None, "wamid.1", State::Delivered, at(7));
    store.record(vec![Report { pricing: pricing(State::Delivered, true, "utility"), ..told }]).await.unwrap();
    store.tell_replies(vec![reply("wamid.r1", "wamid.1")]).await.unwrap();

    let before = all(&store).await;
    assert_eq!(before.len(), 3);
    let step = store.forget_messages(at(100), None).await.unwrap();
    assert_eq!(step.messages, 2, "the third waits, and stays");
    assert_eq!(all(&store).await, before);
    assert_eq!(store.message(&app_id("demo"), begun[0].msgid).await.unwrap(), None);
    assert_eq!(store.forget_messages(at(100), None).await.unwrap().messages, 0);
    assert_eq!(begin(&store, &utility(), 5, at(8)).await.len(), 1);
}

async fn a_walk_that_something_was_forgotten_under_is_not_whole(place: Place) {
    let store = place.open().await;
    store.accept(message(&utility())).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(1)).await;
    settle(&store, begun[0].key, at(2), ended(State::Rejected)).await;
    let mut walk = store.walk_stats(&app_id("demo"), slot(at(0)), at(DAY)).await.unwrap();
    while walk.next().await.unwrap().is_some() {}
    assert!(walk.is_whole().await.unwrap());
    store.forget_messages(at(100), None).await.unwrap();
    assert!(!walk.is_whole().await.unwrap());
}

async fn a_lane_of_which_all_is_forgotten_goes_on_with_new_numbers(place: Place) {
    let store = place.open().await;
    store.accept(message(&utility())).await.unwrap();
    let old = begin(&store, &utility(), 1, at(1)).await;
    settle(&store, old[0].key, at(2), ended(State::Rejected)).await;
    assert_eq!(store.forget_messages(at(100), None).await.unwrap().messages, 1);
    store.close().await;

    let store = place.open().await;
    let total = store.counts().await.unwrap().total;
    assert_eq!(total, 1, "it was accepted, whatever became of it");
    store.accept(NewMessage { accepted_at: at(50), ..message(&utility()) }).await.unwrap();
    let new = begin(&store, &utility(), 5, at(60)).await;
    assert_eq!(new.len(), 1);
    assert!(new[0].key > old[0].key);
    assert_eq!(view(&store, new[0].msgid).await.history.events.len(), 1, "nothing of the old one is its");
}

async fn the_last_word_on_the_price_is_that_of_the_delivery(place: Place) {
    let store = place.open().await;
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let message = message(&utility());
        store.accept(message.clone()).await.unwrap();
        let told = |state, pricing| Report { pricing, ..report(Some(message.msgid), "wamid.x", state, at(9)) };
        let reports = [
            told(State::Sent, pricing(State::Sent, true, "referral_conversion")),
            told(State::Delivered, pricing(State::Delivered, false, "marketing")),
            told(State::Read, None),
        ];
        for place in order {
            store.record(vec![reports[place].clone(), reports[place].clone()]).await.unwrap();
        }
    }
    let found = all(&store).await;
    let facts: Vec<&Fact> = found.keys().collect();
    assert_eq!(facts.len(), 1, "the order makes no difference: {facts:?}");
    assert_eq!((facts[0].state, facts[0].pricing), (State::Read, pricing(State::Delivered, false, "marketing")));
}

async fn what_is_told_before_the_id_is_known_counts(place: Place) {
    let store = place.open().await;
    store.accept(message(&utility())).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(1)).await;
    let told = report(None, "wamid.early", State::Delivered, at(2));
    store.record(vec![Report { pricing: pricing(State::Delivered, true, "utility"), ..told }]).await.unwrap();
    settle(&store, begun[0].key, at(3), submitted("wamid.early")).await;
    let facts: Vec<Fact> = all(&store).await.into_keys().collect();
    assert_eq!((facts[0].state, facts[0].pricing), (State::Delivered, pricing(State::Delivered, true, "utility")));
}

fn reply(wamid: &str, to: &str) -> Reply {
    Reply { wamid: wamid.to_owned(), replied_to: to.to_owned(), at: at(9), payload: None, text: None }
}

async fn a_reply_counts_once(place: Place) {
    let store = place.open().await;
    store.accept(message(&utility())).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(1)).await;
    settle(&store, begun[0].key, at(2), submitted("wamid.1")).await;
    for _ in 0..3 {
        store.tell_replies(vec![reply("wamid.r1", "wamid.1"), reply("wamid.r2", "wamid.1")]).await.unwrap();
        store.tell_replies(vec![reply("wamid.r3", "wamid.of-others")]).await.unwrap();
    }
    let tallies: Vec<Tally> = all(&store).await.into_values().collect();
    assert_eq!(tallies, [Tally { messages: 1, replies: 2 }]);
}

/// What becomes of one message.
#[derive(Debug, Clone)]
struct Life {
    lane: bool,
    template: i64,
    recipient: &'static str,
    accepted_after: u64,
    verdict: u8,
    reports: Vec<(u8, u64, bool, u8)>,
    replies: Vec<u8>,
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let recipient = prop::sample::select(vec!["+6281234567890", "+6281234567891", "+16505551234"]);
    let report = (0_u8..4, 0..3 * DAY, any::<bool>(), 0_u8..4);
    let life = (
        any::<bool>(),
        1_i64..3,
        recipient,
        0..5 * DAY,
        0_u8..6,
        prop::collection::vec(report, 0..4),
        prop::collection::vec(0_u8..3, 0..3),
    )
        .prop_map(|(lane, template, recipient, accepted_after, verdict, reports, replies)| Life {
            lane,
            template,
            recipient,
            accepted_after,
            verdict,
            reports,
            replies,
        });
    prop::collection::vec(life, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn statistics_are_what_is_counted_by_hand(lives in lives(), forgotten_before in 0..6 * DAY) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(count(lives, forgotten_before));
    }
}

async fn count(mut lives: Vec<Life>, forgotten_before: u64) {
    let place = Place::sqlite();
    let store = place.open().await;
    lives.sort_by_key(|life| life.accepted_after);
    let lanes = [utility(), lane("200", Category::Authentication)];
    let mut expected: HashMap<Fact, Tally> = HashMap::new();
    let mut counted: Vec<(Msgid, Lane, Option<Pricing>, u64)> = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        let lane = &lanes[usize::from(life.lane)];
        let accepted_at = at(life.accepted_after);
        let message = NewMessage {
            template: life.template,
            recipient: PhoneNumber::parse(life.recipient).unwrap(),
            accepted_at,
            ..message(lane)
        };
        let (msgid, wamid) = (message.msgid, format!("wamid.{number}"));
        store.accept(message).await.unwrap();
        let begun = begin(&store, lane, 1, accepted_at).await;
        let verdict = match life.verdict {
            0 => submitted(&wamid),
            1 => ended(State::Rejected),
            2 => ended(State::Expired),
            3 => Verdict::InDoubt { until: at(90 * DAY) },
            4 => ended(State::OutcomeUnknown),
            _ => submitted(&wamid),
        };
        // A retry of an earlier message in doubt is none: it waits for evidence.
        settle(&store, begun[0].key, accepted_at, verdict).await;
        let mut told = None;
        for (state, after, billable, category) in &life.reports {
            let state = [State::Sent, State::Failed, State::Delivered, State::Read][usize::from(*state)];
            let pricing = ["marketing", "utility", "authentication"]
                .get(usize::from(*category))
                .and_then(|category| pricing(state, *billable, category));
            let report = Report { pricing, ..report(Some(msgid), &wamid, state, at(life.accepted_after + after)) };
            store.record(vec![report.clone(), report]).await.unwrap();
            told = told.max(pricing.map(Pricing::to_code));
        }
        let mut presses = life.replies.clone();
        for press in &presses {
            store.tell_replies(vec![reply(&format!("wamid.{number}.{press}"), &wamid)]).await.unwrap();
        }
        presses.sort_unstable();
        presses.dedup();
        // Until the upstream's id is known, nobody knows whose reply it is.
        let known = view(&store, msgid).await.wamid.is_some();
        let replies = if known { presses.len() as u64 } else { 0 };
        counted.push((msgid, lane.clone(), told.and_then(Pricing::from_code), replies));
    }
    for (msgid, lane, pricing, replies) in &counted {
        let (fact, tally) = by_hand(&view(&store, *msgid).await, lane, *pricing, *replies);
        expected.entry(fact).or_default().add(tally);
    }
    assert_eq!(all(&store).await, expected);
    let mut after = None;
    loop {
        let step = store.forget_messages(at(forgotten_before), after).await.unwrap();
        store.erase_values(at(forgotten_before + DAY), after).await.unwrap();
        after = step.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(all(&store).await, expected, "forgetting changes nothing");
}
