//! The state of the emulated platform: accounts, numbers, templates, messages, calls.
//!
//! Nothing here waits or does I/O. Every change is an [`Event`]: it is handed to the state file's writer and applied, by
//! one function, so that a replay of the file leads to the same world. The world lives behind one lock, held shortly.

pub(crate) mod account;
pub(crate) mod by_hand;
pub(crate) mod event;
pub(crate) mod life;
pub(crate) mod limits;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod naming;
pub(crate) mod outbox;
pub(crate) mod reply;
pub(crate) mod schedule;
pub(crate) mod template;
pub(crate) mod upload;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::watch;

use crate::check::spec::Spec;
use crate::faults::{Faults, MessageFacts};
use crate::log::Writer;
use crate::review::Review;
use crate::statuses::{Habit, Status, Timings};
use crate::world::account::{Account, Number, Update};
use crate::world::event::{Call, Event, WebhookCall};
use crate::world::limits::Limits;
use crate::world::media::Media;
use crate::world::message::{Message, StatusRecord};
use crate::world::reply::Reply;
use crate::world::schedule::Due;
use crate::world::upload::Upload;

pub(crate) use crate::world::template::{Quality, Rejection, Template, TemplateChange, TemplateStatus};

/// Graph calls that the ledger keeps; older ones are forgotten.
pub(crate) const CALLS_KEPT: usize = 1_000_000;
/// Webhook calls that the ledger keeps.
pub(crate) const WEBHOOK_CALLS_KEPT: usize = 100_000;

/// All that the sandbox knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) review: Review,
    pub(crate) timings: Timings,
    pub(crate) accounts: HashMap<String, Account>,
    pub(crate) numbers: HashMap<String, Number>,
    pub(crate) templates: BTreeMap<u64, Template>,
    pub(crate) template_sequences: HashMap<String, u64>,
    /// Ids of deleted templates, which must not come into being again as something else.
    pub(crate) deleted_templates: HashSet<String>,
    /// Names that were given up lately, with their account and language, and until when they are blocked.
    pub(crate) blocked_names: BTreeMap<(String, String, String), i64>,
    /// Uploads of samples, by their session.
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// After how many bytes each of the next calls that bring bytes is broken off, as an operator asked. Not kept.
    pub(crate) upload_breaks: VecDeque<u64>,
    /// Files for messages, by their ids.
    pub(crate) media: BTreeMap<String, Media>,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    /// Changes of templates that a callback has not heard of yet.
    pub(crate) changes: BTreeMap<u64, TemplateChange>,
    pub(crate) messages: Vec<Message>,
    /// What recipients answered.
    pub(crate) replies: Vec<Reply>,
    /// Accounts whose marketing was stopped, and by which recipient.
    no_marketing: HashSet<(String, String)>,
    /// What recipients' phones do with messages, where that is not what phones do.
    pub(crate) habits: HashMap<String, Habit>,
    /// Counts whatever can be seen on a phone or beside it.
    seen: watch::Sender<u64>,
    pub(crate) calls: VecDeque<Call>,
    /// Calls forgotten from the front of `calls`.
    pub(crate) calls_forgotten: u64,
    pub(crate) webhook_calls: VecDeque<WebhookCall>,
    /// How often a number of the agreed digits was refused.
    pub(crate) refusals: HashMap<String, u32>,
    pub(crate) schedule: BinaryHeap<Due>,
    next_sequence: u64,
    pub(crate) next_change: u64,
    times_named: u64,
    /// False while the state file is replayed: then nothing is written, scheduled or put into an outbox.
    live: bool,
    writer: Option<Writer>,
}

impl World {
    /// An empty world that writes nothing down; [`World::start`] makes it live.
    pub(crate) fn new(review: Review, timings: Timings) -> Self {
        Self {
            review,
            timings,
            accounts: HashMap::new(),
            numbers: HashMap::new(),
            templates: BTreeMap::new(),
            template_sequences: HashMap::new(),
            deleted_templates: HashSet::new(),
            blocked_names: BTreeMap::new(),
            uploads: BTreeMap::new(),
            upload_breaks: VecDeque::new(),
            media: BTreeMap::new(),
            limits: Limits::default(),
            faults: Faults::default(),
            changes: BTreeMap::new(),
            messages: Vec::new(),
            replies: Vec::new(),
            no_marketing: HashSet::new(),
            habits: HashMap::new(),
            seen: watch::Sender::new(0),
            calls: VecDeque::new(),
            calls_forgotten: 0,
            webhook_calls: VecDeque::new(),
            refusals: HashMap::new(),
            schedule: BinaryHeap::new(),
            next_sequence: 1,
            next_change: 1,
            times_named: 0,
            live: false,
            writer: None,
        }
    }

    /// Ends the replay: from now on events go to `writer`, and what was unfinished goes on.
    pub(crate) fn start(&mut self, writer: Option<Writer>) {
        self.live = true;
        self.writer = writer;
        self.resume_outboxes();
        self.resume_schedule();
    }

    /// Writes `event` down and makes it so.
    pub(crate) fn record(&mut self, event: Event) {
        if let Some(writer) = &self.writer {
            writer.append(&event);
        }
        self.apply(event);
    }

    /// A mark of what was recorded up to now, to wait until it is in the file.
    pub(crate) fn written_mark(&self) -> u64 {
        self.writer.as_ref().map_or(0, Writer::appended)
    }

    /// Makes `event` so, without writing it down; the way in which the state file is replayed.
    pub(crate) fn apply(&mut self, event: Event) {
        if self.live && !matches!(event, Event::Call(_) | Event::Upload(_)) {
            self.touch();
        }
        match event {
            Event::Sandbox { .. } => {}
            Event::Account { waba_id } => {
                self.times_named += 1;
                self.accounts.entry(waba_id).or_default().last_named = self.times_named;
            }
            Event::Number { phone_number_id, waba_id, display } => {
                self.accounts.entry(waba_id.clone()).or_default().numbers.push(phone_number_id.clone());
                self.numbers.insert(phone_number_id, Number { waba_id, display });
            }
            Event::Template(template) => self.apply_template(*template),
            Event::TemplateChange(change) => self.apply_template_change(*change),
            Event::TemplateDeleted { template_id } => self.apply_template_deletion(template_id),
            Event::NameBlocked { waba_id, name, language, until } => {
                self.blocked_names.insert((waba_id, name, language), until);
            }
            Event::Upload(upload) => {
                self.uploads.insert(upload.session.clone(), *upload);
            }
            Event::Media(media) => {
                self.media.insert(media.id.clone(), *media);
            }
            Event::MediaDeleted { id } => {
                self.media.remove(&id);
            }
            Event::Subscription { waba_id, subscription } => {
                let account = self.accounts.entry(waba_id).or_default();
                account.subscription = subscription;
                account.outbox.failures = 0;
                account.outbox.not_before = 0;
            }
            Event::Message(message) => self.apply_message(*message),
            Event::Statuses { status, at, messages } => self.apply_statuses(status, at, &messages),
            Event::Lost { message, status } => {
                if let Some(record) = self.status_record(message, status) {
                    record.lost = true;
                }
            }
            Event::Delivered { at, statuses, changes, replies } => {
                for (index, status) in statuses {
                    if let Some(record) = self.status_record(index, status) {
                        record.delivered_at = Some(at);
                    }
                }
                for number in changes {
                    self.changes.remove(&number);
                }
                for number in replies {
                    if let Some(reply) = self.reply_mut(number) {
                        reply.delivered_at = Some(at);
                    }
                }
            }
            Event::Reply(reply) => self.apply_reply(*reply),
            Event::Habit { to, habit } => self.apply_habit(to, habit),
            Event::FailsWith { message, code } => {
                let message = usize::try_from(message).ok().and_then(|index| self.messages.get_mut(index));
                if let Some(message) = message {
                    message.fails_with = Some(code);
                }
            }
            Event::Refused { to } => *self.refusals.entry(to).or_default() += 1,
            Event::Call(call) => {
                if self.calls.len() == CALLS_KEPT {
                    self.calls.pop_front();
                    self.calls_forgotten += 1;
                }
                self.calls.push_back(*call);
            }
        }
    }

    fn apply_template(&mut self, mut template: Template) {
        template.spec = Spec::of(&template.components, template.named_parameters, &template.category);
        template.shared = Arc::new(template.components.clone());
        let sequence = template.sequence;
        self.next_sequence = self.next_sequence.max(sequence + 1);
        let account = self.accounts.entry(template.waba_id.clone()).or_default();
        account.templates.insert(sequence);
        account.by_name.entry(template.name.clone()).or_default().insert(template.language.clone(), sequence);
        self.template_sequences.insert(template.id.clone(), sequence);
        if self.live {
            self.schedule_template(&template);
        }
        self.templates.insert(sequence, template);
    }

    fn apply_template_change(&mut self, change: TemplateChange) {
        self.next_change = self.next_change.max(change.number + 1);
        let sequence = self.template_sequences.get(&change.template_id);
        let template = sequence.and_then(|sequence| self.templates.get_mut(sequence));
        if let Some(template) = template.filter(|_| change.is_of_status()) {
            template.status = change.status;
            template.reason.clone_from(&change.reason);
            template.updated_at = change.at;
        }
        if self.live {
            self.tell(&change.waba_id, Update::Template(change.number));
        }
        self.changes.insert(change.number, change);
    }

    fn apply_template_deletion(&mut self, template_id: String) {
        let sequence = self.template_sequences.remove(&template_id);
        self.deleted_templates.insert(template_id);
        let Some(template) = sequence.and_then(|sequence| self.templates.remove(&sequence)) else { return };
        if let Some(account) = self.accounts.get_mut(&template.waba_id) {
            account.templates.remove(&template.sequence);
            if let Some(languages) = account.by_name.get_mut(&template.name) {
                languages.remove(&template.language);
                if languages.is_empty() {
                    account.by_name.remove(&template.name);
                }
            }
        }
    }

    fn apply_message(&mut self, mut message: Message) {
        let index = self.messages.len();
        let template = self.template_named(&message.waba_id, &message.template, &message.language);
        message.template_components = template.map(|template| Arc::clone(&template.shared));
        if self.live {
            self.schedule_status(index, &message);
        }
        self.messages.push(message);
    }

    fn apply_statuses(&mut self, status: Status, at: i64, messages: &[u32]) {
        for &number in messages {
            let Ok(index) = usize::try_from(number) else { continue };
            let message = self.messages.get_mut(index).filter(|message| message.record_of(status).is_none());
            let Some(message) = message else { continue };
            message.statuses.push(StatusRecord { status, at, delivered_at: None, lost: false });
            if self.live {
                self.tell_status(number, status, at);
                self.schedule_next_status(index);
            }
        }
    }

    /// Has a status told, as soon and as often as the fault rules say.
    fn tell_status(&mut self, number: u32, status: Status, at: i64) {
        let Some(message) = usize::try_from(number).ok().and_then(|index| self.messages.get(index)) else { return };
        let facts = MessageFacts {
            sender: &message.phone_number_id,
            template: &message.template,
            category: &message.category,
            to: &message.to,
        };
        let times = self.faults.on_status(facts, status.as_str(), at);
        if times.is_empty() {
            self.record(Event::Lost { message: number, status });
        }
        for time in times {
            if time > at {
                self.schedule.push(Reverse((time, schedule::What::Tell(number, status))));
            } else {
                self.tell_status_now(number, status);
            }
        }
    }

    /// Puts a status into the outbox of its message's account.
    pub(crate) fn tell_status_now(&mut self, number: u32, status: Status) {
        let message = usize::try_from(number).ok().and_then(|index| self.messages.get(index));
        if let Some(waba_id) = message.map(|message| message.waba_id.clone()) {
            self.tell(&waba_id, Update::Status(number, status));
        }
    }

    fn status_record(&mut self, number: u32, status: Status) -> Option<&mut StatusRecord> {
        let message = usize::try_from(number).ok().and_then(|index| self.messages.get_mut(index));
        message.and_then(|message| message.statuses.iter_mut().find(|record| record.status == status))
    }

    /// Tells those that look on that there is something new to see.
    pub(crate) fn touch(&self) {
        self.seen.send_modify(|count| *count += 1);
    }

    /// The count of what could be seen up to now, to wait for the next.
    pub(crate) fn seen(&self) -> watch::Receiver<u64> {
        self.seen.subscribe()
    }

    /// The template of this id.
    pub(crate) fn template(&self, template_id: &str) -> Option<&Template> {
        self.templates.get(self.template_sequences.get(template_id)?)
    }

    /// The template of an account by name and language.
    pub(crate) fn template_named(&self, waba_id: &str, name: &str, language: &str) -> Option<&Template> {
        let sequence = self.accounts.get(waba_id)?.by_name.get(name)?.get(language)?;
        self.templates.get(sequence)
    }

    /// The sequence number for the next template.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.next_sequence
    }
}
