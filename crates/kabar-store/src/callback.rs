//! Callbacks, and the deliveries that are to be made to them.
//!
//! A delivery is written in the transaction that makes what it tells of, so that neither is there without the other. It
//! is made at least once: a call whose outcome was not written down is made again. Deliveries of one callback about one
//! message follow each other; a callback's other deliveries do not wait for them.

use std::time::Duration;

use kabar_domain::callback::request::{Change, NewCallback};
use kabar_domain::callback::{CallbackId, CallbackUrl, PauseReason, Signing, Subscription};
use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, SenderId, WabaId};
use uuid::Uuid;

/// How many callbacks an app may have: each event is written once for each of them.
pub const MOST_CALLBACKS: u32 = 20;

/// Up to how many waiting deliveries are counted.
pub const MOST_COUNTED: u32 = 10_000;

/// A key that signs calls. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// How it signs.
    pub signing: Signing,
    /// The secret: of any length for HMAC, the seed of 32 bytes for Ed25519. Kept sealed.
    pub secret: Vec<u8>,
    /// The public half, where there is one.
    pub public: Option<Vec<u8>>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("signing", &self.signing).finish_non_exhaustive()
    }
}

/// A callback to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCallback {
    /// Its id.
    pub id: CallbackId,
    /// Whose it is.
    pub app: AppId,
    /// What the app asks for.
    pub asked: NewCallback,
    /// What signs its calls.
    pub key: SigningKey,
    /// When.
    pub at: Moment,
}

/// A change of an app's callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackChange {
    /// Other facts.
    Facts(Change),
    /// Calls stop; what there is to tell waits.
    Pause,
    /// Calls go on, with all that waits, at once.
    Resume,
    /// From now on another key signs, and until `old_until` the one before as well.
    Key {
        /// The new key.
        key: SigningKey,
        /// Until when the old one signs too.
        old_until: Moment,
    },
}

/// A callback, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// Whose it is.
    pub app: AppId,
    /// Where.
    pub url: CallbackUrl,
    /// What people call it.
    pub description: String,
    /// Of what it is told.
    pub events: Subscription,
    /// How its calls are signed.
    pub signing: Signing,
    /// With what its calls are verified, where that is no secret.
    pub public_key: Option<Vec<u8>>,
    /// Until when the key before this one signs too; it may be over.
    pub old_key_until: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last changed by somebody.
    pub changed_at: Moment,
    /// Since when and why it is paused, if it is.
    pub paused: Option<(Moment, PauseReason)>,
    /// Since when no call went well, if the last did not.
    pub failing_since: Option<Moment>,
    /// How many deliveries wait, counted up to [`MOST_COUNTED`].
    pub waiting: u32,
}

/// The store's own number for a callback, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallbackKey(pub(crate) i64);

/// The store's own number for a delivery, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey(pub(crate) i64);

/// Where deliveries are made, and with what they are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The store's number for it.
    pub key: CallbackKey,
    /// Its id.
    pub id: CallbackId,
    /// Whose it is.
    pub app: AppId,
    /// Where.
    pub url: CallbackUrl,
    /// What signs: the present key, and the one before while its time lasts.
    pub signing_keys: Vec<SigningKey>,
    /// Since when no call went well, if the last did not.
    pub failing_since: Option<Moment>,
}

/// A delivery that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// The store's number for it.
    pub key: DeliveryKey,
    /// The event's id, the same over all calls.
    pub event: Uuid,
    /// What is said.
    pub body: String,
    /// How many calls were made for it since it was last asked for.
    pub tries: u32,
}

/// What came back from a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallAnswer {
    /// An answer with this status.
    Status(u16),
    /// None, for this reason, by its name.
    None(String),
}

/// How a call came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// Which delivery it was made for.
    pub delivery: DeliveryKey,
    /// Of which callback.
    pub callback: CallbackKey,
    /// When it was over.
    pub at: Moment,
    /// How long it took.
    pub took: Duration,
    /// What came back.
    pub answer: CallAnswer,
    /// What follows for the delivery.
    pub verdict: CallVerdict,
    /// Why the callback shall be paused, if it shall.
    pub pause: Option<PauseReason>,
}

/// What follows from a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallVerdict {
    /// It was taken.
    Delivered,
    /// It is made again from this moment on.
    Later(Moment),
    /// It is given up.
    GivenUp,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is to be made.
    Waiting,
    /// It was made.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// All of them, with their names.
    pub const NAMES: [(&'static str, Self); 3] =
        [("waiting", Self::Waiting), ("delivered", Self::Delivered), ("failed", Self::Failed)];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// A delivery, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event's id.
    pub event: Uuid,
    /// The event's type.
    pub kind: String,
    /// What is said.
    pub body: String,
    /// When that happened.
    pub occurred_at: Moment,
    /// How far it has come.
    pub state: DeliveryState,
    /// When it is due, unless it comes after another one or has ended.
    pub due_at: Option<Moment>,
    /// When it ended, if it has.
    pub ended_at: Option<Moment>,
    /// The calls that were made for it, oldest first.
    pub calls: Vec<DeliveryCall>,
    pub(crate) place: Place,
}

impl Delivery {
    /// Where it stands in the list.
    pub const fn place(&self) -> Place {
        self.place
    }
}

/// A call that was made for a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryCall {
    /// When it was over.
    pub at: Moment,
    /// How long it took.
    pub took: Duration,
    /// What came back.
    pub answer: CallAnswer,
}

/// A place in a callback's list of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub(crate) occurred_at: Moment,
    pub(crate) id: i64,
}

/// A place as a text that a caller gives back.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.occurred_at.as_millis(), self.id)
    }
}

impl Place {
    /// Reads a place.
    pub fn parse(text: &str) -> Option<Self> {
        let (occurred_at, id) = text.rsplit_once('-')?;
        Some(Self { occurred_at: Moment::from_millis(occurred_at.parse().ok()?), id: id.parse().ok()? })
    }
}

/// Which deliveries of a callback are listed: newest first, on from a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Only those that have come so far.
    pub state: Option<DeliveryState>,
    /// Only what is older than this place.
    pub after: Option<Place>,
}

/// Something of a sender that its app is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderNews {
    /// It is held, for a reason in words; or goes on, without one.
    Held {
        /// Whose it is.
        app: AppId,
        /// Which one.
        sender: SenderId,
        /// Why it is held.
        reason: Option<String>,
        /// Since when.
        at: Moment,
    },
    /// The upstream reports something of a number, to all apps that use the account.
    Quality {
        /// The account.
        waba: WabaId,
        /// The number, as the upstream shows it, where it names one.
        phone_number: Option<String>,
        /// What, in the upstream's word.
        event: String,
        /// When.
        at: Moment,
    },
}

/// A quick-reply button that a recipient pressed.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The upstream's id of the reply.
    pub wamid: String,
    /// The upstream's id of the message whose button it was.
    pub replied_to: String,
    /// When.
    pub at: Moment,
    /// What was sent along with the button.
    pub payload: Option<String>,
    /// The button's label.
    pub text: Option<String>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("wamid", &self.wamid)
            .field("replied_to", &self.replied_to)
            .finish_non_exhaustive()
    }
}

/// What a step of cleaning did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Deliveries that are no more.
    pub removed: u64,
    /// Deliveries that waited too long for a paused callback and were given up.
    pub given_up: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        for (at, id) in [(0, 1), (1_709_263_378_073, i64::MAX), (-5, 3)] {
            let place = Place { occurred_at: Moment::from_millis(at), id };
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for bad in ["", "-", "1", "1-", "x-1", "1-x"] {
            assert_eq!(Place::parse(bad), None, "{bad}");
        }
    }
}
