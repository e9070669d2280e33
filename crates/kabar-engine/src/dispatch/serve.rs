//! Serves the desk of one sender: begins attempts as it says, and makes their calls side by side.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::message::{Answer, Lane, NoteKind, State};
use kabar_domain::pacing::Recipient;
use kabar_domain::pacing::daily::Day;
use kabar_domain::pacing::turns::{CLASSES, PerClass};
use kabar_domain::template::Category;
use kabar_store::ledger::{Begun, Noted, Outcome, Verdict};
use tokio::sync::mpsc;

use crate::attached::{self, Ready};
use crate::directory::KnownSender;
use crate::dispatch::accounts::Account;
use crate::dispatch::attempt::Attempt;
use crate::dispatch::desk::{Desk, Plan};
use crate::dispatch::{noting, telling};
use crate::shared::Shared;

/// How long to wait before the store is asked again after it failed.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// After so many messages in a row to recipients for whom the day has no room, a lane is left alone until it has.
const MOST_IN_VAIN: u32 = 64;
/// How long a lane is left alone for that, at most, and how long a message: the limit may be raised meanwhile.
const LONGEST_CLOSED: Duration = Duration::from_secs(900);
const LONGEST_PUT_OFF: Duration = Duration::from_secs(300);

/// Sends what is due in the lanes of a sender until nothing is, or the engine stops. Attempts of a lane are begun in its
/// order; the calls themselves go on side by side.
pub(super) async fn run(shared: Arc<Shared>, sender: SenderId, desk: Arc<Desk>) {
    let mut in_vain = PerClass::default();
    while !shared.stopping.is_cancelled() {
        let Some(known) = shared.directory.sender(&sender) else {
            tracing::error!(%sender, "messages wait for a sender that is no longer there");
            desk.leave();
            return;
        };
        let plan = desk.plan(&known, shared.lanes.calls_at_once);
        telling::tell_app(&shared, &known, &desk).await;
        match plan {
            Plan::Leave => return,
            Plan::Wait(period) => wait(&shared, &desk, period).await,
            Plan::Begin(asked) => {
                let served = Served { shared: &shared, known: &known, desk: &desk };
                served.begin(asked, &mut in_vain).await;
            }
        }
    }
}

async fn wait(shared: &Shared, desk: &Desk, period: Option<Duration>) {
    let time_is_up = async {
        match period {
            Some(period) => tokio::time::sleep(period).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = shared.stopping.cancelled() => {}
        () = desk.changed() => {}
        () = time_is_up => {}
    }
}

struct Served<'a> {
    shared: &'a Arc<Shared>,
    known: &'a Arc<KnownSender>,
    desk: &'a Arc<Desk>,
}

/// Why a message that was begun does not leave yet.
enum PutOff {
    /// The recipient had too many.
    Pair(Duration),
    /// The account has no room for another recipient before this moment.
    Day(Moment),
}

impl Served<'_> {
    /// Begins up to so many attempts of each class. `in_vain` counts for how many messages in a row the day had no room.
    async fn begin(&self, asked: PerClass<u32>, in_vain: &mut PerClass<u32>) {
        let account = match self.shared.lanes.accounts.of(self.shared, self.known).await {
            Ok(account) => account,
            Err(err) => return self.failed(asked, &err).await,
        };
        let claims = tokio::join!(self.claim(0, asked), self.claim(1, asked), self.claim(2, asked));
        let Some(outcomes) = self.shared.lanes.outcomes.handle() else { return };
        let mut failure = None;
        for (place, claim) in [claims.0, claims.1, claims.2].into_iter().enumerate() {
            match claim {
                Ok(None) => {}
                Ok(Some(begun)) => {
                    self.desk.begun(place, asked[place], u32::try_from(begun.len()).unwrap_or(asked[place]));
                    for message in begun {
                        self.send(place, message, account.as_ref(), &outcomes, &mut in_vain[place]).await;
                    }
                }
                Err(err) => {
                    self.desk.not_begun(place, asked[place]);
                    failure = Some(err);
                }
            }
        }
        if let Some(err) = failure {
            self.failed([0; 3], &err).await;
        }
    }

    async fn claim(&self, place: usize, asked: PerClass<u32>) -> Result<Option<Vec<Begun>>, kabar_store::Error> {
        if asked[place] == 0 {
            return Ok(None);
        }
        let lane = Lane { sender: self.known.sender.id.clone(), class: CLASSES[place] };
        self.shared.store.begin_attempts(&lane, asked[place], self.shared.clock.now()).await.map(Some)
    }

    async fn failed(&self, asked: PerClass<u32>, err: &kabar_store::Error) {
        tracing::error!(error = %err, sender = %self.known.sender.id, "could not begin attempts");
        for (place, asked) in asked.into_iter().enumerate().filter(|(_, asked)| *asked > 0) {
            self.desk.not_begun(place, asked);
        }
        self.shared.pause(RETRY_AFTER).await;
    }

    /// Makes the call for a message, or puts it off.
    async fn send(
        &self,
        place: usize,
        message: Begun,
        account: Option<&Arc<Account>>,
        outcomes: &mpsc::Sender<Noted>,
        in_vain: &mut u32,
    ) {
        let named = match attached::ready(self.shared, &self.known.sender.id, &message) {
            Ready::Go(named) => named,
            Ready::Wait(on) => return self.no_call(&message, Verdict::Held { on }, "file", outcomes).await,
            Ready::Refused(reason) => {
                let verdict = Verdict::Ended { state: State::Rejected, reason };
                return self.no_call(&message, verdict, "file_refused", outcomes).await;
            }
        };
        let (class, recipient) = (CLASSES[place], Recipient::of(&message.recipient));
        let is_new = match self.ask_for(recipient, class, account) {
            Ok(is_new) => is_new,
            Err(put_off) => {
                let outcome = self.put_off(place, &message, &put_off, in_vain);
                // The receiver lives as long as this task can.
                drop(outcomes.send(outcome).await);
                return;
            }
        };
        *in_vain = 0;
        let attempt = Attempt {
            shared: Arc::clone(self.shared),
            known: Arc::clone(self.known),
            desk: Arc::clone(self.desk),
            class,
            recipient,
            new_to: account.filter(|_| is_new).map(Arc::clone),
            named,
        };
        let outcomes = outcomes.clone();
        self.shared.lanes.tasks.spawn(async move {
            let outcome = attempt.make(message).await;
            drop(outcomes.send(outcome).await);
        });
    }

    /// No call is made for a message, because of a file that it names. It gives back its place and its allowance.
    async fn no_call(&self, message: &Begun, verdict: Verdict, counted: &'static str, outcomes: &mpsc::Sender<Noted>) {
        self.desk.put_off();
        self.shared.metrics.put_off(counted);
        // That it ended, its state tells.
        let held = matches!(verdict, Verdict::Held { .. }).then(|| (NoteKind::MediaHeld, Answer::default()));
        let outcome = Outcome { key: message.key, at: self.shared.clock.now(), verdict };
        // The receiver lives as long as this task can.
        drop(outcomes.send(noting::noted(outcome, message, held)).await);
    }

    /// Whether a message may leave for a recipient; and if so, whether the recipient is new today.
    fn ask_for(&self, recipient: Recipient, class: Category, account: Option<&Arc<Account>>) -> Result<bool, PutOff> {
        let day = account.map_or(Day::Known, |account| account.ask(recipient, class, self.shared.clock.now()));
        if let Day::Full { until } = day {
            return Err(PutOff::Day(until));
        }
        let is_new = day == Day::New;
        match self.desk.ask_for(recipient) {
            None => Ok(is_new),
            Some(wait) => {
                if let Some(account) = account.filter(|_| is_new) {
                    account.take_back(recipient);
                }
                Err(PutOff::Pair(wait))
            }
        }
    }

    fn put_off(&self, place: usize, message: &Begun, put_off: &PutOff, in_vain: &mut u32) -> Noted {
        let now = self.shared.clock.now();
        self.desk.put_off();
        let due = match put_off {
            PutOff::Pair(wait) => {
                self.shared.metrics.put_off("pair");
                now.plus(*wait)
            }
            PutOff::Day(until) => {
                self.shared.metrics.put_off("day");
                *in_vain += 1;
                // Login codes are few, and each is looked at: it may be for somebody who counts already.
                if *in_vain >= MOST_IN_VAIN && CLASSES[place] != Category::Authentication {
                    *in_vain = 0;
                    let period = until.since(now).min(LONGEST_CLOSED);
                    tracing::warn!(
                        sender = %self.known.sender.id, class = %CLASSES[place], seconds = period.as_secs(),
                        "the account has written to as many recipients as it may within a day: the lane waits"
                    );
                    self.desk.close(place, period);
                }
                // It is not given up before its time, since the limit may be raised.
                let due = (*until).min(now.plus(LONGEST_PUT_OFF)).min(message.expires_at);
                let outcome = Outcome { key: message.key, at: now, verdict: Verdict::NotYet { due } };
                return noting::noted(outcome, message, Some((NoteKind::DailyLimit, Answer::default())));
            }
        };
        let verdict = super::decision::in_time(Verdict::NotYet { due }, None, message.expires_at);
        let outcome = Outcome { key: message.key, at: now, verdict };
        noting::noted(outcome, message, Some((NoteKind::PairLimit, Answer::default())))
    }
}
