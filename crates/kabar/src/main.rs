//! Kabar: a self-hosted gateway for WhatsApp template messages.
//!
//! How is it started, configured, put together? This crate is the program: its command line, its configuration, its
//! wiring and its life cycle. What the program does is in the crates that it puts together.

use std::process::ExitCode;

use clap::Parser as _;

mod cli;
mod clock;
mod commands;
mod config;
mod logging;
mod output;
mod server;
mod stop;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(err) => {
            output::error(&anyhow::Error::new(err).context("could not start the runtime"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(Box::pin(commands::run(cli))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            output::error(&err);
            ExitCode::FAILURE
        }
    }
}
