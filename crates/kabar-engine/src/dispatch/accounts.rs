//! How many recipients each account has left today, for those that have a limit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kabar_domain::clock::Moment;
use kabar_domain::ids::WabaId;
use kabar_domain::pacing::Recipient;
use kabar_domain::pacing::daily::{DAY, Daily, Day};
use kabar_domain::template::Category;
use tokio::sync::OnceCell;

use crate::directory::KnownSender;
use crate::shared::Shared;

/// The accounts that have a limit.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    known: Mutex<HashMap<WabaId, Arc<Account>>>,
}

/// An account, once it is known to whom it wrote today.
#[derive(Debug, Default)]
pub(super) struct Account {
    daily: OnceCell<Mutex<Daily>>,
}

impl Accounts {
    /// The account of a sender; `None` if it has no limit. At first it is read from the store to whom the account's
    /// senders wrote within the last day.
    pub(super) async fn of(
        &self,
        shared: &Shared,
        known: &KnownSender,
    ) -> Result<Option<Arc<Account>>, kabar_store::Error> {
        let waba = &known.sender.waba;
        let Some(limit) = known.daily_limit else {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(waba);
            return Ok(None);
        };
        let account = {
            let mut accounts = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            match accounts.get(waba) {
                Some(account) => Arc::clone(account),
                None => Arc::clone(accounts.entry(waba.clone()).or_default()),
            }
        };
        let daily = account.daily.get_or_try_init(|| read(shared, waba, limit)).await?;
        daily.lock().unwrap_or_else(PoisonError::into_inner).set_limit(limit);
        Ok(Some(account))
    }
}

async fn read(shared: &Shared, waba: &WabaId, limit: u32) -> Result<Mutex<Daily>, kabar_store::Error> {
    let mut daily = Daily::new(limit);
    let now = shared.clock.now();
    let since = Moment::from_millis(now.as_millis().saturating_sub(i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX)));
    for sender in shared.directory.senders_of(waba) {
        for (recipient, at) in shared.store.recipients_since(&sender, since).await? {
            daily.note(recipient, at);
        }
    }
    tracing::info!(%waba, limit, used = daily.used(now), "the account has a limit of recipients within a day");
    Ok(Mutex::new(daily))
}

impl Account {
    /// Asks for a message to a recipient.
    pub(super) fn ask(&self, recipient: Recipient, class: Category, now: Moment) -> Day {
        self.locked(Day::Known, |daily| daily.ask(recipient, class, now))
    }

    /// Nothing was sent to a recipient that was new.
    pub(super) fn take_back(&self, recipient: Recipient) {
        self.locked((), |daily| daily.take_back(recipient));
    }

    fn locked<T>(&self, unread: T, change: impl FnOnce(&mut Daily) -> T) -> T {
        match self.daily.get() {
            Some(daily) => change(&mut daily.lock().unwrap_or_else(PoisonError::into_inner)),
            None => unread,
        }
    }
}
