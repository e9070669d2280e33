//! The story of one message: what happened to it, step by step, and what is to be done next. It is data; its words are in
//! [`crate::catalogue::story`].

use std::time::Duration;

use crate::clock::Moment;
use crate::ids::Msgid;
use crate::message::{History, KeptNote, Lane, NoteKind, Reason, State, own_code};
use crate::pricing::Charged;
use crate::rates::Cost;

#[cfg(test)]
mod tests;

/// How long a message may wait for its turn without that being worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(1);

/// The same in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Both {
    /// In Indonesian.
    pub indonesian: &'static str,
    /// In English.
    pub english: &'static str,
}

/// What is known of a number that the upstream gives as a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeFacts {
    /// The number.
    pub code: u32,
    /// The upstream's title.
    pub title: &'static str,
    /// What it means.
    pub meaning: Both,
    /// What to do about its cause.
    pub to_do: Both,
    /// Whether it is of use to send the same message once more.
    pub again: bool,
    /// Whether a person has to put something right before the sender goes on.
    pub needs_a_person: bool,
}

/// What a message waits for just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// Its turn.
    Turn,
    /// The answer to a call.
    Answer,
    /// To be tried again from this moment on.
    Retry(Moment),
    /// A report that settles a doubt, until this moment.
    Report(Moment),
    /// Its template to be well again.
    Template,
    /// Its sender to be put right.
    Sender,
    /// A file that it names to be there.
    Media,
    /// Nothing more.
    Nothing,
}

/// All that a story is made of.
#[derive(Debug, Clone)]
pub struct Facts<'f> {
    /// The message.
    pub msgid: Msgid,
    /// Its lane.
    pub lane: &'f Lane,
    /// The name of its template, while that is there.
    pub template: Option<&'f str>,
    /// The upstream's id of it.
    pub wamid: Option<&'f str>,
    /// How far it has come.
    pub state: State,
    /// How many attempts came out, or are in doubt.
    pub attempts: u32,
    /// When it is too late to send it.
    pub expires_at: Moment,
    /// What it waits for.
    pub waits: Waits,
    /// The message in whose place it was sent.
    pub retry_of: Option<Msgid>,
    /// The message that was sent in its place.
    pub retried_as: Option<Msgid>,
    /// What it came to.
    pub history: &'f History,
    /// What was noted on its way.
    pub notes: &'f [KeptNote],
    /// The time now.
    pub now: Moment,
}

/// A story.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Of which message.
    pub msgid: Msgid,
    /// How far it has come.
    pub end: State,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// What is to be done next.
    pub advice: Advice,
}

/// One step of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When, by the clock of whoever tells it.
    pub at: Moment,
    /// What happened.
    pub what: What,
}

/// What happened in a step. Whoever adds a kind gives it a name in [`What::name`], and words in the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It was accepted and put on disk.
    Accepted {
        /// By which template.
        template: Option<String>,
        /// When it is too late to send it.
        expires_at: Moment,
    },
    /// It was sent in the place of another message.
    RetryOf(Msgid),
    /// It queued in a lane.
    Lane(Lane),
    /// It waited for its turn, at least for so long.
    Turn(Duration),
    /// Something was noted.
    Noted {
        /// What.
        note: KeptNote,
        /// What is known of its number.
        facts: Option<CodeFacts>,
    },
    /// So many notes are no longer kept.
    NotKept(u32),
    /// An attempt had the upstream take it.
    Taken {
        /// Which one.
        attempt: u32,
        /// By which template.
        template: Option<String>,
        /// The upstream's id.
        wamid: Option<String>,
    },
    /// It came to a state.
    Reached {
        /// Which.
        state: State,
        /// Why, for a bad end.
        reason: Option<Reason>,
        /// What is known of the reason's number.
        facts: Option<CodeFacts>,
    },
    /// What it costs, by a rate card.
    Cost {
        /// As what it is charged.
        charged: Charged,
        /// How much.
        cost: Cost,
        /// In which currency.
        currency: String,
    },
    /// Where it stands now.
    Waiting(Waits),
    /// Another message was sent in its place.
    RetriedAs(Msgid),
}

impl What {
    /// The kind of step, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::RetryOf(_) => "retry_of",
            Self::Lane(_) => "lane",
            Self::Turn(_) => "turn",
            Self::Noted { note, .. } if note.note.kind.is_attempt() => "attempt",
            Self::Noted { note, .. } => note.note.kind.as_str(),
            Self::NotKept(_) => "not_kept",
            Self::Taken { .. } => "attempt",
            Self::Reached { state, .. } => state.as_str(),
            Self::Cost { .. } => "cost",
            Self::Waiting(_) => "waiting",
            Self::RetriedAs(_) => "retried_as",
        }
    }
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Advice {
    /// It arrived: nothing.
    Arrived,
    /// The upstream has it: wait for its reports.
    OnItsWay,
    /// It waits for its turn, until this moment at most.
    InLine(Moment),
    /// Its call is under way.
    BeingSent,
    /// It is in doubt, until this moment.
    InDoubt(Moment),
    /// It waits because of what is known by a number.
    WaitsFor(CodeFacts),
    /// It waits because of a number that is not known.
    WaitsForUnknown(u32),
    /// It waits for a recipient who had many messages.
    PairLimit,
    /// It waits for room in the account's day.
    DailyLimit,
    /// It waits for its sender to get an access token.
    NoToken,
    /// It waits for the upstream to be reached.
    Unreachable,
    /// It waits for its template to be well again.
    TemplateHeld,
    /// It waits for its sender to be put right.
    SenderHeld,
    /// It waits for a file that it names.
    MediaHeld,
    /// It ended because of what is known by a number.
    EndedBy(CodeFacts),
    /// It ended because of a number that is not known.
    EndedByUnknown(u32),
    /// It ended without a call, for something on this side.
    NotSent,
    /// The recipient has stopped marketing.
    Suppressed,
    /// It ended because of a file that it names.
    Media,
    /// Its time was up, for this reason if one is known.
    Expired(Option<Box<Self>>),
    /// It was taken back.
    Cancelled,
    /// Nobody knows what became of it.
    OutcomeUnknown,
    /// Another message was sent in its place: look at that one.
    RetriedAs(Msgid),
}

/// Reasons with which Kabar itself ends a message without a call; a text may go on after it.
pub const OWN_REASONS: [Both; 4] = [
    Both {
        english: "the template was deleted before the message left",
        indonesian: "template dihapus sebelum pesan berangkat",
    },
    Both {
        english: "the template was paused before the message left",
        indonesian: "template dijeda sebelum pesan berangkat",
    },
    Both {
        english: "the template drifted before the message left",
        indonesian: "template berubah sebelum pesan berangkat",
    },
    Both { english: "its values can't be read any more", indonesian: "nilai pesan tidak dapat dibaca lagi" },
];

/// The reason of our own with which a text begins, and how it goes on.
pub fn own_reason(text: &str) -> Option<(Both, &str)> {
    OWN_REASONS.iter().find_map(|both| Some((*both, text.strip_prefix(both.english)?)))
}

/// Tells the story. `code` says what is known of a number and its finer number.
pub fn tell(facts: &Facts<'_>, code: impl Fn(u32, Option<u32>) -> Option<CodeFacts>) -> Story {
    let mut steps = Steps(Vec::new());
    for event in &facts.history.events {
        let at = event.at;
        match event.state {
            State::Accepted => {
                let template = facts.template.map(str::to_owned);
                steps.push(at, What::Accepted { template, expires_at: facts.expires_at });
                if let Some(other) = facts.retry_of {
                    steps.push(at, What::RetryOf(other));
                }
                steps.push(at, What::Lane(facts.lane.clone()));
            }
            State::InDoubt if facts.notes.iter().any(|kept| is_doubt(kept.note.kind)) => {}
            State::Submitted => {
                let (template, wamid) = (facts.template.map(str::to_owned), facts.wamid.map(str::to_owned));
                steps.push(at, What::Taken { attempt: facts.attempts, template, wamid });
                steps.push(at, What::Reached { state: event.state, reason: None, facts: None });
            }
            // The attempt beside it says why.
            State::Rejected if facts.notes.last().is_some_and(|kept| says_the_same(kept, event.reason.as_ref())) => {
                steps.push(at, What::Reached { state: event.state, reason: None, facts: None });
            }
            state @ (State::BeingSent
            | State::InDoubt
            | State::Expired
            | State::Cancelled
            | State::OutcomeUnknown
            | State::Rejected
            | State::Sent
            | State::Failed
            | State::Delivered
            | State::Read) => {
                let facts = event.reason.as_ref().and_then(|reason| code(reason.code, None));
                steps.push(at, What::Reached { state, reason: event.reason.clone(), facts });
            }
        }
    }
    let mut place = 0;
    for kept in facts.notes {
        if kept.place > place + 1 {
            steps.push(kept.first_at, What::NotKept(kept.place - place - 1));
        }
        place = kept.place;
        let known = kept.note.answer.code.and_then(|number| code(number, kept.note.answer.subcode));
        steps.push(kept.first_at, What::Noted { note: kept.clone(), facts: known });
    }
    let mut steps = steps.in_order(facts);
    if facts.waits != Waits::Nothing {
        steps.push(Step { at: facts.now, what: What::Waiting(facts.waits) });
    }
    if let Some(other) = facts.retried_as {
        steps.push(Step { at: facts.now, what: What::RetriedAs(other) });
    }
    Story { msgid: facts.msgid, end: facts.state, steps, advice: advice(facts, &code) }
}

fn says_the_same(kept: &KeptNote, reason: Option<&Reason>) -> bool {
    kept.note.kind == NoteKind::Refused && kept.note.answer.code == reason.map(|reason| reason.code)
}

const fn is_doubt(kind: NoteKind) -> bool {
    matches!(kind, NoteKind::AnswerLost | NoteKind::Interrupted)
}

struct Steps(Vec<Step>);

impl Steps {
    fn push(&mut self, at: Moment, what: What) {
        self.0.push(Step { at, what });
    }

    /// By time. The upstream tells whole seconds, so what it reports may seem to come before the answer; it never does.
    fn in_order(mut self, facts: &Facts<'_>) -> Vec<Step> {
        let known: Vec<Moment> = facts
            .history
            .events
            .iter()
            .filter(|event| matches!(event.state, State::Accepted | State::Submitted))
            .map(|event| event.at)
            .collect();
        let earliest = known.into_iter().max();
        self.0.sort_by_key(|step| {
            let rank = match &step.what {
                What::Accepted { .. } => 0,
                What::RetryOf(_) | What::Lane(_) => 1,
                What::NotKept(_) | What::Noted { .. } => 2,
                What::Taken { .. } => 3,
                What::Reached { state, .. } => 10 + state.to_code(),
                What::Turn(_) | What::Cost { .. } | What::Waiting(_) | What::RetriedAs(_) => 1000,
            };
            let is_report = matches!(&step.what, What::Reached { state, .. } if *state > State::Submitted);
            (if is_report { earliest.map_or(step.at, |earliest| earliest.max(step.at)) } else { step.at }, rank)
        });
        // It waited for its turn until the first thing that an attempt brought.
        let accepted_at = self.0.first().map_or(facts.now, |step| step.at);
        let first = self.0.iter().position(|step| {
            matches!(&step.what, What::Taken { .. } | What::Noted { .. } | What::NotKept(_))
                || matches!(&step.what, What::Reached { state: State::InDoubt | State::Rejected, .. })
        });
        if let Some(first) = first {
            let waited = self.0[first].at.since(accepted_at);
            if waited >= WORTH_A_WORD {
                self.0.insert(first, Step { at: self.0[first].at, what: What::Turn(waited) });
            }
        }
        self.0
    }
}

fn advice(facts: &Facts<'_>, code: &impl Fn(u32, Option<u32>) -> Option<CodeFacts>) -> Advice {
    let state = facts.state;
    if let Some(other) = facts.retried_as
        && state.is_failure()
    {
        return Advice::RetriedAs(other);
    }
    match state {
        State::Delivered | State::Read => Advice::Arrived,
        State::Submitted | State::Sent => Advice::OnItsWay,
        State::Cancelled => Advice::Cancelled,
        State::OutcomeUnknown => Advice::OutcomeUnknown,
        State::Expired => Advice::Expired(held_up(facts, code).map(Box::new)),
        State::Rejected | State::Failed => {
            let Some(reason) = facts.history.reason() else { return Advice::NotSent };
            if reason.code == own_code::MEDIA {
                return Advice::Media;
            }
            if reason.code == own_code::SUPPRESSED {
                return Advice::Suppressed;
            }
            if reason.code == own_code::REFUSED || own_reason(&reason.text).is_some() {
                return Advice::NotSent;
            }
            // The answer's finer number stands with its note alone.
            let last = facts.notes.last().filter(|kept| kept.note.answer.code == Some(reason.code));
            match code(reason.code, last.and_then(|kept| kept.note.answer.subcode)) {
                Some(known) => Advice::EndedBy(known),
                None => Advice::EndedByUnknown(reason.code),
            }
        }
        State::Accepted | State::BeingSent | State::InDoubt => match facts.waits {
            Waits::Answer => Advice::BeingSent,
            Waits::Report(until) => Advice::InDoubt(until),
            Waits::Template => Advice::TemplateHeld,
            Waits::Sender => Advice::SenderHeld,
            Waits::Media => Advice::MediaHeld,
            Waits::Turn | Waits::Retry(_) | Waits::Nothing => {
                held_up(facts, code).unwrap_or(Advice::InLine(facts.expires_at))
            }
        },
    }
}

/// What the message waited for last.
fn held_up(facts: &Facts<'_>, code: &impl Fn(u32, Option<u32>) -> Option<CodeFacts>) -> Option<Advice> {
    let note = &facts.notes.last()?.note;
    match note.kind {
        NoteKind::Refused | NoteKind::RefusedForNow | NoteKind::SenderRefused | NoteKind::SenderPaused => {
            let number = note.answer.code?;
            Some(code(number, note.answer.subcode).map_or(Advice::WaitsForUnknown(number), Advice::WaitsFor))
        }
        NoteKind::PairLimit => Some(Advice::PairLimit),
        NoteKind::DailyLimit => Some(Advice::DailyLimit),
        NoteKind::NoToken => Some(Advice::NoToken),
        NoteKind::Unreachable => Some(Advice::Unreachable),
        NoteKind::TemplateHeld => Some(Advice::TemplateHeld),
        NoteKind::MediaHeld => Some(Advice::MediaHeld),
        NoteKind::AnswerLost | NoteKind::Interrupted | NoteKind::SentAgain | NoteKind::Released => None,
    }
}
