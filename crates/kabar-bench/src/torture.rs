//! `torture`: is anything lost or doubled, whatever happens? The same that every test run does for seconds, for as long as
//! one likes.

use std::time::Duration;

use anyhow::Context as _;
use kabar_testkit::torture::{self, Plan, lost};
use serde_json::json;

use crate::{kabar, output};

/// `torture`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// For how many minutes at least.
    #[arg(long, default_value_t = 20, value_name = "N")]
    minutes: u64,
    /// How often the gateway is killed at least.
    #[arg(long, default_value_t = 300, value_name = "N")]
    kills: u32,
    /// From what everything is drawn; any seed, which is told, if none is given.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many callers send at once.
    #[arg(long, default_value_t = 6, value_name = "N")]
    callers: usize,
    /// For how many milliseconds a caller rests between two messages.
    #[arg(long, default_value_t = 30, value_name = "MS")]
    pause: u64,
    /// Before that, send so many order updates and so many login codes whose answers are all lost; 0 for none.
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    lost_answers: usize,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Tortures the `kabar` beside this program; fails when anything is lost or doubled.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let binary = kabar::beside_this()?;
    let seed = args.seed.unwrap_or_else(|| u64::from(std::process::id()));
    output::words(&format!("--seed {seed} does the same again"));
    let patience = Duration::from_secs(600);
    if args.lost_answers > 0 {
        let report = lost::every_answer(&binary, seed, args.lost_answers, patience).await;
        output::line(&if args.json {
            json!({"bench": "torture", "case": "lost answers", "verified": report}).to_string()
        } else {
            format!("every answer lost, {} order updates and as many login codes: {report}", args.lost_answers)
        });
    }
    let has_kill_points = cfg!(debug_assertions);
    if !has_kill_points {
        output::words(
            "a build without debug assertions has no kill points and a clock that can't be set: done without",
        );
    }
    let summary = torture::run(&Plan {
        binary,
        seed,
        kills: args.kills,
        lasts: Duration::from_secs(args.minutes.checked_mul(60).context("--minutes: too many")?),
        callers: args.callers.max(1),
        pause: Duration::from_millis(args.pause),
        has_kill_points,
        patience,
        progress: output::words,
    })
    .await;
    output::line(&if args.json {
        json!({
            "bench": "torture", "case": "kills", "seed": summary.seed, "seconds": summary.lasted.as_secs(),
            "kills": summary.kills(), "done": summary.done, "told": summary.told, "repeated": summary.repeated,
            "verified": summary.verified, "wrong": summary.wrong,
        })
        .to_string()
    } else {
        summary.to_string()
    });
    anyhow::ensure!(summary.wrong.is_empty(), "{}", summary.wrong.join("\n"));
    Ok(())
}
