//! A store full of messages that have come to their end, made by the store's own commands while no gateway serves it: over
//! HTTP, ten million would take the better part of an hour.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use kabar_domain::clock::{Clock, Moment};
use kabar_domain::message::{Event, Lane, State};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::template::Category;
use kabar_store::ledger::{Begun, NewMessage, Outcome, Report, Verdict};
use kabar_store::location::Location;
use kabar_store::{Options, Store};
use tokio::task::JoinSet;

use crate::output;
use crate::stub::{ORDER_UPDATE, wamid};

/// How many go through their lives together.
const TOGETHER: u32 = 10_000;
/// How long ago the first of them was accepted.
const AGO: Duration = Duration::from_secs(60 * 24 * 3600);
/// How far the ids of these messages are from those that the stub gives.
const APART: u64 = 1 << 60;

/// Puts so many messages into the lane of the order updates, each accepted, submitted, delivered and read.
pub(crate) async fn fill(database: &Path, messages: u64) -> anyhow::Result<()> {
    let store = Store::open(Options::new(Location::Sqlite(database.to_owned()))).await?;
    let filled = Filling::of(&store).await?.run(messages).await;
    store.close().await;
    filled
}

struct Filling<'a> {
    store: &'a Store,
    /// One like all that are to be made.
    message: NewMessage,
    clock: Clock,
    began: Moment,
}

impl<'a> Filling<'a> {
    async fn of(store: &'a Store) -> anyhow::Result<Self> {
        let (templates, directory) = (store.templates().await?, store.directory().await?);
        let template = templates.iter().find(|template| template.facts.name == ORDER_UPDATE);
        let template = template.context("the store has no template for order updates")?;
        let sender = directory.senders.first().context("the store has no sender")?;
        let clock = Clock::system();
        let began = clock.now().minus(AGO);
        let text = |text: &str| format!(r#"{{"type":"text","text":"{text}"}}"#);
        let message = NewMessage {
            msgid: clock.msgid(),
            app: template.app.clone(),
            lane: Lane { sender: sender.id.clone(), class: Category::Utility },
            template: template.seq,
            recipient: PhoneNumber::kept("+6281200000000")?,
            components: format!(
                r#"[{{"type":"body","parameters":[{},{}]}}]"#,
                text("Budi Santoso"),
                text("INV-000000")
            ),
            media: None,
            accepted_at: began,
            expires_at: began,
        };
        Ok(Self { store, message, clock, began })
    }

    async fn run(&self, messages: u64) -> anyhow::Result<()> {
        let (mut made, mut told) = (0, 0);
        while made < messages {
            let n = u32::try_from(messages - made).unwrap_or(TOGETHER).min(TOGETHER);
            self.live(made, n).await?;
            made += u64::from(n);
            if made * 10 / messages > told {
                told = made * 10 / messages;
                output::words(&format!("{made} messages have come to their end"));
            }
        }
        Ok(())
    }

    /// The lives of the messages from this number on.
    async fn live(&self, first: u64, n: u32) -> anyhow::Result<()> {
        let at = self.began.plus(Duration::from_millis(first / 10));
        let mut accepting = JoinSet::new();
        for number in first..first + u64::from(n) {
            let message = NewMessage {
                msgid: self.clock.msgid(),
                recipient: PhoneNumber::kept(&format!("+62812{:08}", number % 100_000_000))?,
                accepted_at: at,
                expires_at: at.plus(Duration::from_secs(24 * 3600)),
                ..self.message.clone()
            };
            let store = self.store.clone();
            accepting.spawn(async move { store.accept(message).await });
        }
        for accepted in accepting.join_all().await {
            accepted?;
        }
        let begun = self.store.begin_attempts(&self.message.lane, n, at).await?;
        anyhow::ensure!(begun.len() == usize::try_from(n)?, "{n} messages were accepted, {} begun", begun.len());
        let id = |place: usize| wamid(APART + first + place as u64);
        let submitted = |(place, begun): (usize, &Begun)| Outcome {
            key: begun.key,
            at,
            verdict: Verdict::Submitted { wamid: id(place) },
        };
        self.store.settle(begun.iter().enumerate().map(submitted).collect()).await?;
        let report = |state: State| {
            begun.iter().enumerate().map(move |(place, begun)| Report {
                msgid: Some(begun.msgid),
                wamid: id(place),
                event: Event { at, state, reason: None },
                pricing: None,
            })
        };
        self.store.record(report(State::Delivered).chain(report(State::Read)).collect()).await?;
        Ok(())
    }
}
