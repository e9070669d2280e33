//! Accounts (WABAs) and their numbers.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::statuses::Status;

/// A WhatsApp Business Account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) numbers: Vec<String>,
    /// Sequence numbers of its templates.
    pub(crate) templates: BTreeSet<u64>,
    /// Name, then language, to a template's sequence number.
    pub(crate) by_name: HashMap<String, HashMap<String, u64>>,
    pub(crate) subscription: Option<Subscription>,
    pub(crate) outbox: Outbox,
    /// Grows with each call that names an account, so the greatest was named last.
    pub(crate) last_named: u64,
}

/// A callback of an account's own, which has answered the handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) callback_url: String,
    pub(crate) verify_token: String,
}

/// What the account's callback has not heard yet. The entries only point at what happened: the body of a call is made when
/// it is sent, so that a callback which is long away costs a few bytes for each message.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) waiting: VecDeque<Update>,
    /// Entries at the front that a call is under way with.
    pub(crate) under_way: usize,
    /// Calls that failed since the last that did not.
    pub(crate) failures: u32,
    /// No call before this time.
    pub(crate) not_before: i64,
}

/// One thing to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// A status of the message with this index.
    Status(u32, Status),
    /// The change of a template's status with this number.
    Template(u64),
    /// The answer of a recipient with this index.
    Reply(u32),
}

/// A business telephone number.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) waba_id: String,
    /// In digits, as webhooks write it.
    pub(crate) display: String,
}
