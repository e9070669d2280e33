//! The real program: `kabar dev`, built with the same profile as this one, on a data folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde::Deserialize;

use crate::child::Owned;
use crate::load::{self, Target};

/// The sample template by which is sent: a text with two variables.
const TEMPLATE: &str = "pesanan_dikirim";
/// By what Kabar counts the messages that are on disk.
const ACCEPTED: &str = "kabar_messages_accepted_total";

/// What `kabar dev` says when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    gateway_url: String,
    token: String,
    template_codes: BTreeMap<String, String>,
}

/// A gateway that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Kabar {
    pub(crate) target: Target,
    _process: Owned,
}

impl Kabar {
    /// Starts it on an empty folder, without a limit of requests.
    pub(crate) async fn start(binary: &Path, folder: &Path) -> anyhow::Result<Self> {
        let ready_file = folder.join("ready.json");
        let mut command = Command::new(binary);
        command
            .args(["dev", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--rate-limit", "0"])
            .arg("--data")
            .arg(folder.join("data"))
            .arg("--ready-file")
            .arg(&ready_file)
            .env("KABAR_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let (process, ready) = Owned::start::<Ready>(&mut command, &ready_file).await?;
        let code =
            ready.template_codes.get(TEMPLATE).with_context(|| format!("kabar dev has no template {TEMPLATE}"))?;
        let target = Target::new(&ready.gateway_url, &ready.token, code)?;
        Ok(Self { target, _process: process })
    }

    /// How many messages Kabar itself has counted as accepted.
    pub(crate) async fn accepted(&self) -> anyhow::Result<u64> {
        let text = load::get(&self.target, "/metrics").await?;
        counter(&text, ACCEPTED).with_context(|| format!("/metrics has no {ACCEPTED}"))
    }
}

fn counter(metrics: &str, name: &str) -> Option<u64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

/// The `kabar` beside this program; where there is none, how to build it.
pub(crate) fn beside_this() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("this program does not know where it is")?;
    let binary = this.with_file_name(format!("kabar{}", std::env::consts::EXE_SUFFIX));
    let profile = this.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    anyhow::ensure!(
        binary.is_file(),
        "there is no {}; build it first: cargo build {}-p kabar",
        binary.display(),
        match profile {
            "debug" => String::new(),
            "release" => "--release ".to_owned(),
            other => format!("--profile {other} "),
        }
    );
    Ok(binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_found_by_its_whole_name() {
        let text = "# TYPE kabar_messages_accepted counter\nkabar_messages_accepted_total_x 1\n\
                    kabar_messages_accepted_total 42\n# EOF\n";
        assert_eq!(counter(text, ACCEPTED), Some(42));
        assert_eq!(counter(text, "kabar_messages"), None);
    }
}
