//! `kabar suppression`

use std::io::Read as _;

use anyhow::Context as _;
use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::clock::Clock;
use kabar_domain::fault::Fault;
use kabar_domain::ids::AppId;
use kabar_engine::suppression_list;
use kabar_store::Store;
use kabar_store::suppression::{Query, Source, Suppression, Wish};

use crate::cli::suppression::SuppressionCommand;
use crate::commands::store::{Make, open};
use crate::output;

/// How many are read at once.
const PAGE: u32 = 1000;

pub(crate) async fn run(command: SuppressionCommand) -> anyhow::Result<()> {
    let now = Clock::system().now();
    match command {
        SuppressionCommand::List { app, limit, list } => {
            let kept = open(&list.store, Make::No).await?;
            let found = kept.suppressions(&app, Query::default(), limit).await?;
            kept.close().await;
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            output::list(&["phone_number", "source", "since", "note"], &rows, list.output);
        }
        SuppressionCommand::Add { app, phone_number, note, store } => {
            let kept = open(&store, Make::No).await?;
            let wish = Wish { app, recipient: phone_number, stopped: true, source: Source::Hand, note, at: now };
            let n_changed = kept.suppress(vec![wish]).await?;
            kept.close().await;
            output::words(if n_changed > 0 { "gets no more marketing" } else { "got none before" });
        }
        SuppressionCommand::Lift { app, phone_number, store } => {
            let kept = open(&store, Make::No).await?;
            let is_there = kept.suppression(&app, &phone_number).await?.is_some();
            let (note, source) = (String::new(), Source::Hand);
            let wish = Wish { app, recipient: phone_number, stopped: false, source, note, at: now };
            if is_there {
                kept.suppress(vec![wish]).await?;
            }
            kept.close().await;
            anyhow::ensure!(is_there, "this recipient has not stopped the app's marketing");
            output::words("gets marketing again");
        }
        SuppressionCommand::Import { app, file, store } => {
            let mut text = Vec::new();
            if file.as_os_str() == "-" {
                std::io::stdin().read_to_end(&mut text)?;
            } else {
                text = std::fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            }
            let wishes = suppression_list::read(&text, &app, now).map_err(|faults| {
                let line = |fault: &Fault| format!("{}: {}", fault.path, sentence(fault, Locale::English));
                anyhow::anyhow!(
                    "nothing was brought in:\n  {}",
                    faults.iter().map(line).collect::<Vec<_>>().join("\n  ")
                )
            })?;
            let kept = open(&store, Make::No).await?;
            let (n_rows, n_changed) = (wishes.len(), kept.suppress(wishes).await?);
            kept.close().await;
            output::words(&format!("{n_rows} rows, {n_changed} of them new"));
        }
        SuppressionCommand::Export { app, store } => {
            let kept = open(&store, Make::No).await?;
            let exported = export(&kept, &app).await;
            kept.close().await;
            exported?;
        }
        SuppressionCommand::Replies { app, set, none, store } => {
            let kept = open(&store, Make::No).await?;
            anyhow::ensure!(
                set.iter().all(|text| !text.trim().is_empty() && !text.contains('\n')),
                "a reply is one line"
            );
            if none || !set.is_empty() {
                kept.set_stop_replies(&app, set).await?;
            }
            let texts = kept.stop_replies(&app).await?;
            kept.close().await;
            for text in texts.with_context(|| format!("there is no app {app}"))? {
                output::data(&text);
            }
        }
    }
    Ok(())
}

fn row(kept: &Suppression) -> Vec<String> {
    let Wish { recipient, source, note, at, .. } = &kept.wish;
    vec![recipient.as_e164().to_owned(), source.as_str().to_owned(), at.to_string(), note.clone()]
}

async fn export(store: &Store, app: &AppId) -> anyhow::Result<()> {
    output::data(suppression_list::HEADER.trim_end());
    let mut query = Query::default();
    loop {
        let page = store.suppressions(app, query.clone(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        query.after = Some(last.wish.recipient.clone());
        output::data(suppression_list::write(&page).trim_end());
    }
}
