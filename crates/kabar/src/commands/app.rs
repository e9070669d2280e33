//! `kabar app`

use kabar_domain::clock::Clock;
use kabar_store::directory::App;

use crate::cli::AppCommand;
use crate::commands::store::{Make, open};
use crate::output;

pub(crate) async fn run(command: AppCommand) -> anyhow::Result<()> {
    match command {
        AppCommand::Create { id, name, store } => {
            let kept = open(&store, Make::Yes).await?;
            let name = name.unwrap_or_else(|| id.to_string());
            kept.create_app(App { id: id.clone(), name, created_at: Clock::system().now() }).await?;
            kept.close().await;
            output::words(&format!(
                "made the app {id}; next: kabar sender add --app {id} …, kabar token issue --app {id}"
            ));
        }
        AppCommand::List { list } => {
            let kept = open(&list.store, Make::No).await?;
            let apps = kept.directory().await?.apps;
            kept.close().await;
            let rows: Vec<Vec<String>> =
                apps.iter().map(|app| vec![app.id.to_string(), app.name.clone(), app.created_at.to_string()]).collect();
            output::list(&["id", "name", "created_at"], &rows, list.output);
        }
    }
    Ok(())
}
