//! The gateway put together: store, engine, HTTP. `dev` and `serve` both run this, and nothing else.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use kabar_api::auth::Tokens;
use kabar_domain::phone::PhoneNumber;
use kabar_domain::rates::RateCard;
use kabar_engine::Gateway;
use kabar_engine::MetaApp;
use kabar_engine::room::Bounds;
use kabar_graph::client::GraphClient;
use kabar_store::Store;
use kabar_store::kill::KillSwitch;
use kabar_store::ledger::Patience;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::WallClock;

/// The name under which the store keeps the key that signs tokens.
const TOKEN_KEY: &str = "token-signing-key";

/// How long one call that carries a file may take; what has arrived by then stays, and the next call goes on from there.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// What the gateway is told.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) upstream_url: String,
    pub(crate) upstream_version: Option<String>,
    pub(crate) upstream_timeout: Duration,
    pub(crate) calls_at_once: usize,
    pub(crate) callbacks: kabar_engine::callbacks::Options,
    pub(crate) poll_every: Duration,
    pub(crate) access_token: Option<String>,
    pub(crate) meta_apps: Vec<MetaApp>,
    /// For how long webhook calls are kept.
    pub(crate) journal_keep: Duration,
    pub(crate) verify_token: String,
    /// The address under which the upstream reaches this gateway.
    pub(crate) public_url: Option<String>,
    pub(crate) patience: Patience,
    pub(crate) bounds: Bounds,
    /// Requests a second per app; `None` for no limit.
    pub(crate) rate_limit: Option<NonZeroU32>,
    pub(crate) max_body_bytes: usize,
    pub(crate) media: kabar_engine::media::Options,
    pub(crate) rates: Option<RateCard>,
    pub(crate) retention: kabar_engine::retention::Options,
}

/// A gateway that is ready to run.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) gateway: Gateway,
    clock: WallClock,
    store: Store,
    router: axum::Router,
}

impl Server {
    /// Puts the gateway together on an open store.
    pub(crate) async fn assemble(store: Store, settings: Settings) -> anyhow::Result<Self> {
        PhoneNumber::warm_up();
        let mut registry = Registry::default();
        let graph = graph_client(&settings)?;
        let webhook_uri =
            settings.public_url.as_deref().map(|url| format!("{}/webhooks/meta", url.trim_end_matches('/')));
        let clock = WallClock::start();
        let gateway = Gateway::start(kabar_engine::Options {
            store: store.clone(),
            graph,
            clock: clock.clock.clone(),
            access_token: settings.access_token,
            meta_apps: settings.meta_apps,
            journal_keep: settings.journal_keep,
            verify_token: settings.verify_token,
            webhook_uri,
            patience: settings.patience,
            bounds: settings.bounds,
            poll_every: settings.poll_every,
            calls_at_once: settings.calls_at_once,
            calls_in_all: calls_in_all(std::fs::read_to_string("/proc/self/limits").ok().as_deref()),
            callbacks: settings.callbacks,
            media: settings.media,
            rates: settings.rates,
            retention: settings.retention,
            metrics: kabar_engine::metrics::Metrics::register(&mut registry),
        })
        .await
        .context("could not start")?;
        let tokens = token_signer(&store).await?;
        let metrics = kabar_api::metrics::Metrics::register(&mut registry);
        let api = kabar_api::router(kabar_api::Options {
            gateway: gateway.clone(),
            tokens,
            registry: Arc::new(registry),
            metrics,
            rate_limit: settings.rate_limit,
            max_body_bytes: settings.max_body_bytes,
            public_url: settings.public_url,
        });
        Ok(Self { gateway, clock, store, router: kabar_console::router().merge(api) })
    }

    /// The same with more pages.
    pub(crate) fn with_pages(self, pages: axum::Router) -> Self {
        Self { router: self.router.merge(pages), ..self }
    }

    /// Serves until `stop` is cancelled; then finishes what is under way and closes the store.
    pub(crate) async fn run(self, listener: TcpListener, stop: CancellationToken) {
        let listen = kabar_listen::serve(listener, self.router, kabar_listen::Options::default(), stop.clone());
        tokio::join!(listen, self.gateway.run(stop.clone()), self.clock.follow(stop));
        self.store.close().await;
    }
}

/// How many calls to the upstream may be under way at once, of all senders together: each takes a connection, and half of
/// what the system lets this process open is for callers and the store. 4,096 at most: with answers in 200 ms that is 20,000
/// messages a second.
fn calls_in_all(limits: Option<&str>) -> usize {
    let line = limits.and_then(|text| text.lines().find_map(|line| line.strip_prefix("Max open files")));
    let open = line.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    (open.unwrap_or(1024) / 2).clamp(256, 4096)
}

/// The client that calls the upstream.
pub(crate) fn graph_client(settings: &Settings) -> anyhow::Result<GraphClient> {
    let options = kabar_outbound::Options {
        total_timeout: settings.upstream_timeout,
        max_response_bytes: 8 * 1024 * 1024,
        max_idle_per_host: settings.calls_at_once,
        ..kabar_outbound::Options::default()
    };
    let uploads = kabar_outbound::Options { total_timeout: UPLOAD_TIMEOUT, max_idle_per_host: 2, ..options.clone() };
    let graph = GraphClient::new(
        &settings.upstream_url,
        settings.upstream_version.as_deref(),
        kabar_outbound::Client::new(options),
    )
    .context("upstream.url")?;
    Ok(graph.uploading_by(kabar_outbound::Client::new(uploads)))
}

/// What signs and verifies this store's tokens, with a key that is made at first use.
pub(crate) async fn token_signer(store: &Store) -> anyhow::Result<Tokens> {
    let key = store.secret(TOKEN_KEY, fresh_key()?).await.context("could not read the key that signs tokens")?;
    Ok(Tokens::new(&key))
}

/// 32 random bytes.
pub(crate) fn fresh_key() -> anyhow::Result<Vec<u8>> {
    let mut key = vec![0; 32];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| anyhow::anyhow!("the machine gives no random numbers"))?;
    Ok(key)
}

/// Where a test has the process end: in a build with debug assertions, at what `KABAR_KILL_AT` names.
pub(crate) fn kill_switch() -> anyhow::Result<KillSwitch> {
    match std::env::var("KABAR_KILL_AT") {
        Ok(text) if !text.is_empty() => text.parse().context("KABAR_KILL_AT"),
        _ => Ok(KillSwitch::off()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_what_may_be_open_is_for_calls() {
        let limits = |soft: &str| {
            format!("Limit  Soft Limit  Hard Limit  Units\nMax open files            {soft}  524288  files\n")
        };
        for (soft, calls) in [("1024", 512), ("20000", 4096), ("100", 256), ("unlimited", 512)] {
            assert_eq!(calls_in_all(Some(&limits(soft))), calls, "{soft}");
        }
        assert_eq!(calls_in_all(None), 512);
    }
}
