//! `kabar stats` and `kabar recipient`

use clap::{Args, Subcommand, ValueEnum};
use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;
use std::path::PathBuf;

use super::StoreArgs;

/// `kabar stats`
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// Whose messages.
    #[arg(long)]
    pub(crate) app: AppId,
    /// The first day; six days before the last one unless it is said.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<String>,
    /// The last day; today unless it is said.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<String>,
    /// What they are told apart by, with commas between: `day`, `template`, `sender`, `category`.
    #[arg(long, default_value = "day", value_name = "NAMES")]
    pub(crate) by: String,
    /// In which time zone days begin and end, such as `Asia/Jakarta` or `+07:00`.
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub(crate) timezone: String,
    /// The rate card, instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    pub(crate) rates: Option<PathBuf>,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: StatsOutput,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// How figures are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsOutput {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON array.
    Json,
    /// For spreadsheets.
    Csv,
}

/// `kabar recipient`
#[derive(Debug, Subcommand)]
pub(crate) enum RecipientCommand {
    /// Erase a recipient from everything that is kept until now. A running gateway carries it out at once, another one at
    /// its next start.
    Erase {
        /// The number with its country code.
        #[arg(value_parser = parse_phone)]
        phone: PhoneNumber,
        /// From the data of this app only; without it, of every app.
        #[arg(long)]
        app: Option<AppId>,
        #[command(flatten)]
        store: StoreArgs,
    },
}

fn parse_phone(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(text).map_err(|err| format!("it is no number with a country code: {err}"))
}
