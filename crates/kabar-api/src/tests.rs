//! Whole exchanges through the router: a real engine over a real store, and an upstream that nobody answers at.

mod around;
mod asking;
mod callbacks;
mod desk;
mod oca;
mod once;
mod shown;
mod unswer;
mod v1;
mod webhooks;
