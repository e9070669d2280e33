//! What becomes of a message that was accepted before its template turned.

use kabar_domain::message::{Answer, NoteKind, State, own_code};
use kabar_domain::template::Status;
use kabar_domain::template::guard::{Reaction, Turn};
use kabar_graph::call::CallError;
use kabar_graph::errors::Advice;
use kabar_store::ledger::{Hold, Verdict};

use crate::dispatch::decision::{Decision, answer_of, ended};
use crate::dispatch::desk::News;
use crate::shared::Shared;
use crate::templates::KnownTemplate;
use crate::templates::guard::{self, Passage};

/// The upstream's code for a template that is paused.
const PAUSED: u32 = 132_015;

/// Judged right before its call; `None` if it goes on.
pub(super) fn before(shared: &Shared, template: &KnownTemplate) -> Option<Decision> {
    if guard::must_wait(shared, template) {
        return Some(held(template, News::Nothing, Answer::default()));
    }
    match guard::passage(shared, template) {
        Passage::Closed(Status::Paused) => {
            Some(ended(State::Rejected, PAUSED, "the template was paused before the message left", "refused"))
        }
        Passage::Drifted(turns) => {
            let turns: Vec<&str> = turns.into_iter().map(Turn::as_str).collect();
            let text = format!("the template drifted before the message left: {}", turns.join(", "));
            Some(ended(State::Rejected, own_code::REFUSED, &text, "refused"))
        }
        // The upstream has the last word on every other status.
        Passage::Open(_) | Passage::Held | Passage::Closed(_) => None,
    }
}

/// Judged once more when the upstream refused it for its template: it may have turned while the call was under way, and the
/// upstream may tell so by this answer first. `None` if what was decided stands.
pub(super) fn after(shared: &Shared, template: &KnownTemplate, err: &CallError) -> Option<Decision> {
    let CallError::Refused(refusal) = err else { return None };
    if refusal.advice() != Advice::TemplateBlocked {
        return None;
    }
    let known = shared.templates.by_seq(template.stored.seq)?;
    let holds_paused = shared.directory.guard(&known.stored.app).on(Turn::Paused) == Reaction::Hold;
    let waits = guard::must_wait(shared, &known) || (refusal.error.code == PAUSED && holds_paused);
    waits.then(|| held(&known, News::Answered, answer_of(err)))
}

fn held(template: &KnownTemplate, news: News, answer: Answer) -> Decision {
    let on = Hold::Template(template.stored.seq);
    let noted = Some((NoteKind::TemplateHeld, answer));
    Decision { verdict: Verdict::Held { on }, news, counted: "held", refusal: None, noted }
}
