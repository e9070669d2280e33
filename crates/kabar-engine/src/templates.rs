//! The way of a template: created upstream, kept with its status, and kept true by webhooks and by a poll.
//!
//! All templates are in memory as well, each with its contract; every change replaces both at once, so that the next send
//! goes by it. Which news counts, and which does not, is told in `templates/order.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use kabar_domain::ids::{AppId, TemplateCode, TemplateId};
use kabar_domain::template::contract::Contract;
use kabar_store::Store;
use kabar_store::template::StoredTemplate;
use tokio::sync::Notify;

pub mod archive;
pub mod create;
pub mod delete;
pub mod edit;
pub(crate) mod guard;
mod history;
mod order;
mod put;
mod reading;
pub(crate) mod refusal;
mod report;
pub(crate) mod reports;
pub(crate) mod sync;

use order::{Mark, Marks, Touched};
use report::Report;

/// How many reports about unknown templates are remembered.
const MOST_EARLY: usize = 1000;
/// How many templates that went are remembered, so that no reading under way brings them back.
const MOST_GONE: usize = 1000;
/// How many edits are remembered whose components the upstream has not shown yet.
const MOST_AWAITED: usize = 100;

/// A template, ready to be sent by.
#[derive(Debug)]
pub(crate) struct KnownTemplate {
    pub(crate) stored: StoredTemplate,
    pub(crate) contract: Contract,
    touched: Touched,
}

/// All templates.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    index: RwLock<Index>,
    /// Held while a template is read, changed and written, so that no change is lost between two.
    changing: tokio::sync::Mutex<()>,
    /// Reports that came before the template that they are about: the upstream may be quicker than its own answer.
    early: Mutex<VecDeque<(TemplateId, Mark, Report)>>,
    /// Templates that went, and since when.
    gone: Mutex<VecDeque<(TemplateId, Mark)>>,
    /// What is being created: the app, the name and the language.
    creating: Mutex<Vec<(AppId, String, String)>>,
    /// The components of edits as they were written, until the upstream shows the same.
    awaited: Mutex<VecDeque<(TemplateId, String)>>,
    marks: Marks,
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
            templates.keep(stored, Touched::default());
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
        self.filtered(|known| known.stored.id == *id)
    }

    fn of_app(&self, app: &AppId, id: &TemplateId) -> Option<Arc<KnownTemplate>> {
        self.by_id(id).into_iter().find(|known| known.stored.app == *app)
    }

    fn filtered(&self, wanted: impl Fn(&KnownTemplate) -> bool) -> Vec<Arc<KnownTemplate>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.by_seq.values().filter(|known| wanted(known)).cloned().collect()
    }

    /// The languages that an app has of a template's name.
    fn named(&self, app: &AppId, name: &str) -> Vec<Arc<KnownTemplate>> {
        self.filtered(|known| known.stored.app == *app && known.stored.facts.name == name)
    }

    /// Puts a template into memory, with the contract that follows from it.
    fn keep(&self, stored: StoredTemplate, touched: Touched) {
        // What can't be read has no components: such a template needs nothing and says nothing, and is never approved.
        let components = serde_json::from_str(&stored.facts.components).unwrap_or_default();
        let contract = Contract::compile(stored.facts.category, &components)
            .with_sub_category(stored.facts.sub_category.as_deref());
        let key = (stored.app.clone(), stored.code.clone());
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.by_code.insert(key, stored.seq);
        index.by_seq.insert(stored.seq, Arc::new(KnownTemplate { stored, contract, touched }));
    }

    /// Takes a template out of memory; no reading that has begun by now brings it back.
    fn forget(&self, stored: &StoredTemplate) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.by_seq.remove(&stored.seq);
        index.by_code.remove(&(stored.app.clone(), stored.code.clone()));
        drop(index);
        push_bounded(&mut lock(&self.gone), MOST_GONE, (stored.id.clone(), self.mark()));
    }

    /// Whether a template went after that mark.
    fn went_since(&self, id: &TemplateId, mark: Mark) -> bool {
        lock(&self.gone).iter().any(|(gone, since)| gone == id && *since > mark)
    }

    /// A mark greater than all before.
    fn mark(&self) -> Mark {
        self.marks.next()
    }

    /// Asks for all templates to be read again from the upstream, soon.
    pub(crate) fn ask_for_sync(&self) {
        self.sync_wanted.notify_one();
    }

    fn remember_early(&self, id: TemplateId, mark: Mark, report: Report) {
        push_bounded(&mut lock(&self.early), MOST_EARLY, (id, mark, report));
    }

    /// The reports about a template that came before it was known. They stay, since another app may have it too.
    fn early_of(&self, id: &TemplateId) -> Vec<(Mark, Report)> {
        let early = lock(&self.early);
        early.iter().filter(|(about, _, _)| about == id).map(|(_, mark, report)| (*mark, report.clone())).collect()
    }

    /// Notes that a template is being created, for as long as what this gives is kept.
    fn creating(&self, app: &AppId, name: &str, language: &str) -> Creating<'_> {
        let what = (app.clone(), name.to_owned(), language.to_owned());
        lock(&self.creating).push(what.clone());
        Creating { templates: self, what }
    }

    fn is_being_created(&self, app: &AppId, name: &str, language: &str) -> bool {
        lock(&self.creating).iter().any(|(of, known, in_)| of == app && known == name && in_ == language)
    }

    /// Whether any app is creating a template of this name; a report may leave out what it is called.
    fn is_anyone_creating(&self, name: &str, language: &str) -> bool {
        lock(&self.creating)
            .iter()
            .any(|(_, known, in_)| (name.is_empty() || known == name) && (language.is_empty() || in_ == language))
    }

    /// Remembers how the components of an edit were written.
    fn await_form(&self, id: &TemplateId, components: String) {
        let mut awaited = lock(&self.awaited);
        awaited.retain(|(of, _)| of != id);
        push_bounded(&mut awaited, MOST_AWAITED, (id.clone(), components));
    }

    fn awaited_form(&self, id: &TemplateId) -> Option<String> {
        lock(&self.awaited).iter().find(|(of, _)| of == id).map(|(_, components)| components.clone())
    }

    /// The upstream has shown these components, so they need not be awaited.
    fn forget_form(&self, id: &TemplateId, shown: &str) {
        lock(&self.awaited).retain(|(of, components)| of != id || components != shown);
    }
}

/// Ends what [`Templates::creating`] began.
struct Creating<'t> {
    templates: &'t Templates,
    what: (AppId, String, String),
}

impl Drop for Creating<'_> {
    fn drop(&mut self) {
        let mut creating = lock(&self.templates.creating);
        if let Some(place) = creating.iter().position(|what| *what == self.what) {
            creating.swap_remove(place);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds to the end, and forgets what is too much at the front.
fn push_bounded<T>(queue: &mut VecDeque<T>, most: usize, item: T) {
    if queue.len() >= most {
        queue.pop_front();
    }
    queue.push_back(item);
}
