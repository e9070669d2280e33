//! `kabar suppression`, as it is said.

use std::path::PathBuf;

use clap::Subcommand;
use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;

use crate::cli::{ListArgs, StoreArgs};

/// `kabar suppression`
#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionCommand {
    /// List who gets no marketing of an app.
    List {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// How many at most.
        #[arg(long, default_value_t = 1000, value_name = "N")]
        limit: u32,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Send somebody no more marketing of an app.
    Add {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// Who, with country code.
        #[arg(value_parser = phone_number)]
        phone_number: PhoneNumber,
        /// Why, in words.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Let somebody get marketing of an app again.
    Lift {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// Who, with country code.
        #[arg(value_parser = phone_number)]
        phone_number: PhoneNumber,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Bring in a list: CSV with the columns `phone_number` and, if wanted, `note`. If a row is wrong, none is taken.
    Import {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// The list; `-` for standard input.
        file: PathBuf,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Print the whole list, as it can be brought in again.
    Export {
        /// The app.
        #[arg(long)]
        app: AppId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Say by which quick replies recipients stop an app's marketing; without any, show them.
    Replies {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// Payloads or labels of quick replies, in place of those that were said before.
        #[arg(long, value_name = "TEXT")]
        set: Vec<String>,
        /// None any more.
        #[arg(long, conflicts_with = "set")]
        none: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
}

fn phone_number(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(text)
        .map_err(|err| format!("{err}; a number is written with its country code, such as +6281234567890"))
}
