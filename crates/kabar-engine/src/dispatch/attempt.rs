//! One call to the upstream for one message, and what follows from its outcome.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::message::{Reason, State, own_code};
use kabar_domain::pacing::Rate;
use kabar_domain::template::Category;
use kabar_graph::call::{CallError, Refusal};
use kabar_graph::errors::Advice;
use kabar_graph::token::AccessToken;
use kabar_graph::wire::message::TemplateMessage;
use kabar_store::kill::KillPoint;
use kabar_store::ledger::{Begun, Outcome, Verdict};
use serde_json::value::RawValue;

use crate::dispatch::allowance::Allowance;
use crate::shared::Shared;

/// The longest pause between two attempts for one message.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The longest time for which a sender is held at once before it is tried again.
const LONGEST_HOLD: Duration = Duration::from_secs(60);
/// How often a passing fault of the upstream is put up with for one message.
const MOST_ATTEMPTS: u32 = 12;

/// What a call needs beside the message.
pub(super) struct Attempt {
    pub(super) shared: Arc<Shared>,
    pub(super) sender: SenderId,
    pub(super) class: Category,
    pub(super) access_token: AccessToken,
    pub(super) allowance: Arc<Allowance>,
    pub(super) rate: Rate,
}

/// What a call brought: for the message, and for its sender.
#[derive(Debug, PartialEq)]
struct Decision {
    verdict: Verdict,
    /// How long nothing else of the sender should leave.
    hold_sender: Option<Duration>,
    /// The outcome's name among the metrics.
    counted: &'static str,
    /// What the upstream said no with, if it did.
    refusal: Option<Reason>,
}

impl Attempt {
    /// Makes the call.
    pub(super) async fn make(self, message: Begun) -> Outcome {
        let decision = self.call(&message).await;
        let now = self.shared.clock.now();
        self.shared.metrics.attempt(decision.counted);
        if let Some(period) = decision.hold_sender {
            self.allowance.hold(self.rate, period);
        }
        let verdict = in_time(decision.verdict, decision.refusal, message.expires_at);
        Outcome { key: message.key, at: now, verdict }
    }

    async fn call(&self, message: &Begun) -> Decision {
        let now = self.shared.clock.now();
        if message.expires_at <= now {
            return ended(State::Expired, own_code::EXPIRED, "it could not leave in time", "expired");
        }
        let Some(template) = self.shared.templates.by_seq(message.template) else {
            return ended(State::Rejected, 132_001, "the template was deleted before the message left", "refused");
        };
        let Ok(components) = serde_json::from_str::<&RawValue>(&message.components) else {
            return ended(State::Rejected, own_code::REFUSED, "its values can't be read any more", "refused");
        };
        let msgid = message.msgid.to_string();
        let body = TemplateMessage {
            to: message.recipient.as_e164(),
            name: &template.stored.facts.name,
            language: &template.stored.facts.language,
            components: (message.components != "[]").then_some(components),
            biz_opaque_callback_data: Some(&msgid),
        };
        // A crash before this note leaves no doubt about the message: it goes back to its lane.
        let (store, key) = (self.shared.store.clone(), message.key);
        let note = move || store.note_calls(&[key]);
        let answer = self.shared.graph.send_template(&self.access_token, self.sender.as_str(), &body, note).await;
        self.shared.store.reach(KillPoint::Answered);
        match answer {
            Ok(sent) => Decision {
                verdict: Verdict::Submitted { wamid: sent.wamid },
                hold_sender: None,
                counted: "submitted",
                refusal: None,
            },
            Err(err) => {
                let decision =
                    decide(&err, message.attempt, self.shared.clock.now(), self.shared.patience.of(self.class));
                self.tell(message, &err, &decision);
                decision
            }
        }
    }

    /// Tells the operator what can't be seen from one message alone.
    fn tell(&self, message: &Begun, err: &CallError, decision: &Decision) {
        let (msgid, sender) = (message.msgid, &self.sender);
        match err {
            CallError::Refused(refusal) if refusal.advice() == Advice::HoldSender => tracing::error!(
                %msgid, %sender, code = refusal.error.code,
                "the sender is held: every message would fail alike until its account, number or token is put right"
            ),
            CallError::Refused(refusal) => tracing::info!(
                %msgid, %sender, code = refusal.error.code, outcome = decision.counted, "the upstream refused a message"
            ),
            CallError::NotSent(reason) => {
                tracing::warn!(%msgid, %sender, error = %reason, "the upstream can't be reached");
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
}

fn ended(state: State, code: u32, text: &str, counted: &'static str) -> Decision {
    let reason = Reason { code, text: text.to_owned() };
    Decision { verdict: Verdict::Ended { state, reason }, hold_sender: None, counted, refusal: None }
}

/// What follows from a call that brought no message id.
fn decide(err: &CallError, attempt: u32, now: Moment, patience: Duration) -> Decision {
    match err {
        CallError::Refused(refusal) => decide_refused(refusal, attempt, now),
        CallError::NotSent(_) => {
            let pause = backoff(attempt);
            Decision {
                verdict: Verdict::Later { due: now.plus(pause) },
                hold_sender: Some(pause.min(Duration::from_secs(5))),
                counted: "not_sent",
                refusal: None,
            }
        }
        CallError::Unknown(_) => Decision {
            verdict: Verdict::InDoubt { until: now.plus(patience) },
            hold_sender: None,
            counted: "in_doubt",
            refusal: None,
        },
    }
}

fn decide_refused(refusal: &Refusal, attempt: u32, now: Moment) -> Decision {
    let later = |pause: Duration, hold_sender: Option<Duration>, counted| Decision {
        verdict: Verdict::Later { due: now.plus(pause) },
        hold_sender,
        counted,
        refusal: Some(reason_of(refusal)),
    };
    match refusal.advice() {
        Advice::Never | Advice::TemplateBlocked => refused(refusal),
        Advice::Transient if attempt >= MOST_ATTEMPTS => refused(refusal),
        Advice::Transient => later(refusal.wait().unwrap_or_else(|| backoff(attempt)), None, "transient"),
        Advice::RateLimit => {
            let pause = refusal.wait().unwrap_or_else(|| backoff(attempt));
            later(pause, Some(pause.min(LONGEST_HOLD)), "rate_limited")
        }
        Advice::PairLimit => {
            let pause = Duration::from_secs(4_u64.saturating_pow(attempt.min(6) - 1)).min(LONGEST_PAUSE);
            later(pause, None, "pair_limited")
        }
        Advice::Later { seconds } => later(Duration::from_secs(u64::from(seconds)), None, "later"),
        Advice::PauseSender { seconds } => {
            let pause = Duration::from_secs(u64::from(seconds));
            later(pause, Some(pause.min(LONGEST_HOLD)), "sender_paused")
        }
        Advice::HoldSender => later(LONGEST_HOLD, Some(LONGEST_HOLD), "sender_held"),
    }
}

fn refused(refusal: &Refusal) -> Decision {
    let reason = reason_of(refusal);
    ended(State::Rejected, reason.code, &reason.text, "refused")
}

/// The upstream's number, and its own words.
fn reason_of(refusal: &Refusal) -> Reason {
    let error = &refusal.error;
    let details = error.error_data.as_ref().and_then(|data| data.details.as_deref()).filter(|text| !text.is_empty());
    let title = kabar_graph::errors::row(error.code).map(|row| row.title).filter(|title| !title.is_empty());
    let text = match (title, details) {
        (Some(title), Some(details)) if title != details => format!("{title}: {details}"),
        (Some(text), _) | (None, Some(text)) => text.to_owned(),
        (None, None) => error.message.clone(),
    };
    Reason { code: error.code, text }
}

/// 1, 2, 4 … seconds, up to [`LONGEST_PAUSE`].
fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.saturating_sub(1).min(16)).min(LONGEST_PAUSE)
}

/// A retry that would come too late is no retry: the message ends now, refused with what the upstream said, or expired
/// when it could not be asked.
fn in_time(verdict: Verdict, refusal: Option<Reason>, expires_at: Moment) -> Verdict {
    match (verdict, refusal) {
        (Verdict::Later { due }, Some(reason)) if due >= expires_at => {
            Verdict::Ended { state: State::Rejected, reason }
        }
        (Verdict::Later { due }, None) if due >= expires_at => Verdict::Ended {
            state: State::Expired,
            reason: Reason { code: own_code::EXPIRED, text: "it could not leave in time".to_owned() },
        },
        (verdict, _) => verdict,
    }
}

#[cfg(test)]
#[path = "attempt/tests.rs"]
mod tests;
