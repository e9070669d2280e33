//! Who there is: apps, their senders, their tokens.

use std::collections::HashMap;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, SenderId, TokenId, WabaId};
use kabar_domain::template::guard::Guard;

use crate::learnt::Learnt;

/// An app: the tenant that owns everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its id, unique in the store.
    pub id: AppId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
}

/// A sender: one WhatsApp business phone number of an app. `Debug` shows nothing of the access token.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender {
    /// The upstream's phone number id, unique in the store.
    pub id: SenderId,
    /// Whose it is.
    pub app: AppId,
    /// The account to which it belongs upstream.
    pub waba: WabaId,
    /// How many messages a second the upstream takes from it.
    pub throughput: u32,
    /// The Graph access token that speaks for it; kept encrypted. `None` when the configuration has a token for all.
    pub access_token: Option<String>,
    /// When it was added.
    pub created_at: Moment,
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Send messages and ask what became of them.
    Send,
    /// List, read, create and delete templates.
    Templates,
    /// Say where the app is called back, and look at what it was told.
    Callbacks,
    /// Say who gets no marketing.
    Suppressions,
}

impl Scope {
    /// Every scope, with its name.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("send", Self::Send),
        ("templates", Self::Templates),
        ("callbacks", Self::Callbacks),
        ("suppressions", Self::Suppressions),
    ];

    /// Reads a scope's name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, scope)| *scope)
    }

    /// The scope's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Templates => "templates",
            Self::Callbacks => "callbacks",
            Self::Suppressions => "suppressions",
        }
    }
}

/// An access token as the store knows it: enough to make the same JWT again, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id (`jti`).
    pub id: TokenId,
    /// The app for which it speaks (`sub`).
    pub app: AppId,
    /// What it is called in lists.
    pub label: String,
    /// What it may be used for, in order.
    pub scopes: Vec<Scope>,
    /// When it was issued (`iat`), to the second.
    pub issued_at: Moment,
    /// When it ends (`exp`), to the second; `None` for never.
    pub expires_at: Option<Moment>,
    /// Since when it is no longer valid, if it was revoked.
    pub revoked_at: Option<Moment>,
}

/// Everyone there is, as of one moment.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The apps, oldest first.
    pub apps: Vec<App>,
    /// The senders, oldest first.
    pub senders: Vec<Sender>,
    /// The tokens, revoked ones included, oldest first.
    pub tokens: Vec<Token>,
    /// What was learnt of senders and accounts, in no order.
    pub learnt: Vec<Learnt>,
    /// How the sends of each app react to a template that drifts.
    pub guards: HashMap<AppId, Guard>,
    /// A number that grows with every change to any of these, by whichever process.
    pub version: i64,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender")
            .field("id", &self.id)
            .field("app", &self.app)
            .field("waba", &self.waba)
            .finish_non_exhaustive()
    }
}
