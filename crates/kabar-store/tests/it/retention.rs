//! What is erased and forgotten, and what is not.

use kabar_domain::message::State;
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::journal::{NewCall, Range};
use kabar_store::ledger::{MessageKey, NewMessage, Retried, Retry, TakenBack, Verdict};
use kabar_store::retention::Erasure;

use crate::make::{app_id, at, begin, ended, lane, message, report, settle, submitted, utility, view};
use crate::place::Place;
use crate::stats::all;

on_every_engine!(
    a_login_code_is_erased_when_it_has_ended,
    a_login_code_that_may_be_sent_again_is_kept,
    values_are_erased_for_their_age,
    what_waits_does_not_keep_the_rest,
    a_recipient_is_erased_everywhere,
    what_is_being_sent_is_erased_when_it_has_ended,
);

const DAY: u64 = 86_400;

fn codes() -> kabar_domain::message::Lane {
    lane("100", Category::Authentication)
}

/// Whether the values of a message that failed are gone: then it can't be sent once more.
async fn is_erased(store: &Store, of: kabar_domain::ids::Msgid, lane: kabar_domain::message::Lane) -> bool {
    let msgid = message(&utility()).msgid;
    let retry = Retry { app: app_id("demo"), of, msgid, lane, at: at(9), expires_at: at(99) };
    match store.retry(retry).await.unwrap().unwrap() {
        Retried::Erased => true,
        Retried::New => false,
        other @ (Retried::Before(_) | Retried::NotFailed(_)) => panic!("{other:?}"),
    }
}

async fn a_login_code_is_erased_when_it_has_ended(place: Place) {
    let store = place.open().await;
    // By the outcome of its call, by a report, and by its time running out.
    for n in 0..3 {
        store.accept(NewMessage { expires_at: at(100 + n), ..message(&codes()) }).await.unwrap();
    }
    let begun = begin(&store, &codes(), 2, at(1)).await;
    settle(&store, begun[0].key, at(2), ended(State::Rejected)).await;
    settle(&store, begun[1].key, at(2), submitted("wamid.1")).await;
    store.record(vec![report(None, "wamid.1", State::Failed, at(3))]).await.unwrap();
    assert_eq!(store.expire(at(200)).await.unwrap(), 1);
    for message in &begun {
        assert!(is_erased(&store, message.msgid, codes()).await);
    }
    // The same of a class that is not secret is there.
    store.accept(message(&utility())).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(1)).await;
    settle(&store, begun[0].key, at(2), ended(State::Rejected)).await;
    assert!(!is_erased(&store, begun[0].msgid, utility()).await);
}

async fn a_login_code_that_may_be_sent_again_is_kept(place: Place) {
    let store = place.open().await;
    store.accept(message(&codes())).await.unwrap();
    let first = begin(&store, &codes(), 1, at(1)).await;
    settle(&store, first[0].key, at(2), Verdict::InDoubt { until: at(30) }).await;
    settle(&store, first[0].key, at(30), Verdict::Later { due: at(30) }).await;
    let second = begin(&store, &codes(), 1, at(31)).await;
    assert_eq!(second[0].components, first[0].components);
    settle(&store, second[0].key, at(32), ended(State::Rejected)).await;
    assert!(is_erased(&store, second[0].msgid, codes()).await);
}

async fn sweep_values(store: &Store, before: u64) -> u64 {
    let (mut after, mut n) = (None, 0);
    loop {
        let step = store.erase_values(at(before), after).await.unwrap();
        n += step.messages;
        after = step.next;
        if after.is_none() {
            return n;
        }
    }
}

async fn fail(store: &Store, key: MessageKey) {
    settle(store, key, at(2), ended(State::Rejected)).await;
}

async fn values_are_erased_for_their_age(place: Place) {
    let store = place.open().await;
    for day in 0..3 {
        store.accept(NewMessage { accepted_at: at(day * DAY), ..message(&utility()) }).await.unwrap();
    }
    let begun = begin(&store, &utility(), 3, at(1)).await;
    for message in &begun {
        fail(&store, message.key).await;
    }
    assert_eq!(sweep_values(&store, 0).await, 0);
    assert_eq!(sweep_values(&store, DAY + 1).await, 2);
    assert_eq!(sweep_values(&store, DAY + 1).await, 0, "once");
    let erased =
        [is_erased(&store, begun[0].msgid, utility()).await, is_erased(&store, begun[2].msgid, utility()).await];
    assert_eq!(erased, [true, false]);
    assert_eq!(view(&store, begun[0].msgid).await.recipient.last_four(), "7890", "only the values are");
}

async fn what_waits_does_not_keep_the_rest(place: Place) {
    let store = place.open().await;
    for _ in 0..3 {
        store.accept(message(&utility())).await.unwrap();
    }
    let begun = begin(&store, &utility(), 3, at(1)).await;
    settle(&store, begun[0].key, at(2), Verdict::Later { due: at(5) }).await;
    fail(&store, begun[1].key).await;
    fail(&store, begun[2].key).await;
    assert_eq!(sweep_values(&store, DAY).await, 2);
    let again = begin(&store, &utility(), 3, at(5)).await;
    assert_eq!(again[0].components, begun[0].components, "it is still to be sent");
    fail(&store, again[0].key).await;
    assert_eq!(sweep_values(&store, DAY).await, 1, "it is not forgotten to be erased");
}

async fn erase(store: &Store, seconds: u64) -> bool {
    let recipient = PhoneNumber::parse("+6281234567890").unwrap();
    store.ask_erasure(&app_id("demo"), &recipient, at(seconds)).await.unwrap();
    carry_out(store, seconds).await
}

async fn carry_out(store: &Store, seconds: u64) -> bool {
    let asked: Vec<Erasure> = store.erasures().await.unwrap();
    assert_eq!(asked.len(), 1);
    store.carry_out(&asked[0], at(seconds)).await.unwrap()
}

async fn a_recipient_is_erased_everywhere(place: Place) {
    let store = place.open().await;
    let other = PhoneNumber::parse("+6281234567891").unwrap();
    let mut msgids = Vec::new();
    for recipient in [None, None, Some(other)] {
        let mut message = message(&utility());
        message.recipient = recipient.unwrap_or(message.recipient);
        msgids.push(message.msgid);
        store.accept(message).await.unwrap();
    }
    let begun = begin(&store, &utility(), 1, at(1)).await;
    settle(&store, begun[0].key, at(2), submitted("wamid.secret")).await;
    let late = NewMessage { accepted_at: at(500), ..message(&utility()) };
    store.accept(late.clone()).await.unwrap();
    for (number, to) in [(50, "6281234567890"), (50, "6281234567891"), (500, "6281234567890")] {
        let body = format!(r#"{{"recipient_id":"{to}"}}"#).into_bytes();
        let call = NewCall { received_at: at(number), signed_by: Some("1".to_owned()), signature: None, body };
        store.keep_call(call).await.unwrap();
    }
    let before = all(&store).await;

    assert!(erase(&store, 100).await);
    let range = Range { from: at(0), to: at(1000) };
    let calls = store.calls(range, range.start(), 9).await.unwrap();
    assert_eq!(calls.len(), 2, "the call that names the number until the wish is gone: {calls:?}");
    assert_eq!(store.erasures().await.unwrap(), []);
    let views = [view(&store, msgids[0]).await, view(&store, msgids[1]).await];
    for view in &views {
        assert_eq!((view.recipient.as_e164(), view.wamid.as_deref()), ("+6281", None));
    }
    assert_eq!([views[0].state(), views[1].state()], [State::Submitted, State::Cancelled]);
    assert_eq!(view(&store, msgids[2]).await.recipient.last_four(), "7891", "another person");
    assert_eq!(view(&store, late.msgid).await.recipient.last_four(), "7890", "accepted after the wish");
    // A late report counts, and brings nothing back.
    store.record(vec![report(Some(msgids[0]), "wamid.secret", State::Delivered, at(200))]).await.unwrap();
    let reported = view(&store, msgids[0]).await;
    assert_eq!((reported.state(), reported.wamid), (State::Delivered, None));
    let n = |piece: &kabar_store::stats::Piece| piece.values().map(|tally| tally.messages).sum::<u64>();
    assert_eq!(n(&all(&store).await), n(&before));
    let gone = store.take_back(&app_id("demo"), msgids[1], at(300)).await.unwrap();
    assert_eq!(gone, Some(TakenBack::Done));
    assert_eq!(begin(&store, &utility(), 9, at(600)).await.len(), 2, "the other person's, and the late one");
    store.close().await;
    let file = std::fs::read(place.file("kabar.db")).unwrap();
    let lies_there = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(lies_there("+6281234567891") && !lies_there("wamid.secret"), "it is gone from the file as well");
}

async fn what_is_being_sent_is_erased_when_it_has_ended(place: Place) {
    let store = place.open().await;
    store.accept(message(&utility())).await.unwrap();
    let begun = begin(&store, &utility(), 1, at(1)).await;
    assert!(!erase(&store, 100).await);
    assert_eq!(view(&store, begun[0].msgid).await.recipient.last_four(), "7890");
    settle(&store, begun[0].key, at(101), submitted("wamid.1")).await;
    store.close().await;

    let store = place.open().await;
    assert!(carry_out(&store, 102).await, "the wish outlives the process");
    assert_eq!(view(&store, begun[0].msgid).await.recipient.as_e164(), "+6281");
    assert_eq!(store.erasures().await.unwrap(), []);
}
