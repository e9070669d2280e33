//! What is known of the upstream's limits, and of what was used of them.

use kabar_domain::message::State;
use kabar_domain::pacing::Recipient;
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::learnt::{Learnt, Limit};
use kabar_store::ledger::{NewMessage, Verdict};

use crate::make::{accept, at, begin, begun, ended, lane, message, msgids, settle, states, submitted, utility};
use crate::place::Place;

on_every_engine!(
    what_is_learnt_is_kept_and_told_as_a_change,
    what_was_not_called_counts_as_no_attempt,
    lanes_are_due_when_something_is_to_be_tried_again,
    the_recipients_of_a_day_are_those_to_whom_something_may_have_left,
);

async fn what_is_learnt_is_kept_and_told_as_a_change(place: Place) {
    let store = place.open().await;
    let throughput = Limit::Throughput("100".parse().unwrap());
    let daily = Limit::DailyRecipients("900".parse().unwrap());
    let learnt = |limit: &Limit, value, seconds| Learnt { limit: limit.clone(), value, at: at(seconds) };
    let version = store.directory_version().await.unwrap();
    assert!(store.learn(learnt(&throughput, 1000, 1)).await.unwrap());
    assert!(store.learn(learnt(&daily, u32::MAX, 1)).await.unwrap());
    assert_eq!(store.directory_version().await.unwrap(), version + 2);
    assert!(!store.learn(learnt(&throughput, 1000, 2)).await.unwrap());
    assert_eq!(store.directory_version().await.unwrap(), version + 2);
    assert!(store.learn(learnt(&daily, 2000, 3)).await.unwrap());
    store.close().await;
    let known = place.open().await.directory().await.unwrap().learnt;
    assert_eq!(known, [learnt(&daily, 2000, 3), learnt(&throughput, 1000, 1)]);
}

async fn what_was_not_called_counts_as_no_attempt(place: Place) {
    let store = place.open().await;
    let one = begun(&store, &utility()).await;
    settle(&store, one.key, at(1), Verdict::NotYet { due: at(5) }).await;
    assert_eq!(states(&store, one.msgid).await, [State::Accepted]);
    assert_eq!(store.counts().await.unwrap().being_sent, 0);
    assert!(begin(&store, &utility(), 10, at(4)).await.is_empty());
    let again = begin(&store, &utility(), 10, at(5)).await;
    assert_eq!(again.iter().map(|message| (message.key, message.attempt)).collect::<Vec<_>>(), [(one.key, 1)]);
    settle(&store, one.key, at(6), Verdict::Later { due: at(7) }).await;
    assert_eq!(begin(&store, &utility(), 10, at(7)).await[0].attempt, 2);
}

async fn lanes_are_due_when_something_is_to_be_tried_again(place: Place) {
    let store = place.open().await;
    let other = lane("100", Category::Marketing);
    let (one, two) = (begun(&store, &utility()).await, begun(&store, &other).await);
    accept(&store, &other, 1).await;
    assert!(store.lanes_due(at(1000)).await.unwrap().is_empty(), "what was never tried is no news");
    settle(&store, one.key, at(1), Verdict::Later { due: at(5) }).await;
    settle(&store, two.key, at(1), Verdict::InDoubt { until: at(2) }).await;
    assert!(store.lanes_due(at(4)).await.unwrap().is_empty());
    assert_eq!(store.lanes_due(at(5)).await.unwrap(), [utility()]);
    assert_eq!(msgids(&begin(&store, &utility(), 1, at(5)).await), [one.msgid]);
    assert!(store.lanes_due(at(5)).await.unwrap().is_empty());
}

async fn the_recipients_of_a_day_are_those_to_whom_something_may_have_left(place: Place) {
    let store = place.open().await;
    let campaign = lane("100", Category::Marketing);
    let verdicts = [
        Some(submitted("wamid.1")),
        Some(Verdict::InDoubt { until: at(900_000) }),
        Some(ended(State::Rejected)),
        Some(Verdict::Later { due: at(900_000) }),
        Some(submitted("wamid.2")),
        None,
    ];
    for (place, verdict) in verdicts.into_iter().enumerate() {
        to(&store, place).await;
        if let Some(verdict) = verdict {
            let message = begin(&store, &campaign, 1, at(0)).await.remove(0);
            settle(&store, message.key, at(100 * place as u64), verdict).await;
        }
    }
    let sender = &campaign.sender;
    let since = store.recipients_since(sender, at(0)).await.unwrap();
    assert_eq!(since, [(number(0), at(0)), (number(1), at(100)), (number(4), at(400))].into());
    let later = store.recipients_since(sender, at(101)).await.unwrap();
    assert_eq!(later, [(number(4), at(400))].into());
    let days_later = store.recipients_since(sender, at(200_000)).await.unwrap();
    assert!(days_later.is_empty());
    let nobody = store.recipients_since(&"101".parse().unwrap(), at(0)).await.unwrap();
    assert!(nobody.is_empty());
}

fn phone(place: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+628123456{place:04}")).unwrap()
}

fn number(place: usize) -> Recipient {
    Recipient::of(&phone(place))
}

async fn to(store: &Store, place: usize) {
    let campaign = lane("100", Category::Marketing);
    store.accept(NewMessage { recipient: phone(place), ..message(&campaign) }).await.unwrap();
}
