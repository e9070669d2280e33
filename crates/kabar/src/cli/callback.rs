//! `kabar callback`, as it is said.

use clap::{Args, Subcommand, ValueEnum};
use kabar_domain::callback::CallbackId;
use kabar_domain::ids::AppId;

use crate::cli::{ListArgs, StoreArgs};

/// `kabar callback`
#[derive(Debug, Subcommand)]
pub(crate) enum CallbackCommand {
    /// Have an app told what happens, and print the key that verifies the calls.
    Add {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// Where it is called.
        #[arg(long)]
        url: String,
        /// Of what it is told: names of events, families such as `message.*`, or `*`.
        #[arg(long, value_delimiter = ',', default_value = "*", value_name = "EVENTS")]
        events: Vec<String>,
        /// What people call it.
        #[arg(long, default_value = "")]
        description: String,
        /// How calls are signed.
        #[arg(long, value_enum, default_value_t)]
        signing: SigningArg,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the callbacks.
    List {
        /// Of this app only.
        #[arg(long)]
        app: Option<AppId>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show all that is known of a callback.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Stop calls; what there is to tell waits.
    Pause {
        #[command(flatten)]
        which: Which,
    },
    /// Let calls go on, with all that waits.
    Resume {
        #[command(flatten)]
        which: Which,
    },
    /// Change the key, and print the new one; the old one signs too for a while.
    Rotate {
        #[command(flatten)]
        which: Which,
        /// For how many hours the old key signs beside the new one.
        #[arg(long, default_value_t = 24, value_name = "HOURS")]
        overlap_hours: u64,
        /// Another way of signing than before.
        #[arg(long, value_enum)]
        signing: Option<SigningArg>,
    },
    /// Delete a callback. What it was not told yet is never told.
    Delete {
        #[command(flatten)]
        which: Which,
    },
    /// Try a callback out: a running gateway delivers a test event to it.
    Test {
        #[command(flatten)]
        which: Which,
    },
    /// List what a callback was told, newest first.
    Deliveries {
        #[command(flatten)]
        which: Which,
        /// Only those that have come so far.
        #[arg(long, value_enum)]
        state: Option<StateArg>,
        /// How many.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: u32,
        /// How the list is printed.
        #[arg(long, value_enum, default_value_t)]
        output: crate::cli::Output,
    },
    /// Have it told again: one event, or all of a time that failed.
    Redrive {
        #[command(flatten)]
        which: Which,
        /// This event.
        #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to", "all"])]
        event: Option<uuid::Uuid>,
        /// Of events from this moment on, such as 2026-11-21T22:32:00Z.
        #[arg(long, value_name = "TIME", required_unless_present = "event", requires = "to")]
        from: Option<String>,
        /// Of events before this moment.
        #[arg(long, value_name = "TIME", requires = "from")]
        to: Option<String>,
        /// Those that were delivered as well.
        #[arg(long)]
        all: bool,
    },
}

/// Which callback.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The callback's id, from the list.
    #[arg(value_parser = CallbackId::parse)]
    pub(crate) id: CallbackId,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// How calls are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SigningArg {
    /// HMAC-SHA256 with a shared secret.
    #[default]
    Hmac,
    /// Ed25519 with a key pair.
    Ed25519,
}

/// How far deliveries have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateArg {
    /// They are to be made.
    Waiting,
    /// They were made.
    Delivered,
    /// They were given up.
    Failed,
}
