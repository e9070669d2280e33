//! The gateway alone, `kabar serve`, with a stub in the upstream's place.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::child::Owned;
use crate::load::{self, Target};
use crate::resources::Resources;

/// How often is looked for what is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// After how long it is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// With what the upstream signs.
pub(crate) const SECRET: &str = "secret";

/// A store with a configuration: so many apps, each with a sender of its own, all in one account.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) binary: PathBuf,
    pub(crate) folder: PathBuf,
    /// How many senders there are.
    pub(crate) senders: usize,
    /// Messages a second that each of them may send.
    pub(crate) throughput: u32,
}

/// A running gateway on a shop's store.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// When its process was started.
    pub(crate) started_at: Instant,
    url: String,
    process: Owned,
}

impl Shop {
    /// Starts the gateway with this upstream.
    pub(crate) async fn open(&self, upstream: &str) -> anyhow::Result<Gateway> {
        // Somebody else may take the port in between; then it does not start, and the run is void.
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        drop(listener);
        std::fs::write(self.config(), self.configuration(&address, upstream))?;
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(self.config()).stdin(Stdio::null()).stdout(Stdio::null());
        let started_at = Instant::now();
        let process = Owned::spawn(&mut command)?;
        let gateway = Gateway { started_at, url: format!("http://{address}"), process };
        let target = Target::new(&gateway.url, "none", "none")?;
        wait_for("the gateway to answer", async || Ok(load::get(&target, "/healthz").await.ok())).await?;
        Ok(gateway)
    }

    /// Where its database is.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("kabar.db")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("kabar.toml")
    }

    fn configuration(&self, address: &str, upstream: &str) -> String {
        let mut text = format!(
            "[server]\nlisten = \"{address}\"\nrate_limit = 0\n[store]\nurl = \"sqlite:{}\"\n[upstream]\nurl = \"{upstream}\"\n\
             version = \"v26.0\"\naccess_token = \"graph\"\napp_secret = \"{SECRET}\"\nverify_token = \"verify\"\n[log]\nfilter = \"error\"\n",
            self.database().display()
        );
        for number in 0..self.senders {
            // Writing to a text does not fail.
            let _written = write!(
                text,
                "[[senders]]\napp = \"{}\"\nphone_number_id = \"{}\"\nwaba_id = \"900\"\nthroughput = {}\n",
                app(number),
                10_000 + number,
                self.throughput
            );
        }
        text
    }

    /// What each app is sent by: a token of its own, and the codes of the stub's templates, by their names.
    pub(crate) async fn targets(&self, gateway: &Gateway) -> anyhow::Result<Vec<BTreeMap<String, Target>>> {
        // All tokens first: the gateway looks for new ones now and then, so it need be waited for only once.
        let mut tokens = Vec::with_capacity(self.senders);
        for number in 0..self.senders {
            let issued = Command::new(&self.binary)
                .args(["token", "issue", "--app", &app(number), "--config"])
                .arg(self.config())
                .stderr(Stdio::null())
                .output()?;
            anyhow::ensure!(issued.status.success(), "no token was issued for {}", app(number));
            tokens.push(String::from_utf8(issued.stdout)?.trim().to_owned());
        }
        let mut targets = Vec::with_capacity(self.senders);
        for (number, token) in tokens.iter().enumerate() {
            targets.push(codes(&gateway.url, token, &app(number)).await?);
        }
        Ok(targets)
    }
}

fn app(number: usize) -> String {
    format!("toko-{number}")
}

/// Waits until the gateway knows the token and the templates.
async fn codes(url: &str, token: &str, app: &str) -> anyhow::Result<BTreeMap<String, Target>> {
    let asked = Target::new(url, token, "none")?;
    let list = wait_for("the templates", async || {
        let Ok(text) = load::get(&asked, &format!("/templates/{app}")).await else { return Ok(None) };
        let list: Value = serde_json::from_str(&text)?;
        Ok(list["data"].as_array().filter(|items| items.len() >= 3).cloned())
    })
    .await?;
    let mut targets = BTreeMap::new();
    for item in list {
        let id = item["id"].as_str().context("a template has no id")?;
        let text = load::get(&asked, &format!("/templates/{app}/{id}")).await?;
        let details: Value = serde_json::from_str(&text)?;
        let code =
            details.pointer("/data/$extras/template_code_id").or_else(|| details.pointer("/$extras/template_code_id"));
        let code = code.and_then(Value::as_str).with_context(|| format!("a template has no code: {text}"))?;
        let name = item["name"].as_str().context("a template has no name")?;
        targets.insert(name.to_owned(), Target::new(url, token, code)?);
    }
    Ok(targets)
}

impl Gateway {
    /// Has it finish what is under way, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.process.terminate()?;
        wait_for("the gateway to end", async || Ok(self.process.ended()?.then_some(()))).await
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Ends it at once (SIGKILL).
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// What the system tells of its process.
    pub(crate) fn resources(&self) -> Resources {
        Resources::of(self.process.id())
    }

    /// A figure of its metrics, by the whole name with its labels; nothing if it has none yet.
    pub(crate) async fn metric(&self, name: &str) -> anyhow::Result<u64> {
        let target = Target::new(&self.url, "none", "none")?;
        let text = load::get(&target, "/metrics").await?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.and_then(|figure| figure.trim().parse().ok()).unwrap_or(0))
    }

    /// Waits until so many messages were taken by the upstream and nothing is under way any more.
    pub(crate) async fn drained(&self, messages: u64) -> anyhow::Result<()> {
        wait_for("the queue to be drained", async || {
            let submitted = self.metric("kabar_attempts_total{outcome=\"submitted\"}").await?;
            let left = self.metric("kabar_messages_waiting").await? + self.metric("kabar_messages_being_sent").await?;
            Ok((submitted >= messages && left == 0).then_some(()))
        })
        .await
    }
}

/// Looks again and again until there is something to see.
pub(crate) async fn wait_for<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        anyhow::ensure!(begun.elapsed() < LONGEST_WAIT, "waited in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Has `messages` accepted, over 64 connections, to recipients of their own, for each target in turn.
pub(crate) async fn fill(targets: &[Target], messages: usize) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    let next = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    for _ in 0..64 {
        let (targets, next) = (targets.to_vec(), std::sync::Arc::clone(&next));
        tasks.spawn(async move { load::send_from(&targets, &next, messages).await });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("a connection's task ended")??;
    }
    Ok(())
}

/// A folder that goes away.
pub(crate) fn temporary(folder: &Path) -> anyhow::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("kabar-bench-")
        .tempdir_in(folder)
        .with_context(|| format!("no folder could be made in {}", folder.display()))
}
