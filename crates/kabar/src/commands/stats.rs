//! `kabar stats` and `kabar recipient`

use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::clock::Clock;
use kabar_engine::stats::{Asked, Query, Stats, of};

use crate::cli::Output;
use crate::cli::stats::{RecipientCommand, StatsArgs, StatsOutput};
use crate::commands::store::{Make, config_of, open};
use crate::config::RatesConfig;
use crate::output;

pub(crate) async fn run(args: StatsArgs) -> anyhow::Result<()> {
    let words = Asked {
        from: args.from.as_deref(),
        to: args.to.as_deref(),
        by: Some(&args.by),
        timezone: Some(&args.timezone),
    };
    let query = Query::parse(words, Clock::system().now()).map_err(|faults| {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("--{}: {}", fault.path, sentence(fault, Locale::English))).collect();
        anyhow::anyhow!("{}", lines.join("\n  "))
    })?;
    let rates = match &args.rates {
        Some(file) => RatesConfig { file: Some(file.clone()) },
        None => config_of(&args.store)?.map_or(RatesConfig { file: None }, |config| config.rates),
    };
    let card = rates.read()?;
    let kept = open(&args.store, Make::No).await?;
    anyhow::ensure!(kept.directory().await?.apps.iter().any(|app| app.id == args.app), "there is no app {}", args.app);
    let stats = of(&kept, card.as_ref(), &args.app, &query).await?;
    kept.close().await;
    match args.output {
        StatsOutput::Table => output::list(&Stats::columns(&query), &stats.cells(&query), Output::Table),
        StatsOutput::Json => output::list(&Stats::columns(&query), &stats.cells(&query), Output::Json),
        StatsOutput::Csv => output::data(stats.csv(&query).trim_end()),
    }
    if stats.total.unpriced > 0 {
        output::words(&format!("{} messages are charged and have no price in the rate card", stats.total.unpriced));
    }
    Ok(())
}

pub(crate) async fn recipient(command: RecipientCommand) -> anyhow::Result<()> {
    let RecipientCommand::Erase { phone, app, store } = command;
    let kept = open(&store, Make::No).await?;
    let apps = kept.directory().await?.apps.into_iter().map(|app| app.id);
    let apps: Vec<_> = apps.filter(|id| app.as_ref().is_none_or(|app| app == id)).collect();
    anyhow::ensure!(!apps.is_empty(), "there is no such app");
    for id in &apps {
        kept.ask_erasure(id, &phone, Clock::system().now()).await?;
    }
    kept.close().await;
    output::words(&format!(
        "the number …{} is erased from {} app(s) by the gateway: at once if it runs, and at its start otherwise",
        phone.last_four(),
        apps.len()
    ));
    Ok(())
}
