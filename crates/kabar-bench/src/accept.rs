//! `accept`: whole sends over the OCA dialect, from the request to the answer with a msgid, which is given when the
//! message is on disk; while Kabar sends what it has accepted to the sandbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use crate::ceiling::Ceiling;
use crate::figures::{Figures, rounded};
use crate::gateway::temporary;
use crate::kabar::Kabar;
use crate::output::Case;
use crate::{disk, kabar, load, output};

/// How long is sent before it counts.
const WARM_UP: Duration = Duration::from_secs(1);
const UNIT: &str = "messages/s";

/// `accept`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// For how many seconds each run is measured, after a second to warm up.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Over how many connections is sent, each with one request under way; a case for each.
    #[arg(long, value_delimiter = ',', default_value = "64,256", value_parser = clap::value_parser!(u16).range(1..=5000))]
    connections: Vec<u16>,
    /// How often each case is run, Kabar and ceiling in turn.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Print one JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
    /// In which folder the data is put while it runs; beside this program when it is not said. Not in memory, or nothing
    /// is measured of the disk.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Measures every case, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let binary = kabar::beside_this()?;
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => binary.parent().context("the program is in no folder")?.to_owned(),
    };
    if cfg!(debug_assertions) {
        output::words("this is a debug build: its figures say nothing about a release");
    }
    if !args.json {
        output::line(&format!(
            "sends over OCA, accepted and on disk; medians of {} runs of {} s",
            args.runs, args.seconds
        ));
        output::line(&format!("{}  {:>10}", output::header(UNIT), "disk sync"));
    }
    for &connections in &args.connections {
        let (case, sync) = measure(args, &binary, &folder, connections)
            .await
            .with_context(|| format!("void, nothing is reported of {connections} connections"))?;
        output::line(&if args.json { told(&case, &sync) } else { format!("{}  {:>7.0} us", case.line(), sync.median) });
    }
    Ok(())
}

/// A case, and how long the disk takes for a sync, in microseconds.
async fn measure(args: &Args, binary: &Path, folder: &Path, connections: u16) -> anyhow::Result<(Case, Figures)> {
    let measured = Duration::from_secs(args.seconds);
    let sync = {
        let place = temporary(folder)?;
        disk::sync_time(place.path()).await?
    };
    let mut pairs = Vec::new();
    for number in 1..=args.runs {
        let kabar = run_kabar(binary, folder, connections, measured).await?;
        let ceiling = run_ceiling(folder, connections, measured).await?;
        output::words(&format!(
            "{connections} connections, run {number} of {}: kabar {kabar:.0}/s, ceiling {ceiling:.0}/s",
            args.runs
        ));
        pairs.push((kabar, ceiling));
    }
    let case = Case::of("accept", format!("{connections} connections"), UNIT, &pairs).context("no run")?;
    Ok((case, sync))
}

/// Sends a second. Each run has a process and a folder of its own, so that none inherits another's backlog.
async fn run_kabar(binary: &Path, folder: &Path, connections: u16, measured: Duration) -> anyhow::Result<f64> {
    let place = temporary(folder)?;
    let kabar = Kabar::start(binary, place.path()).await?;
    let outcome = load::run(&kabar.target, usize::from(connections), WARM_UP, measured).await?;
    let accepted = kabar.accepted().await?;
    anyhow::ensure!(
        accepted == outcome.answers,
        "{} sends were answered with a msgid, and Kabar counted {accepted}",
        outcome.answers
    );
    Ok(outcome.per_second)
}

async fn run_ceiling(folder: &Path, connections: u16, measured: Duration) -> anyhow::Result<f64> {
    let place = temporary(folder)?;
    let ceiling = Ceiling::start(place.path()).await?;
    Ok(load::run(&ceiling.target, usize::from(connections), WARM_UP, measured).await?.per_second)
}

/// A case for programs, with the disk's sync time beside it.
fn told(case: &Case, sync: &Figures) -> String {
    let mut told = case.json();
    told["sync_us"] = json!({ "median": rounded(sync.median, 1), "spread": sync.spread(1), "runs": disk::APPENDS });
    told.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_stands_beside_the_case() {
        let case = Case::of("accept", "64 connections", UNIT, &[(1.0, 2.0)]).unwrap();
        let told: serde_json::Value =
            serde_json::from_str(&told(&case, &Figures { median: 103.26, min: 80.0, max: 900.0 })).unwrap();
        assert_eq!(told["sync_us"], json!({ "median": 103.3, "spread": [80.0, 900.0], "runs": 200 }));
        assert_eq!(told["unit"], "messages/s");
    }
}
