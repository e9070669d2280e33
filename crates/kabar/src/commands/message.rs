//! `kabar message`

use std::io;

use anyhow::Context as _;
use kabar_api::export::{Format, Line};
use kabar_api::{Explained, Message};
use kabar_domain::catalogue::{Locale, sentence, story as words};
use kabar_domain::clock::Clock;
use kabar_domain::fault::Faults;
use kabar_domain::ids::AppId;
use kabar_domain::message::Search;
use kabar_store::Store;
use kabar_store::ledger::Told;
use kabar_store::search::{Page, Question, Row};

use crate::cli::Output;
use crate::cli::message::{FilterArgs, FormatArg, MessageCommand, Which};
use crate::commands::store::{Make, config_of, open};
use crate::output;

/// How many messages are read at once.
const PAGE: u32 = 1000;

pub(crate) async fn run(command: MessageCommand) -> anyhow::Result<()> {
    match command {
        MessageCommand::Show { which } => {
            let told = found(&which).await?;
            let shown = serde_json::to_value(Message::of(&told.view, told.template.clone()))?;
            match which.output {
                Output::Json => output::data(&format!("{shown:#}")),
                Output::Table => output::list(&["what", "is"], &facts(&told), Output::Table),
            }
        }
        MessageCommand::Explain { which, lang } => {
            let told = found(&which).await?;
            let config = config_of(&which.store)?;
            let card = config.map(|config| config.rates.read()).transpose()?.flatten();
            let story = kabar_engine::explain::story(&told, card.as_ref(), Clock::system().now());
            let locale = Locale::from(lang);
            match which.output {
                Output::Json => output::data(&serde_json::to_string_pretty(&Explained::of(&story, locale))?),
                Output::Table => {
                    for step in &story.steps {
                        output::data(&format!("{}  {}", step.at, words::text(step, locale)));
                    }
                    output::data(&format!("=> {}", words::advice(&story, locale)));
                }
            }
        }
        MessageCommand::List { filter, limit, output } => {
            let (kept, mut question) = asked(&filter).await?;
            let mut rows = Vec::new();
            let mut more = true;
            while more && rows.len() < limit as usize {
                question.limit = PAGE.min(limit - u32::try_from(rows.len()).unwrap_or(limit));
                let page = next(&kept, &mut question).await?;
                more = page.next.is_some();
                rows.extend(page.rows);
            }
            kept.close().await;
            print(&rows, output)?;
            if more && !rows.is_empty() {
                output::words("there may be more: raise --limit, or see kabar message export");
            }
        }
        MessageCommand::Export { filter, format } => {
            let (kept, mut question) = asked(&filter).await?;
            let format = match format {
                FormatArg::Csv => Format::Csv,
                FormatArg::Jsonl => Format::JsonLines,
            };
            let mut lines = Vec::from(format.header());
            loop {
                let page = next(&kept, &mut question).await?;
                for row in &page.rows {
                    format.write(row, &mut lines);
                }
                match output::bytes(&lines) {
                    // Whoever reads has enough.
                    Err(err) if err.kind() == io::ErrorKind::BrokenPipe => break,
                    written => written.context("could not write the messages")?,
                }
                lines.clear();
                if page.next.is_none() {
                    break;
                }
            }
            kept.close().await;
        }
    }
    Ok(())
}

/// The message that is named, of whatever app.
async fn found(which: &Which) -> anyhow::Result<Told> {
    let kept = open(&which.store, Make::No).await?;
    let told = match kept.app_of(which.msgid).await? {
        Some(app) => kept.noted(&app, which.msgid).await?,
        None => None,
    };
    kept.close().await;
    told.with_context(|| {
        format!("there is no message {} in this store; another is named with --config or --data", which.msgid)
    })
}

/// The store, and what is asked of it.
async fn asked(filter: &FilterArgs) -> anyhow::Result<(Store, Question)> {
    let (mut search, mut faults) = (Search::default(), Faults::none());
    for (name, value) in [
        ("recipient", &filter.recipient),
        ("template", &filter.template),
        ("state", &filter.state),
        ("from", &filter.from),
        ("to", &filter.to),
        ("sender", &filter.sender),
        ("error", &filter.error),
    ] {
        if let Some(value) = value {
            search.read(name, value, &mut faults);
        }
    }
    let search = faults.or(search).map_err(|faults| in_words(&faults))?;
    let kept = open(&filter.store, Make::No).await?;
    let app = app(&kept, filter.app.as_ref()).await?;
    Ok((kept, Question { app, search, after: None, limit: PAGE }))
}

/// The app that is named, or the only one.
async fn app(kept: &Store, named: Option<&AppId>) -> anyhow::Result<AppId> {
    let apps: Vec<AppId> = kept.directory().await?.apps.into_iter().map(|app| app.id).collect();
    let names: Vec<&str> = apps.iter().map(AppId::as_str).collect();
    match (named, apps.as_slice()) {
        (Some(named), _) if apps.contains(named) => Ok(named.clone()),
        (Some(named), _) => anyhow::bail!("there is no app {named}; there are: {}", names.join(", ")),
        (None, [only]) => Ok(only.clone()),
        (None, []) => anyhow::bail!("there is no app yet; see kabar app create"),
        (None, _) => anyhow::bail!("name one of the apps with --app: {}", names.join(", ")),
    }
}

async fn next(kept: &Store, question: &mut Question) -> anyhow::Result<Page> {
    let page = kept.search(question.clone()).await?;
    question.after = page.next;
    Ok(page)
}

/// All that is wrong, a line each.
fn in_words(faults: &Faults) -> anyhow::Error {
    let lines: Vec<String> =
        faults.iter().map(|fault| format!("--{}: {}", fault.path, sentence(fault, Locale::English))).collect();
    anyhow::anyhow!("{}", lines.join("\n  "))
}

fn print(rows: &[Row], output: Output) -> anyhow::Result<()> {
    if output == Output::Json {
        let lines: Vec<Line<'_>> = rows.iter().map(Line::of).collect();
        output::data(&serde_json::to_string_pretty(&lines)?);
        return Ok(());
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.msgid.to_string(),
                row.accepted_at.to_string(),
                row.state.as_str().to_owned(),
                row.recipient.as_e164().to_owned(),
                row.template.clone().unwrap_or_default(),
                row.lane.sender.to_string(),
                row.reason.as_ref().map(|reason| reason.code.to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    let columns = ["msgid", "accepted_at", "state", "phone_number", "template", "sender", "error"];
    output::list(&columns, &cells, Output::Table);
    Ok(())
}

fn facts(told: &Told) -> Vec<Vec<String>> {
    let view = &told.view;
    let mut facts = vec![
        ("msgid".to_owned(), view.msgid.to_string()),
        ("app".to_owned(), view.app.to_string()),
        ("state".to_owned(), view.state().as_str().to_owned()),
        ("phone_number".to_owned(), view.recipient.as_e164().to_owned()),
        ("template".to_owned(), told.template.clone().unwrap_or_default()),
        ("sender".to_owned(), told.lane.sender.to_string()),
        ("category".to_owned(), told.lane.class.to_string()),
        ("attempts".to_owned(), told.attempts.to_string()),
        ("upstream_id".to_owned(), view.wamid.clone().unwrap_or_default()),
        ("expires_at".to_owned(), view.expires_at.to_string()),
    ];
    let links = [("retry_of", view.retry_of), ("retried_as", view.retried_as)];
    facts.extend(links.iter().filter_map(|(name, other)| Some(((*name).to_owned(), (*other)?.to_string()))));
    facts.extend(view.history.events.iter().map(|event| {
        let reason = event.reason.as_ref().map(|reason| format!(" ({}: {})", reason.code, reason.text));
        (event.at.to_string(), format!("{}{}", event.state.as_str(), reason.unwrap_or_default()))
    }));
    facts.into_iter().map(|(what, is)| vec![what, is]).collect()
}
