//! How Meta's Graph API speaks about template messages: the calls, their answers and errors, and the webhooks.
//!
//! The crate decides nothing: it tells what was said, and how certain that is. Facts are of Graph version v26.0.

pub mod call;
pub mod client;
pub mod error;
pub mod errors;
pub mod media;
pub mod signature;
pub mod token;
pub mod uploads;
pub mod usage;
pub mod webhook;
pub mod wire;
