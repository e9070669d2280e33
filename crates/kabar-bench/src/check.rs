//! `check`: templates held against the upstream's rules, from the bytes of a request to a draft or to everything that is
//! wrong. It runs in this process on one thread: the checker is a pure function, so there is nothing around it to measure.

use std::hint::black_box;
use std::time::Duration;

use anyhow::Context as _;
use kabar_domain::template::draft::Draft;
use serde_json::Value;
use tokio::time::Instant;

use crate::output;
use crate::output::Case;

mod templates;

const UNIT: &str = "templates/s";

/// `check`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// For how many milliseconds each run is measured, after a tenth of that to warm up.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(10..=3_600_000))]
    millis: u64,
    /// How often each case is run, Kabar and ceiling in turn.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Print one JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
}

/// Measures every case, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        output::words("this is a debug build: its figures say nothing about a release");
    }
    if !args.json {
        output::line(&format!("templates checked, one thread; medians of {} runs of {} ms", args.runs, args.millis));
        output::line(&output::header(UNIT));
    }
    for (name, documents) in templates::cases() {
        let texts: Vec<Vec<u8>> = documents.iter().map(|document| document.to_string().into_bytes()).collect();
        let (runs, measured) = (args.runs, Duration::from_millis(args.millis));
        // It computes all the time, so it must not be where other tasks wait.
        let pairs = tokio::task::spawn_blocking(move || measure(&texts, runs, measured)).await?;
        let case = Case::of("check", name, UNIT, &pairs).context("no run")?;
        output::line(&if args.json { case.json().to_string() } else { case.line() });
    }
    Ok(())
}

/// The figures of Kabar and of the ceiling, run by run.
fn measure(texts: &[Vec<u8>], runs: u32, measured: Duration) -> Vec<(f64, f64)> {
    rate(texts, measured / 10, check);
    rate(texts, measured / 10, read);
    (0..runs).map(|_| (rate(texts, measured, check), rate(texts, measured, read))).collect()
}

/// What Kabar does with a request to create a template, before anything of it leaves the machine.
fn check(text: &[u8]) {
    let document: Option<Value> = serde_json::from_slice(text).ok();
    drop(black_box(document.map(|document| Draft::parse(&document))));
}

/// The ceiling: the same JSON, read and dropped.
fn read(text: &[u8]) {
    drop(black_box(serde_json::from_slice::<Value>(text).ok()));
}

/// How many texts a second, over whole rounds through all of them.
#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
fn rate(texts: &[Vec<u8>], measured: Duration, work: fn(&[u8])) -> f64 {
    let begun = Instant::now();
    let mut done = 0;
    loop {
        for text in texts {
            work(black_box(text));
        }
        done += texts.len();
        let taken = begun.elapsed();
        if taken >= measured {
            return done as f64 / taken.as_secs_f64();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_a_pair() {
        let texts = vec![b"{}".to_vec(), b"[]".to_vec()];
        let pairs = measure(&texts, 2, Duration::from_micros(1));
        assert_eq!(pairs.len(), 2);
        assert!(pairs.iter().all(|(kabar, ceiling)| *kabar > 0.0 && *ceiling > 0.0));
    }
}
