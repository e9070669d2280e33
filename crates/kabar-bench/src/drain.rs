//! `drain`: a queue that was filled before is sent to a stub upstream on loopback, and every outcome is written down.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::common::Common;
use crate::gateway::{Shop, fill, temporary};
use crate::load::{self, Target};
use crate::output;
use crate::output::Case;
use crate::stub::{CLOSED, OPEN, ORDER_UPDATE, Stats, Stub};

/// How many calls of one sender are under way: Kabar's 256, of which a quarter is kept for login codes.
const AT_ONCE: usize = 192;
/// So many messages a second that the allowance is never what is measured.
pub(crate) const NO_LIMIT: u32 = 10_000_000;
const UNIT: &str = "messages/s";

/// `drain`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages are queued.
    #[arg(long, default_value_t = 200_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// `drain-ceiling`
#[derive(Debug, clap::Args)]
pub(crate) struct CeilingArgs {
    /// The stub's address.
    #[arg(long)]
    url: String,
    /// How many calls to make.
    #[arg(long)]
    calls: u64,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (binary, folder) = args.common.place()?;
    let mut pairs = Vec::new();
    for number in 1..=args.common.runs {
        let kabar = once(&binary, &folder, 1, args.messages).await?;
        let ceiling = ceiling(&folder, args.messages).await?;
        output::words(&format!("run {number} of {}: kabar {kabar:.0}/s, ceiling {ceiling:.0}/s", args.common.runs));
        pairs.push((kabar, ceiling));
    }
    let case = Case::of("drain", format!("{} queued", args.messages), UNIT, &pairs).context("no run")?;
    args.common.tell(&case);
    Ok(())
}

/// Fills the queues of so many senders, and gives how many messages a second leave them, from the first call until the
/// last outcome is written down.
pub(crate) async fn once(binary: &Path, folder: &Path, senders: usize, messages: u32) -> anyhow::Result<f64> {
    let place = temporary(folder)?;
    let shop = Shop { binary: binary.to_owned(), folder: place.path().to_owned(), senders, throughput: NO_LIMIT };
    of_shop(&shop, messages).await
}

/// The same, of a shop whose queues are empty.
pub(crate) async fn of_shop(shop: &Shop, messages: u32) -> anyhow::Result<f64> {
    let place = temporary(&shop.folder)?;
    let stub = Stub::start(place.path()).await?;
    let gateway = shop.open(&format!("{}{CLOSED}", stub.url)).await?;
    let targets = shop.targets(&gateway).await?;
    let orders: Vec<Target> = targets.iter().filter_map(|target| target.get(ORDER_UPDATE).cloned()).collect();
    fill(&orders, usize::try_from(messages)?).await?;
    gateway.stop().await?;

    let gateway = shop.open(&format!("{}{OPEN}", stub.url)).await?;
    gateway.drained(u64::from(messages)).await?;
    let stats = load::get(&Target::new(&stub.url, "none", "none")?, "/stats").await?;
    let stats: Stats = serde_json::from_str(&stats)?;
    anyhow::ensure!(
        stats.calls == u64::from(messages),
        "{messages} messages were queued, and the upstream was called {} times",
        stats.calls
    );
    Ok(f64::from(messages) / stats.since_first)
}

async fn ceiling(folder: &Path, messages: u32) -> anyhow::Result<f64> {
    let place = temporary(folder)?;
    let stub = Stub::start(place.path()).await?;
    let this = std::env::current_exe().context("this program does not know where it is")?;
    let mut command = std::process::Command::new(this);
    command.args(["drain-ceiling", "--url", &stub.url, "--calls", &messages.to_string()]);
    let made = tokio::task::spawn_blocking(move || command.output()).await??;
    anyhow::ensure!(made.status.success(), "the ceiling failed: {}", String::from_utf8_lossy(&made.stderr));
    let seconds: f64 = String::from_utf8(made.stdout)?.trim().parse().context("the ceiling told no time")?;
    Ok(f64::from(messages) / seconds)
}

/// Makes the calls, and prints how many seconds they took.
pub(crate) async fn run_ceiling(args: &CeilingArgs) -> anyhow::Result<()> {
    let client = kabar_outbound::Client::new(kabar_outbound::Options {
        max_idle_per_host: AT_ONCE,
        ..kabar_outbound::Options::default()
    });
    let uri = format!("{}{OPEN}/v26.0/10000/messages", args.url);
    let left = Arc::new(AtomicU64::new(args.calls));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, uri, left) = (client.clone(), uri.clone(), Arc::clone(&left));
        tasks.spawn(async move {
            let take = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            while let Ok(number) = take() {
                let request = http::Request::post(&uri)
                    .header("authorization", "Bearer graph")
                    .header("content-type", "application/json")
                    .body(Bytes::from(body(number)))?;
                let answer = client.send(request).await?;
                anyhow::ensure!(answer.status.is_success(), "the stub refused");
                let read: serde_json::Value = serde_json::from_slice(&answer.body)?;
                anyhow::ensure!(read["messages"][0]["id"].is_string(), "the stub gave no id");
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    output::line(&begun.elapsed().max(Duration::from_micros(1)).as_secs_f64().to_string());
    Ok(())
}

/// What Kabar sends for an order update.
fn body(number: u64) -> String {
    let text = |text: &str| json!({"type": "text", "text": text});
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": format!("+62812{number:08}"),
        "type": "template",
        "template": {
            "name": ORDER_UPDATE,
            "language": {"code": "id"},
            "components": [{
                "type": "body",
                "parameters": [text("Budi Santoso"), text(&format!("INV-{number:06}"))]
            }]
        },
        "biz_opaque_callback_data": "01a2003c-e4ca-72b4-93a3-02975c422b68"
    })
    .to_string()
}
