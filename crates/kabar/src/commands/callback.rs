//! `kabar callback`

use anyhow::Context as _;
use kabar_domain::callback::request::{AddressRules, NewCallback, Redrive, Rotation};
use kabar_domain::callback::{CallbackId, Signing};
use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::clock::Clock;
use kabar_domain::fault::Faults;
use kabar_engine::callbacks::keys;
use kabar_store::Store;
use kabar_store::callback::{
    AddCallback, CallAnswer, Callback, CallbackChange, Delivery, DeliveryQuery, DeliveryState,
};
use serde_json::json;

use crate::cli::Output;
use crate::cli::callback::{CallbackCommand, SigningArg, StateArg, Which};
use crate::commands::store::{Make, open};
use crate::output;

pub(crate) async fn run(command: CallbackCommand) -> anyhow::Result<()> {
    let clock = Clock::system();
    match command {
        CallbackCommand::Add { app, url, events, description, signing, store } => {
            let signing = name(signing);
            let asked = json!({ "url": url, "events": events, "description": description, "signing": signing });
            // Which addresses are called is the running gateway's to say, by its configuration.
            let rules = AddressRules { clear_http: true, allows: &|_| true };
            let asked = NewCallback::parse(&asked, &rules).map_err(|faults| in_words(&faults))?;
            let key = keys::fresh(asked.signing)?;
            let id = CallbackId::from_uuid(clock.msgid().as_uuid());
            let kept = open(&store, Make::No).await?;
            kept.add_callback(AddCallback { id, app: app.clone(), asked, key: key.clone(), at: clock.now() }).await?;
            kept.close().await;
            output::words(&format!("made the callback {id} of the app {app}; what verifies its calls:"));
            output::data(&keys::shown(&key));
        }
        CallbackCommand::List { app, list } => {
            let kept = open(&list.store, Make::No).await?;
            let callbacks = kept.callbacks(app.as_ref()).await?;
            kept.close().await;
            let rows: Vec<Vec<String>> = callbacks.iter().map(row).collect();
            output::list(&["id", "app", "url", "events", "state", "waiting", "failing_since"], &rows, list.output);
        }
        CallbackCommand::Show { which } => {
            let (kept, callback) = found(&which).await?;
            kept.close().await;
            output::list(&["what", "is"], &facts(&callback), Output::Table);
        }
        CallbackCommand::Pause { which } => change(&which, CallbackChange::Pause, "paused", &clock).await?,
        CallbackCommand::Resume { which } => change(&which, CallbackChange::Resume, "resumed", &clock).await?,
        CallbackCommand::Rotate { which, overlap_hours, signing } => {
            let mut asked = json!({ "overlap_hours": overlap_hours });
            if let Some(signing) = signing {
                asked["signing"] = name(signing).into();
            }
            let rotation = Rotation::parse(Some(&asked)).map_err(|faults| in_words(&faults))?;
            let (kept, callback) = found(&which).await?;
            let key = keys::fresh(rotation.signing.unwrap_or(callback.signing))?;
            let old_until = clock.now().plus(rotation.overlap);
            let changed = CallbackChange::Key { key: key.clone(), old_until };
            kept.change_callback(&callback.app, callback.id, changed, clock.now()).await?;
            kept.close().await;
            output::words(&format!("the old key signs too until {old_until}; what verifies from now on:"));
            output::data(&keys::shown(&key));
        }
        CallbackCommand::Delete { which } => {
            let (kept, callback) = found(&which).await?;
            kept.remove_callback(&callback.app, callback.id, clock.now()).await?;
            kept.close().await;
            output::words(&format!("deleted the callback {}", callback.id));
        }
        CallbackCommand::Test { which } => {
            let (kept, callback) = found(&which).await?;
            anyhow::ensure!(callback.paused.is_none(), "the callback is paused; resume it first");
            let event = clock.msgid().as_uuid();
            kept.test_callback(&callback.app, callback.id, event, clock.now()).await?;
            kept.close().await;
            output::words("a running gateway delivers a test event; see kabar callback deliveries. Its id:");
            output::data(&event.to_string());
        }
        CallbackCommand::Deliveries { which, state, limit, output } => {
            let (kept, callback) = found(&which).await?;
            let query = DeliveryQuery { state: state.map(reached), after: None };
            let deliveries = kept.deliveries(&callback.app, callback.id, query, limit).await?.unwrap_or_default();
            kept.close().await;
            let rows: Vec<Vec<String>> = deliveries.iter().map(delivery_row).collect();
            output::list(&["id", "type", "occurred_at", "state", "calls", "last_answer", "due_at"], &rows, output);
        }
        CallbackCommand::Redrive { which, event, from, to, all } => {
            let (kept, callback) = found(&which).await?;
            let n_redriven = match event {
                Some(event) => u64::from(kept.redrive_one(&callback.app, callback.id, event, clock.now()).await?),
                None => {
                    let asked = json!({ "from": from, "to": to, "state": if all { "all" } else { "failed" } });
                    let range = Redrive::parse(&asked).map_err(|faults| in_words(&faults))?;
                    kept.redrive(&callback.app, callback.id, range, clock.now()).await?.unwrap_or_default()
                }
            };
            kept.close().await;
            anyhow::ensure!(event.is_none() || n_redriven > 0, "the callback was told of no such event");
            output::words(&format!("{n_redriven} deliveries are made again"));
        }
    }
    Ok(())
}

/// The store, and the callback that is named.
async fn found(which: &Which) -> anyhow::Result<(Store, Callback)> {
    let kept = open(&which.store, Make::No).await?;
    let callback = kept.callbacks(None).await?.into_iter().find(|callback| callback.id == which.id);
    let callback = callback.with_context(|| format!("there is no callback with the id {}", which.id))?;
    Ok((kept, callback))
}

async fn change(which: &Which, change: CallbackChange, done: &str, clock: &Clock) -> anyhow::Result<()> {
    let (kept, callback) = found(which).await?;
    kept.change_callback(&callback.app, callback.id, change, clock.now()).await?;
    kept.close().await;
    output::words(&format!("{done} the callback {}", callback.id));
    Ok(())
}

const fn name(signing: SigningArg) -> &'static str {
    match signing {
        SigningArg::Hmac => Signing::Hmac.as_str(),
        SigningArg::Ed25519 => Signing::Ed25519.as_str(),
    }
}

const fn reached(state: StateArg) -> DeliveryState {
    match state {
        StateArg::Waiting => DeliveryState::Waiting,
        StateArg::Delivered => DeliveryState::Delivered,
        StateArg::Failed => DeliveryState::Failed,
    }
}

/// All that is wrong, a line each.
fn in_words(faults: &Faults) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(|fault| sentence(fault, Locale::English)).collect();
    anyhow::anyhow!("{}", lines.join("\n  "))
}

fn state_of(callback: &Callback) -> String {
    match callback.paused {
        Some((_, reason)) => format!("paused ({})", reason.as_str()),
        None => "active".to_owned(),
    }
}

fn row(callback: &Callback) -> Vec<String> {
    vec![
        callback.id.to_string(),
        callback.app.to_string(),
        callback.url.to_string(),
        callback.events.joined(),
        state_of(callback),
        callback.waiting.to_string(),
        callback.failing_since.map(|since| since.to_string()).unwrap_or_default(),
    ]
}

fn facts(callback: &Callback) -> Vec<Vec<String>> {
    let moment = |moment: Option<kabar_domain::clock::Moment>| moment.map(|at| at.to_string()).unwrap_or_default();
    let facts = [
        ("id", callback.id.to_string()),
        ("app", callback.app.to_string()),
        ("url", callback.url.to_string()),
        ("events", callback.events.joined()),
        ("description", callback.description.clone()),
        ("signing", callback.signing.as_str().to_owned()),
        ("public_key", callback.public_key.as_deref().map(keys::shown_public).unwrap_or_default()),
        ("old_key_until", moment(callback.old_key_until)),
        ("state", state_of(callback)),
        ("paused_at", moment(callback.paused.map(|(at, _)| at))),
        ("failing_since", moment(callback.failing_since)),
        ("waiting", callback.waiting.to_string()),
        ("created_at", callback.created_at.to_string()),
        ("changed_at", callback.changed_at.to_string()),
    ];
    facts.into_iter().map(|(what, is)| vec![what.to_owned(), is]).collect()
}

fn delivery_row(delivery: &Delivery) -> Vec<String> {
    let last = delivery.calls.last().map(|call| match &call.answer {
        CallAnswer::Status(status) => status.to_string(),
        CallAnswer::None(reason) => reason.clone(),
    });
    vec![
        delivery.event.to_string(),
        delivery.kind.clone(),
        delivery.occurred_at.to_string(),
        delivery.state.as_str().to_owned(),
        delivery.calls.len().to_string(),
        last.unwrap_or_default(),
        delivery.due_at.map(|due| due.to_string()).unwrap_or_default(),
    ]
}
