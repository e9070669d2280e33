//! What is true?
//!
//! Templates, contracts, messages, recipients, limits and pacing, as values and pure functions. There is no I/O here, no
//! task and no clock: time is passed in. Everything that comes from outside becomes one of these types by parsing, and
//! needs no check afterwards; what cannot be parsed becomes [`fault::Faults`], all of them at once.

pub mod attached;
pub mod callback;
pub mod catalogue;
pub mod clock;
pub mod fault;
pub mod ids;
pub mod language;
pub mod message;
pub mod pacing;
pub mod phone;
pub mod pricing;
pub mod rates;
pub mod reading;
pub mod request;
pub mod rule;
pub mod sample;
pub mod send;
pub mod spreadsheet;
pub mod template;
