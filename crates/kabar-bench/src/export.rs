//! `export`: a store with a million messages, exported over HTTP while the gateway's memory is looked at, beside a reader of
//! the store's pages that makes no lines of them and sends nothing.

use std::path::Path;

use anyhow::Context as _;
use kabar_domain::message::Search;
use kabar_store::location::Location;
use kabar_store::search::Question;
use kabar_store::{Options, Store};
use tokio::time::Instant;

use crate::common::Common;
use crate::finished;
use crate::gateway::{Shop, temporary};
use crate::load;
use crate::output::{self, Case};
use crate::stub::{OPEN, ORDER_UPDATE, Stub};

/// How many messages the ceiling reads at once: as many as the gateway.
const PAGE: u32 = 1000;
const FORMATS: [&str; 2] = ["csv", "jsonl"];

/// `export`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages are exported in the case beside it.
    #[arg(long, default_value_t = 10_000)]
    few: u64,
    /// How many messages are exported.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    #[command(flatten)]
    common: Common,
}

/// What was seen of an export.
#[derive(Debug, Clone, Copy)]
struct Seen {
    rows_per_second: f64,
    bytes: u64,
    /// What the gateway held at most, in megabytes.
    peak_mb: f64,
    /// By how much the gateway's memory grew above what it held before, at most.
    grown_mb: f64,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (many_place, many) = shop(args, args.messages).await?;
    let (few_place, few) = shop(args, args.few).await?;
    for format in FORMATS {
        let (mut speeds, mut memory) = (Vec::new(), Vec::new());
        for number in 1..=args.common.runs {
            let ceiling = read_alone(&many.database(), args.messages).await?;
            let seen = once(&many, format, args.messages).await?;
            let beside = once(&few, format, args.few).await?;
            output::words(&format!(
                "{format}, run {number} of {}: {:.0} rows/s ({} bytes), {:.1} MB at most, {:.1} MB more than before; of {} rows \
                 {:.1} MB at most, {:.1} MB more; read alone {ceiling:.0} rows/s",
                args.common.runs,
                seen.rows_per_second,
                seen.bytes,
                seen.peak_mb,
                seen.grown_mb,
                args.few,
                beside.peak_mb,
                beside.grown_mb
            ));
            speeds.push((seen.rows_per_second, ceiling));
            memory.push((seen.peak_mb, beside.peak_mb));
        }
        args.common.tell(&Case::of("export", format, "rows/s", &speeds).context("no run")?);
        args.common.tell(&Case::of("export", format!("{format}, memory"), "MB", &memory).context("no run")?);
    }
    drop((many_place, few_place));
    Ok(())
}

/// A shop whose store has so many messages, and the folder that it is in.
async fn shop(args: &Args, messages: u64) -> anyhow::Result<(tempfile::TempDir, Shop)> {
    let (binary, folder) = args.common.place()?;
    let place = temporary(&folder)?;
    let shop = Shop { binary, folder: place.path().to_owned(), senders: 1, throughput: 80 };
    let stub = Stub::start(place.path()).await?;
    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    shop.targets(&gateway).await?;
    gateway.stop().await?;
    finished::fill(&shop.database(), messages).await?;
    Ok((place, shop))
}

/// One export by a gateway of its own.
async fn once(shop: &Shop, format: &str, messages: u64) -> anyhow::Result<Seen> {
    let place = temporary(&shop.folder)?;
    let stub = Stub::start(place.path()).await?;
    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    let targets = shop.targets(&gateway).await?;
    let target = targets[0].get(ORDER_UPDATE).context("there is no template for order updates")?;
    // What the first question of all makes is no growth by the export's length.
    load::get(target, "/v1/messages?limit=1").await?;
    let before = gateway.resources().resident()?;
    let begun = Instant::now();
    let (mut lines, mut bytes) = (0, 0);
    load::take(target, &format!("/v1/messages/export?format={format}"), |piece| {
        lines += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        bytes += piece.len() as u64;
    })
    .await?;
    let took = begun.elapsed();
    // The most that the process ever held, its start included: no less than what the export took.
    let most = gateway.resources().peak()?;
    gateway.stop().await?;
    let rows = lines - u64::from(format == "csv");
    anyhow::ensure!(rows == messages, "{messages} messages were to be exported, and {rows} were");
    #[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
    Ok(Seen {
        rows_per_second: rows as f64 / took.as_secs_f64(),
        bytes,
        peak_mb: most as f64 / 1e6,
        grown_mb: most.saturating_sub(before) as f64 / 1e6,
    })
}

/// How many rows a second are read in the same pages by a reader of the store alone.
async fn read_alone(database: &Path, messages: u64) -> anyhow::Result<f64> {
    let store = Store::open(Options::new(Location::Sqlite(database.to_owned()))).await?;
    let directory = store.directory().await?;
    let app = directory.apps.first().context("the store has no app")?.id.clone();
    let mut question = Question { app, search: Search::default(), after: None, limit: PAGE };
    let begun = Instant::now();
    let mut rows = 0;
    loop {
        let page = store.search(question.clone()).await?;
        rows += page.rows.len() as u64;
        question.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    let took = begun.elapsed();
    store.close().await;
    anyhow::ensure!(rows == messages, "{messages} messages were to be read, and {rows} were");
    #[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
    Ok(rows as f64 / took.as_secs_f64())
}
