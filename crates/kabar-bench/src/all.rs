//! `all`: every benchmark of speed in turn, each as it is when it is called alone.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser as _;

use crate::{Cli, execute, output};

/// The benchmarks of speed, and whether each keeps data in a folder.
const BENCHES: [(&str, bool); 11] = [
    ("accept", true),
    ("drain", true),
    ("lanes", true),
    ("otp", true),
    ("life", true),
    ("memory", true),
    ("recovery", true),
    ("growth", true),
    ("journal", true),
    ("export", true),
    ("check", false),
];

/// `all`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often each case is run, in place of each benchmark's own number.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: Option<u32>,
    /// Print one JSON object a line instead of tables.
    #[arg(long)]
    json: bool,
    /// In which folder the data is put while it runs; beside this program when it is not said. Not in memory, or nothing
    /// is measured of the disk.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs them one after the other. One that fails is told, and the others are run all the same; then it ends as an error
/// that names each that failed.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for (name, line) in lines(args) {
        output::words(&format!("{name}:"));
        let done = match Cli::try_parse_from(line) {
            Ok(cli) => execute(cli.command).await,
            Err(err) => Err(err.into()),
        };
        if let Err(err) = done {
            output::words(&format!("{name} failed: {err:#}"));
            failed.push(name);
        }
    }
    anyhow::ensure!(failed.is_empty(), "these benchmarks failed: {}", failed.join(", "));
    Ok(())
}

/// The command line of each benchmark.
fn lines(args: &Args) -> Vec<(&'static str, Vec<OsString>)> {
    let line = |(name, keeps_data): (&'static str, bool)| {
        let mut line: Vec<OsString> = vec!["kabar-bench".into(), name.into()];
        if let Some(runs) = args.runs {
            line.extend(["--runs".into(), runs.to_string().into()]);
        }
        if args.json {
            line.push("--json".into());
        }
        if let (Some(folder), true) = (&args.folder, keeps_data) {
            line.extend(["--folder".into(), folder.into()]);
        }
        (name, line)
    };
    BENCHES.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benchmark_takes_what_all_hands_on() {
        for given in [
            Args { runs: None, json: false, folder: None },
            Args { runs: Some(2), json: true, folder: Some("data folder".into()) },
        ] {
            for (name, line) in lines(&given) {
                if let Err(err) = Cli::try_parse_from(line) {
                    panic!("{name}: {err}");
                }
            }
        }
    }
}
