//! What is erased and forgotten, and what is told of it.

use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;

/// What a step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many messages were erased or forgotten.
    pub messages: u64,
    /// Where the next step goes on; `None` when there is nothing more to look at.
    pub next: Option<SweepPlace>,
}

/// Up to which message it was looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepPlace(pub(crate) i64);

/// A recipient who is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub(crate) number: i64,
    /// In the data of which app.
    pub app: AppId,
    /// Who.
    pub recipient: PhoneNumber,
    /// When that was asked for: what is accepted later is none of it.
    pub asked_at: Moment,
}
