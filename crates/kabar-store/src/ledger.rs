//! The delivery ledger: messages, their attempts and what became of them.
//!
//! A message is accepted into a lane. Attempts are begun for a whole range of a lane in one write, before any call is
//! made; so after a crash, what was begun and has no outcome is known to be in doubt, and everything else goes on.

use std::time::Duration;

use kabar_domain::attached::AtSend;
use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid, SenderId};
use kabar_domain::message::{Event, History, KeptNote, Lane, Note, Reason, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::pricing::Pricing;
use kabar_domain::template::Category;

use crate::media::FileKey;

/// The store's own number for a message: its lane and its place there. Numbers of one lane grow with acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey(pub(crate) i64);

/// A message to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Its id, which the caller is told once it is on disk.
    pub msgid: Msgid,
    /// Whose it is.
    pub app: AppId,
    /// Where it queues.
    pub lane: Lane,
    /// The template, by the store's number for it.
    pub template: i64,
    /// Who shall have it.
    pub recipient: PhoneNumber,
    /// The upstream's `components`, as a JSON array.
    pub components: String,
    /// How the files that it names by their URLs go to the upstream; `None` for as it is configured when it leaves.
    pub media: Option<AtSend>,
    /// When it came.
    pub accepted_at: Moment,
    /// When it is too late to send it.
    pub expires_at: Moment,
}

/// A message for which an attempt was begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// The store's number for it.
    pub key: MessageKey,
    /// Its id.
    pub msgid: Msgid,
    /// The template, by the store's number for it.
    pub template: i64,
    /// Who shall have it.
    pub recipient: PhoneNumber,
    /// The upstream's `components`, as a JSON array.
    pub components: String,
    /// How the files that it names by their URLs go to the upstream; `None` for as it is configured.
    pub media: Option<AtSend>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When it came.
    pub accepted_at: Moment,
    /// When it is too late to send it.
    pub expires_at: Moment,
}

/// How an attempt, or a doubt, came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Of which message.
    pub key: MessageKey,
    /// When.
    pub at: Moment,
    /// What is known now.
    pub verdict: Verdict,
}

/// An outcome, with a note of it where it was not the plain one.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// How it came out.
    pub outcome: Outcome,
    /// What is to be told of it later.
    pub note: Option<Box<Note>>,
}

impl From<Outcome> for Noted {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, note: None }
    }
}

/// What is known after an attempt, or at the end of a doubt.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The upstream took it, and calls it by this id.
    Submitted {
        /// The upstream's id of the message.
        wamid: String,
    },
    /// The upstream surely did not take it; it is tried again from this moment on, before what is newer in its lane.
    Later {
        /// When.
        due: Moment,
    },
    /// No call was made, or one that says nothing about the message; it is tried again like [`Verdict::Later`], and this
    /// counts as no attempt.
    NotYet {
        /// When.
        due: Moment,
    },
    /// It may or may not have arrived. Evidence is awaited until this moment.
    InDoubt {
        /// Until when.
        until: Moment,
    },
    /// The upstream surely did not take it, and it must not leave before what it waits for is put right: until
    /// [`release_held`](crate::Store::release_held) says so, or its time is up. Where it waits for a file, no call was
    /// made, and this counts as no attempt.
    Held {
        /// What it waits for.
        on: Hold,
    },
    /// It has ended: `Rejected`, `Expired`, `Cancelled` or `OutcomeUnknown`.
    Ended {
        /// How.
        state: State,
        /// Why.
        reason: Reason,
    },
}

/// What a held message waits for. Only who holds a message knows when that is put right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Its template, by the store's number for it.
    Template(i64),
    /// Its sender.
    Sender(SenderId),
    /// A file that it names by its URL, and that is being fetched and uploaded.
    Media(FileKey),
}

/// What the upstream reports of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Our own id, as the upstream echoes it.
    pub msgid: Option<Msgid>,
    /// The upstream's id.
    pub wamid: String,
    /// When it happened, how far it took the message, and why.
    pub event: Event,
    /// How the message is charged, where that is told.
    pub pricing: Option<Pricing>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It was new, and is kept.
    New,
    /// It was known already.
    Known,
    /// It names no message of this store. It is kept for a while, in case that the answer of a send gives a message this id.
    Uncorrelated,
}

/// A message whose doubt was not settled by evidence in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The store's number for it.
    pub key: MessageKey,
    /// Its id.
    pub msgid: Msgid,
    /// Its lane.
    pub lane: Lane,
    /// When it is too late to send it.
    pub expires_at: Moment,
}

/// A lane in which something waits, and from when on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The lane.
    pub lane: Lane,
    /// When its next message may leave: at once, or when the earliest retry is due.
    pub due: Moment,
}

/// Where a message stands that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It waits for its turn.
    InLine,
    /// An attempt was begun, and has no outcome yet.
    BeingSent,
    /// It is to be tried again from this moment on.
    Again {
        /// From when on.
        due: Moment,
    },
    /// It is held until something is put right.
    Held {
        /// What it waits for.
        on: Hold,
    },
    /// It is in doubt, and evidence is awaited.
    InDoubt {
        /// Until when.
        until: Moment,
    },
    /// Nothing more is to be done for it.
    Settled,
}

/// What became of the wish to take a message back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// It never leaves. Said again when it is wished again.
    Done,
    /// It may have left already, or has ended otherwise; it is in this state.
    TooLate(State),
}

/// A message that is to be sent once more, on purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Whose it is.
    pub app: AppId,
    /// The message that failed.
    pub of: Msgid,
    /// The id of the message that shall be sent in its place, if none is yet.
    pub msgid: Msgid,
    /// Where that one queues.
    pub lane: Lane,
    /// When this was wished.
    pub at: Moment,
    /// When it is too late to send it.
    pub expires_at: Moment,
}

/// What became of the wish to send a message once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It is on disk, under the id that was given.
    New,
    /// It was wished before: this is the message that was made then.
    Before(Msgid),
    /// The message has not failed; it is in this state.
    NotFailed(State),
    /// Its values were erased, so there is nothing to send.
    Erased,
}

/// All that is known of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    /// Its id.
    pub msgid: Msgid,
    /// Whose it is.
    pub app: AppId,
    /// Who was to have it.
    pub recipient: PhoneNumber,
    /// The template, by the store's number for it.
    pub template: i64,
    /// The upstream's id, once it is known.
    pub wamid: Option<String>,
    /// When it is too late to send it.
    pub expires_at: Moment,
    /// Where it stands now.
    pub standing: Standing,
    /// The message in whose place it was sent.
    pub retry_of: Option<Msgid>,
    /// The message that was sent in its place.
    pub retried_as: Option<Msgid>,
    /// What happened to it, from its acceptance on.
    pub history: History,
}

/// A message with everything that was noted on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What is known of it.
    pub view: MessageView,
    /// Where it queued.
    pub lane: Lane,
    /// The name of its template, while that is there.
    pub template: Option<String>,
    /// How many attempts came out, or are in doubt.
    pub attempts: u32,
    /// What the upstream says of its price.
    pub pricing: Option<Pricing>,
    /// What was noted, in the order in which it came.
    pub notes: Vec<KeptNote>,
}

/// What an audit says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The store's number for it.
    pub key: MessageKey,
    /// Its id.
    pub msgid: Msgid,
    /// Its lane.
    pub lane: Lane,
    /// How far it has come.
    pub state: State,
    /// What will become of it.
    pub whereabouts: Whereabouts,
    /// How often an attempt for it was in doubt.
    pub doubts: u32,
}

/// Where a message is that an audit meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// Kabar has nothing left to do for it.
    Ended,
    /// It waits for its turn, the first or another one.
    Waiting,
    /// It waits for something to be put right.
    Held,
    /// An attempt was begun that has no outcome yet.
    BeingSent,
    /// It waits for evidence.
    InDoubt,
    /// It has not ended, and nothing would ever be done about it. A message must never be here.
    Nowhere,
}

impl MessageView {
    /// The state it is in, which a message that is being sent has without an event of its own.
    pub fn state(&self) -> State {
        let state = self.history.state().unwrap_or(State::Accepted);
        if self.standing == Standing::BeingSent { state.after(State::BeingSent) } else { state }
    }
}

/// How long a doubt waits for evidence before it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For login codes, which nobody wants late.
    pub authentication: Duration,
    /// For utility messages.
    pub utility: Duration,
    /// For marketing messages.
    pub marketing: Duration,
}

impl Patience {
    /// How long messages of this class wait.
    pub const fn of(self, class: Category) -> Duration {
        match class {
            Category::Authentication => self.authentication,
            Category::Utility => self.utility,
            Category::Marketing => self.marketing,
        }
    }
}

/// What was found under way when the store was opened after a crash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Messages whose call was surely not begun; they leave again at once.
    pub again: u64,
    /// Messages whose call may have been made; they wait for evidence.
    pub in_doubt: u64,
}

/// How much there is of what, for metrics. Costs a few look-ups for each lane, however many messages there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that wait for their turn, those to be tried again included.
    pub waiting: u64,
    /// Messages for which this process began an attempt that has no outcome yet.
    pub being_sent: u64,
    /// Messages that are held until something is put right.
    pub held: u64,
    /// Messages that wait for evidence.
    pub in_doubt: u64,
    /// All messages that were ever accepted.
    pub total: u64,
    /// How many commits this process made since it opened the store.
    pub commits: u64,
}
