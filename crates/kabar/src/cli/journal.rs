//! `kabar journal`, as it is said.

use clap::{Args, Subcommand};
use kabar_domain::clock::Moment;
use kabar_store::journal::Range;

use crate::cli::{Output, StoreArgs};

/// `kabar journal`
#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// List calls, the oldest first.
    List {
        #[command(flatten)]
        part: Part,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u32,
        /// How the list is printed.
        #[arg(long, value_enum, default_value_t)]
        output: Output,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Print the body of a call, byte for byte as it came; what else is known of the call goes to stderr.
    Show {
        /// The call's number, from the list.
        id: i64,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Have the gateway that serves this store take in calls once more, and wait until it has. What is known already stays
    /// as it is; what was missed, or was refused for a secret that is right by now, is made up for.
    Replay {
        #[command(flatten)]
        part: Part,
        /// Do not wait.
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// A part of the journal.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Part {
    /// From this moment on, such as 2026-11-21T22:32:00Z, or a day of UTC, such as 2026-11-21.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Moment,
    /// Up to this moment, which is not in it any more; all that there is when it is not said.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Moment>,
}

impl Part {
    /// From when to when, seen at this moment.
    pub(crate) fn range(&self, now: Moment) -> anyhow::Result<Range> {
        let to = self.to.unwrap_or_else(|| Moment::from_millis(now.as_millis() + 1));
        anyhow::ensure!(self.from < to, "--from must lie before {}", if self.to.is_some() { "--to" } else { "now" });
        Ok(Range { from: self.from, to })
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    let whole = Moment::parse(text).or_else(|| Moment::parse(&format!("{text}T00:00:00Z")));
    whole.ok_or_else(|| "a moment is written like 2026-11-21T22:32:00Z, a day like 2026-11-21".to_owned())
}
