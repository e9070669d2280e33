//! `life`: how much of a processor the gateway needs for the whole life of a message: it is accepted, it is sent, the sandbox
//! reports in signed webhooks, many reports to a call, that it was sent, delivered and read, and its history can be asked for.
//! Gateway and sandbox are two processes, and only the gateway's time counts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context as _;
use kabar_testkit::stand::{Options, Stand, UTILITY};
use serde_json::Value;

use crate::common::Common;
use crate::drain::NO_LIMIT;
use crate::gateway::{fill, wait_for};
use crate::load::{self, Target};
use crate::output::{self, Case};
use crate::resources::Resources;

/// Messages that are sent before it counts.
const WARM_UP: usize = 2_000;
/// For so many histories is asked.
const ASKED: usize = 100;

/// `life`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages are sent in each run.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (binary, folder) = args.common.place()?;
    // Said before, by another benchmark of this process: then it was the same.
    let _before = tempfile::env::override_temp_dir(&folder);
    let mut lives = Vec::new();
    for number in 1..=args.common.runs {
        let life = once(binary.clone(), usize::try_from(args.messages)?)
            .await
            .context("void, nothing is reported of the lives of messages")?;
        output::words(&format!("run {number} of {}: {life:.1} us a message", args.common.runs));
        lives.push(life);
    }
    let case = Case::alone("life", "a whole life", "us of CPU/message", &lives).context("no run")?;
    args.common.tell(&case);
    Ok(())
}

/// So many microseconds of processor did the gateway need for each message.
async fn once(binary: PathBuf, messages: usize) -> anyhow::Result<f64> {
    let stand = Stand::raise(binary, Options { throughput: NO_LIMIT, ..Options::new(1) }).await;
    let code = stand.codes.get(UTILITY).context("there is no template")?;
    let target = Target::new(&stand.oca.base, &stand.oca.token, code)?;
    let gateway = Resources::of(stand.gateway.as_ref().context("the gateway has ended")?.id());
    live(&target, WARM_UP).await?;
    let used = gateway.cpu()?;
    live(&target, messages).await?;
    let used = gateway.cpu()? - used;
    ask(&stand).await?;
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    Ok(used.as_secs_f64() * 1e6 / messages as f64)
}

/// Has so many messages live, and waits until all of their three reports have come, and no more.
async fn live(target: &Target, messages: usize) -> anyhow::Result<()> {
    let before = reports(target).await?;
    fill(std::slice::from_ref(target), messages).await?;
    let all = before + 3 * messages as u64;
    let told = wait_for("the reports", async || Ok(Some(reports(target).await?).filter(|told| *told >= all))).await?;
    anyhow::ensure!(told == all, "{messages} messages lived, and {} reports came", told - before);
    Ok(())
}

/// Waits until the histories of some more messages tell all that happened.
async fn ask(stand: &Stand) -> anyhow::Result<()> {
    for msgid in kabar_testkit::torture::lost::accept(stand, UTILITY, 0, ASKED).await {
        let url = format!("{}/v1/messages/{msgid}", stand.oca.base);
        let authorization = format!("Bearer {}", stand.oca.token);
        wait_for("a whole history", async || {
            let answer = stand.oca.http.exchange("GET", &url, &[("Authorization", &authorization)], "").await;
            let told: Value = serde_json::from_str(&answer.text())?;
            let states: BTreeSet<&str> =
                told["history"].as_array().into_iter().flatten().filter_map(|event| event["state"].as_str()).collect();
            Ok((states == BTreeSet::from(["accepted", "submitted", "sent", "delivered", "read"])).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// How many reports were news to the gateway so far.
async fn reports(target: &Target) -> anyhow::Result<u64> {
    let text = load::get(target, "/metrics").await?;
    let line = text.lines().find_map(|line| line.strip_prefix("kabar_reports_total{outcome=\"new\"} "));
    Ok(line.and_then(|figure| figure.trim().parse().ok()).unwrap_or(0))
}
