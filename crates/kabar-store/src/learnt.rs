//! What was learnt of the upstream's limits: by its reports, or from the operator.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{SenderId, WabaId};

/// A limit of the upstream's, as it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learnt {
    /// Which.
    pub limit: Limit,
    /// How much; for what has no limit, the largest number that there is.
    pub value: u32,
    /// When it was learnt.
    pub at: Moment,
}

/// A limit of the upstream's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Limit {
    /// How many messages a second it takes from a sender.
    Throughput(SenderId),
    /// To how many recipients within 24 hours an account may write by itself.
    DailyRecipients(WabaId),
}
