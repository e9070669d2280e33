//! `kabar sandbox`

use anyhow::Context as _;
use kabar_sandbox::{Options, Sandbox};
use serde_json::json;
use tokio::net::TcpListener;

use crate::cli::SandboxArgs;
use crate::commands::ready_file;
use crate::{logging, output, stop};

pub(crate) async fn run(args: SandboxArgs) -> anyhow::Result<()> {
    logging::start(&std::env::var("KABAR_LOG").unwrap_or_else(|_| "info".to_owned()), logging::Format::Text)?;
    let stop = stop::on_signal()?;
    if let Some(path) = &args.ready_file {
        ready_file::remove(path)?;
    }
    let sandbox = Sandbox::open(Options {
        verify_token: args.verify_token,
        webhook_url: args.webhook_url,
        review: args.review,
        token: args.token,
        state_file: args.data,
        ..Options::new(args.app_secret)
    })
    .await
    .context("could not open the sandbox")?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("--listen: could not listen on {}", args.listen))?;
    let sandbox_url = format!("http://{}", listener.local_addr()?);
    if let Some(path) = &args.ready_file {
        ready_file::write(path, &json!({ "sandbox_url": sandbox_url }))?;
    }
    output::words(&format!(
        "the sandbox answers at {sandbox_url}; what it offers beside Meta's API: {sandbox_url}/_sandbox"
    ));
    let listen = kabar_listen::serve(listener, sandbox.router(), kabar_listen::Options::default(), stop.clone());
    tokio::join!(listen, sandbox.run(stop));
    Ok(())
}
