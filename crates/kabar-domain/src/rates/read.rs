//! A rate card is read as a whole: every fault of it is found in one go.

use std::fmt;

use serde_json::{Map, Value};

use super::{Money, PREFIX_DIGITS, Period, Prices, RateCard};
use crate::clock::Moment;
use crate::fault::Path;
use crate::pricing::Charged;

/// What a rate card must keep to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardRule {
    /// It is no JSON.
    #[error("is no JSON ({0})")]
    NotJson(String),
    /// A field that must be there is not.
    #[error("is missing")]
    Missing,
    /// A field that a card does not have.
    #[error("is no field of a rate card here; those are {0}")]
    Unknown(&'static str),
    /// Something else than it must be.
    #[error("must be {0}")]
    MustBe(&'static str),
    /// Days must follow one another.
    #[error("must be a later day than that of the set before")]
    NotLater,
    /// The same prefix stands twice in one set.
    #[error("stands in this set already")]
    Twice,
}

/// One thing that is wrong with a rate card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFault {
    /// Where.
    pub path: Path,
    /// What does not hold there.
    pub rule: CardRule,
}

impl fmt::Display for CardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.steps().is_empty() {
            write!(f, "it {}", self.rule)
        } else {
            write!(f, "{} {}", self.path, self.rule)
        }
    }
}

/// Everything that is wrong with a rate card.
pub type CardFaults = Vec<CardFault>;

const CARD: (&str, &[&str]) = ("currency, note, periods", &["currency", "note", "periods"]);
const PERIOD: (&str, &[&str]) = ("from, markets, others", &["from", "markets", "others"]);
const MARKET: (&str, &[&str]) = ("name, prefixes, prices", &["name", "prefixes", "prices"]);
const PRICE: &str = "an amount as a text, such as \"0.0411\", with six decimals at most";
const CATEGORIES: &str = "marketing, utility, authentication, authentication_international, marketing_lite, service, \
    referral_conversion";

impl RateCard {
    /// Reads a card from its text.
    pub fn parse_text(text: &str) -> Result<Self, CardFaults> {
        let value = serde_json::from_str(text)
            .map_err(|err| vec![CardFault { path: Path::root(), rule: CardRule::NotJson(err.to_string()) }])?;
        Self::parse(&value)
    }

    /// Reads a card, or says everything that is wrong with it.
    pub fn parse(card: &Value) -> Result<Self, CardFaults> {
        let mut reader = Reader::default();
        let read = reader.card(card);
        match read {
            Some(card) if reader.0.is_empty() => Ok(card),
            _ => Err(reader.0),
        }
    }
}

#[derive(Default)]
struct Reader(CardFaults);

impl Reader {
    fn wrong(&mut self, path: &Path, rule: CardRule) {
        self.0.push(CardFault { path: path.clone(), rule });
    }

    fn card(&mut self, card: &Value) -> Option<RateCard> {
        let root = Path::root();
        let card = self.object(card, &root, CARD)?;
        let currency = self.needed(card, &root, "currency").and_then(|(value, path)| {
            let code = value.as_str().filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()));
            self.or_wrong(code, &path, "a currency's three capital letters, such as USD")
        });
        let (periods, path) = self.needed(card, &root, "periods")?;
        let periods = periods.as_array().filter(|periods| !periods.is_empty());
        let periods = self.or_wrong(periods, &path, "a list of one set of prices at least")?;
        let mut read: Vec<Period> = Vec::new();
        for (place, period) in periods.iter().enumerate() {
            let path = path.index(place);
            let Some(period) = self.period(period, &path) else { continue };
            if read.last().is_some_and(|last| last.from >= period.from) {
                self.wrong(&path.key("from"), CardRule::NotLater);
            }
            read.push(period);
        }
        Some(RateCard { currency: currency?.to_owned(), periods: read })
    }

    fn period(&mut self, period: &Value, path: &Path) -> Option<Period> {
        let period = self.object(period, path, PERIOD)?;
        let from = self.needed(period, path, "from").and_then(|(value, path)| {
            let from = value.as_str().filter(|day| day.len() == 10);
            let from = from.and_then(|day| Moment::parse(&format!("{day}T00:00:00Z")));
            self.or_wrong(
                from,
                &path,
                "a day, such as 2026-10-01, from whose first moment in UTC on the prices are valid",
            )
        });
        let mut markets: Vec<(String, Prices)> = Vec::new();
        if let Some((listed, path)) = self.needed(period, path, "markets")
            && let Some(listed) = self.or_wrong(listed.as_array(), &path, "a list")
        {
            for (place, market) in listed.iter().enumerate() {
                self.market(market, &path.index(place), &mut markets);
            }
        }
        markets.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let others = period.get("others").map(|others| self.prices(others, &path.key("others")));
        Some(Period { from: from?, markets, others: others.unwrap_or_default() })
    }

    fn market(&mut self, market: &Value, path: &Path, markets: &mut Vec<(String, Prices)>) {
        let Some(market) = self.object(market, path, MARKET) else { return };
        if let Some((name, path)) = self.needed(market, path, "name") {
            self.or_wrong(name.as_str().filter(|name| !name.trim().is_empty()), &path, "what people call the market");
        }
        let prices = match self.needed(market, path, "prices") {
            Some((prices, path)) => self.prices(prices, &path),
            None => Prices::new(),
        };
        let Some((prefixes, path)) = self.needed(market, path, "prefixes") else { return };
        let prefixes = prefixes.as_array().filter(|prefixes| !prefixes.is_empty());
        let Some(prefixes) = self.or_wrong(prefixes, &path, "a list of one prefix at least") else { return };
        for (place, prefix) in prefixes.iter().enumerate() {
            let path = path.index(place);
            let is_prefix = |prefix: &&str| {
                (1..=PREFIX_DIGITS).contains(&prefix.len())
                    && prefix.bytes().all(|b| b.is_ascii_digit())
                    && !prefix.starts_with('0')
            };
            let prefix = prefix.as_str().filter(is_prefix);
            let what = "a country code as a text, such as \"62\", or up to four leading digits of its numbers";
            let Some(prefix) = self.or_wrong(prefix, &path, what) else { continue };
            if markets.iter().any(|(known, _)| known == prefix) {
                self.wrong(&path, CardRule::Twice);
                continue;
            }
            markets.push((prefix.to_owned(), prices.clone()));
        }
    }

    fn prices(&mut self, prices: &Value, path: &Path) -> Prices {
        let Some(prices) = self.or_wrong(prices.as_object(), path, "an object of prices") else { return Prices::new() };
        let mut read = Prices::new();
        for (name, price) in prices {
            let path = path.key(name.clone());
            match Charged::named(name).filter(|charged| *charged != Charged::Other) {
                Some(charged) => {
                    if let Some(price) = self.or_wrong(price.as_str().and_then(Money::parse), &path, PRICE) {
                        read.push((charged, price));
                    }
                }
                None => self.wrong(&path, CardRule::Unknown(CATEGORIES)),
            }
        }
        read
    }

    /// The object here, which has no other fields than these.
    fn object<'a>(
        &mut self,
        value: &'a Value,
        path: &Path,
        (names, known): (&'static str, &[&str]),
    ) -> Option<&'a Map<String, Value>> {
        let object = self.or_wrong(value.as_object(), path, "an object")?;
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(&path.key(name.clone()), CardRule::Unknown(names));
        }
        Some(object)
    }

    fn needed<'a>(
        &mut self,
        object: &'a Map<String, Value>,
        path: &Path,
        name: &'static str,
    ) -> Option<(&'a Value, Path)> {
        let path = path.key(name);
        match object.get(name) {
            Some(value) => Some((value, path)),
            None => {
                self.wrong(&path, CardRule::Missing);
                None
            }
        }
    }

    fn or_wrong<T>(&mut self, found: Option<T>, path: &Path, must_be: &'static str) -> Option<T> {
        if found.is_none() {
            self.wrong(path, CardRule::MustBe(must_be));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let card = r#"{
            "currency": "usd", "rates": [],
            "periods": [
                { "from": "2026-10-01", "markets": [
                    { "name": " ", "prefixes": ["62", "+1", "12345", 7], "prices": { "marketing": 0.04, "promo": "1" } },
                    { "name": "B", "prefixes": ["62"], "prices": { "utility": "0.0000001" } },
                    { "prefixes": [] }
                ], "others": [] },
                { "from": "2026-09-01", "markets": [] },
                { "from": "1 October" }
            ]
        }"#;
        let faults: Vec<String> = RateCard::parse_text(card).unwrap_err().iter().map(ToString::to_string).collect();
        let starts = [
            "rates is no field",
            "currency must be",
            "periods[0].markets[0].name must be",
            "periods[0].markets[0].prices.marketing must be an amount",
            "periods[0].markets[0].prices.promo is no field",
            "periods[0].markets[0].prefixes[1] must be",
            "periods[0].markets[0].prefixes[2] must be",
            "periods[0].markets[0].prefixes[3] must be",
            "periods[0].markets[1].prices.utility must be an amount",
            "periods[0].markets[1].prefixes[0] stands in this set already",
            "periods[0].markets[2].name is missing",
            "periods[0].markets[2].prices is missing",
            "periods[0].markets[2].prefixes must be",
            "periods[0].others must be",
            "periods[1].from must be a later day",
            "periods[2].from must be a day",
            "periods[2].markets is missing",
        ];
        assert_eq!(faults.len(), starts.len(), "{faults:#?}");
        for (fault, start) in faults.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault} | {start}");
        }
        for (text, start) in [("{", "it is no JSON"), ("[]", "it must be an object"), ("{}", "currency is missing")] {
            assert!(RateCard::parse_text(text).unwrap_err()[0].to_string().starts_with(start));
        }
    }

    #[test]
    fn the_example_is_a_card() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rates.example.json");
        let card = RateCard::parse_text(&std::fs::read_to_string(path).unwrap()).unwrap();
        let at = Moment::parse("2026-11-21T00:00:00Z").unwrap();
        for (_, charged) in
            Charged::NAMES.into_iter().filter(|(name, _)| matches!(*name, "marketing" | "utility" | "authentication"))
        {
            assert!(card.price("6281234567890", charged, at).is_some());
            assert!(card.price("4915112345678", charged, at).is_some(), "all others");
        }
    }
}
