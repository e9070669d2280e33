//! The bodies of calls and answers.

pub mod message;
pub mod phone;
pub mod template;
pub(crate) mod tolerant;

use serde::Deserialize;

/// An answer that only says whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Success {
    /// Whether it was done.
    pub success: bool,
}
