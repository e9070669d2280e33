//! `kabar dev`: everything on this machine, from nothing.
//!
//! The gateway is the same as in production; only what a person would do by hand is done here: a sandbox is started, an
//! app with a sender and a token is made, sample templates are created and approved, and what to paste next is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use kabar_domain::attached::AtSend;
use kabar_domain::ids::{AppId, SenderId, WabaId};
use kabar_engine::room::Bounds;
use kabar_engine::{MetaApp, media};
use kabar_outbound::AddressPolicy;
use kabar_sandbox::{Options as SandboxOptions, Sandbox};
use kabar_store::ledger::Patience;
use kabar_store::location::Location;
use kabar_store::{Options as StoreOptions, Store};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::DevArgs;
use crate::commands::dev::control::Control;
use crate::commands::{ready_file, sandbox};
use crate::config::RatesConfig;
use crate::server::{self, Server, Settings};
use crate::{logging, output, stop};

mod control;
mod hints;
mod provision;
mod samples;

/// The Meta app of `kabar dev`.
const META_APP: &str = "777000000000001";
/// For how long it keeps webhook calls.
const JOURNAL_KEEP: Duration = Duration::from_secs(14 * 86_400);

/// What another program needs to know of a running `kabar dev`.
#[derive(Debug, Serialize)]
struct Ready {
    gateway_url: String,
    sandbox_url: String,
    /// The page with the recipients' phones.
    phone_url: String,
    app_id: AppId,
    token: String,
    sender: SenderId,
    waba_id: WabaId,
    /// The sample templates: the code of each by its name.
    template_codes: BTreeMap<String, String>,
}

pub(crate) async fn run(args: DevArgs) -> anyhow::Result<()> {
    logging::start(
        &std::env::var("KABAR_LOG").unwrap_or_else(|_| "warn,kabar=info".to_owned()),
        logging::Format::Text,
    )?;
    let stop = stop::on_signal()?;
    if let Some(path) = &args.ready_file {
        ready_file::remove(path)?;
    }
    let location = Location::in_folder(&args.data);
    let store =
        Store::open(StoreOptions { exclusive: true, kill: server::kill_switch()?, ..StoreOptions::new(location) })
            .await
            .with_context(|| format!("could not open the store in {}", args.data.display()))?;
    let listener = listen(args.listen, "--listen").await?;
    let gateway_url = format!("http://{}", listener.local_addr()?);
    let own_sandbox = OwnSandbox::start(&args).await?;
    let sandbox_url = match (&own_sandbox, &args.sandbox_url) {
        (Some(sandbox), _) => sandbox.url.clone(),
        (None, url) => url.as_deref().unwrap_or_default().trim_end_matches('/').to_owned(),
    };
    let settings = settings(&args, &store, &sandbox_url, &gateway_url).await?;
    let app = provision::ensure_app(&store, &settings).await?;
    let phone_url = format!("{gateway_url}{}", kabar_console::phone::PATH);
    let pages = kabar_console::phone::router(Arc::new(Control::new(&sandbox_url)), stop.clone());
    let server = Server::assemble(store, settings).await?.with_pages(pages);
    let gateway = server.gateway.clone();
    let tasks = TaskTracker::new();
    let serving = tasks.spawn(Box::pin(server.run(listener, stop.clone())));

    let made = tokio::select! {
        made = Box::pin(samples::ensure(&gateway, &app.id, &sandbox_url)) => Some(made),
        () = stop.cancelled() => None,
    };
    let failed = match made {
        Some(Ok(template_codes)) => {
            let ready = Ready {
                gateway_url,
                sandbox_url,
                phone_url,
                app_id: app.id,
                token: app.token,
                sender: app.sender,
                waba_id: app.waba,
                template_codes,
            };
            announce(&args, &ready).err()
        }
        Some(Err(err)) => Some(err),
        None => None,
    };
    if failed.is_some() {
        stop.cancel();
    }
    let served = serving.await;
    if let Some(sandbox) = own_sandbox {
        sandbox.stop().await;
    }
    served.context("the gateway ended")?;
    failed.map_or(Ok(()), Err)
}

fn announce(args: &DevArgs, ready: &Ready) -> anyhow::Result<()> {
    output::data(&hints::text(ready, &args.data));
    match &args.ready_file {
        Some(path) => ready_file::write(path, ready),
        None => Ok(()),
    }
}

async fn listen(address: std::net::SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{flag}: could not listen on {address}"))
}

async fn settings(args: &DevArgs, store: &Store, sandbox_url: &str, gateway_url: &str) -> anyhow::Result<Settings> {
    // The sandbox asks for it when a webhook address is verified; any text does that nobody else knows.
    let verify_token = store.secret("dev-verify-token", server::fresh_key()?).await?;
    Ok(Settings {
        upstream_url: sandbox_url.to_owned(),
        upstream_version: Some("v26.0".to_owned()),
        upstream_timeout: Duration::from_secs(30),
        calls_at_once: 256,
        callbacks: callbacks(),
        poll_every: args.poll,
        bounds: Bounds::default(),
        access_token: Some("sandbox".to_owned()),
        meta_apps: vec![MetaApp {
            name: META_APP.to_owned(),
            secret: args.app_secret.clone(),
            accounts: BTreeSet::new(),
        }],
        journal_keep: JOURNAL_KEEP,
        verify_token: hex(&verify_token),
        public_url: Some(gateway_url.to_owned()),
        patience: Patience {
            authentication: Duration::from_secs(30),
            utility: Duration::from_secs(600),
            marketing: Duration::from_secs(600),
        },
        rate_limit: NonZeroU32::new(args.rate_limit),
        max_body_bytes: kabar_api::DEFAULT_MAX_BODY_BYTES,
        media: media(args.media),
        rates: RatesConfig { file: args.rates.clone() }.read()?,
        retention: kabar_engine::retention::Options::default(),
    })
}

/// Whoever tries Kabar out has other servers on this machine.
fn public_and_loopback() -> AddressPolicy {
    let loopback = ["127.0.0.0/8", "::1"].map(|net| net.parse().expect("it is a net"));
    AddressPolicy::PublicOnly { also: loopback.to_vec() }
}

/// The app's server is on this machine, in clear http.
fn callbacks() -> kabar_engine::callbacks::Options {
    kabar_engine::callbacks::Options {
        allow: public_and_loopback(),
        clear_http: true,
        ..kabar_engine::callbacks::Options::default()
    }
}

/// For the sandbox any app id does.
fn media(at_send: AtSend) -> media::Options {
    media::Options {
        meta_app_id: Some(META_APP.to_owned()),
        allow: public_and_loopback(),
        at_send,
        ..media::Options::default()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The sandbox that runs in this process.
struct OwnSandbox {
    url: String,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl OwnSandbox {
    async fn start(args: &DevArgs) -> anyhow::Result<Option<Self>> {
        if args.sandbox_url.is_some() {
            return Ok(None);
        }
        let sandbox = Sandbox::open(SandboxOptions {
            review: args.review,
            state_file: Some(state_file(&args.data)),
            limits: args.behaviour.limits,
            faults: sandbox::faults(&args.behaviour)?,
            ..SandboxOptions::new(args.app_secret.clone())
        })
        .await
        .context("could not open the sandbox")?;
        sandbox::tell_faults(&sandbox);
        let listener = listen(args.sandbox_listen, "--sandbox-listen").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(kabar_listen::serve(listener, sandbox.router(), kabar_listen::Options::default(), stop.clone()));
        let background = stop.clone();
        tasks.spawn(async move { sandbox.run(background).await });
        tasks.close();
        Ok(Some(Self { url, stop, tasks }))
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

fn state_file(data: &Path) -> std::path::PathBuf {
    data.join("sandbox.jsonl")
}
