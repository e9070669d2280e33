//! What became of messages, and what they cost: counted from the ledger whenever it is asked, so there is nothing that could
//! differ from it.
//!
//! A message belongs to the day on which it was accepted, whatever became of it later.

use std::collections::{BTreeMap, HashMap};

use kabar_domain::ids::{AppId, SenderId};
use kabar_domain::message::State;
use kabar_domain::pricing::Charged;
use kabar_domain::rates::{Cost, CostFacts, Money, RateCard, cost_of};
use kabar_store::Store;
use kabar_store::stats::{Fact, Tally};

mod query;
mod table;

pub use query::{Asked, By, Query, Zone};

/// How often a walk is made again during which messages were forgotten.
const MOST_WALKS: u32 = 5;

/// The figures of a span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// The card's currency; `None` without a card, and then nothing has a cost.
    pub currency: Option<String>,
    /// What was asked for, in order; a row that would hold nothing is not there.
    pub rows: Vec<Row>,
    /// All rows together.
    pub total: Figures,
}

/// The figures of those messages that have these in common; what was not asked for is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The day of their acceptance, such as `2026-11-21`.
    pub day: Option<String>,
    /// Their template.
    pub template: Option<TemplateName>,
    /// Who sent them.
    pub sender: Option<SenderId>,
    /// As what they are charged: as the upstream said, and as their class where it said nothing.
    pub category: Option<Charged>,
    /// The figures.
    pub figures: Figures,
}

/// A template, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateName {
    /// Code, name and language; `None` when the template was deleted.
    pub known: Option<(String, String, String)>,
    /// The store's number for it, by which deleted ones are told apart.
    pub number: i64,
}

/// How many messages came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// All that were accepted.
    pub accepted: u64,
    /// The upstream took them; whatever it did with them then.
    pub sent: u64,
    /// They reached the recipient's phone.
    pub delivered: u64,
    /// The recipient opened them.
    pub read: u64,
    /// They failed, on this side or the upstream's, by their code.
    pub failed: BTreeMap<u32, u64>,
    /// They were taken back.
    pub cancelled: u64,
    /// They have not ended, and were not taken by the upstream yet.
    pub waiting: u64,
    /// How often recipients pressed a quick-reply button.
    pub replies: u64,
    /// What they cost.
    pub cost: Money,
    /// Delivered messages that are charged and for which the card has no price; they are not in `cost`.
    pub unpriced: u64,
}

impl Figures {
    /// How many failed, for whatever reason.
    pub fn n_failed(&self) -> u64 {
        self.failed.values().sum()
    }

    fn add(&mut self, fact: &Fact, tally: Tally, cost: Cost) {
        let n = tally.messages;
        self.accepted += n;
        self.replies += tally.replies;
        match fact.state {
            State::Accepted | State::BeingSent | State::InDoubt => self.waiting += n,
            State::Cancelled => self.cancelled += n,
            State::Expired | State::OutcomeUnknown | State::Rejected => {}
            State::Submitted | State::Sent | State::Failed | State::Delivered | State::Read => self.sent += n,
        }
        if fact.state.is_failure() {
            *self.failed.entry(fact.code.unwrap_or(0)).or_default() += n;
        }
        if matches!(fact.state, State::Delivered | State::Read) {
            self.delivered += n;
        }
        if fact.state == State::Read {
            self.read += n;
        }
        match cost {
            Cost::Free => {}
            Cost::Price(price) => self.cost = self.cost.plus(price.times(n)),
            Cost::Unpriced => self.unpriced += n,
        }
    }
}

/// What the messages of a row have in common. Its order is the order of the rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Key {
    day: Option<String>,
    template: Option<TemplateName>,
    sender: Option<SenderId>,
    category: Option<Charged>,
}

/// Counts what an app's messages of some days came to. `rates` says what they cost.
pub async fn of(
    store: &Store,
    rates: Option<&RateCard>,
    app: &AppId,
    query: &Query,
) -> Result<Stats, kabar_store::Error> {
    let mut counting = Counting { query, rates, names: HashMap::new(), days: HashMap::new() };
    if query.by.contains(&By::Template) {
        for template in store.templates().await? {
            let facts = template.facts;
            let known = (template.code.as_str().to_owned(), facts.name, facts.language);
            counting.names.insert(template.seq, known);
        }
    }
    let (from, to) = query.span();
    for _ in 0..MOST_WALKS {
        let mut rows: BTreeMap<Key, Figures> = BTreeMap::new();
        let mut total = Figures::default();
        let mut walk = store.walk_stats(app, from, to).await?;
        while let Some(piece) = walk.next().await? {
            for (fact, tally) in &piece {
                let cost = counting.cost(fact);
                rows.entry(counting.key(fact)).or_default().add(fact, *tally, cost);
                total.add(fact, *tally, cost);
            }
        }
        if walk.is_whole().await? {
            let currency = rates.map(|card| card.currency().to_owned());
            return Ok(Stats { currency, rows: rows.into_iter().map(row).collect(), total });
        }
    }
    Err(kabar_store::Error::Engine("messages are being forgotten; the figures can be had when that is done".to_owned()))
}

fn row((key, figures): (Key, Figures)) -> Row {
    Row { day: key.day, template: key.template, sender: key.sender, category: key.category, figures }
}

struct Counting<'a> {
    query: &'a Query,
    rates: Option<&'a RateCard>,
    /// Code, name and language of templates, by their numbers.
    names: HashMap<i64, (String, String, String)>,
    /// The days of quarters of an hour.
    days: HashMap<i64, String>,
}

impl Counting<'_> {
    fn cost(&self, fact: &Fact) -> Cost {
        let Some(card) = self.rates else { return Cost::Free };
        let facts = CostFacts {
            recipient: &fact.prefix,
            delivered_at: fact.delivered,
            pricing: fact.pricing,
            class: fact.lane.class.into(),
        };
        cost_of(facts, card)
    }

    fn key(&mut self, fact: &Fact) -> Key {
        let mut key = Key::default();
        for by in &self.query.by {
            match by {
                By::Day => {
                    let day = self.days.entry(fact.accepted.as_millis());
                    key.day = Some(day.or_insert_with(|| self.query.zone.day_of(fact.accepted)).clone());
                }
                By::Template => {
                    let known = self.names.get(&fact.template).cloned();
                    key.template = Some(TemplateName { known, number: fact.template });
                }
                By::Sender => key.sender = Some(fact.lane.sender.clone()),
                By::Category => {
                    key.category =
                        Some(fact.pricing.map_or_else(|| fact.lane.class.into(), |pricing| pricing.category));
                }
            }
        }
        key
    }
}
