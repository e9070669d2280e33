//! How the program is asked to stop: once to finish what is under way, twice to stop at once.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The exit code of a program that was stopped at once: 128 and the number of the interrupt signal.
const STOPPED_AT_ONCE: i32 = 130;

/// A token that is cancelled by the first interrupt or terminate signal. The second ends the process there and then:
/// everything that was answered is on disk, and what is lost is only the knowledge of calls that are under way.
pub(crate) fn on_signal() -> anyhow::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for signals")?;
    let stop = CancellationToken::new();
    let first = stop.clone();
    // The task lives as long as the process: there is nothing to wait for.
    TaskTracker::new().spawn(async move {
        any(&mut interrupt, &mut terminate).await;
        tracing::info!("finishing what is under way; interrupt again to stop at once");
        first.cancel();
        any(&mut interrupt, &mut terminate).await;
        std::process::exit(STOPPED_AT_ONCE);
    });
    Ok(stop)
}

async fn any(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
