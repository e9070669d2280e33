//! Files that messages name by their URLs: fetched once, uploaded once for each sender, and named by the upstream's id from
//! then on, so that the upstream does not fetch one picture for each message of a campaign.
//!
//! This happens between the lane and the call. A message whose file is on its way is held for it, so that it takes no place
//! and no allowance from others, and nothing is lost if the process ends: after a start the message is let go, and has its
//! file fetched anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kabar_domain::attached::{AtSend, Linked, linked, may_link, put_ids};
use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::message::Reason;
use kabar_graph::call::CallError;
use kabar_outbound::Client;
use kabar_store::Store;
use kabar_store::ledger::{Begun, Hold};
use kabar_store::media::FileKey;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::attached::choice::Choices;
use crate::attached::job::Job;
use crate::attached::known::{Known, Look};
use crate::media::Options;
use crate::media::spool::Spool;
use crate::shared::Shared;

mod choice;
mod get;
mod job;
mod known;

/// How many servers are asked for files at once. Only those that answer take one of the few places for files.
const MOST_FETCHES: usize = 64;
/// How often it is looked for files that are too old.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// What the engine has for files of messages.
#[derive(Debug)]
pub(crate) struct Attached {
    at_send: AtSend,
    recheck: Duration,
    spool: Spool,
    fetches: Semaphore,
    fetcher: Client,
    tasks: TaskTracker,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    known: Known,
    choices: Choices,
}

/// What a message can do now.
#[derive(Debug)]
pub(crate) enum Ready {
    /// Leave.
    Go(Named),
    /// Wait for a file.
    Wait(Hold),
    /// It never can leave.
    Refused(Reason),
}

/// What a message says in the place of its links.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Its components; its own, where there is nothing.
    pub(crate) components: Option<String>,
    /// Which ids it names for which files.
    ids: Vec<(FileKey, String)>,
}

impl Attached {
    /// Reads what the upstream has.
    pub(crate) async fn load(store: &Store, options: &Options, fetcher: Client) -> Result<Self, kabar_store::Error> {
        let known = Known::new(store.sent_media().await?, options.recheck);
        Ok(Self {
            at_send: options.at_send,
            recheck: options.recheck,
            spool: Spool::new(options.folder.clone(), options.files_at_once),
            fetches: Semaphore::new(MOST_FETCHES),
            fetcher,
            tasks: TaskTracker::new(),
            state: Mutex::new(State { known, choices: Choices::default() }),
        })
    }

    /// Whether a file is on its way, so that messages are to wait for it.
    pub(crate) fn is_coming(&self, file: FileKey) -> bool {
        self.lock().known.is_coming(file)
    }

    /// Waits until nothing is under way any more, after the engine was told to stop.
    pub(crate) async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says what a message of a sender can do now, and has its files fetched where it must wait for them.
pub(crate) fn ready(shared: &Arc<Shared>, sender: &SenderId, message: &Begun) -> Ready {
    let as_it_is = || Ready::Go(Named::default());
    if !may_link(&message.components) {
        return as_it_is();
    }
    let now = shared.clock.now();
    let at_send = message.media.unwrap_or(shared.attached.at_send);
    // What can't be read, or is too late, is ended by its attempt.
    let Ok(mut components) = serde_json::from_str::<Vec<Value>>(&message.components) else { return as_it_is() };
    let links = linked(&components);
    if links.is_empty() || message.expires_at <= now {
        return as_it_is();
    }
    if at_send == AtSend::Link {
        shared.metrics.attached("link", links.len());
        return as_it_is();
    }
    let (mut ids, mut waits) = (Vec::new(), None);
    for (place, link) in links.iter().enumerate() {
        let key = FileKey::of(sender, link.kind, link.url);
        match look(shared, message, place, key, now) {
            Found::Id(id) => ids.push((key, id)),
            Found::Link => {}
            Found::Wait { start } => {
                if start {
                    let (kind, url) = (link.kind, link.url.to_owned());
                    let job = Job { key, sender: sender.clone(), kind, url };
                    shared.attached.tasks.spawn(job::run(Arc::clone(shared), job));
                }
                waits.get_or_insert(key);
            }
            Found::Refused(reason) => return Ready::Refused(reason),
        }
    }
    if let Some(key) = waits {
        return Ready::Wait(Hold::Media(key));
    }
    shared.metrics.attached("id", ids.len());
    shared.metrics.attached("link", links.len() - ids.len());
    let id_of = |link: Linked<'_>| {
        let key = FileKey::of(sender, link.kind, link.url);
        ids.iter().find(|(known, _)| *known == key).map(|(_, id)| id.clone())
    };
    put_ids(&mut components, &id_of);
    let components = (!ids.is_empty()).then(|| Value::from(components).to_string());
    Ready::Go(Named { components, ids })
}

enum Found {
    Id(String),
    Link,
    Wait { start: bool },
    Refused(Reason),
}

fn look(shared: &Shared, message: &Begun, place: usize, key: FileKey, now: Moment) -> Found {
    let place = (message.template, place);
    let mut state = shared.attached.lock();
    let State { known, choices } = &mut *state;
    let start = |known: &mut Known| {
        known.start(key, message.msgid, message.expires_at);
        Found::Wait { start: true }
    };
    match known.look(key, message.msgid, message.expires_at, now) {
        Look::Ready { id, is_shared } => {
            if is_shared {
                choices.shared(place);
            }
            Found::Id(id)
        }
        Look::Coming { is_shared } => {
            if is_shared {
                choices.shared(place);
            }
            Found::Wait { start: false }
        }
        Look::Due => start(known),
        Look::Refused(reason) => {
            choices.refused(place);
            Found::Refused(reason)
        }
        Look::Unknown if message.media == Some(AtSend::Upload) || known.was_first(key, message.msgid) => start(known),
        Look::Unknown => match choices.choose(place, key, message.msgid) {
            AtSend::Upload => start(known),
            AtSend::Link => Found::Link,
        },
    }
}

/// Whether a message that was refused is to be tried again because the upstream does not know the file that it named any
/// more: then the file is uploaded anew.
pub(crate) async fn try_again(shared: &Shared, named: &Named, err: &CallError) -> bool {
    let CallError::Refused(refusal) = err else { return false };
    if named.ids.is_empty() || !refusal.error.is_of_media() {
        return false;
    }
    let now = shared.clock.now();
    let again = {
        let mut state = shared.attached.lock();
        let asked: Vec<bool> = named.ids.iter().map(|(key, id)| state.known.drop_id(*key, id, now)).collect();
        asked.into_iter().all(|again| again)
    };
    for (key, id) in &named.ids {
        tracing::warn!(file = ?key, media_id = id, again, "the upstream does not know a file that was uploaded for messages");
        if again && let Err(err) = shared.store.forget_sent_media(*key).await {
            tracing::error!(error = %err, "could not forget a file that the upstream does not know");
        }
    }
    shared.metrics.attached("unknown_upstream", named.ids.len());
    again
}

/// Forgets files that the upstream forgets, until the engine stops.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    loop {
        let now = shared.clock.now();
        let before = shared.attached.lock().known.sweep(now);
        match shared.store.sweep_sent_media(before, known::MOST_KEPT).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "forgot files that were uploaded for messages"),
            Err(err) => tracing::error!(error = %err, "could not forget old files that were uploaded for messages"),
        }
        if !shared.pause(SWEEP_EVERY).await {
            return;
        }
    }
}
