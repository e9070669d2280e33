//! Who gets no marketing, as the engine knows it without asking the store for every message.
//!
//! A set of numbers of eight bytes, one for each recipient of an app who stopped: where a recipient's is not in it, nothing
//! is to be looked up. What is in it is looked up, since two recipients may share a number.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;
use kabar_store::Store;
use kabar_store::suppression::Suppression;
use tokio::sync::Mutex;

/// How many changes are read at once.
const PAGE: u32 = 10_000;

/// Who gets no marketing.
#[derive(Debug, Default)]
pub(crate) struct Suppressed {
    numbers: RwLock<HashSet<u64>>,
    /// The last change that was seen.
    seen: AtomicI64,
    /// Held by who reads changes, so that they are taken in their order.
    reading: Mutex<()>,
}

impl Suppressed {
    pub(crate) async fn load(store: &Store) -> Result<Self, kabar_store::Error> {
        let suppressed = Self::default();
        suppressed.refresh(store).await?;
        Ok(suppressed)
    }

    /// Takes in what changed since it was last looked.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), kabar_store::Error> {
        let _turn = self.reading.lock().await;
        loop {
            let changes = store.suppression_changes(self.seen.load(Ordering::Acquire), PAGE).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
            for Suppression { wish, .. } in &changes {
                let number = number_of(&wish.app, &wish.recipient);
                // Somebody else's number may be the same, so what is lifted stays in the set, and is looked up in vain.
                if wish.stopped {
                    numbers.insert(number);
                }
            }
            self.seen.store(last.change, Ordering::Release);
        }
    }

    /// Whether a recipient gets no marketing of an app.
    pub(crate) async fn look(
        &self,
        store: &Store,
        app: &AppId,
        recipient: &PhoneNumber,
    ) -> Result<Option<Suppression>, kabar_store::Error> {
        let number = number_of(app, recipient);
        if !self.numbers.read().unwrap_or_else(PoisonError::into_inner).contains(&number) {
            return Ok(None);
        }
        store.suppression(app, recipient).await
    }
}

fn number_of(app: &AppId, recipient: &PhoneNumber) -> u64 {
    let mut hasher = DefaultHasher::new();
    app.as_str().hash(&mut hasher);
    recipient.as_e164().hash(&mut hasher);
    hasher.finish()
}
