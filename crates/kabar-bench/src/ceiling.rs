//! The ceiling: the same HTTP stack and the same requests, read and parsed, and nothing kept of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::child::Owned;
use crate::load::{SEND_PATH, Target};

/// `ceiling-server`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to write the address, once it listens.
    #[arg(long)]
    ready_file: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Ready {
    url: String,
}

/// An answer of the size of Kabar's, the same for everyone.
#[derive(Debug, Serialize)]
struct Answer {
    msgid: &'static str,
    success: bool,
}

/// Serves until the process is killed.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let ready = Ready { url: format!("http://{}", listener.local_addr()?) };
    let beside = args.ready_file.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(&ready)?)?;
    std::fs::rename(&beside, &args.ready_file)?;
    kabar_listen::serve(listener, router(), kabar_listen::Options::default(), CancellationToken::new()).await;
    Ok(())
}

pub(crate) fn router() -> Router {
    Router::new().route(SEND_PATH, post(take))
}

async fn take(Json(body): Json<Value>) -> Json<Answer> {
    drop(body);
    Json(Answer { msgid: "00000000-0000-7000-8000-000000000000", success: true })
}

/// A ceiling that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Ceiling {
    pub(crate) target: Target,
    _process: Owned,
}

impl Ceiling {
    /// Starts it as a process of its own, for requests like those to Kabar.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let ready_file = folder.join("ready.json");
        let this = std::env::current_exe().context("this program does not know where it is")?;
        let mut command = Command::new(this);
        command.arg("ceiling-server").arg("--ready-file").arg(&ready_file).stdin(Stdio::null()).stdout(Stdio::null());
        let (process, ready) = Owned::start::<Ready>(&mut command, &ready_file).await?;
        // A token and a code of the lengths that Kabar's have.
        let target = Target::new(&ready.url, &"t".repeat(360), &format!("{}:pesanan_dikirim", "0".repeat(36)))?;
        Ok(Self { target, _process: process })
    }
}
