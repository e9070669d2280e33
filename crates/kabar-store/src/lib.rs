//! What must survive?
//!
//! The store's interface is commands, each one transaction: nobody outside holds a transaction open, and nobody outside
//! knows the engine or its SQL. A command that changes something has answered only when the change is synced to disk.
//! Many commands share one commit: while one is in the disk, the next batch collects itself.

pub mod callback;
pub mod directory;
pub mod error;
pub mod journal;
pub mod kill;
pub mod learnt;
pub mod ledger;
pub mod location;
pub mod media;
pub mod once;
pub mod retention;
pub mod search;
pub mod stats;
pub mod suppression;
pub mod template;

mod marks;
mod seal;
mod sqlite;
mod store;

pub use error::Error;
pub use store::{Options, StatsWalk, Store};
