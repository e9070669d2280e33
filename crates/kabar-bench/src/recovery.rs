//! `recovery`: how long it takes from the start of a gateway that was ended by SIGKILL with a million messages queued to its
//! first message at the upstream; beside a gateway that has next to none.

use anyhow::Context as _;
use tempfile::TempDir;

use crate::common::Common;
use crate::gateway::{Shop, fill, temporary, wait_for};
use crate::load::Target;
use crate::output::{self, Case};
use crate::stub::{CAMPAIGN, Here, OPEN};

/// A sender so slow that the shortest queue outlasts all runs.
const THROUGHPUT: u32 = 1;
/// How many messages are queued in the case beside it.
const FEW: u32 = 500;

/// `recovery`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages are queued.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (_many, long) = killed(args, args.messages).await?;
    let (_few, short) = killed(args, FEW).await?;
    let mut pairs = Vec::new();
    for number in 1..=args.common.runs {
        let pair = (start(&long).await?, start(&short).await?);
        output::words(&format!(
            "run {number} of {}: {:.0} ms with {} queued, {:.0} ms with {FEW}",
            args.common.runs, pair.0, args.messages, pair.1
        ));
        pairs.push(pair);
    }
    let case = format!("{} queued", args.messages);
    args.common.tell(&Case::of("recovery", case, "ms", &pairs).context("no run")?);
    Ok(())
}

/// A shop whose gateway was killed with so many messages queued, and the folder that it is in.
async fn killed(args: &Args, messages: u32) -> anyhow::Result<(TempDir, Shop)> {
    let (binary, folder) = args.common.place()?;
    let place = temporary(&folder)?;
    let shop = Shop { binary, folder: place.path().to_owned(), senders: 1, throughput: THROUGHPUT };
    let stub = Here::start().await?;
    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    let targets = shop.targets(&gateway).await?;
    let campaign: Vec<Target> = targets.iter().filter_map(|target| target.get(CAMPAIGN).cloned()).collect();
    fill(&campaign, usize::try_from(messages)?).await?;
    gateway.kill();
    Ok((place, shop))
}

/// Milliseconds from the start to the first message at the upstream; then it is killed again.
async fn start(shop: &Shop) -> anyhow::Result<f64> {
    let stub = Here::start().await?;
    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    let first = wait_for("a message at the upstream", async || Ok(stub.seen.first())).await?;
    let took = first.saturating_duration_since(gateway.started_at);
    gateway.kill();
    Ok(took.as_secs_f64() * 1e3)
}
