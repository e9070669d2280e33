//! The drift guard at work: what becomes of a send by a template as it stands now.
//!
//! It is asked at the door, and once more right before the call, since a template may turn while messages wait in their
//! lane. What it says is never kept: a held message is judged again as long as it is held.

use kabar_domain::template::Status;
use kabar_domain::template::guard::{Reaction, Standing, Turn};
use kabar_store::template::StoredTemplate;

use crate::shared::Shared;
use crate::templates::KnownTemplate;

/// What becomes of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It goes on; these turns are to be told.
    Open(Vec<Turn>),
    /// It waits until the template is well again.
    Held,
    /// It is refused for these turns.
    Drifted(Vec<Turn>),
    /// Nothing is sent by a template with this status.
    Closed(Status),
}

/// What becomes of a send by this template now.
pub(crate) fn passage(shared: &Shared, known: &KnownTemplate) -> Passage {
    let stored = &known.stored;
    let status = stored.facts.status;
    let judged = shared.directory.guard(&stored.app).judge(&standing(stored));
    match (status, judged) {
        (Status::Approved | Status::Paused, Some((Reaction::Refuse, turns))) => {
            if turns.contains(&Turn::Paused) {
                Passage::Closed(status)
            } else {
                Passage::Drifted(turns)
            }
        }
        (Status::Approved | Status::Paused, Some((Reaction::Hold, _))) => Passage::Held,
        (Status::Approved | Status::Paused, Some((Reaction::Warn, turns))) => Passage::Open(turns),
        (Status::Approved, None) => Passage::Open(Vec::new()),
        _ => Passage::Closed(status),
    }
}

/// Whether messages that were accepted before wait for the template: it is held back by the app's guard, or in a review
/// that it mostly comes back from.
pub(crate) fn must_wait(shared: &Shared, known: &KnownTemplate) -> bool {
    matches!(passage(shared, known), Passage::Held | Passage::Closed(Status::Pending))
}

fn standing(stored: &StoredTemplate) -> Standing<'_> {
    let facts = &stored.facts;
    Standing { status: facts.status, category: facts.category, asked: stored.asked, quality: &facts.quality }
}
