//! How others are called safely: one HTTP/1.1 client with bounds on time and size, an address guard, and errors that say
//! what is certain about the request.
//!
//! It follows no redirects, sends nothing twice, and knows nothing of what it carries: no retries, no headers of its own.

mod address;
mod client;
mod connect;
mod error;
mod outgoing;
#[cfg(test)]
mod tests;

pub use address::{AddressPolicy, BadNet, Net};
pub use client::{Client, Options, Response};
pub use error::{Error, NotSent, Unknown};
