//! Callbacks: what an app can be told about, and where.
//!
//! A callback is an address of the app's own and the events that it wants to hear of. What is said there is made by
//! [`payload`].

use std::fmt;

use uuid::Uuid;

use crate::ids::InvalidId;
use crate::message::State;

pub mod payload;
pub mod request;
mod url;

pub use url::{BadUrl, CallbackUrl};

/// The id of a callback, which names it in addresses and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallbackId(Uuid);

impl CallbackId {
    /// The callback id with this value.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Reads a callback id in any form that UUIDs are written in.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { what: "a callback id", shape: "a UUID" })
    }

    /// The value itself.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an app can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// The upstream took a message.
    MessageSubmitted,
    /// The upstream sent it on.
    MessageSent,
    /// It is on the recipient's phone.
    MessageDelivered,
    /// The recipient opened it.
    MessageRead,
    /// The upstream could not deliver it, or nobody knows whether it took it.
    MessageFailed,
    /// The upstream never took it.
    MessageRejected,
    /// Its time ran out before it could leave.
    MessageExpired,
    /// It was taken back before it left.
    MessageCancelled,
    /// The answer of a call was lost; evidence is awaited.
    MessageInDoubt,
    /// The recipient pressed a quick-reply button.
    MessageReply,
    /// A template has another status.
    TemplateStatus,
    /// A template has another category.
    TemplateCategory,
    /// A template has another quality.
    TemplateQuality,
    /// A sender is held, so that nothing leaves from it, or goes on.
    SenderHeld,
    /// The upstream reports something of a number's quality or limits.
    SenderQuality,
    /// Somebody tries out the callback. Nobody subscribes to it.
    Test,
}

impl EventType {
    /// Everything that can be subscribed to.
    pub const ALL: [Self; 15] = [
        Self::MessageSubmitted,
        Self::MessageSent,
        Self::MessageDelivered,
        Self::MessageRead,
        Self::MessageFailed,
        Self::MessageRejected,
        Self::MessageExpired,
        Self::MessageCancelled,
        Self::MessageInDoubt,
        Self::MessageReply,
        Self::TemplateStatus,
        Self::TemplateCategory,
        Self::TemplateQuality,
        Self::SenderHeld,
        Self::SenderQuality,
    ];

    /// Its name, which stands in `type` and in subscriptions. It never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessageSubmitted => "message.submitted",
            Self::MessageSent => "message.sent",
            Self::MessageDelivered => "message.delivered",
            Self::MessageRead => "message.read",
            Self::MessageFailed => "message.failed",
            Self::MessageRejected => "message.rejected",
            Self::MessageExpired => "message.expired",
            Self::MessageCancelled => "message.cancelled",
            Self::MessageInDoubt => "message.in_doubt",
            Self::MessageReply => "message.reply",
            Self::TemplateStatus => "template.status",
            Self::TemplateCategory => "template.category",
            Self::TemplateQuality => "template.quality",
            Self::SenderHeld => "sender.held",
            Self::SenderQuality => "sender.quality",
            Self::Test => "callback.test",
        }
    }

    /// The event that tells of a message's way into this state; its acceptance is told by the answer to the send, and
    /// what happens before it leaves is no news.
    pub const fn of_state(state: State) -> Option<Self> {
        match state {
            State::Accepted | State::BeingSent => None,
            State::InDoubt => Some(Self::MessageInDoubt),
            State::Expired => Some(Self::MessageExpired),
            State::Cancelled => Some(Self::MessageCancelled),
            State::Rejected => Some(Self::MessageRejected),
            State::Submitted => Some(Self::MessageSubmitted),
            State::Sent => Some(Self::MessageSent),
            State::OutcomeUnknown | State::Failed => Some(Self::MessageFailed),
            State::Delivered => Some(Self::MessageDelivered),
            State::Read => Some(Self::MessageRead),
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One event, a family of them such as `message.*`, or `*` for all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

impl Pattern {
    /// Reads a pattern; one that no event fits is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let pattern = Self(text.to_owned());
        EventType::ALL.into_iter().any(|event| pattern.fits(event)).then_some(pattern)
    }

    /// Every pattern, for people who wrote none of them: the families first.
    pub fn choices() -> Vec<String> {
        let mut choices = vec!["*".to_owned()];
        for event in EventType::ALL {
            let family = format!("{}.*", family(event));
            if !choices.contains(&family) {
                choices.push(family);
            }
        }
        choices.extend(EventType::ALL.iter().map(|event| event.as_str().to_owned()));
        choices
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn fits(&self, event: EventType) -> bool {
        self.0 == "*" || self.0 == event.as_str() || self.0.strip_suffix(".*") == Some(family(event))
    }
}

fn family(event: EventType) -> &'static str {
    event.as_str().split_once('.').map_or("", |(family, _)| family)
}

/// Which events a callback wants: at least one pattern, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription(Vec<Pattern>);

impl Subscription {
    /// A subscription to all that fits one of these; `None` without any.
    pub fn of(patterns: Vec<Pattern>) -> Option<Self> {
        let mut once: Vec<Pattern> = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            if !once.contains(&pattern) {
                once.push(pattern);
            }
        }
        if once.is_empty() { None } else { Some(Self(once)) }
    }

    /// Reads patterns with a space between, as [`Subscription::joined`] writes them; what this version does not know
    /// of is passed over.
    pub fn from_joined(text: &str) -> Self {
        Self(text.split(' ').filter_map(Pattern::parse).collect())
    }

    /// The patterns with a space between.
    pub fn joined(&self) -> String {
        let patterns: Vec<&str> = self.0.iter().map(Pattern::as_str).collect();
        patterns.join(" ")
    }

    /// The patterns, in the order in which they were given.
    pub fn patterns(&self) -> &[Pattern] {
        &self.0
    }

    /// Whether the callback wants to hear of this.
    pub fn wants(&self, event: EventType) -> bool {
        self.0.iter().any(|pattern| pattern.fits(event))
    }
}

/// How calls are signed (Standard Webhooks 1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signing {
    /// HMAC-SHA256 with a secret that both sides know: `v1`.
    #[default]
    Hmac,
    /// Ed25519 with a key pair of which the app knows the public half: `v1a`.
    Ed25519,
}

impl Signing {
    /// Both ways, with their names.
    pub const NAMES: [(&'static str, Self); 2] = [("hmac", Self::Hmac), ("ed25519", Self::Ed25519)];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hmac => "hmac",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, signing)| *signing)
    }
}

/// Why a callback is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// Somebody asked for it.
    Asked,
    /// Its server answered 410: it wants no more calls.
    Gone,
    /// It failed for too long.
    Failing,
}

impl PauseReason {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Asked, Self::Gone, Self::Failing].into_iter().find(|reason| reason.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(patterns: &[&str]) -> Vec<&'static str> {
        let patterns = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let subscription = Subscription::of(patterns).unwrap();
        assert_eq!(Subscription::from_joined(&subscription.joined()), subscription);
        EventType::ALL.into_iter().filter(|event| subscription.wants(*event)).map(EventType::as_str).collect()
    }

    #[test]
    fn a_subscription_is_to_events_families_or_all() {
        assert_eq!(wanted(&["message.read"]), ["message.read"]);
        assert_eq!(wanted(&["template.*"]), ["template.status", "template.category", "template.quality"]);
        assert_eq!(wanted(&["*"]).len(), EventType::ALL.len());
        assert_eq!(wanted(&["template.status", "message.sent", "template.status"]).len(), 2);
        assert_eq!(Subscription::of(Vec::new()), None);
    }

    #[test]
    fn a_pattern_that_no_event_fits_is_none() {
        for bad in
            ["", "message", "message.", "message.*.x", "message.seen", "mess*", ".*", "callback.test", "callback.*"]
        {
            assert_eq!(Pattern::parse(bad), None, "{bad}");
        }
        for choice in Pattern::choices() {
            assert!(Pattern::parse(&choice).is_some(), "{choice}");
        }
    }

    #[test]
    fn names_are_as_the_standard_asks() {
        for event in EventType::ALL {
            let plain = event.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
            assert!(plain && event.as_str().matches('.').count() == 1, "{event}");
        }
    }
}
