//! Who gets no marketing.

use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::message::{Reason, State};
use kabar_domain::phone::PhoneNumber;
use kabar_store::ledger::Verdict;
use kabar_store::suppression::{Preference, Query, Source, StopReply, Suppression, Wish};
use kabar_store::{Error, Store};

use crate::make::{app, app_id, at, begun, report, sender, settle, submitted, utility};
use crate::place::Place;

on_every_engine!(
    the_newest_wish_counts_in_whatever_order_they_come,
    what_somebody_of_the_app_says_is_the_newest_word,
    a_choice_to_go_on_counts_before_its_older_stop_is_known,
    a_list_is_kept_and_walked,
    a_refusal_stops_marketing_with_the_commit_that_tells_it,
    a_choice_upstream_is_for_all_apps_of_the_account_and_undoes_no_hand,
    a_reply_stops_marketing_if_the_app_says_so,
    changes_are_walked_in_their_order,
);

fn number(last: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+6281234567{last:03}")).unwrap()
}

fn wish(last: u32, stopped: bool, at: Moment) -> Wish {
    let (app, note) = (app_id("demo"), "asked for it".to_owned());
    Wish { app, recipient: number(last), stopped, source: Source::Hand, note, at }
}

async fn store(place: &Place) -> Store {
    let store = place.open().await;
    store.create_app(app("demo")).await.unwrap();
    store
}

async fn found(store: &Store, last: u32) -> Option<(Source, Moment)> {
    let found = store.suppression(&app_id("demo"), &number(last)).await.unwrap();
    found.map(|Suppression { wish, .. }| (wish.source, wish.at))
}

async fn the_newest_wish_counts_in_whatever_order_they_come(place: Place) {
    let store = store(&place).await;
    let choice = |stopped, moment| Wish { source: Source::Preference, ..wish(1, stopped, moment) };
    let wishes = [choice(true, at(10)), choice(false, at(20)), choice(true, at(30))];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let last = u32::try_from(order[0] * 100 + order[1] * 10 + order[2]).unwrap();
        for place in order {
            store.suppress(vec![Wish { recipient: number(last), ..wishes[place].clone() }]).await.unwrap();
        }
        assert_eq!(found(&store, last).await, Some((Source::Preference, at(30))), "{order:?}");
        let lift = Wish { recipient: number(last), ..choice(false, at(25)) };
        assert_eq!(store.suppress(vec![lift]).await.unwrap(), 0, "{order:?}");
        let lift = Wish { recipient: number(last), ..wish(1, false, at(31)) };
        assert_eq!(store.suppress(vec![lift]).await.unwrap(), 1, "{order:?}");
        assert_eq!(found(&store, last).await, None);
    }
}

async fn what_somebody_of_the_app_says_is_the_newest_word(place: Place) {
    let store = store(&place).await;
    store.add_sender(sender("demo", "100")).await.unwrap();
    let choose =
        |last, stopped, at| vec![Preference { waba: "900".parse().unwrap(), recipient: number(last), stopped, at }];
    // The upstream's clock is ahead.
    assert!(store.prefer(choose(1, true, at(500))).await.unwrap());
    assert_eq!(store.suppress(vec![wish(1, false, at(1))]).await.unwrap(), 1);
    assert_eq!(found(&store, 1).await, None);
    // What was said before does not come back.
    assert!(!store.prefer(choose(1, true, at(500))).await.unwrap());
    assert_eq!(found(&store, 1).await, None);
    assert_eq!(store.suppress(vec![wish(1, true, at(1))]).await.unwrap(), 1);
    assert_eq!(found(&store, 1).await.unwrap().0, Source::Hand);

    // A stop by hand over a recipient's own is theirs to lift, not the recipient's.
    store.prefer(choose(2, true, at(10))).await.unwrap();
    assert_eq!(store.suppress(vec![wish(2, true, at(11))]).await.unwrap(), 0, "it is no news");
    assert!(!store.prefer(choose(2, false, at(20))).await.unwrap());
    assert_eq!(found(&store, 2).await, Some((Source::Hand, at(11))));
}

async fn a_choice_to_go_on_counts_before_its_older_stop_is_known(place: Place) {
    let store = store(&place).await;
    store.add_sender(sender("demo", "100")).await.unwrap();
    let choose = |stopped, at| vec![Preference { waba: "900".parse().unwrap(), recipient: number(1), stopped, at }];
    assert!(!store.prefer(choose(false, at(20))).await.unwrap(), "marketing came before, too");
    assert!(!store.prefer(choose(true, at(10))).await.unwrap());
    assert_eq!(found(&store, 1).await, None);
    assert!(store.suppressions(&app_id("demo"), Query::default(), 10).await.unwrap().is_empty());
    assert!(store.prefer(choose(true, at(30))).await.unwrap());
    assert_eq!(found(&store, 1).await, Some((Source::Preference, at(30))));
    // Of two of the same second the stop counts, in either order.
    assert!(!store.prefer(choose(false, at(30))).await.unwrap());
    assert!(store.prefer(choose(false, at(40))).await.unwrap());
    assert!(store.prefer(choose(true, at(40))).await.unwrap());
    assert_eq!(found(&store, 1).await, Some((Source::Preference, at(40))));
}

async fn a_list_is_kept_and_walked(place: Place) {
    let store = store(&place).await;
    let foreign = Wish { app: app_id("nobody"), ..wish(2, true, at(1)) };
    let refused = store.suppress(vec![wish(1, true, at(1)), foreign]).await;
    assert!(matches!(refused, Err(Error::NoSuchApp(_))), "{refused:?}");
    assert_eq!(found(&store, 1).await, None);
    let list = (0..250).map(|last| wish(last, true, at(1))).collect();
    assert_eq!(store.suppress(list).await.unwrap(), 250);
    let mut walked = Vec::new();
    let mut query = Query::default();
    loop {
        let page = store.suppressions(&app_id("demo"), query.clone(), 100).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some(last.wish.recipient.clone());
        walked.extend(page.into_iter().map(|found| found.wish.recipient));
    }
    assert_eq!(walked, (0..250).map(number).collect::<Vec<_>>());
    let none = Query { source: Some(Source::Reply), after: None };
    assert!(store.suppressions(&app_id("demo"), none, 10).await.unwrap().is_empty());
}

async fn a_refusal_stops_marketing_with_the_commit_that_tells_it(place: Place) {
    let store = store(&place).await;
    let stopped = || Some(Reason { code: 131_050, text: "User has stopped".to_owned() });
    let by_report = begun(&store, &utility()).await;
    settle(&store, by_report.key, at(1), submitted("wamid.1")).await;
    let mut failed = report(Some(by_report.msgid), "wamid.1", State::Failed, at(5));
    failed.event.reason = stopped();
    store.record(vec![failed]).await.unwrap();
    let kept = store.suppression(&app_id("demo"), &by_report.recipient).await.unwrap().unwrap().wish;
    assert_eq!((kept.source, kept.at, kept.note.as_str()), (Source::Refusal, at(5), "User has stopped"));

    let lift = Wish { recipient: by_report.recipient.clone(), ..wish(1, false, at(6)) };
    store.suppress(vec![lift]).await.unwrap();
    let by_answer = begun(&store, &utility()).await;
    let verdict = Verdict::Ended { state: State::Rejected, reason: stopped().unwrap() };
    settle(&store, by_answer.key, at(7), verdict).await;
    assert!(store.suppression(&app_id("demo"), &by_answer.recipient).await.unwrap().is_some());
}

async fn a_choice_upstream_is_for_all_apps_of_the_account_and_undoes_no_hand(place: Place) {
    let store = store(&place).await;
    store.create_app(app("other")).await.unwrap();
    store.create_app(app("elsewhere")).await.unwrap();
    store.add_sender(sender("demo", "100")).await.unwrap();
    store.add_sender(sender("other", "200")).await.unwrap();
    let choose =
        |last, stopped, at| vec![Preference { waba: "900".parse().unwrap(), recipient: number(last), stopped, at }];
    assert!(store.prefer(choose(1, true, at(1))).await.unwrap());
    for (app, stopped) in [("demo", true), ("other", true), ("elsewhere", false)] {
        assert_eq!(store.suppression(&app_id(app), &number(1)).await.unwrap().is_some(), stopped, "{app}");
    }
    assert!(!store.prefer(choose(1, true, at(1))).await.unwrap());
    assert!(store.prefer(choose(1, false, at(2))).await.unwrap());
    assert_eq!(found(&store, 1).await, None);
    // Late.
    assert!(!store.prefer(choose(1, true, at(1))).await.unwrap());
    assert_eq!(found(&store, 1).await, None);

    store.suppress(vec![wish(2, true, at(3))]).await.unwrap();
    assert!(!store.prefer(choose(2, false, at(4))).await.unwrap());
    assert_eq!(found(&store, 2).await, Some((Source::Hand, at(3))));
}

async fn a_reply_stops_marketing_if_the_app_says_so(place: Place) {
    let store = store(&place).await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), submitted("wamid.1")).await;
    let press = |text: &str| {
        vec![StopReply {
            replied_to: "wamid.1".to_owned(),
            sender: None,
            from: None,
            texts: vec!["ORDER-1".to_owned(), text.to_owned()],
            at: at(2),
        }]
    };
    assert!(!store.stop_by_reply(press("Berhenti")).await.unwrap());
    store.set_stop_replies(&app_id("demo"), vec!["Stop promo".to_owned(), "berhenti".to_owned()]).await.unwrap();
    assert_eq!(store.stop_replies(&app_id("demo")).await.unwrap().unwrap(), ["Stop promo", "berhenti"]);
    assert!(!store.stop_by_reply(press("Lanjut")).await.unwrap());
    assert!(store.stop_by_reply(press(" BERHENTI ")).await.unwrap());
    let kept = store.suppression(&app_id("demo"), &one.recipient).await.unwrap().unwrap().wish;
    assert_eq!((kept.source, kept.note.as_str()), (Source::Reply, " BERHENTI "));

    // The message is no longer kept; whose it was is known by its sender.
    store.add_sender(sender("demo", "777")).await.unwrap();
    let old = |sender: &str| StopReply {
        replied_to: "wamid.gone".to_owned(),
        sender: Some(SenderId::parse(sender).unwrap()),
        from: Some(number(5)),
        ..press("berhenti").remove(0)
    };
    assert!(!store.stop_by_reply(vec![old("778")]).await.unwrap());
    assert!(store.stop_by_reply(vec![old("777")]).await.unwrap());
    assert_eq!(found(&store, 5).await, Some((Source::Reply, at(2))));
    let nobody = store.set_stop_replies(&app_id("nobody"), Vec::new()).await;
    assert!(matches!(nobody, Err(Error::NoSuchApp(_))));
    assert_eq!(store.stop_replies(&app_id("nobody")).await.unwrap(), None);
}

async fn changes_are_walked_in_their_order(place: Place) {
    let store = store(&place).await;
    store.suppress(vec![wish(1, true, at(1)), wish(2, true, at(1))]).await.unwrap();
    let seen = store.suppression_changes(0, 10).await.unwrap();
    assert_eq!(seen.len(), 2);
    let last = seen[1].change;
    assert!(store.suppression_changes(last, 10).await.unwrap().is_empty());
    store.suppress(vec![wish(1, false, at(2))]).await.unwrap();
    let news = store.suppression_changes(last, 10).await.unwrap();
    assert_eq!((news.len(), news[0].wish.stopped), (1, false));
}
