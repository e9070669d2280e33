//! How fast, beside what ceiling?
//!
//! Benchmarks of the real `kabar` program, seen from outside: this crate is a client, and what it compares with. Only the
//! checker of templates is called in this process, since it is a pure function, and a store is filled with an old past by
//! its own commands. A figure of a shared machine means little
//! alone, so each one is measured in turn with a ceiling on the same machine, and the ratio of the two is what to look at.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod accept;
mod all;
mod ceiling;
mod check;
mod child;
mod common;
mod disk;
mod drain;
mod export;
mod figures;
mod finished;
mod gateway;
mod growth;
mod journal;
mod kabar;
mod lanes;
mod life;
mod load;
mod memory;
mod otp;
mod output;
mod recovery;
mod resources;
mod stub;
mod torture;

/// The same as Kabar's, so that the ceiling differs from it in what it does and in nothing else.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Kabar beside a ceiling on the same machine.
#[derive(Debug, Parser)]
#[command(name = "kabar-bench", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sends over the OCA dialect: how many a second are accepted and on disk, beside a server that only reads them.
    Accept(accept::Args),
    /// The checker of templates: how many a second are read from JSON and held against every rule, beside the reading of
    /// the same JSON alone.
    Check(check::Args),
    /// Kills the gateway, fills its disk, sets its clock, loses answers and reports, and counts what is lost and doubled.
    Torture(torture::Args),
    /// A full queue that is sent to a stub upstream, every outcome written down, beside the same client with the same bodies
    /// and as many calls under way, that keeps nothing.
    Drain(drain::Args),
    /// The same over 1,000 senders at once, beside one.
    Lanes(lanes::Args),
    /// How long a login code takes to the upstream while a campaign waits, beside an empty queue.
    Otp(otp::Args),
    /// How much processor time of the gateway the whole life of a message takes.
    Life(life::Args),
    /// How much memory the gateway holds with a million messages queued, beside ten thousand.
    Memory(memory::Args),
    /// How long a gateway that was killed takes from its start to its first message, with a million queued, beside few.
    Recovery(recovery::Args),
    /// `accept` and `drain` with ten million messages in the store that have come to their end, beside none.
    Growth(growth::Args),
    /// A million messages exported over HTTP while the gateway's memory is looked at, beside ten thousand.
    Export(export::Args),
    /// How many reports of the upstream a second are taken in and kept, beside the messages that are sent meanwhile.
    Journal(journal::Args),
    /// All of these but `torture`, one after the other.
    All(all::Args),
    /// The ceiling of `drain`, in a process of its own.
    #[command(hide = true)]
    DrainCeiling(drain::CeilingArgs),
    /// The stub upstream, in a process of its own.
    #[command(hide = true)]
    StubServer(stub::Args),
    /// The ceiling of `accept`, in a process of its own.
    #[command(hide = true)]
    CeilingServer(ceiling::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    match execute(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            output::words(&format!("error: {err:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Accept(args) => accept::run(&args).await,
        Command::Check(args) => check::run(&args).await,
        Command::Torture(args) => Box::pin(torture::run(&args)).await,
        Command::Drain(args) => drain::run(&args).await,
        Command::Lanes(args) => lanes::run(&args).await,
        Command::Otp(args) => otp::run(&args).await,
        Command::Life(args) => Box::pin(life::run(&args)).await,
        Command::Memory(args) => memory::run(&args).await,
        Command::Recovery(args) => recovery::run(&args).await,
        Command::Growth(args) => Box::pin(growth::run(&args)).await,
        Command::Export(args) => Box::pin(export::run(&args)).await,
        Command::Journal(args) => journal::run(&args).await,
        Command::All(args) => Box::pin(all::run(&args)).await,
        Command::DrainCeiling(args) => drain::run_ceiling(&args).await,
        Command::StubServer(args) => stub::run(&args).await,
        Command::CeilingServer(args) => ceiling::run(&args).await,
    }
}
