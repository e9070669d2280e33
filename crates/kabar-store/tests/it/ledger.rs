//! Messages on their way: accepted, begun, settled.

use kabar_domain::clock::Moment;
use kabar_domain::message::State;
use kabar_domain::template::Category;
use kabar_store::Error;
use kabar_store::ledger::{Backlog, Begun, Counts, Outcome, Verdict};

use crate::make::{
    START, accept, app_id, at, begin, begun, ended, lane, message, msgids, settle, states, submitted, utility, view,
};
use crate::place::Place;

on_every_engine!(
    a_message_comes_back_as_it_was_accepted,
    messages_of_a_lane_leave_in_order,
    lanes_do_not_wait_for_each_other,
    what_is_under_way_is_not_begun_again,
    retries_go_first_when_they_are_due,
    retries_of_one_range_are_begun_while_the_rest_is_under_way,
    an_end_is_kept_with_its_reason,
    messages_of_other_apps_are_not_seen,
    the_backlog_names_lanes_and_times,
    counts_follow_the_messages,
    everything_is_there_after_opening_again,
    a_closed_store_says_so,
    empty_commands_are_no_commands,
);

async fn a_message_comes_back_as_it_was_accepted(place: Place) {
    let store = place.open().await;
    let sent = message(&utility());
    store.accept(sent.clone()).await.unwrap();
    let begun = begin(&store, &utility(), 10, START).await.remove(0);
    assert_eq!(
        begun,
        Begun {
            key: begun.key,
            msgid: sent.msgid,
            template: sent.template,
            recipient: sent.recipient.clone(),
            components: sent.components,
            media: sent.media,
            attempt: 1,
            accepted_at: sent.accepted_at,
            expires_at: sent.expires_at,
        }
    );
    settle(&store, begun.key, at(2), submitted("wamid.1")).await;
    let view = view(&store, sent.msgid).await;
    assert_eq!((view.msgid, &view.app), (sent.msgid, &sent.app));
    assert_eq!((view.wamid.as_deref(), &view.recipient), (Some("wamid.1"), &sent.recipient));
    let events: Vec<_> = view.history.events.iter().map(|event| (event.at, event.state)).collect();
    assert_eq!(events, [(START, State::Accepted), (at(2), State::Submitted)]);
}

async fn messages_of_a_lane_leave_in_order(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 25).await;
    let mut left = Vec::new();
    loop {
        let some = begin(&store, &utility(), 7, START).await;
        if some.is_empty() {
            break;
        }
        left.extend(msgids(&some));
    }
    assert_eq!(left, accepted);
    let later = accept(&store, &utility(), 2).await;
    assert_eq!(msgids(&begin(&store, &utility(), 7, START).await), later);
}

async fn lanes_do_not_wait_for_each_other(place: Place) {
    let store = place.open().await;
    let lanes = [
        lane("100", Category::Utility),
        lane("100", Category::Authentication),
        lane("100", Category::Marketing),
        lane("101", Category::Utility),
    ];
    let mut accepted = Vec::new();
    for lane in &lanes {
        accepted.push(accept(&store, lane, 3).await);
    }
    for (lane, expected) in lanes.iter().zip(accepted) {
        assert_eq!(msgids(&begin(&store, lane, 10, START).await), expected);
    }
    assert!(begin(&store, &lane("102", Category::Utility), 10, START).await.is_empty());
}

async fn what_is_under_way_is_not_begun_again(place: Place) {
    let store = place.open().await;
    accept(&store, &utility(), 3).await;
    let begun = begin(&store, &utility(), 10, START).await;
    assert_eq!(begun.len(), 3);
    assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
    settle(&store, begun[1].key, at(1), Verdict::InDoubt { until: at(60) }).await;
    settle(&store, begun[2].key, at(1), ended(State::Rejected)).await;
    assert!(begin(&store, &utility(), 10, at(1000)).await.is_empty());
    assert!(begin(&store, &utility(), 0, at(1000)).await.is_empty());
}

async fn retries_go_first_when_they_are_due(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 6).await;
    let first = begin(&store, &utility(), 4, START).await;
    let dues = [at(30), at(10), at(20), at(10)];
    for (message, due) in first.iter().zip(dues) {
        settle(&store, message.key, at(1), Verdict::Later { due }).await;
    }
    let early = begin(&store, &utility(), 1, at(5)).await;
    assert_eq!(msgids(&early), accepted[4..5], "nothing is due, so the next one leaves");
    let second = begin(&store, &utility(), 10, at(20)).await;
    let expected = [1, 3, 2, 5].map(|place| accepted[place]);
    assert_eq!(msgids(&second), expected, "the longest due first, then what is new");
    assert_eq!(second.iter().map(|message| message.attempt).collect::<Vec<_>>(), [2, 2, 2, 1]);
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(30)).await), accepted[..1]);
}

async fn retries_of_one_range_are_begun_while_the_rest_is_under_way(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 4).await;
    let first = begin(&store, &utility(), 4, START).await;
    settle(&store, first[0].key, at(1), Verdict::Later { due: at(1) }).await;
    settle(&store, first[1].key, at(1), Verdict::Later { due: at(1) }).await;
    let again = begin(&store, &utility(), 4, at(1)).await;
    assert_eq!(msgids(&again), accepted[..2]);
    assert_eq!(store.counts().await.unwrap().being_sent, 4);
    for message in first[2..].iter().chain(&again) {
        settle(&store, message.key, at(2), submitted("wamid")).await;
    }
    assert_eq!(store.counts().await.unwrap().being_sent, 0);
    for msgid in accepted {
        assert_eq!(states(&store, msgid).await, [State::Accepted, State::Submitted]);
    }
}

async fn an_end_is_kept_with_its_reason(place: Place) {
    let store = place.open().await;
    for state in [State::Rejected, State::Expired, State::Cancelled, State::OutcomeUnknown] {
        let begun = begun(&store, &utility()).await;
        settle(&store, begun.key, at(1), ended(state)).await;
        let view = view(&store, begun.msgid).await;
        assert_eq!(view.history.state(), Some(state));
        let reason = view.history.reason().unwrap();
        assert_eq!((reason.code, reason.text.as_str()), (131_026, "Undeliverable"));
    }
}

async fn messages_of_other_apps_are_not_seen(place: Place) {
    let store = place.open().await;
    let msgid = accept(&store, &utility(), 1).await[0];
    assert!(store.message(&app_id("demo"), msgid).await.unwrap().is_some());
    assert!(store.message(&app_id("other"), msgid).await.unwrap().is_none());
    assert!(store.message(&app_id("demo"), message(&utility()).msgid).await.unwrap().is_none());
}

async fn the_backlog_names_lanes_and_times(place: Place) {
    let store = place.open().await;
    let [one, two] = [utility(), lane("100", Category::Marketing)];
    assert!(store.backlog().await.unwrap().is_empty());
    accept(&store, &one, 2).await;
    accept(&store, &two, 1).await;
    let at_once = |lane: &_| Backlog { lane: Clone::clone(lane), due: Moment::from_millis(0) };
    assert_eq!(store.backlog().await.unwrap(), [at_once(&one), at_once(&two)]);

    let begun = begin(&store, &one, 2, START).await;
    assert_eq!(store.backlog().await.unwrap(), [at_once(&two)]);
    settle(&store, begun[0].key, at(1), Verdict::Later { due: at(40) }).await;
    settle(&store, begun[1].key, at(1), Verdict::Later { due: at(30) }).await;
    assert_eq!(store.backlog().await.unwrap(), [Backlog { lane: one.clone(), due: at(30) }, at_once(&two)]);

    accept(&store, &one, 1).await;
    assert_eq!(store.backlog().await.unwrap(), [at_once(&one), at_once(&two)], "what is new need not wait for retries");
    begin(&store, &one, 1, at(2)).await;

    let again = begin(&store, &one, 2, at(40)).await;
    settle(&store, again[0].key, at(41), Verdict::InDoubt { until: at(100) }).await;
    settle(&store, again[1].key, at(41), submitted("wamid")).await;
    assert_eq!(store.backlog().await.unwrap(), [at_once(&two)], "a doubt does not wait to be sent");
}

async fn counts_follow_the_messages(place: Place) {
    let store = place.open().await;
    accept(&store, &utility(), 5).await;
    accept(&store, &lane("100", Category::Marketing), 1).await;
    let counts = async || Counts { commits: 0, ..store.counts().await.unwrap() };
    assert_eq!(counts().await, Counts { waiting: 6, total: 6, ..Counts::default() });
    let begun = begin(&store, &utility(), 4, START).await;
    assert_eq!(counts().await, Counts { waiting: 2, being_sent: 4, total: 6, ..Counts::default() });
    settle(&store, begun[0].key, at(1), submitted("wamid")).await;
    settle(&store, begun[1].key, at(1), Verdict::Later { due: at(9) }).await;
    settle(&store, begun[2].key, at(1), Verdict::InDoubt { until: at(9) }).await;
    assert_eq!(counts().await, Counts { waiting: 3, being_sent: 1, in_doubt: 1, total: 6, ..Counts::default() });
}

async fn everything_is_there_after_opening_again(place: Place) {
    let store = place.open().await;
    let accepted = accept(&store, &utility(), 6).await;
    let begun = begin(&store, &utility(), 4, START).await;
    settle(&store, begun[0].key, at(1), submitted("wamid")).await;
    settle(&store, begun[1].key, at(1), Verdict::Later { due: at(9) }).await;
    settle(&store, begun[2].key, at(1), Verdict::InDoubt { until: at(9) }).await;
    settle(&store, begun[3].key, at(1), ended(State::Rejected)).await;
    store.close().await;

    let store = place.open().await;
    assert_eq!(states(&store, accepted[0]).await, [State::Accepted, State::Submitted]);
    assert_eq!(view(&store, accepted[0]).await.wamid.as_deref(), Some("wamid"));
    assert_eq!(states(&store, accepted[3]).await, [State::Accepted, State::Rejected]);
    assert_eq!(store.doubts_due(at(9), 10).await.unwrap()[0].msgid, accepted[2]);
    let newest = accept(&store, &utility(), 1).await;
    let expected = [accepted[1], accepted[4], accepted[5], newest[0]];
    assert_eq!(msgids(&begin(&store, &utility(), 10, at(9)).await), expected);
}

async fn a_closed_store_says_so(place: Place) {
    let store = place.open().await;
    let clone = store.clone();
    let mut accepting = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        accepting.spawn(async move {
            let message = message(&utility());
            let msgid = message.msgid;
            (msgid, store.accept(message).await)
        });
    }
    // Whoever gets an answer gets a true one, whether it came before the end or after it.
    tokio::join!(store.close(), clone.close());
    let answers = accepting.join_all().await;
    assert!(matches!(store.counts().await, Err(Error::Closed)));
    assert!(matches!(store.accept(message(&utility())).await, Err(Error::Closed)));
    assert!(matches!(clone.directory().await, Err(Error::Closed)));
    store.close().await;

    let store = place.open().await;
    for (msgid, answer) in answers {
        match answer {
            Ok(()) => assert_eq!(view(&store, msgid).await.msgid, msgid),
            Err(err) => {
                assert!(matches!(err, Error::Closed), "{err}");
                assert!(store.message(&app_id("demo"), msgid).await.unwrap().is_none());
            }
        }
    }
}

async fn empty_commands_are_no_commands(place: Place) {
    let store = place.open().await;
    let before = store.counts().await.unwrap();
    store.settle(Vec::<Outcome>::new()).await.unwrap();
    assert!(store.record(Vec::new()).await.unwrap().is_empty());
    store.note_calls(&[]);
    assert_eq!(store.counts().await.unwrap(), before);
}
