//! `otp`: how long a login code takes, from the request that brings it to its arrival at the upstream, while a campaign
//! waits on a sender of 80 messages a second; beside the same with an empty queue.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::time::Instant;

use crate::common::Common;
use crate::gateway::{Shop, fill, temporary};
use crate::load::{self, Target};
use crate::output::{self, Case};
use crate::stub::{CAMPAIGN, Here, LOGIN_CODE, OPEN};

/// What a sender may send that was not upgraded.
const THROUGHPUT: u32 = 80;
/// The pause between two codes.
const EVERY: Duration = Duration::from_millis(50);
/// Codes that are sent before it counts.
const WARM_UP: usize = 20;
/// How long a code may be on its way.
const LONGEST: Duration = Duration::from_secs(60);

/// `otp`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many codes are sent in each run, one after the other.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    codes: u32,
    /// How many messages of the campaign are queued.
    #[arg(long, default_value_t = 200_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// Of one run, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Latency {
    p50: f64,
    p99: f64,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for number in 1..=args.common.runs {
        let behind = once(args, args.messages).await?;
        let alone = once(args, 0).await?;
        output::words(&format!(
            "run {number} of {}: behind a campaign p50 {:.2} ms, p99 {:.2} ms; alone p50 {:.2} ms, p99 {:.2} ms",
            args.common.runs, behind.p50, behind.p99, alone.p50, alone.p99
        ));
        runs.push((behind, alone));
    }
    let p50: Vec<_> = runs.iter().map(|(behind, alone)| (behind.p50, alone.p50)).collect();
    let p99: Vec<_> = runs.iter().map(|(behind, alone)| (behind.p99, alone.p99)).collect();
    for (case, pairs) in [("p50", p50), ("p99", p99)] {
        args.common.tell(&Case::of("otp", case, "ms", &pairs).context("no run")?);
    }
    Ok(())
}

async fn once(args: &Args, campaign: u32) -> anyhow::Result<Latency> {
    let (binary, folder) = args.common.place()?;
    let place = temporary(&folder)?;
    let stub = Here::start().await?;
    let shop = Shop { binary, folder: place.path().to_owned(), senders: 1, throughput: THROUGHPUT };
    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    let targets = shop.targets(&gateway).await?.into_iter().next().context("there is no sender")?;
    let target = |name: &str| targets.get(name).cloned().with_context(|| format!("there is no template {name}"));
    fill(&[target(CAMPAIGN)?], usize::try_from(campaign)?).await?;

    let before = stub.seen.calls();
    let sent = send_codes(&target(LOGIN_CODE)?, usize::try_from(args.codes)? + WARM_UP).await?;
    let begun = Instant::now();
    let mut came = stub.seen.take_codes();
    while came.len() < sent.len() {
        anyhow::ensure!(begun.elapsed() < LONGEST, "{} of {} codes did not come", sent.len() - came.len(), sent.len());
        tokio::time::sleep(Duration::from_millis(10)).await;
        came.extend(stub.seen.take_codes());
    }
    let others = stub.seen.calls() - before - sent.len() as u64;
    anyhow::ensure!(campaign == 0 || others > 0, "the campaign stood still");
    let mut waits = Vec::with_capacity(sent.len());
    for (msgid, at) in sent.into_iter().skip(WARM_UP) {
        let came = came.get(&msgid).context("a code did not come")?;
        waits.push(came.saturating_duration_since(at).as_secs_f64() * 1e3);
    }
    waits.sort_by(f64::total_cmp);
    let at = |percent: usize| waits.get((waits.len() * percent / 100).min(waits.len() - 1)).copied();
    Ok(Latency { p50: at(50).context("no code was sent")?, p99: at(99).context("no code was sent")? })
}

#[derive(Debug, Deserialize)]
struct Accepted {
    msgid: String,
}

/// Sends codes, each to somebody else; gives their msgids, and when each was handed in.
async fn send_codes(target: &Target, codes: usize) -> anyhow::Result<Vec<(String, Instant)>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(target.connect().await?)).await?;
    let sending = async {
        let mut sent = Vec::with_capacity(codes);
        for number in 0..codes {
            let body = load::message(50_000_000 + number, &target.code, &["918273"]);
            let at = Instant::now();
            let response = sender.send_request(target.request_of(Bytes::from(body))?).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            load::check(status, &body)?;
            sent.push((serde_json::from_slice::<Accepted>(&body)?.msgid, at));
            tokio::time::sleep(EVERY).await;
        }
        anyhow::Ok(sent)
    };
    tokio::select! {
        sent = sending => sent,
        _ = connection => anyhow::bail!("the server closed a connection"),
    }
}
