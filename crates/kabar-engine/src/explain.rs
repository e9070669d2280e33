//! The story of one message: what the store kept of it, with what the upstream's numbers mean.

use kabar_domain::clock::Moment;
use kabar_domain::message::State;
use kabar_domain::message::story::{Both, CodeFacts, Facts, Step, Story, Waits, What, tell};
use kabar_domain::pricing::Charged;
use kabar_domain::rates::{CostFacts, RateCard, cost_of};
use kabar_graph::errors::{self, Advice};
use kabar_store::ledger::{Hold, Standing, Told};

#[cfg(test)]
mod tests;

/// Numbers with which the same message would fail again, though others of their advice would not.
const NEVER_AGAIN: [u32; 1] = [132_016];

/// Tells the story of a message as it stands at this moment, and what it costs where there is a rate card.
#[must_use]
pub fn story(told: &Told, rates: Option<&RateCard>, now: Moment) -> Story {
    let view = &told.view;
    let facts = Facts {
        msgid: view.msgid,
        lane: &told.lane,
        template: told.template.as_deref(),
        wamid: view.wamid.as_deref(),
        state: view.state(),
        attempts: told.attempts,
        expires_at: view.expires_at,
        waits: match &view.standing {
            Standing::InLine => Waits::Turn,
            Standing::BeingSent => Waits::Answer,
            Standing::Again { due } => Waits::Retry(*due),
            Standing::InDoubt { until } => Waits::Report(*until),
            Standing::Held { on: Hold::Template(_) } => Waits::Template,
            Standing::Held { on: Hold::Sender(_) } => Waits::Sender,
            Standing::Held { on: Hold::Media(_) } => Waits::Media,
            Standing::Settled => Waits::Nothing,
        },
        retry_of: view.retry_of,
        retried_as: view.retried_as,
        history: &view.history,
        notes: &told.notes,
        now,
    };
    let mut story = tell(&facts, known);
    story.steps.extend(rates.and_then(|card| cost(told, card)));
    story
}

/// What a message costs that was delivered.
fn cost(told: &Told, card: &RateCard) -> Option<Step> {
    let events = &told.view.history.events;
    let delivered = events.iter().filter(|event| matches!(event.state, State::Delivered | State::Read));
    let at = delivered.map(|event| event.at).min()?;
    let class = Charged::from(told.lane.class);
    let facts =
        CostFacts { recipient: told.view.recipient.digits(), delivered_at: Some(at), pricing: told.pricing, class };
    let charged = told.pricing.map_or(class, |pricing| pricing.category);
    let (cost, currency) = (cost_of(facts, card), card.currency().to_owned());
    Some(Step { at, what: What::Cost { charged, cost, currency } })
}

/// What is known of a number of the upstream and its finer number.
fn known(code: u32, subcode: Option<u32>) -> Option<CodeFacts> {
    // The number in the path is unknown: as if it said so itself.
    let of_sender = (code, subcode) == (100, Some(33));
    let row = errors::row(if of_sender { 33 } else { code })?;
    let (english, indonesian) = errors::what_to_do(row.code)?;
    Some(CodeFacts {
        code,
        title: row.title,
        meaning: Both { indonesian: row.meaning_id, english: row.meaning },
        to_do: Both { indonesian, english },
        again: row.advice != Advice::Never && !NEVER_AGAIN.contains(&row.code),
        needs_a_person: row.advice == Advice::HoldSender,
    })
}
