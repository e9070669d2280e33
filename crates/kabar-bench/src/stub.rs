//! A stub in the upstream's place: it takes every message and keeps nothing of it but a count, and, if it is asked to, the
//! moment at which each login code came.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::child::Owned;

/// Where it takes messages, under its address.
pub(crate) const OPEN: &str = "/open";
/// Where it refuses them for a while, so that they queue.
pub(crate) const CLOSED: &str = "/closed";
/// The template of login codes.
pub(crate) const LOGIN_CODE: &str = "kode_masuk";
/// The template of order updates, with two values.
pub(crate) const ORDER_UPDATE: &str = "pesanan_dikirim";
/// The template of a campaign, with two values.
pub(crate) const CAMPAIGN: &str = "promo_akhir_pekan";

/// `stub-server`
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

/// What came.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    calls: AtomicU64,
    first: OnceLock<Instant>,
    codes: Mutex<HashMap<String, Instant>>,
}

/// What came, as another process asks for it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stats {
    /// How many messages.
    pub(crate) calls: u64,
    /// How long ago the first one came, in seconds.
    pub(crate) since_first: f64,
}

impl Seen {
    /// When each login code came, by what is to be echoed.
    pub(crate) fn take_codes(&self) -> HashMap<String, Instant> {
        std::mem::take(&mut *self.codes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the first message came, if one did.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.first.get().copied()
    }

    /// How many messages came.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Serves until the process is killed.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let ready = Ready { url: format!("http://{}", listener.local_addr()?) };
    let beside = args.ready_file.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(&ready)?)?;
    std::fs::rename(&beside, &args.ready_file)?;
    let options = kabar_listen::Options::default();
    kabar_listen::serve(listener, router(Arc::default()), options, CancellationToken::new()).await;
    Ok(())
}

/// A stub in a process of its own, until this is dropped.
#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) url: String,
    _process: Owned,
}

impl Stub {
    /// Starts it.
    pub(crate) async fn start(folder: &std::path::Path) -> anyhow::Result<Self> {
        let ready_file = folder.join("stub.json");
        let this = std::env::current_exe().context("this program does not know where it is")?;
        let mut command = std::process::Command::new(this);
        command.arg("stub-server").arg("--ready-file").arg(&ready_file);
        let (process, ready) = Owned::start::<Ready>(&mut command, &ready_file).await?;
        Ok(Self { url: ready.url, _process: process })
    }
}

/// A stub in this process, which shares its clock, until this is dropped.
#[derive(Debug)]
pub(crate) struct Here {
    pub(crate) url: String,
    pub(crate) seen: Arc<Seen>,
    _task: JoinSet<()>,
}

impl Here {
    /// Starts it.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let seen = Arc::<Seen>::default();
        let router = router(Arc::clone(&seen));
        let mut task = JoinSet::new();
        task.spawn(kabar_listen::serve(listener, router, kabar_listen::Options::default(), CancellationToken::new()));
        Ok(Self { url, seen, _task: task })
    }
}

fn router(seen: Arc<Seen>) -> Router {
    let graph = |messages| {
        Router::new().route("/v26.0/{id}/messages", messages).route("/v26.0/{id}/message_templates", get(templates))
    };
    Router::new()
        .nest(OPEN, graph(post(take)))
        .nest(CLOSED, graph(post(refuse)))
        .route("/stats", get(stats))
        .with_state(seen)
}

async fn take(State(seen): State<Arc<Seen>>, body: Bytes) -> Json<Value> {
    let number = seen.calls.fetch_add(1, Ordering::Relaxed);
    let now = Instant::now();
    seen.first.get_or_init(|| now);
    if memchr(&body, LOGIN_CODE.as_bytes()) {
        let sent = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        if let Some(msgid) = sent["biz_opaque_callback_data"].as_str() {
            seen.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(msgid.to_owned(), now);
        }
    }
    Json(json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+6281200000000", "wa_id": "6281200000000"}],
        "messages": [{"id": wamid(number), "message_status": "accepted"}],
    }))
}

/// The id of the message of this number. They are in no order, as the upstream's are: an index of them is not filled from
/// one end.
pub(crate) fn wamid(number: u64) -> String {
    format!("wamid.HBgNNjI4MTIwMDAwMDAwMBUCABEYEj{:016X}AA==", number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn memchr(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// As the upstream refuses while it is at work on an account.
async fn refuse() -> (StatusCode, Json<Value>) {
    let error = json!({"error": {"code": 131_057, "message": "(#131057) Account in maintenance mode"}});
    (StatusCode::INTERNAL_SERVER_ERROR, Json(error))
}

async fn stats(State(seen): State<Arc<Seen>>) -> Json<Stats> {
    let since_first = seen.first.get().map_or(0.0, |first| first.elapsed().as_secs_f64());
    Json(Stats { calls: seen.calls(), since_first })
}

async fn templates() -> Json<Value> {
    let text = |text: &str| json!({"type": "BODY", "text": text, "example": {"body_text": [["Budi", "INV-2041"]]}});
    let code = json!([
        {"type": "BODY", "text": "*{{1}}* adalah kode verifikasi Anda.", "example": {"body_text": [["123456"]]}},
        {"type": "BUTTONS", "buttons": [{
            "type": "URL", "text": "Salin kode", "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
            "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"]
        }]},
    ]);
    let template = |id: u32, name: &str, category: &str, components: Value| {
        json!({
            "id": id.to_string(), "name": name, "language": "id", "category": category, "status": "APPROVED",
            "components": components, "parameter_format": "POSITIONAL",
        })
    };
    let order = "Halo {{1}}, pesanan Anda dengan nomor {{2}} sudah kami kirim hari ini.";
    let offer = "Halo {{1}}, akhir pekan ini semua sepatu diskon dengan kode {{2}} di toko kami.";
    Json(json!({"data": [
        template(1001, ORDER_UPDATE, "UTILITY", json!([text(order)])),
        template(1002, LOGIN_CODE, "AUTHENTICATION", code),
        template(1003, CAMPAIGN, "MARKETING", json!([text(offer)])),
    ]}))
}
