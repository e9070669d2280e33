//! `kabar sender`

use anyhow::Context as _;
use kabar_domain::clock::Clock;
use kabar_graph::token::AccessToken;
use kabar_store::directory::Sender;

use crate::cli::SenderCommand;
use crate::commands::store::{Make, open};
use crate::output;

pub(crate) async fn run(command: SenderCommand) -> anyhow::Result<()> {
    match command {
        SenderCommand::Add { app, phone_number_id, waba_id, throughput, access_token_file, store } => {
            let access_token = access_token_file
                .map(|path| -> anyhow::Result<String> {
                    let text =
                        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
                    AccessToken::new(&text).with_context(|| format!("in {}", path.display()))?;
                    Ok(text.trim().to_owned())
                })
                .transpose()?;
            let kept = open(&store, Make::No).await?;
            kept.add_sender(Sender {
                id: phone_number_id.clone(),
                app: app.clone(),
                waba: waba_id,
                throughput: throughput.get(),
                access_token,
                created_at: Clock::system().now(),
            })
            .await?;
            kept.close().await;
            output::words(&format!("the app {app} sends from {phone_number_id}"));
        }
        SenderCommand::List { app, list } => {
            let kept = open(&list.store, Make::No).await?;
            let senders = kept.directory().await?.senders;
            kept.close().await;
            let rows: Vec<Vec<String>> = senders
                .iter()
                .filter(|sender| app.as_ref().is_none_or(|app| sender.app == *app))
                .map(|sender| {
                    let token = if sender.access_token.is_some() { "own" } else { "configured" };
                    vec![
                        sender.id.to_string(),
                        sender.app.to_string(),
                        sender.waba.to_string(),
                        sender.throughput.to_string(),
                        token.to_owned(),
                    ]
                })
                .collect();
            output::list(&["phone_number_id", "app", "waba_id", "throughput", "access_token"], &rows, list.output);
        }
    }
    Ok(())
}
