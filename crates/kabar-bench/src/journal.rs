//! `journal`: how many reports of the upstream a second are taken in and kept, beside how many messages a second are sent
//! at the same time. For each message come three: sent, delivered, read.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use aws_lc_rs::hmac;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::common::Common;
use crate::drain::NO_LIMIT;
use crate::gateway::{Gateway, SECRET, Shop, fill, temporary};
use crate::load::Target;
use crate::output::{self, Case};
use crate::stub::{CLOSED, OPEN, ORDER_UPDATE, Stub, wamid};

/// Over how many connections the upstream calls at once.
const CONNECTIONS: usize = 32;
/// What is reported of each message.
const STATUSES: [&str; 3] = ["sent", "delivered", "read"];
/// What a sender may send that was upgraded.
const UPGRADED: u32 = 1_000;
const SUBMITTED: &str = "kabar_attempts_total{outcome=\"submitted\"}";
const NEWS: &str = "kabar_reports_total{outcome=\"new\"}";

/// `journal`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Of how many messages is reported.
    #[arg(long, default_value_t = 30_000)]
    reported: u32,
    /// How many messages are queued, to be sent meanwhile.
    #[arg(long, default_value_t = 300_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// A way in which the upstream reports, and Kabar sends.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// How many reports a call has.
    per_call: u64,
    /// What the sender may send a second.
    throughput: u32,
    name: &'static str,
}

const WAYS: [Way; 3] = [
    Way { per_call: 1, throughput: UPGRADED, name: "1 a call, 1000/s sent" },
    Way { per_call: 100, throughput: UPGRADED, name: "100 a call, 1000/s sent" },
    Way { per_call: 100, throughput: NO_LIMIT, name: "100 a call, all sent" },
];

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    for way in WAYS {
        let mut pairs = Vec::new();
        for number in 1..=args.common.runs {
            let pair = once(args, way).await?;
            output::words(&format!(
                "{}, run {number} of {}: {:.0} reports/s taken, {:.0} messages/s sent",
                way.name, args.common.runs, pair.0, pair.1
            ));
            pairs.push(pair);
        }
        args.common.tell(&Case::of("journal", way.name, "a second", &pairs).context("no run")?);
    }
    Ok(())
}

/// Reports that were taken a second, and messages that were sent a second in the same time.
async fn once(args: &Args, way: Way) -> anyhow::Result<(f64, f64)> {
    let (binary, folder) = args.common.place()?;
    let place = temporary(&folder)?;
    let stub = Stub::start(place.path()).await?;
    let (open, closed) = (format!("{}{OPEN}", stub.url), format!("{}{CLOSED}", stub.url));
    let fast = Shop { binary, folder: place.path().to_owned(), senders: 1, throughput: NO_LIMIT };

    // Messages of which there is something to report.
    let gateway = fast.open(&open).await?;
    fill(&orders(&fast, &gateway).await?, usize::try_from(args.reported)?).await?;
    gateway.drained(args.reported.into()).await?;
    gateway.stop().await?;
    // Messages to be sent meanwhile.
    let gateway = fast.open(&closed).await?;
    fill(&orders(&fast, &gateway).await?, usize::try_from(args.messages)?).await?;
    gateway.stop().await?;

    let gateway = Shop { throughput: way.throughput, ..fast }.open(&open).await?;
    crate::gateway::wait_for("sending", async || Ok((gateway.metric(SUBMITTED).await? > 0).then_some(()))).await?;
    let (sent, began) = (gateway.metric(SUBMITTED).await?, Instant::now());
    report(&gateway, args.reported.into(), way.per_call).await?;
    let took = began.elapsed().as_secs_f64();
    let sent = gateway.metric(SUBMITTED).await? - sent;
    let (all, news) = (u64::from(args.reported) * STATUSES.len() as u64, gateway.metric(NEWS).await?);
    anyhow::ensure!(news == all, "{all} reports were made, and {news} were news");
    let left = gateway.metric("kabar_messages_waiting").await?;
    anyhow::ensure!(left > 0, "the queue ran dry before all was reported; give more --messages");
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    Ok((all as f64 / took, sent as f64 / took))
}

async fn orders(shop: &Shop, gateway: &Gateway) -> anyhow::Result<Vec<Target>> {
    let targets = shop.targets(gateway).await?;
    Ok(targets.iter().filter_map(|target| target.get(ORDER_UPDATE).cloned()).collect())
}

/// Reports of so many messages, each status of all before the next, `per_call` reports in a call.
async fn report(gateway: &Gateway, messages: u64, per_call: u64) -> anyhow::Result<()> {
    for status in STATUSES {
        let next = Arc::new(AtomicU64::new(0));
        let mut calling = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (authority, next) = (gateway.authority().to_owned(), Arc::clone(&next));
            calling.spawn(async move { call(&authority, status, &next, messages, per_call).await });
        }
        while let Some(ended) = calling.join_next().await {
            ended.context("a connection's task ended")??;
        }
    }
    Ok(())
}

async fn call(authority: &str, status: &str, next: &AtomicU64, messages: u64, per_call: u64) -> anyhow::Result<()> {
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let calling = async {
        loop {
            let first = next.fetch_add(per_call, Ordering::Relaxed);
            if first >= messages {
                return anyhow::Ok(());
            }
            let body = body(status, first..messages.min(first + per_call));
            let mut signature = "sha256=".to_owned();
            for byte in hmac::sign(&key, body.as_bytes()).as_ref() {
                // Writing to a text does not fail.
                let _written = write!(signature, "{byte:02x}");
            }
            let request = Request::post("/webhooks/meta")
                .header(HOST, authority)
                .header(CONTENT_TYPE, "application/json")
                .header("x-hub-signature-256", signature)
                .body(Full::new(Bytes::from(body)))?;
            let answer = sender.send_request(request).await?;
            anyhow::ensure!(answer.status() == StatusCode::OK, "a report was answered {}", answer.status());
            answer.into_body().collect().await?;
        }
    };
    tokio::select! {
        called = calling => called,
        _ = connection => anyhow::bail!("the gateway closed a connection"),
    }
}

/// A webhook call as the upstream makes it.
fn body(status: &str, messages: std::ops::Range<u64>) -> String {
    let statuses: Vec<_> = messages
        .map(|number| {
            json!({
                "id": wamid(number), "status": status, "timestamp": "1750030073", "recipient_id": "6281200000000"
            })
        })
        .collect();
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "900", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": "10000" },
        "statuses": statuses
    }}]}]})
    .to_string()
}
