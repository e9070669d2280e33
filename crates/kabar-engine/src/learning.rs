//! Learns the upstream's limits from what it reports.
//!
//! A webhook says that a sender's throughput was raised, without naming the sender by its id and without saying by how
//! much; so the account's numbers are read then. The limit of recipients within a day is told by number.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{SenderId, WabaId};
use kabar_graph::webhook::change::{AccountEvent, Change};
use kabar_store::learnt::{Learnt, Limit};
use tokio::sync::Notify;

use crate::directory::Account;
use crate::shared::Shared;

/// What the upstream calls a raised throughput.
const THROUGHPUT_UPGRADE: &str = "THROUGHPUT_UPGRADE";
/// How long to wait before an account whose numbers could not be read is read again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The accounts whose numbers are to be read.
#[derive(Debug, Default)]
pub(crate) struct Learning {
    wanted: Mutex<BTreeSet<WabaId>>,
    news: Notify,
}

impl Learning {
    /// Asks for the throughput of an account's senders to be read, soon.
    pub(crate) fn ask_for(&self, waba: &WabaId) {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).insert(waba.clone());
        self.news.notify_one();
    }

    fn take(&self) -> BTreeSet<WabaId> {
        std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads what is asked for, until the engine stops.
pub(crate) async fn keep(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = shared.learning.news.notified() => {}
        }
        let accounts = shared.directory.accounts();
        for waba in shared.learning.take() {
            let Some(account) = accounts.iter().find(|account| account.waba == waba) else { continue };
            if let Err(err) = read_throughput(&shared, account).await {
                tracing::warn!(%waba, error = %err, "could not read how fast the account's senders are");
                if !shared.pause(RETRY_AFTER).await {
                    return;
                }
                shared.learning.ask_for(&waba);
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Upstream(#[from] kabar_graph::call::CallError),
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

async fn read_throughput(shared: &Arc<Shared>, account: &Account) -> Result<(), ReadError> {
    for number in shared.graph.phone_numbers(&account.access_token, account.waba.as_str()).await? {
        let Ok(sender) = SenderId::parse(&number.id) else { continue };
        let per_second = number.throughput.as_ref().and_then(kabar_graph::wire::phone::Throughput::per_second);
        if let Some(per_second) = per_second.filter(|_| shared.directory.sender(&sender).is_some()) {
            learn(shared, Limit::Throughput(sender), per_second, shared.clock.now()).await?;
        }
    }
    Ok(())
}

/// Takes in what a webhook says of limits.
pub(crate) async fn take(shared: &Arc<Shared>, changes: &[Change]) -> Result<(), kabar_store::Error> {
    for change in changes {
        let Change::AccountEvent(event) = change else { continue };
        let Some(waba) = account_of(shared, event) else { continue };
        if event.event.as_deref() == Some(THROUGHPUT_UPGRADE) {
            shared.learning.ask_for(&waba);
        }
        if let Some(recipients) = event.daily_recipients {
            let at = event.reported_at.map_or_else(|| shared.clock.now(), Moment::from_seconds);
            learn(shared, Limit::DailyRecipients(waba), recipients, at).await?;
        }
    }
    Ok(())
}

/// The account that an event is about. The limit of recipients is one of the whole business, and may be reported under its
/// id instead of an account's; where all senders are of one account, it is that one.
fn account_of(shared: &Shared, event: &AccountEvent) -> Option<WabaId> {
    let accounts = shared.directory.accounts();
    let named = accounts.iter().find(|account| account.waba.as_str() == event.waba);
    match (named, &accounts[..]) {
        (Some(account), _) | (None, [account]) => Some(account.waba.clone()),
        (None, _) => {
            tracing::warn!(waba = event.waba, field = event.field, "an event of an account that no sender has");
            None
        }
    }
}

async fn learn(shared: &Arc<Shared>, limit: Limit, value: u32, at: Moment) -> Result<(), kabar_store::Error> {
    tracing::info!(?limit, value, "the upstream tells a limit");
    if shared.store.learn(Learnt { limit, value, at }).await? {
        shared.directory.refresh(&shared.store).await?;
        shared.lanes.look_again();
    }
    Ok(())
}
