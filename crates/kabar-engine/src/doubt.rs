//! Doubts: attempts whose outcome is not known, and for which no evidence came in time.
//!
//! Evidence is a status webhook that echoes our msgid, and it settles a doubt by itself, in the ledger. What is left
//! after the wait is decided here, by the class of the message, and never by guessing: a login code that is still valid
//! is sent again, since the same code twice harms nobody; everything else ends as *outcome unknown*.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::message::{Answer, Note, NoteKind, Reason, State, own_code};
use kabar_domain::template::Category;
use kabar_store::ledger::{Doubt, Noted, Outcome, Verdict};

use crate::shared::Shared;

/// How often doubts are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many doubts are settled in one command.
const MOST_AT_ONCE: u32 = 500;

/// Settles doubts whose wait is over, until the engine stops.
pub(crate) async fn settle(shared: Arc<Shared>) {
    while shared.pause(LOOK_EVERY).await {
        if let Err(err) = settle_due(&shared).await {
            tracing::error!(error = %err, "could not settle doubts");
        }
    }
}

async fn settle_due(shared: &Arc<Shared>) -> Result<(), kabar_store::Error> {
    loop {
        let now = shared.clock.now();
        let doubts = shared.store.doubts_due(now, MOST_AT_ONCE).await?;
        if doubts.is_empty() {
            return Ok(());
        }
        for doubt in &doubts {
            tracing::warn!(msgid = %doubt.msgid, sender = %doubt.lane.sender, "no evidence came for a message in doubt");
        }
        let outcomes = doubts
            .iter()
            .map(|doubt| noted(Outcome { key: doubt.key, at: now, verdict: verdict_on(doubt, now) }))
            .collect();
        shared.store.settle::<Noted>(outcomes).await?;
        for doubt in &doubts {
            crate::dispatch::wake(shared, &doubt.lane);
        }
    }
}

/// That a message is sent again is to be told later; that it has ended, its state tells.
fn noted(outcome: Outcome) -> Noted {
    let sent_again = matches!(outcome.verdict, Verdict::Later { .. });
    let note = Note { kind: NoteKind::SentAgain, attempt: 0, at: outcome.at, due: None, answer: Answer::default() };
    Noted { outcome, note: sent_again.then(|| Box::new(note)) }
}

fn verdict_on(doubt: &Doubt, now: Moment) -> Verdict {
    if doubt.lane.class == Category::Authentication && doubt.expires_at > now {
        return Verdict::Later { due: now };
    }
    Verdict::Ended {
        state: State::OutcomeUnknown,
        reason: Reason {
            code: own_code::OUTCOME_UNKNOWN,
            text: "the upstream's answer was lost, and it reported nothing about the message".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use kabar_domain::ids::SenderId;
    use kabar_domain::message::Lane;
    use kabar_store::ledger::NewMessage;

    use super::*;

    /// A doubt as the store gives it, about a message of this class that is valid for so many seconds.
    async fn doubt(class: Category, valid_seconds: u64) -> Doubt {
        let folder = tempfile::tempdir().unwrap();
        let location = kabar_store::location::Location::in_folder(folder.path());
        let store = kabar_store::Store::open(kabar_store::Options::new(location)).await.unwrap();
        let (app, start) = (kabar_domain::ids::AppId::parse("toko").unwrap(), Moment::from_seconds(0));
        store
            .create_app(kabar_store::directory::App { id: app.clone(), name: "Toko".to_owned(), created_at: start })
            .await
            .unwrap();
        let sender = SenderId::parse("106540352242922").unwrap();
        store
            .add_sender(kabar_store::directory::Sender {
                id: sender.clone(),
                app: app.clone(),
                waba: kabar_domain::ids::WabaId::parse("1").unwrap(),
                throughput: 80,
                access_token: None,
                created_at: start,
            })
            .await
            .unwrap();
        let lane = Lane { sender, class };
        store
            .accept(NewMessage {
                msgid: kabar_domain::clock::Clock::system().msgid(),
                app,
                lane: lane.clone(),
                template: 1,
                recipient: kabar_domain::phone::PhoneNumber::parse("6281234567890").unwrap(),
                components: "[]".to_owned(),
                media: None,
                accepted_at: start,
                expires_at: start.plus(Duration::from_secs(valid_seconds)),
            })
            .await
            .unwrap();
        let begun = store.begin_attempts(&lane, 1, start).await.unwrap();
        let verdict = Verdict::InDoubt { until: Moment::from_seconds(30) };
        store.settle(vec![Outcome { key: begun[0].key, at: start, verdict }]).await.unwrap();
        assert_eq!(store.doubts_due(Moment::from_seconds(29), 10).await.unwrap(), []);
        store.doubts_due(Moment::from_seconds(30), 10).await.unwrap().remove(0)
    }

    #[tokio::test]
    async fn only_a_login_code_that_is_still_valid_is_sent_again() {
        let now = Moment::from_seconds(30);
        let valid = doubt(Category::Authentication, 600).await;
        assert_eq!(verdict_on(&valid, now), Verdict::Later { due: now });
        for (class, valid_seconds) in
            [(Category::Authentication, 30), (Category::Utility, 86_400), (Category::Marketing, 86_400)]
        {
            let Verdict::Ended { state, reason } = verdict_on(&doubt(class, valid_seconds).await, now) else {
                panic!("{class} should have ended");
            };
            assert_eq!((state, reason.code), (State::OutcomeUnknown, own_code::OUTCOME_UNKNOWN));
        }
    }
}
