//! What messages cost: a rate card, and the cost of a message by it.
//!
//! No price is known here. A card is a document that whoever runs Kabar keeps: prices by the country code of a recipient
//! and by what a message is charged as, each set valid from a day on. Money is whole millionths of the card's currency, so
//! sums are exact and nothing is ever rounded: a price with more than six decimals is a fault of the card.

use std::fmt;

use crate::clock::Moment;
use crate::pricing::{Charged, Model, Pricing};

mod read;

pub use read::{CardFault, CardFaults, CardRule};

/// How many leading digits of a recipient's number tell what a message to it costs. No prefix of a card is longer.
pub const PREFIX_DIGITS: usize = 4;

/// An amount of money, in millionths of the card's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// How many decimals an amount may have.
    pub const DECIMALS: usize = 6;

    /// So many millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// In millionths.
    pub const fn as_millionths(self) -> i64 {
        self.0
    }

    /// Reads an amount that is not below zero, such as `0.0411`. `None` for anything else, and for more than six decimals.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > Self::DECIMALS {
            return None;
        }
        let millionths: i64 = format!("{decimals:0<6}").parse().ok()?;
        whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(millionths).map(Self)
    }

    /// The sum of both; it stops at the largest amount there is.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many times the amount; it stops at the largest amount there is.
    #[must_use]
    pub fn times(self, n: u64) -> Self {
        Self(self.0.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX)))
    }
}

/// With all its decimals that are not zero, and two at least: `12.50`, `0.0411`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:06}", self.0 % 1_000_000);
        let short = decimals.trim_end_matches('0');
        write!(f, "{}.{short:0<2}", self.0 / 1_000_000)
    }
}

/// Prices, and since when they are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCard {
    currency: String,
    /// By the day from which they are valid.
    periods: Vec<Period>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Period {
    from: Moment,
    /// Longest prefix first.
    markets: Vec<(String, Prices)>,
    /// For recipients whose number begins with none of these.
    others: Prices,
}

type Prices = Vec<(Charged, Money)>;

/// What a message costs depends on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostFacts<'a> {
    /// The recipient's number, or as many of its leading digits as are known, without `+`.
    pub recipient: &'a str,
    /// When it was delivered; `None` if it was not.
    pub delivered_at: Option<Moment>,
    /// What the upstream says of it.
    pub pricing: Option<Pricing>,
    /// As what it is charged if the upstream says nothing.
    pub class: Charged,
}

/// What a message costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Nothing: it was not delivered, or the upstream says that it is free.
    Free,
    /// So much.
    Price(Money),
    /// It is charged, and the card has no price for it.
    Unpriced,
}

impl RateCard {
    /// The currency of all amounts, such as `USD`.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// The price of one message to a recipient whose number begins like this, delivered at this moment.
    pub fn price(&self, recipient: &str, charged: Charged, at: Moment) -> Option<Money> {
        let period = self.periods.iter().rfind(|period| period.from <= at)?;
        let market = period.markets.iter().find(|(prefix, _)| recipient.starts_with(prefix.as_str()));
        let of = |prices: &Prices| prices.iter().find(|(one, _)| *one == charged).map(|(_, price)| *price);
        // A market that has no price of a kind has it from nowhere else: it would be another market's.
        market.map_or_else(|| of(&period.others), |(_, prices)| of(prices))
    }
}

/// What a message costs by a card.
///
/// The upstream charges delivered messages; as what, it says itself, and where it does not, the message's class counts. The
/// price is the one that is valid when it is delivered.
pub fn cost_of(facts: CostFacts<'_>, card: &RateCard) -> Cost {
    let Some(at) = facts.delivered_at else { return Cost::Free };
    if facts.pricing.is_some_and(|pricing| !pricing.billable) {
        return Cost::Free;
    }
    if facts.pricing.is_some_and(|pricing| pricing.model != Model::PerMessage) {
        return Cost::Unpriced;
    }
    let charged = facts.pricing.map_or(facts.class, |pricing| pricing.category);
    card.price(facts.recipient, charged, at).map_or(Cost::Unpriced, Cost::Price)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::message::State;

    fn card() -> RateCard {
        RateCard::parse(&json!({
            "currency": "USD",
            "periods": [
                { "from": "2026-01-01", "markets": [
                    { "name": "Indonesia", "prefixes": ["62"], "prices": { "marketing": "0.0411", "utility": "0.02" } },
                    { "name": "North America", "prefixes": ["1"], "prices": { "marketing": "0.025" } },
                    { "name": "Jamaica", "prefixes": ["1876"], "prices": { "marketing": "0.07" } },
                ], "others": { "marketing": "0.06" } },
                { "from": "2026-10-01", "markets": [
                    { "name": "Indonesia", "prefixes": ["62"], "prices": { "marketing": "0.05" } },
                ] },
            ],
        }))
        .unwrap()
    }

    fn price(recipient: &str, charged: Charged, at: &str) -> Option<String> {
        card().price(recipient, charged, Moment::parse(at).unwrap()).map(|price| price.to_string())
    }

    #[test]
    fn the_longest_prefix_and_the_newest_valid_day_count() {
        let marketing = |recipient, at| price(recipient, Charged::Marketing, at);
        assert_eq!(marketing("6281234567890", "2026-09-30T23:59:59Z").as_deref(), Some("0.0411"));
        assert_eq!(marketing("6281234567890", "2026-10-01T00:00:00Z").as_deref(), Some("0.05"));
        assert_eq!(marketing("16505551234", "2026-02-01T00:00:00Z").as_deref(), Some("0.025"));
        assert_eq!(marketing("18765551234", "2026-02-01T00:00:00Z").as_deref(), Some("0.07"));
        assert_eq!(marketing("1876", "2026-02-01T00:00:00Z").as_deref(), Some("0.07"), "of an erased recipient");
        assert_eq!(marketing("4915112345678", "2026-02-01T00:00:00Z").as_deref(), Some("0.06"));
        assert_eq!(marketing("4915112345678", "2026-11-01T00:00:00Z"), None, "the newer set has no others");
        assert_eq!(marketing("6281234567890", "2025-12-31T23:59:59Z"), None, "nothing is valid yet");
        assert_eq!(price("16505551234", Charged::Utility, "2026-02-01T00:00:00Z"), None);
    }

    #[test]
    fn only_what_is_delivered_and_not_free_costs() {
        let at = Moment::parse("2026-02-01T00:00:00Z").unwrap();
        let told = |billable, model: &str, category: &str| {
            Some(Pricing::of_upstream(State::Delivered, Some(billable), Some(model), None, category))
        };
        let cost = |delivered_at, pricing| {
            let facts = CostFacts { recipient: "6281234567890", delivered_at, pricing, class: Charged::Utility };
            cost_of(facts, &card())
        };
        let priced = |text| Cost::Price(Money::parse(text).unwrap());
        assert_eq!(cost(None, told(true, "PMP", "marketing")), Cost::Free);
        assert_eq!(cost(Some(at), told(false, "PMP", "marketing")), Cost::Free);
        assert_eq!(cost(Some(at), None), priced("0.02"), "by its class");
        assert_eq!(cost(Some(at), told(true, "PMP", "marketing")), priced("0.0411"), "by what the upstream says");
        assert_eq!(cost(Some(at), told(true, "PMP", "authentication")), Cost::Unpriced);
        assert_eq!(cost(Some(at), told(true, "CBP", "utility")), Cost::Unpriced);
    }

    #[test]
    fn money_is_exact() {
        for (text, shown) in [("0", "0.00"), ("12.5", "12.50"), ("0.0411", "0.0411"), ("7.000001", "7.000001")] {
            assert_eq!(Money::parse(text).unwrap().to_string(), shown);
        }
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1e3", "0.0000001", "1,5", "99999999999999999999", "9223372036855"]
        {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
        let tenth = Money::parse("0.1").unwrap();
        assert_eq!(tenth.times(3), Money::parse("0.3").unwrap());
        assert_eq!((0..10).fold(Money::ZERO, |sum, _| sum.plus(tenth)), Money::parse("1").unwrap());
    }
}
