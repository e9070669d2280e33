//! What happens by itself?
//!
//! Accepting messages, dispatching them, settling doubts, taking in what the upstream reports, keeping templates true.
//! The way of a message goes through [`accept`], [`dispatch`] and [`intake`], in this order and never back.

pub mod accept;
pub mod callbacks;
pub mod explain;
pub mod gateway;
pub mod intake;
pub mod media;
pub mod metrics;
pub mod retention;
pub mod retry;
pub mod room;
pub mod stats;
pub mod suppression_list;
pub mod templates;

mod attached;
mod directory;
mod dispatch;
mod doubt;
mod held;
mod journal;
mod learning;
mod meta_apps;
mod shared;
mod subscription;
mod suppressed;
mod sweep;

pub use dispatch::lanes::HeldSender;
pub use gateway::{Gateway, Options, StartError};
pub use meta_apps::MetaApp;
