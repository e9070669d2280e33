//! `growth`: `accept` and `drain` with ten million messages in the store that have come to their end, beside none.

use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::common::Common;
use crate::drain::{NO_LIMIT, of_shop};
use crate::finished;
use crate::gateway::{Shop, temporary};
use crate::load::{self, Target};
use crate::output::{self, Case};
use crate::stub::{OPEN, ORDER_UPDATE, Stub};

/// As in `accept`: what its sender may send meanwhile.
const THROUGHPUT: u32 = 1_000;
const CONNECTIONS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(1);
const UNIT: &str = "messages/s";

/// `growth`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages have come to their end before. Each takes about a kilobyte of the disk.
    #[arg(long, default_value_t = 10_000_000)]
    finished: u64,
    /// For how many seconds each run of `accept` is measured, after a second to warm up.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How many messages are queued in each run of `drain`.
    #[arg(long, default_value_t = 200_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (_old_place, old) = shop(args).await?;
    finished::fill(&old.database(), args.finished).await?;
    let (mut accepts, mut drains) = (Vec::new(), Vec::new());
    for number in 1..=args.common.runs {
        let (_new_place, new) = shop(args).await?;
        let drain = (of_shop(&old, args.messages).await?, of_shop(&new, args.messages).await?);
        let accept = (accept(args, &old).await?, accept(args, &new).await?);
        output::words(&format!(
            "run {number} of {}: accept {:.0}/s, new {:.0}/s; drain {:.0}/s, new {:.0}/s",
            args.common.runs, accept.0, accept.1, drain.0, drain.1
        ));
        accepts.push(accept);
        drains.push(drain);
    }
    for (case, pairs) in [("accept", accepts), ("drain", drains)] {
        args.common.tell(&Case::of("growth", case, UNIT, &pairs).context("no run")?);
    }
    Ok(())
}

/// A shop that has served once, so that its store knows its templates, and the folder that it is in.
async fn shop(args: &Args) -> anyhow::Result<(TempDir, Shop)> {
    let (binary, folder) = args.common.place()?;
    let place = temporary(&folder)?;
    let shop = Shop { binary, folder: place.path().to_owned(), senders: 1, throughput: NO_LIMIT };
    let stub_place = temporary(place.path())?;
    let stub = Stub::start(stub_place.path()).await?;
    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    shop.targets(&gateway).await?;
    gateway.stop().await?;
    Ok((place, shop))
}

/// How many a second are accepted, while the gateway sends at its pace. What it could not send in that time it sends after.
async fn accept(args: &Args, shop: &Shop) -> anyhow::Result<f64> {
    let place = temporary(&shop.folder)?;
    let stub = Stub::start(place.path()).await?;
    let upstream = format!("{}{OPEN}", stub.url);
    let slow = Shop { throughput: THROUGHPUT, ..shop.clone() };
    let gateway = slow.open(&upstream).await?;
    let targets = slow.targets(&gateway).await?;
    let orders: Vec<Target> = targets.iter().filter_map(|target| target.get(ORDER_UPDATE).cloned()).collect();
    let target = orders.first().context("there is no template for order updates")?;
    let outcome = load::run(target, CONNECTIONS, WARM_UP, Duration::from_secs(args.seconds)).await?;
    let accepted = gateway.metric("kabar_messages_accepted_total").await?;
    anyhow::ensure!(accepted == outcome.answers, "{} sends were answered, and {accepted} counted", outcome.answers);
    gateway.stop().await?;
    let gateway = shop.open(&upstream).await?;
    gateway.drained(0).await?;
    gateway.stop().await?;
    Ok(outcome.per_second)
}
