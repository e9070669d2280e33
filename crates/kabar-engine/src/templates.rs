//! The way of a template: created upstream, kept with its status, and kept true by webhooks and by a poll.
//!
//! All templates are in memory as well, each with its contract; every change replaces both at once, so that the next send
//! goes by it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::template::contract::Contract;
use kabar_store::Store;
use kabar_store::template::StoredTemplate;
use tokio::sync::Notify;

pub mod create;
pub mod delete;
pub(crate) mod put;
mod report;
pub(crate) mod reports;
pub(crate) mod sync;

use report::Report;

/// How many reports about unknown templates are remembered.
const MOST_EARLY: usize = 1000;

/// A template, ready to be sent by.
#[derive(Debug)]
pub(crate) struct KnownTemplate {
    pub(crate) stored: StoredTemplate,
    pub(crate) contract: Contract,
}

/// All templates.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    index: RwLock<Index>,
    /// Held while a template is read, changed and written, so that no change is lost between two.
    changing: tokio::sync::Mutex<()>,
    /// Reports that came before the template that they are about: the upstream may be quicker than its own answer.
    early: Mutex<VecDeque<(TemplateId, Report)>>,
    sync_wanted: Notify,
}

#[derive(Debug, Default)]
struct Index {
    by_seq: HashMap<i64, Arc<KnownTemplate>>,
    by_code: HashMap<(AppId, TemplateCode), i64>,
}

impl Templates {
    pub(crate) async fn load(store: &Store) -> Result<Self, kabar_store::Error> {
        let templates = Self::default();
        for stored in store.templates().await? {
            templates.keep(stored);
        }
        Ok(templates)
    }

    pub(crate) fn by_code(&self, app: &AppId, code: &TemplateCode) -> Option<Arc<KnownTemplate>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let seq = index.by_code.get(&(app.clone(), code.clone()))?;
        index.by_seq.get(seq).cloned()
    }

    pub(crate) fn by_seq(&self, seq: i64) -> Option<Arc<KnownTemplate>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner).by_seq.get(&seq).cloned()
    }

    /// The templates with this upstream id: one for each app that shares the account.
    fn by_id(&self, id: &TemplateId) -> Vec<Arc<KnownTemplate>> {
        self.filtered(|stored| stored.id == *id)
    }

    fn filtered(&self, wanted: impl Fn(&StoredTemplate) -> bool) -> Vec<Arc<KnownTemplate>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.by_seq.values().filter(|known| wanted(&known.stored)).cloned().collect()
    }

    /// Puts a template into memory, with the contract that follows from it.
    fn keep(&self, stored: StoredTemplate) {
        // What can't be read has no components: such a template needs nothing and says nothing, and is never approved.
        let components = serde_json::from_str(&stored.facts.components).unwrap_or_default();
        let contract = Contract::compile(stored.facts.category, &components)
            .with_sub_category(stored.facts.sub_category.as_deref());
        let key = (stored.app.clone(), stored.code.clone());
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.by_code.insert(key, stored.seq);
        index.by_seq.insert(stored.seq, Arc::new(KnownTemplate { stored, contract }));
    }

    fn forget(&self, stored: &StoredTemplate) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.by_seq.remove(&stored.seq);
        index.by_code.remove(&(stored.app.clone(), stored.code.clone()));
    }

    /// Asks for all templates to be read again from the upstream, soon.
    pub(crate) fn ask_for_sync(&self) {
        self.sync_wanted.notify_one();
    }

    fn remember_early(&self, id: TemplateId, report: Report) {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if early.len() >= MOST_EARLY {
            early.pop_front();
        }
        early.push_back((id, report));
    }

    fn take_early(&self, id: &TemplateId) -> Vec<Report> {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        let (of_this, others) = early.drain(..).partition::<VecDeque<_>, _>(|(about, _)| about == id);
        *early = others;
        of_this.into_iter().map(|(_, report)| report).collect()
    }
}
