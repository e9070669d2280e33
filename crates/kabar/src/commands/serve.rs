//! `kabar serve`

use std::path::Path;

use anyhow::Context as _;
use kabar_domain::clock::Clock;
use kabar_store::directory::{App, Sender};
use kabar_store::{Error, Options, Store};
use tokio::net::TcpListener;

use crate::cli::ServeArgs;
use crate::config::{Config, daily_limit};
use crate::server::{self, Server};
use crate::{logging, stop};

pub(crate) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let config = load(&args)?;
    let settings = config.settings()?;
    logging::start(&config.log.filter, config.log.format)?;
    let stop = stop::on_signal()?;
    let location = config.store.location()?;
    let options = Options {
        exclusive: true,
        key_file: config.store.key_file.clone(),
        kill: server::kill_switch()?,
        ..Options::new(location.clone())
    };
    let store = Store::open(options).await.with_context(|| format!("could not open the store at {location}"))?;
    add_senders(&store, &config).await?;
    let listen = config.server.listen;
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("server.listen: could not listen on {listen}"))?;
    let address = listener.local_addr()?;
    let server = Server::assemble(store, settings).await?;
    tracing::info!(%address, store = %location, "Kabar serves");
    server.run(listener, stop).await;
    tracing::info!("Kabar has stopped");
    Ok(())
}

/// The configuration with what the flags say instead.
fn load(args: &ServeArgs) -> anyhow::Result<Config> {
    let path = match &args.config {
        Some(path) => Some(path.as_path()),
        None => Some(Path::new("kabar.toml")).filter(|path| path.exists()),
    };
    let mut config = Config::load(path)?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    if let Some(location) = &args.store {
        config.store.url = location.to_string();
    }
    if let Some(url) = &args.public_url {
        config.server.public_url = Some(url.clone());
    }
    if let Some(limit) = args.rate_limit {
        config.server.rate_limit = limit;
    }
    Ok(config)
}

/// Puts the configuration's senders, and their apps, into the store.
async fn add_senders(store: &Store, config: &Config) -> anyhow::Result<()> {
    let now = Clock::system().now();
    for (place, sender) in config.senders.iter().enumerate() {
        let app = App { id: sender.app.clone(), name: sender.app.to_string(), created_at: now };
        match store.create_app(app).await {
            Ok(()) => tracing::info!(app = %sender.app, "made the app that the configuration names"),
            Err(Error::AppExists(_)) => {}
            Err(err) => return Err(err).context(format!("senders[{place}].app")),
        }
        store
            .add_sender(Sender {
                id: sender.phone_number_id.clone(),
                app: sender.app.clone(),
                waba: sender.waba_id.clone(),
                throughput: sender.throughput.get(),
                access_token: sender.access_token(place)?,
                created_at: now,
            })
            .await
            .with_context(|| format!("senders[{place}]"))?;
        if let Some(limit) = sender.daily_limit {
            store.learn(daily_limit(&sender.waba_id, limit, now)).await?;
        }
    }
    Ok(())
}
