//! What the upstream says of how a message is charged, small enough to stand beside every message.

use crate::message::State;
use crate::template::Category;

/// As what a message is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Charged {
    /// Something that this version does not know.
    Other,
    /// A marketing message.
    Marketing,
    /// A utility message.
    Utility,
    /// A login code.
    Authentication,
    /// A login code to a country for which a business from abroad pays more.
    AuthenticationInternational,
    /// A marketing message by the upstream's marketing interface.
    MarketingLite,
    /// An answer within a conversation.
    Service,
    /// An answer in a conversation that an advertisement began.
    ReferralConversion,
}

impl Charged {
    /// Every one, with its name, in the order of their codes.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("other", Self::Other),
        ("marketing", Self::Marketing),
        ("utility", Self::Utility),
        ("authentication", Self::Authentication),
        ("authentication_international", Self::AuthenticationInternational),
        ("marketing_lite", Self::MarketingLite),
        ("service", Self::Service),
        ("referral_conversion", Self::ReferralConversion),
    ];

    /// Reads the upstream's word, in any letter case and with `-` or `_`.
    pub fn of_upstream(word: &str) -> Self {
        let word = word.to_ascii_lowercase().replace('-', "_");
        Self::named(&word).unwrap_or(Self::Other)
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, charged)| *charged)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, charged)| *charged == self).map_or("other", |(name, _)| name)
    }

    fn place(self) -> i64 {
        (0_i64..).zip(Self::NAMES).find(|(_, (_, charged))| *charged == self).map_or(0, |(place, _)| place)
    }
}

/// What a message is charged as, as long as the upstream says nothing else.
impl From<Category> for Charged {
    fn from(class: Category) -> Self {
        match class {
            Category::Authentication => Self::Authentication,
            Category::Utility => Self::Utility,
            Category::Marketing => Self::Marketing,
        }
    }
}

/// By what the upstream charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// Each delivered message (`PMP`).
    PerMessage,
    /// Conversations (`CBP`), as it was until July 2025, or something that this version does not know.
    Other,
}

/// Why a message is free, or that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Charged as usual.
    Regular,
    /// Free, within the window in which a customer is answered.
    FreeCustomerService,
    /// Free, in a conversation that began at a free entry point.
    FreeEntryPoint,
    /// Something that this version does not know.
    Other,
}

/// How a message is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pricing {
    /// Whether it costs anything.
    pub billable: bool,
    /// As what.
    pub category: Charged,
    /// Why it is free, where it is.
    pub kind: Kind,
    /// By what is charged.
    pub model: Model,
    /// Whether that was said of its delivery, and not before it.
    pub of_delivery: bool,
}

impl Pricing {
    /// What is said with a status of a message, in the upstream's words.
    pub fn of_upstream(
        status: State,
        billable: Option<bool>,
        model: Option<&str>,
        kind: Option<&str>,
        category: &str,
    ) -> Self {
        let kind = match kind.map(str::to_ascii_lowercase).as_deref() {
            Some("regular") | None => Kind::Regular,
            Some("free_customer_service") => Kind::FreeCustomerService,
            Some("free_entry_point") => Kind::FreeEntryPoint,
            Some(_) => Kind::Other,
        };
        let free = matches!(kind, Kind::FreeCustomerService | Kind::FreeEntryPoint);
        Self {
            billable: billable.unwrap_or(!free),
            category: Charged::of_upstream(category),
            kind,
            model: if model.is_none_or(|model| model.eq_ignore_ascii_case("PMP")) {
                Model::PerMessage
            } else {
                Model::Other
            },
            of_delivery: matches!(status, State::Delivered | State::Read),
        }
    }

    /// The number by which the store knows it. Of two that are said of one message the greater one counts: what is said of
    /// the delivery is above what was said before it, so the order in which they come makes no difference.
    pub fn to_code(self) -> i64 {
        let kind = match self.kind {
            Kind::Regular => 0,
            Kind::FreeCustomerService => 1,
            Kind::FreeEntryPoint => 2,
            Kind::Other => 3,
        };
        i64::from(self.of_delivery) << 7
            | i64::from(self.model == Model::Other) << 6
            | kind << 4
            | self.category.place() << 1
            | i64::from(self.billable)
    }

    /// The one with this number.
    pub fn from_code(code: i64) -> Option<Self> {
        if !(0..1 << 8).contains(&code) {
            return None;
        }
        let place = usize::try_from(code >> 1 & 7).ok()?;
        Some(Self {
            billable: code & 1 == 1,
            category: Charged::NAMES[place].1,
            kind: match code >> 4 & 3 {
                0 => Kind::Regular,
                1 => Kind::FreeCustomerService,
                2 => Kind::FreeEntryPoint,
                _ => Kind::Other,
            },
            model: if code >> 6 & 1 == 0 { Model::PerMessage } else { Model::Other },
            of_delivery: code >> 7 & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_nothing_else_is_one() {
        for code in 0..256 {
            assert_eq!(Pricing::from_code(code).unwrap().to_code(), code);
        }
        assert_eq!((Pricing::from_code(-1), Pricing::from_code(256)), (None, None));
        for (name, charged) in Charged::NAMES {
            assert_eq!((Charged::named(name), charged.as_str()), (Some(charged), name));
        }
    }

    #[test]
    fn the_upstreams_words_are_read() {
        let usual = Pricing::of_upstream(State::Sent, Some(true), Some("PMP"), Some("regular"), "marketing");
        let expected = Pricing {
            billable: true,
            category: Charged::Marketing,
            kind: Kind::Regular,
            model: Model::PerMessage,
            of_delivery: false,
        };
        assert_eq!(usual, expected);
        let free = Pricing::of_upstream(State::Delivered, None, None, Some("free_customer_service"), "UTILITY");
        assert_eq!((free.billable, free.category, free.of_delivery), (false, Charged::Utility, true));
        let odd = Pricing::of_upstream(State::Sent, None, Some("CBP"), Some("new"), "authentication-international");
        assert_eq!((odd.model, odd.kind), (Model::Other, Kind::Other));
        assert_eq!(odd.category, Charged::AuthenticationInternational);
        assert_eq!(Charged::of_upstream("surprise"), Charged::Other);
    }

    #[test]
    fn what_is_said_of_the_delivery_is_above_what_was_said_before() {
        let before = Pricing::of_upstream(State::Sent, Some(true), Some("CBP"), Some("x"), "referral_conversion");
        let after = Pricing::of_upstream(State::Read, Some(false), Some("PMP"), Some("regular"), "x");
        assert!(before.to_code() < after.to_code());
    }
}
