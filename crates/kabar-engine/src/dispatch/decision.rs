//! What follows from a call that brought no message id: for the message, and for its sender.

use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::message::{Answer, NoteKind, Reason, State, own_code};
use kabar_domain::pacing::backoff::{self, Jitter};
use kabar_graph::call::{CallError, Refusal, UnknownReason};
use kabar_graph::errors::Advice;
use kabar_store::ledger::Verdict;

use crate::dispatch::desk::News;
use crate::dispatch::desk::hold::Why;

#[cfg(test)]
mod tests;

/// How often a passing fault of the upstream is put up with for one message.
const MOST_ATTEMPTS: u32 = 12;

/// What follows from a call.
#[derive(Debug, PartialEq)]
pub(super) struct Decision {
    /// For the message.
    pub(super) verdict: Verdict,
    /// For its sender.
    pub(super) news: News,
    /// The outcome's name among the metrics.
    pub(super) counted: &'static str,
    /// What the upstream said no with, if it did.
    pub(super) refusal: Option<Reason>,
    /// What is noted of it, where that is more than the state tells.
    pub(super) noted: Option<(NoteKind, Answer)>,
}

/// The circumstances of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    /// Which attempt it was, from 1.
    pub(super) attempt: u32,
    /// When it came back.
    pub(super) now: Moment,
    /// How long a doubt waits for evidence.
    pub(super) patience: Duration,
    /// What chance says.
    pub(super) jitter: Jitter,
}

/// A message that ends without a call, or by an answer.
pub(super) fn ended(state: State, code: u32, text: &str, counted: &'static str) -> Decision {
    let reason = Reason { code, text: text.to_owned() };
    Decision { verdict: Verdict::Ended { state, reason }, news: News::Nothing, counted, refusal: None, noted: None }
}

/// What follows from a call that brought no message id.
pub(super) fn decide(err: &CallError, call: Call) -> Decision {
    match err {
        CallError::Refused(refusal) => decide_refused(refusal, call),
        CallError::NotSent(_) => Decision {
            verdict: Verdict::NotYet { due: call.now },
            news: News::Hold(Why::Unreachable),
            counted: "not_sent",
            refusal: None,
            noted: Some((NoteKind::Unreachable, answer_of(err))),
        },
        CallError::Unknown(_) => Decision {
            verdict: Verdict::InDoubt { until: call.now.plus(call.patience) },
            news: News::Nothing,
            counted: "in_doubt",
            refusal: None,
            noted: Some((NoteKind::AnswerLost, answer_of(err))),
        },
    }
}

/// What the upstream refused with, for a note.
fn refused(refusal: &Refusal) -> Answer {
    Answer {
        http_status: Some(refusal.status.as_u16()),
        code: Some(refusal.error.code),
        subcode: refusal.error.error_subcode,
        text: Some(reason_of(refusal).text),
        trace: refusal.error.fbtrace_id.clone(),
    }
}

/// What came back from a call, for a note.
pub(super) fn answer_of(err: &CallError) -> Answer {
    match err {
        CallError::Refused(refusal) => refused(refusal),
        CallError::NotSent(reason) => Answer { text: Some(reason.to_string()), ..Answer::default() },
        CallError::Unknown(reason) => {
            let http_status = match reason {
                UnknownReason::NoAnswer(_) => None,
                UnknownReason::NotMeta { status } | UnknownReason::Unreadable { status } => Some(status.as_u16()),
            };
            Answer { http_status, text: Some(reason.to_string()), ..Answer::default() }
        }
    }
}

fn decide_refused(refusal: &Refusal, call: Call) -> Decision {
    let reason = reason_of(refusal);
    let code = refusal.error.code;
    let asked = refusal.wait();
    let noted = |kind| Some((kind, refused(refusal)));
    let later = |pause: Duration, news, counted| Decision {
        verdict: Verdict::Later { due: call.now.plus(pause) },
        news,
        counted,
        refusal: Some(reason.clone()),
        noted: noted(NoteKind::RefusedForNow),
    };
    // Nothing is said of the message itself, so it goes back to where it was. It ends only when its own time is up.
    let held = |why, counted, kind| Decision {
        verdict: Verdict::NotYet { due: call.now },
        news: News::Hold(why),
        counted,
        refusal: None,
        noted: noted(kind),
    };
    let for_good = || Decision {
        news: News::Answered,
        noted: noted(NoteKind::Refused),
        ..ended(State::Rejected, code, &reason.text, "refused")
    };
    match refusal.advice() {
        Advice::Never | Advice::TemplateBlocked => for_good(),
        Advice::Transient if call.attempt >= MOST_ATTEMPTS => for_good(),
        Advice::Transient => {
            later(asked.unwrap_or_else(|| backoff::growing(call.attempt, call.jitter)), News::Answered, "transient")
        }
        Advice::RateLimit => {
            let pause = asked.unwrap_or_else(|| backoff::growing(call.attempt, call.jitter));
            later(pause, News::TooFast(asked), "rate_limited")
        }
        Advice::PairLimit => {
            let pause = asked.unwrap_or_default().max(backoff::of_pair(call.attempt));
            later(pause, News::LeaveAlone(pause), "pair_limited")
        }
        Advice::Later { seconds } => later(Duration::from_secs(u64::from(seconds)), News::Answered, "later"),
        Advice::PauseSender { .. } => {
            held(asked.map_or(Why::BeingWorkedOn(code), Why::Asked), "sender_paused", NoteKind::SenderPaused)
        }
        Advice::HoldSender => held(Why::Refused(code), "sender_held", NoteKind::SenderRefused),
    }
}

/// The upstream does not know a file that the message named, and the file is uploaded anew: the message is tried again.
pub(super) fn with_another_file(refusal: &Refusal, now: Moment) -> Decision {
    Decision {
        verdict: Verdict::Later { due: now },
        news: News::Answered,
        counted: "media_unknown",
        refusal: Some(reason_of(refusal)),
        noted: Some((NoteKind::RefusedForNow, refused(refusal))),
    }
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

/// A retry that would come too late is no retry: the message ends now, refused with what the upstream said, or expired
/// when it could not be asked.
pub(super) fn in_time(verdict: Verdict, refusal: Option<Reason>, expires_at: Moment) -> Verdict {
    match (verdict, refusal) {
        (Verdict::Later { due } | Verdict::NotYet { due }, Some(reason)) if due >= expires_at => {
            Verdict::Ended { state: State::Rejected, reason }
        }
        (Verdict::Later { due } | Verdict::NotYet { due }, None) if due >= expires_at => Verdict::Ended {
            state: State::Expired,
            reason: Reason { code: own_code::EXPIRED, text: "it could not leave in time".to_owned() },
        },
        (verdict, _) => verdict,
    }
}
