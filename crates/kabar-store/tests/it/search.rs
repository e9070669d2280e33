//! Messages that are looked for.

use kabar_domain::ids::Msgid;
use kabar_domain::message::{Lane, Search, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::ledger::NewMessage;
use kabar_store::search::{Question, Row};
use tokio::task::JoinSet;

use crate::make::{app, app_id, at, begin, ended, lane, message, report, settle, submitted, template, utility};
use crate::place::Place;

on_every_engine!(
    every_filter_finds_its_own,
    pages_follow_one_another,
    a_page_looks_at_a_bounded_number,
    a_time_is_found_whatever_the_ids_say,
    a_row_tells_when_it_came_to_what,
);

async fn put(store: &Store, lane: &Lane, second: u64, recipient: &str, template: i64) -> Msgid {
    let recipient = PhoneNumber::parse(recipient).unwrap();
    let new = NewMessage { accepted_at: at(second), recipient, template, ..message(lane) };
    let msgid = new.msgid;
    store.accept(new).await.unwrap();
    msgid
}

fn question(search: Search) -> Question {
    Question { app: app_id("demo"), search, after: None, limit: 100 }
}

/// All that is found, over as many pages as there are.
async fn all(store: &Store, mut question: Question) -> Vec<Row> {
    let mut rows = Vec::new();
    loop {
        let page = store.search(question.clone()).await.unwrap();
        assert!(page.rows.len() <= question.limit as usize);
        rows.extend(page.rows);
        match page.next {
            Some(next) => question.after = Some(next),
            None => return rows,
        }
    }
}

async fn found(store: &Store, search: Search) -> Vec<Msgid> {
    all(store, question(search)).await.into_iter().map(|row| row.msgid).collect()
}

async fn every_filter_finds_its_own(place: Place) {
    let store = place.open().await;
    store.create_app(app("demo")).await.unwrap();
    let kept = store.put_template(template("demo", 1, "promo")).await.unwrap();
    let marketing = lane("200", Category::Marketing);
    let first = put(&store, &utility(), 1, "+6281234567890", 7).await;
    let second = put(&store, &marketing, 2, "+6281234567891", kept.seq).await;
    let third = put(&store, &utility(), 3, "+6281234567890", 7).await;
    let foreign = NewMessage { app: app_id("other"), ..message(&lane("300", Category::Utility)) };
    store.accept(foreign).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(4)).await.remove(0);
    settle(&store, begun.key, at(5), ended(State::Rejected)).await;
    begin(&store, &marketing, 1, at(6)).await;

    let none = Search::default;
    let number = |text| PhoneNumber::parse(text).ok();
    let sender = |text: &str| text.parse().ok();
    for (search, expected) in [
        (none(), vec![third, second, first]),
        (Search { recipient: number("+6281234567890"), ..none() }, vec![third, first]),
        (Search { recipient: number("+6281234567899"), ..none() }, vec![]),
        (Search { template: Some("promo".to_owned()), ..none() }, vec![second]),
        (Search { template: Some(kept.code.to_string().to_uppercase()), ..none() }, vec![second]),
        (Search { template: Some("other".to_owned()), ..none() }, vec![]),
        (Search { states: vec![State::Rejected, State::BeingSent], ..none() }, vec![second, first]),
        (Search { states: vec![State::Accepted], ..none() }, vec![third]),
        (Search { from: Some(at(2)), ..none() }, vec![third, second]),
        (Search { to: Some(at(2)), ..none() }, vec![first]),
        (Search { from: Some(at(2)), to: Some(at(3)), ..none() }, vec![second]),
        (Search { sender: sender("100"), ..none() }, vec![third, first]),
        (Search { sender: sender("999"), ..none() }, vec![]),
        (Search { code: Some(131_026), ..none() }, vec![first]),
        (Search { code: Some(1), ..none() }, vec![]),
        (Search { recipient: number("+6281234567890"), states: vec![State::Accepted], ..none() }, vec![third]),
    ] {
        assert_eq!(found(&store, search.clone()).await, expected, "{search:?}");
    }
}

async fn pages_follow_one_another(place: Place) {
    let store = place.open().await;
    let lanes = [utility(), lane("100", Category::Marketing), lane("200", Category::Utility)];
    let mut expected = Vec::new();
    for number in 0..25 {
        expected.push(put(&store, &lanes[number % 3], 0, "+6281234567890", 7).await);
    }
    expected.reverse();
    for limit in [1, 4, 25, 100] {
        for recipient in [None, PhoneNumber::parse("+6281234567890").ok()] {
            let asked = Question { limit, ..question(Search { recipient, ..Search::default() }) };
            let rows = all(&store, asked).await;
            assert_eq!(rows.iter().map(|row| row.msgid).collect::<Vec<_>>(), expected, "{limit}");
        }
    }
    // What comes between two pages is newer, and not among what follows.
    let asked = Question { limit: 10, ..question(Search::default()) };
    let next = store.search(asked.clone()).await.unwrap().next;
    put(&store, &utility(), 0, "+6281234567890", 7).await;
    let rest = all(&store, Question { after: next, ..asked }).await;
    assert_eq!(rest.iter().map(|row| row.msgid).collect::<Vec<_>>(), expected[10..]);
}

async fn a_page_looks_at_a_bounded_number(place: Place) {
    let store = place.open().await;
    let wanted = put(&store, &utility(), 0, "+6281234567890", 8).await;
    let mut accepting = JoinSet::new();
    for _ in 0..20_500 {
        let store = store.clone();
        accepting.spawn(async move { store.accept(message(&utility())).await });
    }
    assert!(accepting.join_all().await.iter().all(Result::is_ok));
    let rejected = Search { sender: "100".parse().ok(), code: Some(1), ..Search::default() };
    let page = store.search(question(rejected)).await.unwrap();
    assert_eq!(page.rows, []);
    let after = page.next.expect("there is more to look at");
    assert!(after > wanted);
    let asked = Question { after: Some(after), ..question(Search::default()) };
    assert_eq!(all(&store, asked).await.last().unwrap().msgid, wanted);
}

/// The ids of these are made by the machine's clock, which is years ahead of that of their acceptance.
async fn a_time_is_found_whatever_the_ids_say(place: Place) {
    const DAY: u64 = 86_400;
    let store = place.open().await;
    let mut msgids = Vec::new();
    for day in 0..10 {
        msgids.push(put(&store, &utility(), day * DAY, "+6281234567890", 7).await);
    }
    for (from, to) in [(0_usize, 10_usize), (3, 5), (9, 10), (0, 1), (4, 4), (10, 12)] {
        let search = Search { from: Some(at(from as u64 * DAY)), to: Some(at(to as u64 * DAY)), ..Search::default() };
        let mut expected = msgids.iter().copied().skip(from).take(to.saturating_sub(from)).collect::<Vec<_>>();
        expected.reverse();
        assert_eq!(found(&store, search).await, expected, "{from} to {to}");
    }
}

async fn a_row_tells_when_it_came_to_what(place: Place) {
    let store = place.open().await;
    let msgid = put(&store, &utility(), 0, "+6281234567890", 7).await;
    let begun = begin(&store, &utility(), 1, at(1)).await.remove(0);
    settle(&store, begun.key, at(2), submitted("wamid.1")).await;
    let reports = [(State::Sent, 3), (State::Delivered, 5), (State::Delivered, 4), (State::Read, 9)];
    for (state, second) in reports {
        store.record(vec![report(Some(msgid), "wamid.1", state, at(second))]).await.unwrap();
    }
    let row = all(&store, question(Search::default())).await.remove(0);
    assert_eq!((row.accepted_at, row.submitted_at, row.sent_at), (at(0), Some(at(2)), Some(at(3))));
    assert_eq!((row.delivered_at, row.read_at, row.state_at), (Some(at(4)), Some(at(9)), at(9)));
    assert_eq!((row.state, row.wamid.as_deref(), row.attempts), (State::Read, Some("wamid.1"), 1));
}
