//! The emulator as its callers see it: through HTTP calls to its router, and through a callback that it calls.

#![expect(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

mod accounts;
mod agreement;
mod bulk;
mod creation;
mod editing;
mod faults;
mod harness;
mod life;
mod limits;
mod listing;
mod load;
mod media;
mod messages;
mod phones;
mod restart;
mod templates;
mod uploads;
mod webhooks;
