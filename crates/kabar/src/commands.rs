//! What each command does.

use crate::cli::{Cli, Command};

mod app;
mod callback;
mod config;
mod dev;
mod journal;
mod message;
mod ready_file;
mod sandbox;
mod sender;
mod serve;
mod stats;
mod store;
mod suppression;
mod token;
mod verify;

/// Carries out a command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Dev(args) => Box::pin(dev::run(args)).await,
        Command::Serve(args) => Box::pin(serve::run(args)).await,
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Verify(args) => verify::run(args).await,
        Command::Config(command) => config::run(&command),
        Command::App(command) => app::run(command).await,
        Command::Sender(command) => sender::run(command).await,
        Command::Token(command) => token::run(command).await,
        Command::Suppression(command) => suppression::run(command).await,
        Command::Journal(command) => journal::run(command).await,
        Command::Callback(command) => Box::pin(callback::run(command)).await,
        Command::Stats(args) => Box::pin(stats::run(args)).await,
        Command::Recipient(command) => stats::recipient(command).await,
        Command::Message(command) => Box::pin(message::run(command)).await,
    }
}
