//! `kabar sender`

use std::collections::HashMap;

use anyhow::Context as _;
use kabar_domain::clock::Clock;
use kabar_graph::token::AccessToken;
use kabar_store::directory::Sender;
use kabar_store::learnt::Limit;

use crate::cli::SenderCommand;
use crate::commands::store::{Make, open};
use crate::config::daily_limit;
use crate::output;

pub(crate) async fn run(command: SenderCommand) -> anyhow::Result<()> {
    match command {
        SenderCommand::Add {
            app,
            phone_number_id,
            waba_id,
            throughput,
            daily_limit: limit,
            access_token_file,
            store,
        } => {
            let access_token = access_token_file
                .map(|path| -> anyhow::Result<String> {
                    let text =
                        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
                    AccessToken::new(&text).with_context(|| format!("in {}", path.display()))?;
                    Ok(text.trim().to_owned())
                })
                .transpose()?;
            let kept = open(&store, Make::No).await?;
            let now = Clock::system().now();
            kept.add_sender(Sender {
                id: phone_number_id.clone(),
                app: app.clone(),
                waba: waba_id.clone(),
                throughput: throughput.get(),
                access_token,
                created_at: now,
            })
            .await?;
            if let Some(limit) = limit {
                kept.learn(daily_limit(&waba_id, limit, now)).await?;
            }
            kept.close().await;
            output::words(&format!("the app {app} sends from {phone_number_id}"));
        }
        SenderCommand::List { app, list } => {
            let kept = open(&list.store, Make::No).await?;
            let directory = kept.directory().await?;
            kept.close().await;
            let learnt: HashMap<Limit, u32> = directory.learnt.into_iter().map(|one| (one.limit, one.value)).collect();
            let rows: Vec<Vec<String>> = directory
                .senders
                .iter()
                .filter(|sender| app.as_ref().is_none_or(|app| sender.app == *app))
                .map(|sender| {
                    let throughput = learnt.get(&Limit::Throughput(sender.id.clone())).copied().unwrap_or(0);
                    let daily_limit = match learnt.get(&Limit::DailyRecipients(sender.waba.clone())) {
                        None => String::new(),
                        Some(&u32::MAX) => "none".to_owned(),
                        Some(limit) => limit.to_string(),
                    };
                    let token = if sender.access_token.is_some() { "own" } else { "configured" };
                    vec![
                        sender.id.to_string(),
                        sender.app.to_string(),
                        sender.waba.to_string(),
                        sender.throughput.max(throughput).to_string(),
                        daily_limit,
                        token.to_owned(),
                    ]
                })
                .collect();
            output::list(
                &["phone_number_id", "app", "waba_id", "throughput", "daily_limit", "access_token"],
                &rows,
                list.output,
            );
        }
    }
    Ok(())
}
