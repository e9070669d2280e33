//! `memory`: how much memory the gateway holds with a million messages queued, beside ten thousand.

use std::time::Duration;

use anyhow::Context as _;

use crate::common::Common;
use crate::gateway::{Gateway, Shop, fill, temporary};
use crate::load::Target;
use crate::output::{self, Case};
use crate::stub::{CAMPAIGN, OPEN, Stub};

/// What a sender may send that was not upgraded: the queue is as good as as long at the end as it was.
const THROUGHPUT: u32 = 80;
/// For how long it is looked at, once the queue is full.
const LOOKED_AT: Duration = Duration::from_secs(3);
const EVERY: Duration = Duration::from_millis(100);

/// `memory`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages are queued in the case beside it.
    #[arg(long, default_value_t = 10_000)]
    few: u32,
    /// How many messages are queued.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// What a gateway held, in megabytes.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// When it had accepted them all, and went on sending.
    filled: f64,
    /// When it was started again on such a queue.
    again: f64,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for number in 1..=args.common.runs {
        let many = once(args, args.messages).await?;
        let few = once(args, args.few).await?;
        output::words(&format!(
            "run {number} of {}: {} queued {:.1} MB, started again {:.1} MB; {} queued {:.1} MB and {:.1} MB",
            args.common.runs, args.messages, many.filled, many.again, args.few, few.filled, few.again
        ));
        runs.push((many, few));
    }
    let filled: Vec<_> = runs.iter().map(|(many, few)| (many.filled, few.filled)).collect();
    let again: Vec<_> = runs.iter().map(|(many, few)| (many.again, few.again)).collect();
    for (case, pairs) in [("filled", filled), ("started again", again)] {
        args.common.tell(&Case::of("memory", case, "MB", &pairs).context("no run")?);
    }
    Ok(())
}

async fn once(args: &Args, messages: u32) -> anyhow::Result<Held> {
    let (binary, folder) = args.common.place()?;
    let place = temporary(&folder)?;
    let stub = Stub::start(place.path()).await?;
    let shop = Shop { binary, folder: place.path().to_owned(), senders: 1, throughput: THROUGHPUT };
    let upstream = format!("{}{OPEN}", stub.url);
    let gateway = shop.open(&upstream).await?;
    let targets = shop.targets(&gateway).await?;
    let campaign: Vec<Target> = targets.iter().filter_map(|target| target.get(CAMPAIGN).cloned()).collect();
    fill(&campaign, usize::try_from(messages)?).await?;
    let filled = look(&gateway).await?;
    gateway.stop().await?;
    let gateway = shop.open(&upstream).await?;
    let again = look(&gateway).await?;
    let sent = gateway.metric("kabar_attempts_total{outcome=\"submitted\"}").await?;
    let waiting = gateway.metric("kabar_messages_waiting").await?;
    anyhow::ensure!(
        sent > 0 && waiting > u64::from(messages) * 9 / 10,
        "{messages} were queued; {sent} were sent after the start, and {waiting} wait"
    );
    Ok(Held { filled, again })
}

/// The most that it holds while it is looked at, in megabytes.
async fn look(gateway: &Gateway) -> anyhow::Result<f64> {
    let resources = gateway.resources();
    let mut most = 0;
    for _ in 0..(LOOKED_AT.as_millis() / EVERY.as_millis()) {
        most = most.max(resources.resident()?);
        tokio::time::sleep(EVERY).await;
    }
    #[expect(clippy::cast_precision_loss, reason = "far less than 2^52 bytes")]
    Ok(most as f64 / 1e6)
}
