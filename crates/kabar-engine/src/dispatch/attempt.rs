//! One call to the upstream for one message.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::message::{Answer, NoteKind, State, own_code};
use kabar_domain::pacing::Recipient;
use kabar_domain::pacing::backoff::Jitter;
use kabar_domain::template::Category;
use kabar_graph::call::CallError;
use kabar_graph::errors::Advice;
use kabar_graph::wire::message::TemplateMessage;
use kabar_store::kill::KillPoint;
use kabar_store::ledger::{Begun, Noted, Outcome, Verdict};
use serde_json::value::RawValue;

use crate::attached::{self, Named};
use crate::directory::KnownSender;
use crate::dispatch::accounts::Account;
use crate::dispatch::decision::{Call, Decision, decide, ended, in_time, with_another_file};
use crate::dispatch::desk::hold::Why;
use crate::dispatch::desk::{Desk, News, Told};
use crate::dispatch::{noting, telling, turned};
use crate::shared::Shared;

/// How long a message waits when it can't be looked up whether its recipient has stopped marketing.
const LOOK_UP_AGAIN: Duration = Duration::from_secs(1);

/// What a call needs beside the message.
pub(super) struct Attempt {
    pub(super) shared: Arc<Shared>,
    pub(super) known: Arc<KnownSender>,
    pub(super) desk: Arc<Desk>,
    pub(super) class: Category,
    pub(super) recipient: Recipient,
    /// The account whose recipients of the day this one is new among.
    pub(super) new_to: Option<Arc<Account>>,
    /// What the message says in the place of links to files.
    pub(super) named: Named,
}

impl Attempt {
    /// Makes the call.
    pub(super) async fn make(self, message: Begun) -> Noted {
        let begun = self.desk.now();
        let decision = self.call(&message).await;
        self.shared.metrics.attempt(decision.counted);
        if let Some(account) = &self.new_to
            && !matches!(decision.verdict, Verdict::Submitted { .. } | Verdict::InDoubt { .. })
        {
            account.take_back(self.recipient);
        }
        let told = self.desk.came_back(begun, self.recipient, &decision.news, &self.known);
        self.tell_of_sender(told);
        telling::tell_app(&self.shared, &self.known, &self.desk).await;
        let verdict = in_time(decision.verdict, decision.refusal, message.expires_at);
        let outcome = Outcome { key: message.key, at: self.shared.clock.now(), verdict };
        noting::noted(outcome, &message, decision.noted)
    }

    async fn call(&self, message: &Begun) -> Decision {
        // Whatever else is asked is asked when its turn has come.
        let _place = self.shared.lanes.place(self.class).await;
        let now = self.shared.clock.now();
        if message.expires_at <= now {
            return ended(State::Expired, own_code::EXPIRED, "it could not leave in time", "expired");
        }
        let Some(template) = self.shared.templates.by_seq(message.template) else {
            return ended(State::Rejected, 132_001, "the template was deleted before the message left", "refused");
        };
        if let Some(decision) = turned::before(&self.shared, &template) {
            return decision;
        }
        // A template may have become one for marketing after the message was accepted for another lane.
        if [self.class, template.contract.category()].contains(&Category::Marketing) {
            match self.is_unwanted(message).await {
                Ok(false) => {}
                Ok(true) => {
                    let text = "the recipient has stopped marketing messages";
                    return ended(State::Rejected, own_code::SUPPRESSED, text, "suppressed");
                }
                Err(err) => {
                    tracing::error!(error = %err, msgid = %message.msgid, "could not look whether a recipient has stopped marketing");
                    return not_looked_up(now);
                }
            }
        }
        let components = self.named.components.as_deref().unwrap_or(&message.components);
        let Ok(components) = serde_json::from_str::<&RawValue>(components) else {
            return ended(State::Rejected, own_code::REFUSED, "its values can't be read any more", "refused");
        };
        let Some(access_token) = &self.known.access_token else {
            return Decision {
                verdict: Verdict::NotYet { due: now },
                news: News::Hold(Why::NoToken),
                counted: "sender_held",
                refusal: None,
                noted: Some((NoteKind::NoToken, Answer::default())),
            };
        };
        let msgid = message.msgid.to_string();
        let body = TemplateMessage {
            to: message.recipient.as_e164(),
            name: &template.stored.facts.name,
            language: &template.stored.facts.language,
            components: (message.components != "[]").then_some(components),
            biz_opaque_callback_data: Some(&msgid),
        };
        if message.attempt == 1 {
            self.shared.metrics.waited(self.class, now.since(message.accepted_at));
        }
        // A crash before this note leaves no doubt about the message: it goes back to its lane.
        let (store, key) = (self.shared.store.clone(), message.key);
        let note = move || store.note_calls(&[key]);
        let sender = &self.known.sender.id;
        let answer = self.shared.graph.send_template(access_token, sender.as_str(), &body, note).await;
        self.shared.store.reach(KillPoint::Answered);
        match answer {
            Ok(sent) => Decision {
                verdict: Verdict::Submitted { wamid: sent.wamid },
                news: News::Answered,
                counted: "submitted",
                refusal: None,
                noted: None,
            },
            Err(err) => {
                let decision = decide(
                    &err,
                    Call {
                        attempt: message.attempt,
                        now: self.shared.clock.now(),
                        patience: self.shared.patience.of(self.class),
                        jitter: chance_of(message),
                    },
                );
                self.tell(message, &err, &decision);
                if let CallError::Refused(refusal) = &err
                    && attached::try_again(&self.shared, &self.named, &err).await
                {
                    return with_another_file(refusal, self.shared.clock.now());
                }
                turned::after(&self.shared, &template, &err).unwrap_or(decision)
            }
        }
    }

    /// Whether the recipient has stopped marketing.
    async fn is_unwanted(&self, message: &Begun) -> Result<bool, kabar_store::Error> {
        let app = &self.known.sender.app;
        let found = self.shared.suppressed.look(&self.shared.store, app, &message.recipient).await?;
        Ok(found.is_some())
    }

    /// Tells the operator what became of the message.
    fn tell(&self, message: &Begun, err: &CallError, decision: &Decision) {
        let (msgid, sender) = (message.msgid, &self.known.sender.id);
        match err {
            CallError::Refused(refusal) => tracing::info!(
                %msgid, %sender, code = refusal.error.code, outcome = decision.counted, "the upstream refused a message"
            ),
            CallError::NotSent(reason) => {
                tracing::warn!(%msgid, %sender, error = %reason, "a message could not be sent, and goes back to its lane");
            }
            CallError::Unknown(reason) => {
                tracing::warn!(%msgid, %sender, error = %reason, "a message is in doubt: the upstream's answer is lost");
            }
        }
        if let CallError::Refused(refusal) = err
            && refusal.advice() == Advice::TemplateBlocked
        {
            self.shared.templates.ask_for_sync();
        }
    }

    /// Tells the operator what can't be seen from one message alone.
    fn tell_of_sender(&self, told: Told) {
        let sender = &self.known.sender.id;
        match told {
            Told::Nothing => {}
            Told::Held(why) if why.needs_a_person() => {
                tracing::error!(
                    %sender, %why,
                    "the sender is held: every message would fail alike until its account, number or token is put right"
                );
            }
            Told::Held(why) => tracing::warn!(%sender, %why, "the sender is held for a while"),
            Told::GoesOn(why) => {
                tracing::info!(%sender, %why, "the sender goes on");
                if matches!(why, Why::BeingWorkedOn(_)) {
                    // Its throughput was raised, as a rule.
                    self.shared.learning.ask_for(&self.known.sender.waba);
                }
            }
            Told::Slowed => {
                tracing::warn!(%sender, "the upstream found the sender too fast: it goes slower for a while");
            }
        }
    }
}

/// Nothing is sent to who may have stopped it, and nothing ends for want of knowing: it is asked again soon.
fn not_looked_up(now: Moment) -> Decision {
    Decision {
        verdict: Verdict::NotYet { due: now.plus(LOOK_UP_AGAIN) },
        news: News::Nothing,
        counted: "not_looked_up",
        refusal: None,
        noted: None,
    }
}

/// The message's own chance, another one for each attempt: of the bits of its id that are random.
fn chance_of(message: &Begun) -> Jitter {
    let [.., a, b, c, d] = *message.msgid.as_bytes();
    Jitter::draw(u32::from_be_bytes([a, b, c, d]) ^ message.attempt.wrapping_mul(0x9E37_79B9))
}
