//! `accept`: whole sends over the OCA dialect, from the request to the answer with a msgid, which is given when the
//! message is on disk; while Kabar sends what it has accepted to the sandbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use crate::ceiling::Ceiling;
use crate::figures::{Figures, rounded};
use crate::kabar::Kabar;
use crate::{disk, kabar, load, output};

/// How long is sent before it counts.
const WARM_UP: Duration = Duration::from_secs(1);

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

/// What a case came to.
struct Case {
    connections: u16,
    kabar: Figures,
    ceiling: Figures,
    /// Of each run and the ceiling right after it.
    ratio: Figures,
    /// Microseconds.
    sync: Figures,
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
        let header =
            ["connections", "kabar/s", "(min-max)", "ceiling/s", "(min-max)", "ratio", "(min-max)", "disk sync"];
        output::line(&row(&header.map(str::to_owned)));
    }
    for &connections in &args.connections {
        let case = measure(args, &binary, &folder, connections)
            .await
            .with_context(|| format!("void, nothing is reported of {connections} connections"))?;
        output::line(&if args.json { case.json(args.runs) } else { case.line() });
    }
    Ok(())
}

async fn measure(args: &Args, binary: &Path, folder: &Path, connections: u16) -> anyhow::Result<Case> {
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
    Ok(Case {
        connections,
        kabar: Figures::of(pairs.iter().map(|pair| pair.0)).context("no run")?,
        ceiling: Figures::of(pairs.iter().map(|pair| pair.1)).context("no run")?,
        ratio: Figures::of(pairs.iter().map(|pair| pair.0 / pair.1)).context("no run")?,
        sync,
    })
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

fn temporary(folder: &Path) -> anyhow::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("kabar-bench-")
        .tempdir_in(folder)
        .with_context(|| format!("no folder could be made in {}", folder.display()))
}

impl Case {
    fn line(&self) -> String {
        let spread =
            |figures: &Figures, decimals: usize| format!("({:.decimals$}-{:.decimals$})", figures.min, figures.max);
        row(&[
            self.connections.to_string(),
            format!("{:.0}", self.kabar.median),
            spread(&self.kabar, 0),
            format!("{:.0}", self.ceiling.median),
            spread(&self.ceiling, 0),
            format!("{:.2}", self.ratio.median),
            spread(&self.ratio, 2),
            format!("{:.0} us", self.sync.median),
        ])
    }

    fn json(&self, runs: u32) -> String {
        json!({
            "bench": "accept",
            "case": format!("{} connections", self.connections),
            "kabar": rounded(self.kabar.median, 0),
            "ceiling": rounded(self.ceiling.median, 0),
            "ratio": rounded(self.ratio.median, 3),
            "unit": "messages/s",
            "runs": runs,
            "spread": {
                "kabar": self.kabar.spread(0),
                "ceiling": self.ceiling.spread(0),
                "ratio": self.ratio.spread(3),
            },
            "sync_us": { "median": rounded(self.sync.median, 1), "spread": self.sync.spread(1), "runs": disk::APPENDS },
        })
        .to_string()
    }
}

/// Cells in columns.
fn row(cells: &[String; 8]) -> String {
    const WIDTHS: [usize; 8] = [11, 8, 15, 9, 15, 5, 13, 10];
    let padded: Vec<String> = cells.iter().zip(WIDTHS).map(|(cell, width)| format!("{cell:>width$}")).collect();
    padded.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_told_to_people_and_to_programs() {
        let figures = |median, min, max| Figures { median, min, max };
        let case = Case {
            connections: 64,
            kabar: figures(20_000.4, 19_000.0, 21_000.0),
            ceiling: figures(40_000.0, 39_000.0, 41_000.0),
            ratio: figures(0.5004, 0.48, 0.52),
            sync: figures(103.26, 80.0, 900.0),
        };
        let line = case.line();
        for part in ["64", "20000", "(19000-21000)", "40000", "0.50", "(0.48-0.52)", "103 us"] {
            assert!(line.split("  ").any(|cell| cell.trim() == part), "{part} in {line}");
        }
        let told: serde_json::Value = serde_json::from_str(&case.json(5)).unwrap();
        assert_eq!(
            told,
            json!({
                "bench": "accept", "case": "64 connections", "kabar": 20_000.0, "ceiling": 40_000.0, "ratio": 0.5,
                "unit": "messages/s", "runs": 5,
                "spread": { "kabar": [19_000.0, 21_000.0], "ceiling": [39_000.0, 41_000.0], "ratio": [0.48, 0.52] },
                "sync_us": { "median": 103.3, "spread": [80.0, 900.0], "runs": 200 }
            })
        );
    }
}
