//! `kabar app`

use kabar_domain::clock::Clock;
use kabar_domain::template::guard::{Guard, Turn};
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
        AppCommand::Guard { id, marketing, paused, red, store } => {
            let kept = open(&store, Make::No).await?;
            let known = kept.directory().await?.guards.get(&id).copied();
            let mut guard = known.ok_or_else(|| anyhow::anyhow!("there is no app {id}"))?;
            for (turn, reaction) in [(Turn::Marketing, marketing), (Turn::Paused, paused), (Turn::Red, red)] {
                if let Some(reaction) = reaction {
                    guard.set(turn, reaction);
                }
            }
            if known != Some(guard) {
                kept.set_guard(&id, guard).await?;
            }
            kept.close().await;
            output::data(&shown(guard));
        }
        AppCommand::List { list } => {
            let kept = open(&list.store, Make::No).await?;
            let directory = kept.directory().await?;
            kept.close().await;
            let guard = |app: &App| shown(directory.guards.get(&app.id).copied().unwrap_or_default());
            let row = |app: &App| vec![app.id.to_string(), app.name.clone(), app.created_at.to_string(), guard(app)];
            let rows: Vec<Vec<String>> = directory.apps.iter().map(row).collect();
            output::list(&["id", "name", "created_at", "guard"], &rows, list.output);
        }
    }
    Ok(())
}

/// What becomes of sends at each turn, as the flags have it.
fn shown(guard: Guard) -> String {
    let turns = Turn::NAMES.map(|(name, turn)| format!("{name}={}", guard.on(turn)));
    turns.join(" ")
}
