//! What there is to tell is written down beside what happened, in the same transaction.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kabar_domain::callback::payload::{self, MessageFacts, ReplyFacts, TemplateFacts};
use kabar_domain::callback::{CallbackId, EventType, Subscription};
use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid, SenderId};
use kabar_domain::message::{Reason, State};
use rusqlite::{OptionalExtension as _, Row, Transaction};
use uuid::Uuid;

use super::super::Sqlite;
use super::super::directory::apps_of;
use super::super::memory::{Memory, lane_of};
use super::super::rows::{msgid, parsed};
use super::super::writer::{Command, Failure};
use super::number;
use crate::Error;
use crate::callback::{Reply, SenderNews};
use crate::template::{PutTemplate, StoredTemplate};

impl Sqlite {
    pub(crate) async fn test_callback(
        &self,
        app: AppId,
        id: CallbackId,
        event: Uuid,
        at: Moment,
    ) -> Result<bool, Error> {
        self.0.writer.run(Test { app, id, event, at }).await
    }

    pub(crate) async fn tell_replies(&self, replies: Vec<Reply>) -> Result<(), Error> {
        if replies.is_empty() {
            return Ok(());
        }
        self.0.writer.run(Replies(replies)).await
    }

    pub(crate) async fn tell_senders(&self, news: Vec<SenderNews>) -> Result<(), Error> {
        if news.is_empty() {
            return Ok(());
        }
        self.0.writer.run(Senders(news)).await
    }

    pub(crate) async fn told(&self) {
        self.0.gauges.told.notified().await;
    }
}

/// For each app that has any, its callbacks by their numbers, and what they want to hear of.
type ByApp = HashMap<AppId, Vec<(i64, Subscription)>>;

/// Whom there is to tell, as the writer remembers it: where nobody listens, telling costs a look into a map.
#[derive(Default)]
pub(in super::super) struct Listeners {
    by_app: Option<ByApp>,
    app_of_lane: HashMap<i64, Option<AppId>>,
    told: bool,
}

impl Listeners {
    /// Forgets what may no longer be true.
    pub(in super::super) fn forget(&mut self) {
        self.by_app = None;
        self.app_of_lane.clear();
    }

    /// Whether anybody was told of anything since this was last asked.
    pub(in super::super) const fn were_told(&mut self) -> bool {
        std::mem::replace(&mut self.told, false)
    }

    /// The callbacks of an app that want to hear of an event.
    fn of_app(&mut self, tx: &Transaction<'_>, app: &AppId, kind: EventType) -> Result<Vec<i64>, rusqlite::Error> {
        let listening = self.by_app(tx)?.get(app).map_or(&[][..], Vec::as_slice);
        Ok(listening.iter().filter(|(_, events)| events.wants(kind)).map(|(number, _)| *number).collect())
    }

    /// The same of the app that owns a lane.
    fn of_lane(&mut self, tx: &Transaction<'_>, lane: i64, kind: EventType) -> Result<Vec<i64>, rusqlite::Error> {
        if self.by_app(tx)?.is_empty() {
            return Ok(Vec::new());
        }
        let app = match self.app_of_lane.entry(lane) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(vacant) => {
                let app = tx
                    .prepare_cached("SELECT app FROM lanes WHERE number = ?1")?
                    .query_row([lane], |row| parsed(row, 0, AppId::parse))
                    .optional()?;
                vacant.insert(app).clone()
            }
        };
        match app {
            Some(app) => self.of_app(tx, &app, kind),
            None => Ok(Vec::new()),
        }
    }

    fn by_app(&mut self, tx: &Transaction<'_>) -> Result<&ByApp, rusqlite::Error> {
        let by_app = match self.by_app.take() {
            Some(by_app) => by_app,
            None => load(tx)?,
        };
        Ok(self.by_app.insert(by_app))
    }
}

fn load(tx: &Transaction<'_>) -> Result<ByApp, rusqlite::Error> {
    let mut by_app = ByApp::new();
    let mut callbacks =
        tx.prepare_cached("SELECT app, number, events FROM callbacks WHERE removed_at IS NULL ORDER BY number")?;
    let mut rows = callbacks.query([])?;
    while let Some(row) = rows.next()? {
        let events = Subscription::from_joined(row.get_ref(2)?.as_str()?);
        by_app.entry(parsed(row, 0, AppId::parse)?).or_default().push((row.get(1)?, events));
    }
    Ok(by_app)
}

/// Something became of a message.
pub(in super::super) fn message(
    tx: &Transaction<'_>,
    memory: &mut Memory,
    id: i64,
    state: State,
    at: Moment,
    reason: Option<&Reason>,
) -> Result<(), rusqlite::Error> {
    let Some(kind) = EventType::of_state(state) else { return Ok(()) };
    let listening = memory.listeners.of_lane(tx, lane_of(id), kind)?;
    if listening.is_empty() {
        return Ok(());
    }
    let Some(known) = known(tx, id)? else { return Ok(()) };
    let event = event_id(&format!("message/{}/{}/{}", known.msgid, state.to_code(), at.as_millis()));
    let told = Told { event, kind, stream: Some(id), at };
    tell(tx, memory, &listening, told, &payload::message(kind, at, &known.facts(), reason))
}

/// Something of a template is now other than it was.
pub(in super::super) fn template(
    tx: &Transaction<'_>,
    memory: &mut Memory,
    old: &StoredTemplate,
    put: &PutTemplate,
) -> Result<(), rusqlite::Error> {
    let (was, is) = (&old.facts, &put.facts);
    let (status_was, status_is) = (was.status.to_string(), is.status.to_string());
    let reason = Some(is.rejected_reason.as_str()).filter(|reason| *reason != "NONE");
    let changes = [
        (EventType::TemplateStatus, status_was.as_str(), status_is.as_str(), reason),
        (EventType::TemplateCategory, was.category.as_str(), is.category.as_str(), None),
        (EventType::TemplateQuality, was.quality.as_str(), is.quality.as_str(), None),
    ];
    for (kind, before, now, reason) in changes {
        if before == now {
            continue;
        }
        let listening = memory.listeners.of_app(tx, &put.app, kind)?;
        if listening.is_empty() {
            continue;
        }
        let facts =
            TemplateFacts { id: put.id.as_str(), code: old.code.as_str(), name: &is.name, language: &is.language };
        let event = event_id(&format!("{kind}/{}/{}/{before}/{now}/{}", put.app, old.seq, put.at.as_millis()));
        // Numbers of messages are above zero, so these are their own.
        let told = Told { event, kind, stream: Some(-old.seq), at: put.at };
        tell(tx, memory, &listening, told, &payload::template(kind, put.at, &put.app, facts, (before, now), reason))?;
    }
    Ok(())
}

struct Replies(Vec<Reply>);

impl Command for Replies {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<(), Failure> {
        for reply in &self.0 {
            tell_reply(tx, memory, reply)?;
        }
        Ok(())
    }
}

fn tell_reply(tx: &Transaction<'_>, memory: &mut Memory, reply: &Reply) -> Result<(), rusqlite::Error> {
    let id: Option<i64> = tx
        .prepare_cached("SELECT id FROM messages WHERE wamid = ?1")?
        .query_row([&reply.replied_to], |row| row.get(0))
        .optional()?;
    // Somebody else sent the message.
    let Some(id) = id else { return Ok(()) };
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, reply.wamid.as_bytes());
    tx.prepare_cached("INSERT OR IGNORE INTO replies (message_id, reply, at) VALUES (?1, ?2, ?3)")?.execute((
        id,
        &hash.as_ref()[..16],
        reply.at.as_millis(),
    ))?;
    let kind = EventType::MessageReply;
    let listening = memory.listeners.of_lane(tx, lane_of(id), kind)?;
    if listening.is_empty() {
        return Ok(());
    }
    let Some(known) = known(tx, id)? else { return Ok(()) };
    // The upstream may report it twice.
    let told = Told { event: event_id(&format!("reply/{}", reply.wamid)), kind, stream: Some(id), at: reply.at };
    let facts = ReplyFacts { wamid: &reply.wamid, payload: reply.payload.as_deref(), text: reply.text.as_deref() };
    tell(tx, memory, &listening, told, &payload::reply(reply.at, &known.facts(), facts))
}

struct Senders(Vec<SenderNews>);

impl Command for Senders {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<(), Failure> {
        for news in &self.0 {
            tell_sender(tx, memory, news)?;
        }
        Ok(())
    }
}

fn tell_sender(tx: &Transaction<'_>, memory: &mut Memory, news: &SenderNews) -> Result<(), rusqlite::Error> {
    match news {
        SenderNews::Held { app, sender, reason, at } => {
            let kind = EventType::SenderHeld;
            let listening = memory.listeners.of_app(tx, app, kind)?;
            if listening.is_empty() {
                return Ok(());
            }
            let event = event_id(&format!("{kind}/{sender}/{}/{}", reason.is_some(), at.as_millis()));
            // In the order in which they came: held, and then going on.
            let stream = i64::MIN + sender_number(tx, sender)?;
            let told = Told { event, kind, stream: Some(stream), at: *at };
            tell(tx, memory, &listening, told, &payload::sender_held(*at, app, sender.as_str(), reason.as_deref()))
        }
        SenderNews::Quality { waba, phone_number, event: what, at } => {
            let kind = EventType::SenderQuality;
            let number = phone_number.as_deref();
            for app in apps_of(tx, waba)? {
                let listening = memory.listeners.of_app(tx, &app, kind)?;
                if listening.is_empty() {
                    continue;
                }
                let told_of = number.unwrap_or_default();
                let event = event_id(&format!("{kind}/{app}/{waba}/{told_of}/{what}/{}", at.as_millis()));
                let told = Told { event, kind, stream: None, at: *at };
                tell(tx, memory, &listening, told, &payload::sender_quality(*at, &app, waba.as_str(), number, what))?;
            }
            Ok(())
        }
    }
}

/// The store's own number for a sender; 0 for one that is gone.
fn sender_number(tx: &Transaction<'_>, sender: &SenderId) -> Result<i64, rusqlite::Error> {
    let number = tx
        .prepare_cached("SELECT number FROM senders WHERE id = ?1")?
        .query_row([sender.as_str()], |row| row.get(0))
        .optional()?;
    Ok(number.unwrap_or_default())
}

/// What is told of a message.
struct Known {
    app: AppId,
    msgid: Msgid,
    recipient: String,
    sender: String,
    wamid: Option<String>,
    /// Id, code, name and language, while there is such a template.
    template: Option<[String; 4]>,
}

impl Known {
    fn facts(&self) -> MessageFacts<'_> {
        let template =
            self.template.as_ref().map(|[id, code, name, language]| TemplateFacts { id, code, name, language });
        MessageFacts {
            app: &self.app,
            msgid: self.msgid,
            recipient: &self.recipient,
            sender: &self.sender,
            wamid: self.wamid.as_deref(),
            template,
        }
    }
}

fn known(tx: &Transaction<'_>, id: i64) -> Result<Option<Known>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT m.app, m.msgid, m.recipient, l.sender, m.wamid, t.id, t.code, t.name, t.language
         FROM messages m JOIN lanes l ON l.number = ?2 LEFT JOIN templates t ON t.seq = m.template WHERE m.id = ?1",
    )?
    .query_row((id, lane_of(id)), read)
    .optional()
}

fn read(row: &Row<'_>) -> Result<Known, rusqlite::Error> {
    let template = match row.get(5)? {
        Some(id) => Some([id, row.get(6)?, row.get(7)?, row.get(8)?]),
        None => None,
    };
    Ok(Known {
        app: parsed(row, 0, AppId::parse)?,
        msgid: msgid(row, 1)?,
        recipient: row.get(2)?,
        sender: row.get(3)?,
        wamid: row.get::<_, Option<String>>(4)?.filter(|wamid| !wamid.is_empty()),
        template,
    })
}

struct Test {
    app: AppId,
    id: CallbackId,
    event: Uuid,
    at: Moment,
}

impl Command for Test {
    type Answer = bool;

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<bool, Failure> {
        let Some(number) = number(tx, &self.app, self.id)? else { return Ok(false) };
        let told = Told { event: self.event, kind: EventType::Test, stream: None, at: self.at };
        tell(tx, memory, &[number], told, &payload::test(self.at, &self.app))?;
        Ok(true)
    }
}

/// What is told, beside its words.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// The event's id.
    event: Uuid,
    /// Its type.
    kind: EventType,
    /// What it is about.
    stream: Option<i64>,
    /// When it happened.
    at: Moment,
}

/// Has callbacks told of an event, unless they are told already; after what they are told of the same thing before.
fn tell(
    tx: &Transaction<'_>,
    memory: &mut Memory,
    callbacks: &[i64],
    told: Told,
    body: &str,
) -> Result<(), rusqlite::Error> {
    for callback in callbacks {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO deliveries
             (callback, event, kind, stream, body, occurred_at, state, at, calls, tries)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6,
                     EXISTS (SELECT 1 FROM deliveries WHERE callback = ?1 AND stream = ?4 AND state < 2), ?6, 0, 0)",
        )?
        .execute((
            callback,
            told.event.as_bytes(),
            told.kind.as_str(),
            told.stream,
            body,
            told.at.as_millis(),
        ))?;
    }
    memory.listeners.told = true;
    Ok(())
}

/// The id of an event: it follows from what happened, so the same event has the same id wherever and however often it
/// is told.
fn event_id(what: &str) -> Uuid {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, what.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
