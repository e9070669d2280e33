//! The command line: what can be said, and nothing of what is done.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kabar_domain::attached::AtSend;
use kabar_domain::ids::{AppId, SenderId, TokenId, WabaId};
use kabar_domain::template::guard::Reaction;
use kabar_sandbox::Review;
use kabar_store::directory::Scope;
use kabar_store::location::Location;

pub(crate) mod callback;
pub(crate) mod journal;
pub(crate) mod message;
pub(crate) mod stats;
pub(crate) mod suppression;

use callback::CallbackCommand;
use journal::JournalCommand;
use message::MessageCommand;
use stats::{RecipientCommand, StatsArgs};
use suppression::SuppressionCommand;

/// A self-hosted gateway for WhatsApp template messages.
#[derive(Debug, Parser)]
#[command(name = "kabar", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What Kabar can be told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything on this machine, from nothing: the gateway, and the sandbox as its upstream.
    Dev(DevArgs),
    /// Run the gateway.
    Serve(ServeArgs),
    /// Run the sandbox alone: an emulator of Meta's platform, for any program.
    Sandbox(SandboxArgs),
    /// Compare what a gateway says of its messages with what a sandbox saw of them; fails when one is lost or doubled.
    Verify(VerifyArgs),
    /// Show and check configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Make and list apps: the owners of templates, senders and tokens.
    #[command(subcommand)]
    App(AppCommand),
    /// Add and list senders: the WhatsApp business phone numbers of apps.
    #[command(subcommand)]
    Sender(SenderCommand),
    /// Issue, list and revoke the tokens with which apps call Kabar.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Say where apps are told what happens, and look at what they were told.
    #[command(subcommand)]
    Callback(CallbackCommand),
    /// Look at the webhook calls that the upstream made, and have them taken in once more.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Say who gets no marketing of an app, and see who does not.
    #[command(subcommand)]
    Suppression(SuppressionCommand),
    /// Show what became of an app's messages, and what they cost.
    Stats(StatsArgs),
    /// Erase people who asked for it.
    #[command(subcommand)]
    Recipient(RecipientCommand),
    /// Look for messages, and ask what became of one.
    #[command(subcommand)]
    Message(MessageCommand),
}

/// `kabar dev`
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Where the gateway listens; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Where the sandbox listens; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub(crate) sandbox_listen: SocketAddr,
    /// Use the sandbox that runs at this address, and start none; it has its own `--listen` and `--review`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["limits", "faults", "seed"])]
    pub(crate) sandbox_url: Option<String>,
    /// Where the data is kept.
    #[arg(long, default_value = "kabar-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Requests a second that an app may make; 0 for no limit.
    #[arg(long, default_value_t = 25, value_name = "N")]
    pub(crate) rate_limit: u32,
    /// How often all templates are read again, in seconds.
    #[arg(long, default_value = "60", value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) poll: Duration,
    /// How files that messages name by their URLs go to the sandbox: `upload`, as `kabar serve` does it by default, or
    /// `link`, so that the URLs need lead nowhere.
    #[arg(long, default_value = "link", value_name = "upload|link", value_parser = parse_at_send)]
    pub(crate) media: AtSend,
    /// How the sandbox reviews templates: `instant`, `manual`, or after so many seconds.
    #[arg(long, default_value = "1", value_name = "instant|manual|SECONDS")]
    pub(crate) review: Review,
    #[command(flatten)]
    pub(crate) behaviour: BehaviourArgs,
    /// A rate card (JSON), by which statistics tell costs.
    #[arg(long, value_name = "FILE")]
    pub(crate) rates: Option<PathBuf>,
    /// With what the sandbox signs its webhooks. A sandbox that runs elsewhere must have been given the same.
    #[arg(long, default_value = DEFAULT_APP_SECRET, env = "KABAR_SANDBOX_APP_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub(crate) app_secret: String,
    /// Once both listeners answer, write what a program needs to know (addresses, token, template codes) to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
}

/// The app secret of a sandbox that was given none.
pub(crate) const DEFAULT_APP_SECRET: &str = "kabar-sandbox";

/// `kabar serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The configuration file; see `kabar config sample`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen, whatever the configuration says.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where the store is, whatever the configuration says.
    #[arg(long, value_name = "sqlite:PATH")]
    pub(crate) store: Option<Location>,
    /// The address under which the upstream reaches this gateway, whatever the configuration says.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Requests a second that an app may make, whatever the configuration says; 0 for no limit.
    #[arg(long, value_name = "N")]
    pub(crate) rate_limit: Option<u32>,
}

/// `kabar sandbox`
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Once it listens, write `{"sandbox_url"}` to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Where webhooks go for accounts that have subscribed no address of their own.
    #[arg(long, value_name = "URL")]
    pub(crate) webhook_url: Option<String>,
    /// With what webhooks are signed.
    #[arg(long, default_value = DEFAULT_APP_SECRET, env = "KABAR_SANDBOX_APP_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub(crate) app_secret: String,
    /// What is named when the webhook address is verified.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) verify_token: Option<String>,
    /// The only access token that is accepted; without it, any is.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// How templates are reviewed: `instant`, `manual`, or after so many seconds.
    #[arg(long, default_value = "1", value_name = "instant|manual|SECONDS")]
    pub(crate) review: Review,
    #[command(flatten)]
    pub(crate) behaviour: BehaviourArgs,
    /// Keep accounts, templates and the ledger in this file, so that they outlive the process.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
}

/// What the sandbox does beside what is asked of it.
#[derive(Debug, Args)]
pub(crate) struct BehaviourArgs {
    /// Have the sandbox enforce Meta's limits.
    #[arg(long)]
    pub(crate) limits: bool,
    /// A file with fault rules (JSON) that the sandbox begins with: what goes wrong on purpose.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// From what the chances of fault rules are drawn, instead of the file's seed; without either, any.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// `kabar config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a configuration file with every key, its meaning and its default.
    Sample,
    /// Check a configuration, with everything that overrides it, and say all that is wrong.
    Check {
        /// The configuration file.
        #[arg(value_name = "FILE", default_value = "kabar.toml")]
        config: PathBuf,
    },
}

/// Where the store is.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The store of this configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The store of this data folder, as `kabar dev` has it.
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(crate) data: Option<PathBuf>,
}

/// What a list is made of, and how it is printed.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// How the list is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

/// How lists are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON array.
    Json,
}

/// `kabar verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The sandbox that was the gateway's upstream.
    #[arg(long, value_name = "URL", required_unless_present = "ledger", conflicts_with = "ledger")]
    pub(crate) sandbox: Option<String>,
    /// A copy of that sandbox's `/_sandbox/ledger/messages`, instead.
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// A file with the msgids that clients were given, one a line: the gateway must know each of them.
    #[arg(long, value_name = "FILE")]
    pub(crate) msgids: Option<PathBuf>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `kabar app`
#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Make an app.
    Create {
        /// Its id: letters, digits, `-` and `_`. It stands in addresses and tokens, and never changes.
        id: AppId,
        /// What people call it.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Say what becomes of an app's sends when WhatsApp turns one of its templates; without a turn, show it.
    Guard {
        /// The app.
        id: AppId,
        /// When a template becomes MARKETING that the app asked for in another category.
        #[arg(long, value_name = "warn|hold|refuse", value_parser = parse_reaction)]
        marketing: Option<Reaction>,
        /// When a template is paused.
        #[arg(long, value_name = "warn|hold|refuse", value_parser = parse_reaction)]
        paused: Option<Reaction>,
        /// When the quality of a template becomes red.
        #[arg(long, value_name = "warn|hold|refuse", value_parser = parse_reaction)]
        red: Option<Reaction>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the apps.
    List {
        #[command(flatten)]
        list: ListArgs,
    },
}

/// `kabar sender`
#[derive(Debug, Subcommand)]
pub(crate) enum SenderCommand {
    /// Add a sender to an app, or change what is known of it.
    Add {
        /// The app.
        #[arg(long)]
        app: AppId,
        /// Meta's phone number id.
        #[arg(long, value_name = "ID")]
        phone_number_id: SenderId,
        /// Meta's id of the WhatsApp Business Account.
        #[arg(long, value_name = "ID")]
        waba_id: WabaId,
        /// Messages a second that Meta takes from it: 80, or 1000 once it is upgraded.
        #[arg(long, default_value = "80", value_name = "N")]
        throughput: NonZeroU32,
        /// To how many recipients within 24 hours the account may write first; 0 for no limit. What Meta reports counts
        /// until it is said, and again from its next report on.
        #[arg(long)]
        daily_limit: Option<u32>,
        /// A file with the Graph access token for this sender; without it, the configuration's is used.
        #[arg(long, value_name = "FILE")]
        access_token_file: Option<PathBuf>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the senders.
    List {
        /// Of this app only.
        #[arg(long)]
        app: Option<AppId>,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// `kabar token`
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Issue a token, and print it once.
    Issue {
        /// The app for which it speaks.
        #[arg(long)]
        app: AppId,
        /// What it may be used for.
        #[arg(long, value_delimiter = ',', default_value = "send,templates,callbacks,suppressions", value_parser = parse_scope)]
        scope: Vec<Scope>,
        /// After how long it ends, such as `90d`, `12h` or `30m`; without it, never.
        #[arg(long, value_name = "TIME", value_parser = parse_period)]
        expires: Option<Duration>,
        /// What it is called in lists.
        #[arg(long, default_value = "")]
        label: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the tokens, without their secrets.
    List {
        /// Of this app only.
        #[arg(long)]
        app: Option<AppId>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Revoke a token. A running gateway refuses it from about a second later.
    Revoke {
        /// The token's id, from the list.
        #[arg(value_parser = TokenId::parse)]
        id: TokenId,
        #[command(flatten)]
        store: StoreArgs,
    },
}

fn parse_reaction(text: &str) -> Result<Reaction, String> {
    Reaction::parse(text).ok_or_else(|| "it is one of: warn, hold, refuse".to_owned())
}

/// A number of seconds, such as `60` or `0.5`.
fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|period| !period.is_zero()).ok_or_else(|| "it is a number of seconds above 0".to_owned())
}

fn parse_at_send(text: &str) -> Result<AtSend, String> {
    let words: Vec<&str> = AtSend::WORDS.iter().map(|(word, _)| *word).collect();
    AtSend::of_word(text).ok_or_else(|| format!("it is one of: {}", words.join(", ")))
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    let names: Vec<&str> = Scope::NAMES.iter().map(|(name, _)| *name).collect();
    Scope::parse(text.trim()).ok_or_else(|| format!("a scope is one of: {}", names.join(", ")))
}

fn parse_period(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is a number with a unit: s, m, h or d".to_owned();
    let digits_end = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits_end);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let unit_seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    // A hundred years are enough for every token, and stay within what a JWT can say.
    match number.checked_mul(unit_seconds) {
        Some(seconds) if (1..=3_155_760_000).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err("a token lives for a second at least, and for a hundred years at most".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_period_has_a_unit() {
        assert_eq!(parse_period("90d").unwrap().as_secs(), 90 * 86_400);
        assert_eq!(parse_period("12h").unwrap().as_secs(), 12 * 3600);
        for bad in ["", "90", "d", "1w", "-1d", "0s", "99999999999999999999d", "101000d"] {
            assert!(parse_period(bad).is_err(), "{bad}");
        }
    }
}
