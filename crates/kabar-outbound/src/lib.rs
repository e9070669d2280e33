//! How others are called safely: one HTTP/1.1 client with bounds on time and size, an address guard, and errors that say
//! what is certain about the request.
//!
//! It sends nothing twice, and knows nothing of what it carries: no retries, no headers of its own. It follows redirects only
//! where it gets a file from a URL that somebody else chose, and guards each step of the way.

mod address;
mod answer;
mod client;
mod connect;
mod error;
mod fetch;
mod outgoing;
mod pieces;
#[cfg(test)]
mod tests;

pub use address::{AddressPolicy, BadNet, Net};
pub use answer::Answer;
pub use client::{Client, Options, Response};
pub use error::{Error, NotSent, Unknown};
pub use fetch::{FetchError, Seen};
pub use pieces::Pieces;
