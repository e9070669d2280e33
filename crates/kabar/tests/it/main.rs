//! The whole program, from outside: the real binary on free ports, judged by its answers and by the sandbox's ledger.

#![expect(clippy::unwrap_used, reason = "in a test that is a way to fail")]

mod asking;
mod callbacks;
mod crash;
mod delivery;
mod examples;
mod files;
mod house;
mod journal;
mod lanes;
mod life;
mod load;
mod media;
mod oca_errors;
mod oca_exchanges;
mod once;
mod phone;
mod program;
mod serve;
mod shop;
mod stats;
mod suppression;
mod templates;
mod templates_page;
mod unswer_exchanges;
mod verify;

/// The program.
const KABAR: &str = env!("CARGO_BIN_EXE_kabar");
