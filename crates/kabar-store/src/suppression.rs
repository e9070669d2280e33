//! Recipients who get no marketing of an app.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, SenderId, WabaId};
use kabar_domain::phone::PhoneNumber;

/// The upstream's number for "the recipient has stopped marketing messages of this business".
pub const STOPPED: u32 = 131_050;

/// How it became known that a recipient wants no marketing, or wants it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The upstream refused a message, or failed it, with 131050.
    Refusal,
    /// The upstream reported what the recipient chose in its app.
    Preference,
    /// The recipient pressed a quick reply that the app names as *stop*.
    Reply,
    /// Somebody of the app said so.
    Hand,
    /// It stood in a list that was brought in.
    Import,
}

impl Source {
    /// Every source, with its name.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("refusal", Self::Refusal),
        ("preference", Self::Preference),
        ("reply", Self::Reply),
        ("hand", Self::Hand),
        ("import", Self::Import),
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Preference => "preference",
            Self::Reply => "reply",
            Self::Hand => "hand",
            Self::Import => "import",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, source)| *source)
    }

    /// Whether it was the recipient's own doing, as far as the upstream tells: then the recipient can undo it there.
    pub const fn is_the_recipients(self) -> bool {
        matches!(self, Self::Refusal | Self::Preference | Self::Reply)
    }
}

/// That a recipient stops an app's marketing, or wants it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose marketing.
    pub app: AppId,
    /// Who.
    pub recipient: PhoneNumber,
    /// Whether it stops.
    pub stopped: bool,
    /// How it became known.
    pub source: Source,
    /// In words, for people; may be empty.
    pub note: String,
    /// When it was said. What a recipient said before what is known changes nothing; what somebody of the app says always
    /// comes after what is known.
    pub at: Moment,
}

/// What the upstream reports of a recipient's choice, for all apps that use an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// The account.
    pub waba: WabaId,
    /// Who.
    pub recipient: PhoneNumber,
    /// Whether marketing stops.
    pub stopped: bool,
    /// When it was chosen.
    pub at: Moment,
}

/// A quick reply, which may be one that stops an app's marketing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopReply {
    /// The upstream's id of the message below which it was pressed.
    pub replied_to: String,
    /// The sender that was answered, for a message that is no longer kept.
    pub sender: Option<SenderId>,
    /// Who pressed it, likewise.
    pub from: Option<PhoneNumber>,
    /// Its payload and its label, where they are told.
    pub texts: Vec<String>,
    /// When it was pressed.
    pub at: Moment,
}

/// A recipient who gets no marketing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// As it was said.
    pub wish: Wish,
    /// The number of the change, for who walks through changes.
    pub change: i64,
}

/// Which part of an app's suppressions is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Of this source only.
    pub source: Option<Source>,
    /// After this recipient, in the order of their numbers.
    pub after: Option<PhoneNumber>,
}

/// How the texts of quick replies are compared: blanks around them and the size of letters make no difference.
pub fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
