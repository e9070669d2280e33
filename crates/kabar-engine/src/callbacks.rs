//! Telling apps what happens, by signed calls to their own servers (Standard Webhooks 1.0).
//!
//! What there is to tell is written by the store, beside what happened. Here it is delivered: `deliver` takes what is
//! due, `call` makes one call, `schedule` says when it is made again, `keys` signs. No app and no part of the engine
//! waits for any of this.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::callback::CallbackId;
use kabar_domain::callback::request::{AddressRules, Change, NewCallback, Redrive, Rotation};
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use kabar_outbound::AddressPolicy;
use kabar_store::callback::{AddCallback, Callback, CallbackChange, Delivery, DeliveryQuery, SigningKey};
use uuid::Uuid;

use crate::shared::Shared;

mod call;
pub(crate) mod cleaning;
pub(crate) mod deliver;
pub mod keys;
mod schedule;
pub(crate) mod state;
#[cfg(test)]
mod tests;

/// How apps are called back.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which addresses may be dialled.
    pub allow: AddressPolicy,
    /// Whether clear http will do.
    pub clear_http: bool,
    /// How long a call may take, the whole answer included.
    pub timeout: Duration,
    /// For how long deliveries that have ended are kept.
    pub keep: Duration,
    /// After how long without a call that went well a callback is paused.
    pub pause_after: Duration,
}

impl Default for Options {
    /// Public addresses over https alone.
    fn default() -> Self {
        Self {
            allow: AddressPolicy::PublicOnly { also: Vec::new() },
            clear_http: false,
            timeout: Duration::from_secs(15),
            keep: Duration::from_secs(7 * 86_400),
            pause_after: Duration::from_secs(3 * 86_400),
        }
    }
}

/// Why a callback could not be made, or its key not be changed.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// The store says no, or failed.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
    /// There is no key.
    #[error(transparent)]
    NoRandom(#[from] keys::NoRandom),
}

/// A callback with a key that is new. The secret is told this once.
#[derive(Debug, Clone)]
pub struct WithKey {
    /// The callback.
    pub callback: Callback,
    /// The new key.
    pub key: SigningKey,
}

/// The callbacks of apps, to be asked and changed.
#[derive(Debug, Clone, Copy)]
pub struct Callbacks<'g> {
    shared: &'g Arc<Shared>,
}

impl<'g> Callbacks<'g> {
    pub(crate) const fn new(shared: &'g Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Reads what an app asks for with the rules for addresses that hold here.
    pub fn with_rules<T>(&self, read: impl FnOnce(&AddressRules<'_>) -> T) -> T {
        let options = &self.shared.callbacks.options;
        let allows = |address| options.allow.allows(address);
        read(&AddressRules { clear_http: options.clear_http, allows: &allows })
    }

    /// Makes a callback.
    pub async fn add(&self, app: &AppId, asked: NewCallback) -> Result<WithKey, CallbackError> {
        let key = keys::fresh(asked.signing)?;
        let id = CallbackId::from_uuid(self.shared.clock.msgid().as_uuid());
        let add = AddCallback { id, app: app.clone(), asked, key: key.clone(), at: self.now() };
        Ok(WithKey { callback: self.shared.store.add_callback(add).await?, key })
    }

    /// The callbacks of an app, oldest first.
    pub async fn list(&self, app: &AppId) -> Result<Vec<Callback>, kabar_store::Error> {
        self.shared.store.callbacks(Some(app)).await
    }

    /// One callback of an app.
    pub async fn one(&self, app: &AppId, id: CallbackId) -> Result<Option<Callback>, kabar_store::Error> {
        self.shared.store.callback(app, id).await
    }

    /// Changes what a callback is told and where. `None` if the app has none of that id.
    pub async fn change(
        &self,
        app: &AppId,
        id: CallbackId,
        change: Change,
    ) -> Result<Option<Callback>, kabar_store::Error> {
        self.shared.store.change_callback(app, id, CallbackChange::Facts(change), self.now()).await
    }

    /// Stops calls; what there is to tell waits.
    pub async fn pause(&self, app: &AppId, id: CallbackId) -> Result<Option<Callback>, kabar_store::Error> {
        self.shared.store.change_callback(app, id, CallbackChange::Pause, self.now()).await
    }

    /// Lets calls go on, with all that waits, at once.
    pub async fn resume(&self, app: &AppId, id: CallbackId) -> Result<Option<Callback>, kabar_store::Error> {
        let resumed = self.shared.store.change_callback(app, id, CallbackChange::Resume, self.now()).await?;
        self.shared.callbacks.forget_health();
        self.shared.callbacks.wake();
        Ok(resumed)
    }

    /// Gives a callback another key; the old one signs too until the overlap is over.
    pub async fn rotate(
        &self,
        app: &AppId,
        id: CallbackId,
        rotation: Rotation,
    ) -> Result<Option<WithKey>, CallbackError> {
        let Some(known) = self.one(app, id).await? else { return Ok(None) };
        let key = keys::fresh(rotation.signing.unwrap_or(known.signing))?;
        let now = self.now();
        let change = CallbackChange::Key { key: key.clone(), old_until: now.plus(rotation.overlap) };
        let changed = self.shared.store.change_callback(app, id, change, now).await?;
        Ok(changed.map(|callback| WithKey { callback, key }))
    }

    /// Removes a callback with all its deliveries. `false` if the app has none of that id.
    pub async fn remove(&self, app: &AppId, id: CallbackId) -> Result<bool, kabar_store::Error> {
        self.shared.store.remove_callback(app, id, self.now()).await
    }

    /// Has a test event delivered, and answers its id. `None` if the app has no such callback.
    pub async fn test(&self, app: &AppId, id: CallbackId) -> Result<Option<Uuid>, kabar_store::Error> {
        let event = self.shared.clock.msgid().as_uuid();
        let told = self.shared.store.test_callback(app, id, event, self.now()).await?;
        self.shared.callbacks.wake();
        Ok(told.then_some(event))
    }

    /// Up to `limit` deliveries, newest first. `None` if the app has no such callback.
    pub async fn deliveries(
        &self,
        app: &AppId,
        id: CallbackId,
        query: DeliveryQuery,
        limit: u32,
    ) -> Result<Option<Vec<Delivery>>, kabar_store::Error> {
        self.shared.store.deliveries(app, id, query, limit).await
    }

    /// The delivery of one event.
    pub async fn delivery(
        &self,
        app: &AppId,
        id: CallbackId,
        event: Uuid,
    ) -> Result<Option<Delivery>, kabar_store::Error> {
        self.shared.store.delivery(app, id, event).await
    }

    /// Has one delivery made again. `false` if there is none.
    pub async fn redrive_one(&self, app: &AppId, id: CallbackId, event: Uuid) -> Result<bool, kabar_store::Error> {
        let redriven = self.shared.store.redrive_one(app, id, event, self.now()).await?;
        self.shared.callbacks.wake();
        Ok(redriven)
    }

    /// Has the deliveries of a range made again, and answers how many. `None` if the app has no such callback.
    pub async fn redrive(
        &self,
        app: &AppId,
        id: CallbackId,
        range: Redrive,
    ) -> Result<Option<u64>, kabar_store::Error> {
        let redriven = self.shared.store.redrive(app, id, range, self.now()).await?;
        self.shared.callbacks.wake();
        Ok(redriven)
    }

    fn now(&self) -> Moment {
        self.shared.clock.now()
    }
}
