//! `kabar verify`: the gateway's ledger against the sandbox's.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use kabar_domain::ids::Msgid;
use kabar_outbound::{Client, Options};
use kabar_store::Store;

use crate::cli::VerifyArgs;
use crate::commands::store::{Make, open};
use crate::output;

mod compare;
mod seen;

use compare::{Comparison, Told};
use seen::{SandboxMessage, Seen};

/// How many messages are read at once, of either ledger.
const PAGE: u32 = 5_000;
/// How many msgids of a kind are named.
const NAMED: usize = 10;

pub(crate) async fn run(args: VerifyArgs) -> anyhow::Result<()> {
    let told = args.msgids.as_deref().map(read_msgids).transpose()?.unwrap_or_default();
    let store = open(&args.store, Make::No).await?;
    // The sandbox first: what it accepts meanwhile the gateway has accepted before.
    let (seen, source) = match (&args.sandbox, &args.ledger) {
        (_, Some(path)) => (read_file(path)?, None),
        (url, None) => {
            let source = Source::new(url.as_deref().unwrap_or_default());
            (source.all().await?, Some(source))
        }
    };
    let senders = store.directory().await?.senders;
    let mut comparison = Comparison::new(seen, senders.into_iter().map(|sender| sender.id.to_string()).collect());
    audit(&store, &mut comparison).await?;
    store.close().await;
    if let Some(source) = &source {
        // A message that was sent while the ledgers were read is only not seen yet.
        for msgid in comparison.not_seen() {
            comparison.look_again(msgid, source.of(msgid).await?);
        }
    }
    let report = comparison.report(&told, NAMED);
    output::data(&if args.json { report.to_json().to_string() } else { report.to_text() });
    anyhow::ensure!(
        report.lost.count == 0 && report.doubled.count == 0,
        "{} lost, {} doubled",
        report.lost.count,
        report.doubled.count
    );
    Ok(())
}

async fn audit(store: &Store, comparison: &mut Comparison) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = store.audit(after, PAGE).await.context("could not read the gateway's ledger")?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key);
        for message in &page {
            comparison.take(Told::of(message));
        }
    }
}

fn read_msgids(path: &Path) -> anyhow::Result<Vec<Msgid>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("--msgids: could not read {}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(place, line)| {
            let wrong = || format!("--msgids: line {} of {} is no msgid", place + 1, path.display());
            Msgid::parse(line.trim()).ok().with_context(wrong)
        })
        .collect()
}

fn read_file(path: &Path) -> anyhow::Result<Seen> {
    let text = std::fs::read_to_string(path).with_context(|| format!("--ledger: could not read {}", path.display()))?;
    let mut seen = Seen::default();
    for (place, line) in text.lines().enumerate() {
        let message = serde_json::from_str(line)
            .with_context(|| format!("--ledger: line {} of {} is no message", place + 1, path.display()))?;
        seen.add(&message);
    }
    Ok(seen)
}

/// A running sandbox.
struct Source {
    url: String,
    client: Client,
}

impl Source {
    fn new(url: &str) -> Self {
        let client = Client::new(Options {
            total_timeout: Duration::from_secs(60),
            max_response_bytes: 64 * 1024 * 1024,
            ..Options::default()
        });
        Self { url: format!("{}/_sandbox/ledger/messages", url.trim_end_matches('/')), client }
    }

    async fn all(&self) -> anyhow::Result<Seen> {
        let mut seen = Seen::default();
        let mut skip = 0_u64;
        loop {
            let page = self.page(&format!("skip={skip}&limit={PAGE}")).await?;
            if page.is_empty() {
                return Ok(seen);
            }
            skip += page.len() as u64;
            for message in &page {
                seen.add(message);
            }
        }
    }

    async fn of(&self, msgid: Msgid) -> anyhow::Result<Seen> {
        let mut seen = Seen::default();
        for message in &self.page(&format!("biz_opaque_callback_data={msgid}")).await? {
            seen.add(message);
        }
        Ok(seen)
    }

    async fn page(&self, query: &str) -> anyhow::Result<Vec<SandboxMessage>> {
        let wrong = || format!("could not read the sandbox's ledger at {}", self.url);
        let request = http::Request::get(format!("{}?{query}", self.url)).body(Bytes::new()).with_context(wrong)?;
        let answer = self.client.send(request).await.with_context(wrong)?;
        anyhow::ensure!(answer.status.is_success(), "{}: {}", wrong(), answer.status);
        let text = std::str::from_utf8(&answer.body).with_context(wrong)?;
        text.lines().map(|line| serde_json::from_str(line).with_context(wrong)).collect()
    }
}
