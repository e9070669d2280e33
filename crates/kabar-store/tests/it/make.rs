//! Things to put into a store.

use std::time::Duration;

use kabar_domain::clock::{Clock, Moment};
use kabar_domain::ids::{AppId, Msgid, SenderId, TemplateCode, TemplateId};
use kabar_domain::message::{Event, Lane, Reason, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::{Category, Status};
use kabar_store::Store;
use kabar_store::directory::{App, Sender};
use kabar_store::ledger::{Begun, MessageKey, MessageView, NewMessage, Outcome, Patience, Report, Verdict};
use kabar_store::template::{PutTemplate, TemplateFacts, Told};
use uuid::Uuid;

pub(crate) const START: Moment = Moment::from_seconds(1_700_000_000);
pub(crate) const PATIENCE: Patience = Patience {
    authentication: Duration::from_secs(30),
    utility: Duration::from_secs(600),
    marketing: Duration::from_secs(900),
};

pub(crate) fn at(seconds: u64) -> Moment {
    START.plus(Duration::from_secs(seconds))
}

pub(crate) fn app_id(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

pub(crate) fn app(id: &str) -> App {
    App { id: app_id(id), name: format!("The app {id}"), created_at: START }
}

pub(crate) fn sender(app: &str, id: &str) -> Sender {
    Sender {
        id: SenderId::parse(id).unwrap(),
        app: app_id(app),
        waba: "900".parse().unwrap(),
        throughput: 80,
        access_token: None,
        created_at: START,
    }
}

pub(crate) fn lane(sender: &str, class: Category) -> Lane {
    Lane { sender: SenderId::parse(sender).unwrap(), class }
}

/// The lane of most tests.
pub(crate) fn utility() -> Lane {
    lane("100", Category::Utility)
}

pub(crate) fn message(lane: &Lane) -> NewMessage {
    NewMessage {
        msgid: Clock::system().msgid(),
        app: app_id("demo"),
        lane: lane.clone(),
        template: 7,
        recipient: PhoneNumber::parse("+6281234567890").unwrap(),
        components: r#"[{"type":"body"}]"#.to_owned(),
        media: None,
        accepted_at: START,
        expires_at: at(3600),
    }
}

/// Accepts `n` messages into a lane, in order.
pub(crate) async fn accept(store: &Store, lane: &Lane, n: usize) -> Vec<Msgid> {
    let mut msgids = Vec::new();
    for _ in 0..n {
        let message = message(lane);
        msgids.push(message.msgid);
        store.accept(message).await.unwrap();
    }
    msgids
}

pub(crate) async fn begin(store: &Store, lane: &Lane, limit: u32, now: Moment) -> Vec<Begun> {
    store.begin_attempts(lane, limit, now).await.unwrap()
}

/// Accepts one message and begins its attempt.
pub(crate) async fn begun(store: &Store, lane: &Lane) -> Begun {
    accept(store, lane, 1).await;
    begin(store, lane, 1, START).await.remove(0)
}

pub(crate) fn msgids(begun: &[Begun]) -> Vec<Msgid> {
    begun.iter().map(|message| message.msgid).collect()
}

pub(crate) async fn settle(store: &Store, key: MessageKey, at: Moment, verdict: Verdict) {
    store.settle(vec![Outcome { key, at, verdict }]).await.unwrap();
}

pub(crate) fn submitted(wamid: &str) -> Verdict {
    Verdict::Submitted { wamid: wamid.to_owned() }
}

pub(crate) fn ended(state: State) -> Verdict {
    Verdict::Ended { state, reason: Reason { code: 131_026, text: "Undeliverable".to_owned() } }
}

pub(crate) fn report(msgid: Option<Msgid>, wamid: &str, state: State, at: Moment) -> Report {
    Report { msgid, wamid: wamid.to_owned(), event: Event { at, state, reason: None }, pricing: None }
}

pub(crate) async fn view(store: &Store, msgid: Msgid) -> MessageView {
    store.message(&app_id("demo"), msgid).await.unwrap().unwrap()
}

/// What happened to a message, in order.
pub(crate) async fn states(store: &Store, msgid: Msgid) -> Vec<State> {
    view(store, msgid).await.history.events.iter().map(|event| event.state).collect()
}

pub(crate) fn template(app: &str, id: u64, name: &str) -> PutTemplate {
    PutTemplate {
        app: app_id(app),
        waba: "900".parse().unwrap(),
        id: TemplateId::parse(&id.to_string()).unwrap(),
        code: TemplateCode::new(Uuid::from_u128(u128::from(id)), &format!("{app}_{name}")),
        facts: TemplateFacts::new(name, "id", Category::Utility, Status::Pending, "[]"),
        asked: None,
        told: Told::default(),
        at: START,
        events: Vec::new(),
    }
}
