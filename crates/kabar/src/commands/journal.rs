//! `kabar journal`

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use kabar_domain::clock::Clock;
use kabar_store::Store;
use kabar_store::journal::{CallHead, Range, Replay, Tally};
use tokio::time::Instant;

use crate::cli::journal::JournalCommand;
use crate::commands::store::{Make, open};
use crate::output;

/// How often is looked how far a replay is.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A gateway looks for wishes every second; when nothing has moved for this long, there is none.
const LONGEST_STILL: Duration = Duration::from_secs(15);

pub(crate) async fn run(command: JournalCommand) -> anyhow::Result<()> {
    let clock = Clock::system();
    match command {
        JournalCommand::List { part, limit, output, store } => {
            let range = part.range(clock.now())?;
            let kept = open(&store, Make::No).await?;
            let calls = kept.calls(range, range.start(), limit).await?;
            kept.close().await;
            let rows: Vec<Vec<String>> = calls.iter().map(row).collect();
            output::list(&["id", "received_at", "signed_by", "bytes", "kept_bytes"], &rows, output);
        }
        JournalCommand::Show { id, store } => {
            let kept = open(&store, Make::No).await?;
            let found = kept.call(id).await?;
            kept.close().await;
            let call = found.with_context(|| format!("the journal has no call {id}"))?.call;
            output::words(&format!("received at {}, {}", call.received_at, verdict(call.signed_by.as_deref())));
            let mut stdout = std::io::stdout().lock();
            // A reader who went away does not matter.
            drop(stdout.write_all(&call.body).and_then(|()| stdout.flush()));
        }
        JournalCommand::Replay { part, no_wait, store } => {
            let range = part.range(clock.now())?;
            let kept = open(&store, Make::No).await?;
            let asked = kept.ask_for_replay(range, clock.now()).await?;
            let done = if no_wait { Ok(None) } else { wait(&kept, asked).await };
            kept.close().await;
            match done? {
                Some(tally) => output::data(&told(tally)),
                None => output::words(&pending(range)),
            }
        }
    }
    Ok(())
}

fn row(call: &CallHead) -> Vec<String> {
    vec![
        call.id.to_string(),
        call.received_at.to_string(),
        call.signed_by.clone().unwrap_or_else(|| "(refused)".to_owned()),
        call.n_bytes.to_string(),
        call.n_kept.to_string(),
    ]
}

fn verdict(signed_by: Option<&str>) -> String {
    match signed_by {
        Some(app) => format!("signed by the Meta app {app}"),
        None => "refused: its signature fits no secret, or its app does not speak for the account".to_owned(),
    }
}

/// What came of a replay; nothing if nobody serves the store.
async fn wait(store: &Store, id: i64) -> anyhow::Result<Option<Tally>> {
    let (mut last, mut moved) = (None::<Replay>, Instant::now());
    loop {
        let replay = store.replay(id).await?.context("the replay was forgotten")?;
        if replay.done_at.is_some() {
            return Ok(Some(replay.tally));
        }
        if last != Some(replay) {
            (last, moved) = (Some(replay), Instant::now());
        }
        if moved.elapsed() >= LONGEST_STILL {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn told(tally: Tally) -> String {
    let Tally { calls, refused, unreadable, news, known, uncorrelated } = tally;
    format!(
        "{calls} calls taken in once more, {refused} refused, {unreadable} unreadable; of messages {news} reports were news, \
         {known} known, {uncorrelated} of nobody's"
    )
}

fn pending(range: Range) -> String {
    format!(
        "the calls from {} to {} will be taken in once more by the gateway that serves this store; if none runs, when one is \
         started",
        range.from, range.to
    )
}
