//! Logs: to stderr, structured, without secrets, values or whole phone numbers.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging. `filter` is a level, or a list such as `info,kabar_engine=debug`.
pub(crate) fn start(filter: &str, format: Format) -> anyhow::Result<()> {
    // What the migrations tell is of no use to an operator, unless it is asked for by name. The library that reads phone
    // numbers writes whole numbers at its finest level, which nobody may ask for.
    let filter =
        EnvFilter::try_new(format!("refinery_core=warn,{filter},rlibphonenumber=off")).context("log.filter")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        Format::Text => builder.with_ansi(use_colour()).try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|err| anyhow::anyhow!("could not start logging: {err}"))
}

/// Colours only on a terminal, and not where somebody asked for none (<https://no-color.org>).
fn use_colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
