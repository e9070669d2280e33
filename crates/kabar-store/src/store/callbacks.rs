//! Callbacks and their deliveries.

use kabar_domain::callback::CallbackId;
use kabar_domain::callback::request::Redrive;
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use uuid::Uuid;

use super::{Engine, Store};
use crate::Error;
use crate::callback::{
    AddCallback, CallOutcome, Callback, CallbackChange, CallbackKey, Cleaned, Delivery, DeliveryQuery, DueDelivery,
    Endpoint, Reply, SenderNews,
};

impl Store {
    /// Makes a callback. [`Error::NoSuchApp`], or [`Error::TooManyCallbacks`].
    pub async fn add_callback(&self, add: AddCallback) -> Result<Callback, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.add_callback(add).await,
        }
    }

    /// Changes an app's callback, and answers what it is now; `None` if the app has none of that id. What is so already
    /// stays so.
    pub async fn change_callback(
        &self,
        app: &AppId,
        id: CallbackId,
        change: CallbackChange,
        at: Moment,
    ) -> Result<Option<Callback>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.change_callback(app.clone(), id, change, at).await,
        }
    }

    /// Removes a callback with all its deliveries. `false` if the app has none of that id.
    pub async fn remove_callback(&self, app: &AppId, id: CallbackId, at: Moment) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.remove_callback(app.clone(), id, at).await,
        }
    }

    /// The callbacks of an app, or of all, oldest first.
    pub async fn callbacks(&self, app: Option<&AppId>) -> Result<Vec<Callback>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.callbacks(app.cloned()).await,
        }
    }

    /// One callback of an app.
    pub async fn callback(&self, app: &AppId, id: CallbackId) -> Result<Option<Callback>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.callback(app.clone(), id).await,
        }
    }

    /// Has a callback told that somebody tries it out, in an event of this id. `false` if the app has no such callback.
    pub async fn test_callback(&self, app: &AppId, id: CallbackId, event: Uuid, at: Moment) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.test_callback(app.clone(), id, event, at).await,
        }
    }

    /// Has those who want to hear of it told that recipients pressed buttons; each once, however often it is reported.
    /// Replies to messages of others are passed over.
    pub async fn tell_replies(&self, replies: Vec<Reply>) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.tell_replies(replies).await,
        }
    }

    /// Has those who want to hear of it told what is new of senders; each once, however often it is reported.
    pub async fn tell_senders(&self, news: Vec<SenderNews>) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.tell_senders(news).await,
        }
    }

    /// Waits until something was written that is to be told, by this process. Only one who waits is woken.
    pub async fn told(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.told().await,
        }
    }

    /// The callbacks that are not paused and have a delivery that is due.
    pub async fn callbacks_due(&self, now: Moment) -> Result<Vec<CallbackKey>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.callbacks_due(now).await,
        }
    }

    /// Up to `limit` deliveries of a callback that are due, the longest due first, no two of them about the same thing.
    /// They stay due until they are settled. `None` if the callback is paused or gone.
    pub async fn deliveries_due(
        &self,
        callback: CallbackKey,
        now: Moment,
        limit: u32,
    ) -> Result<Option<(Endpoint, Vec<DueDelivery>)>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.deliveries_due(callback, now, limit).await,
        }
    }

    /// Keeps how calls came out, and answers which callbacks are paused by that.
    pub async fn settle_deliveries(&self, outcomes: Vec<CallOutcome>) -> Result<Vec<CallbackKey>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.settle_deliveries(outcomes).await,
        }
    }

    /// Up to `limit` deliveries of an app's callback, newest first; `None` if the app has no such callback.
    pub async fn deliveries(
        &self,
        app: &AppId,
        id: CallbackId,
        query: DeliveryQuery,
        limit: u32,
    ) -> Result<Option<Vec<Delivery>>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.deliveries(app.clone(), id, query, limit).await,
        }
    }

    /// The delivery of one event to an app's callback.
    pub async fn delivery(&self, app: &AppId, id: CallbackId, event: Uuid) -> Result<Option<Delivery>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.delivery(app.clone(), id, event).await,
        }
    }

    /// Has a delivery made again, or at once if it waits for its next try. `false` if there is none.
    pub async fn redrive_one(&self, app: &AppId, id: CallbackId, event: Uuid, now: Moment) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.redrive_one(app.clone(), id, event, now).await,
        }
    }

    /// Has the deliveries of a range made again, and answers how many. `None` if the app has no such callback. However
    /// many they are, other commands are carried out meanwhile.
    pub async fn redrive(
        &self,
        app: &AppId,
        id: CallbackId,
        range: Redrive,
        now: Moment,
    ) -> Result<Option<u64>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.redrive(app.clone(), id, range, now).await,
        }
    }

    /// A step of cleaning, of `limit` deliveries at most: removes what ended before `before` or belongs to a callback
    /// that was removed, and gives up what has waited since then for a callback that is paused. There may be more as
    /// long as a step did anything.
    pub async fn clean_deliveries(&self, before: Moment, now: Moment, limit: u32) -> Result<Cleaned, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.clean_deliveries(before, now, limit).await,
        }
    }
}
