//! `kabar message`, as it is said.

use clap::{Args, Subcommand, ValueEnum};
use kabar_domain::catalogue::Locale;
use kabar_domain::ids::{AppId, Msgid};

use crate::cli::{Output, StoreArgs};

/// `kabar message`
#[derive(Debug, Subcommand)]
pub(crate) enum MessageCommand {
    /// Show all that is known of a message.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Tell what happened to a message, step by step, and what to do next.
    Explain {
        #[command(flatten)]
        which: Which,
        /// In which language.
        #[arg(long, value_enum, default_value_t)]
        lang: Lang,
    },
    /// List messages, newest first.
    List {
        #[command(flatten)]
        filter: FilterArgs,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: u32,
        /// How the list is printed.
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Print all messages of a search as CSV or JSON lines, newest first, however many there are.
    Export {
        #[command(flatten)]
        filter: FilterArgs,
        /// How they are written.
        #[arg(long, value_enum, default_value_t)]
        format: FormatArg,
    },
}

/// Which message.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The message's id, as the send answered it.
    #[arg(value_parser = Msgid::parse)]
    pub(crate) msgid: Msgid,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Which messages: those for which everything holds that is said here.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Of this app; may be left out where there is only one.
    #[arg(long)]
    pub(crate) app: Option<AppId>,
    /// To this recipient: country code and number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) recipient: Option<String>,
    /// By the template of this name or code.
    #[arg(long, value_name = "NAME|CODE")]
    pub(crate) template: Option<String>,
    /// In this state, such as `failed`; several with commas between.
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Accepted from this moment on, such as 2026-11-21T22:32:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Accepted before this moment.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// From the sender with this phone number id.
    #[arg(long, value_name = "ID")]
    pub(crate) sender: Option<String>,
    /// With this number among the reasons of what happened to it.
    #[arg(long, value_name = "CODE")]
    pub(crate) error: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// In which language people are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Indonesian.
    Id,
    /// English.
    #[default]
    En,
}

impl From<Lang> for Locale {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Id => Self::Indonesian,
            Lang::En => Self::English,
        }
    }
}

/// How an export is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// Comma-separated values with a header.
    #[default]
    Csv,
    /// A JSON object a line.
    Jsonl,
}
