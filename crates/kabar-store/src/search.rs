//! Messages that are looked for, page by page.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::message::{Lane, Reason, Search, State};
use kabar_domain::phone::PhoneNumber;

/// Which page of which messages is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whose they are.
    pub app: AppId,
    /// Which of them.
    pub search: Search,
    /// Only those that were made before this one; it is where the page before ended.
    pub after: Option<Msgid>,
    /// How many at most.
    pub limit: u32,
}

/// A page of messages, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The messages; fewer than were asked for, and perhaps none, where many had to be passed over to find them.
    pub rows: Vec<Row>,
    /// Where to go on; `None` if there are no more.
    pub next: Option<Msgid>,
}

/// A message among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id.
    pub msgid: Msgid,
    /// Who was to have it.
    pub recipient: PhoneNumber,
    /// The name of its template, while that is there.
    pub template: Option<String>,
    /// Who sends it, and as what class.
    pub lane: Lane,
    /// How far it has come.
    pub state: State,
    /// The upstream's id, once it is known.
    pub wamid: Option<String>,
    /// How many attempts came out, or are in doubt.
    pub attempts: u32,
    /// When it came.
    pub accepted_at: Moment,
    /// When the upstream took it.
    pub submitted_at: Option<Moment>,
    /// When the upstream sent it on.
    pub sent_at: Option<Moment>,
    /// When it was on the recipient's phone.
    pub delivered_at: Option<Moment>,
    /// When the recipient opened it.
    pub read_at: Option<Moment>,
    /// When it came to the state in which it is.
    pub state_at: Moment,
    /// Why it ended badly, if it did.
    pub reason: Option<Reason>,
}
