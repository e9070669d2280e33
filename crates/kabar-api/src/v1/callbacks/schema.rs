//! Callbacks and deliveries as they stand in JSON.

use kabar_domain::callback::Pattern;
use kabar_engine::callbacks::{WithKey, keys};
use kabar_store::callback::{self as store, CallAnswer};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A callback to be made.
#[expect(dead_code, reason = "it stands in the document; requests are read so that every fault is found")]
#[derive(Debug, ToSchema)]
#[schema(as = v1::NewCallback)]
pub(super) struct NewCallback {
    /// Where the app is called: https, and of the public internet, unless the gateway is configured otherwise. At most
    /// 2,048 characters.
    #[schema(example = "https://toko.example/kabar")]
    url: String,
    /// Of what it is told: names of events, families such as `message.*`, or `*`.
    #[schema(example = json!(["message.*", "template.status"]), min_items = 1)]
    events: Vec<String>,
    /// What people call it; at most 200 characters.
    #[schema(max_length = 200, example = "order system")]
    description: Option<String>,
    /// How calls are signed: `hmac` with a shared secret (`v1`), or `ed25519` with a key pair (`v1a`).
    #[schema(example = "hmac", default = "hmac")]
    signing: Option<String>,
}

/// What shall be other; what is not named stays.
#[expect(dead_code, reason = "it stands in the document; requests are read so that every fault is found")]
#[derive(Debug, ToSchema)]
#[schema(as = v1::CallbackChange)]
pub(super) struct Change {
    /// Where the app is called.
    url: Option<String>,
    /// Of what it is told.
    events: Option<Vec<String>>,
    /// What people call it.
    description: Option<String>,
}

/// How a new key is wanted.
#[expect(dead_code, reason = "it stands in the document; requests are read so that every fault is found")]
#[derive(Debug, ToSchema)]
#[schema(as = v1::Rotation)]
pub(super) struct Rotation {
    /// For how many hours the old key signs beside the new one.
    #[schema(minimum = 0, maximum = 168, default = 24)]
    overlap_hours: Option<u32>,
    /// Another way of signing than before.
    #[schema(example = "hmac")]
    signing: Option<String>,
}

/// Which deliveries are made again.
#[expect(dead_code, reason = "it stands in the document; requests are read so that every fault is found")]
#[derive(Debug, ToSchema)]
#[schema(as = v1::Redrive)]
pub(super) struct Redrive {
    /// Of events from this moment on.
    #[schema(example = "2026-11-21T00:00:00Z")]
    from: String,
    /// Of events before this moment.
    #[schema(example = "2026-11-22T00:00:00Z")]
    to: String,
    /// `failed` for those that were given up, `all` for those that were made as well.
    #[schema(example = "failed", default = "failed")]
    state: Option<String>,
}

/// A callback.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Callback)]
pub(super) struct Callback {
    /// Its id.
    #[schema(example = "01a2003c-e4ca-72b4-93a3-02975c422b68")]
    id: String,
    /// Where the app is called.
    url: String,
    /// Of what it is told.
    events: Vec<String>,
    /// What people call it.
    description: String,
    /// `hmac` or `ed25519`.
    signing: &'static str,
    /// What `v1a` signatures are verified with.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// Until when the key before this one signs too, if there was one.
    old_key_until: Option<String>,
    /// `active` or `paused`.
    state: &'static str,
    /// Since when and why it is paused.
    paused: Option<Paused>,
    /// Since when no call went well, if the last one did not.
    failing_since: Option<String>,
    /// How many deliveries wait, counted up to 10,000.
    waiting: u32,
    /// When it was made.
    created_at: String,
    /// When somebody last changed it.
    changed_at: String,
}

/// A pause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Paused)]
pub(super) struct Paused {
    /// Since when.
    at: String,
    /// `asked`, `gone` (a call was answered 410) or `failing` (no call went well for too long).
    reason: &'static str,
}

/// A callback with a key that is new.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::CallbackWithKey)]
pub(super) struct CallbackWithKey {
    #[serde(flatten)]
    callback: Callback,
    /// With `hmac`: what calls are verified with. It is told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
}

/// An app's callbacks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Callbacks)]
pub(super) struct Callbacks {
    /// Oldest first.
    pub(super) data: Vec<Callback>,
}

/// The delivery of an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Delivery)]
pub(super) struct Delivery {
    /// The event's id: `webhook-id` of every call.
    #[schema(example = "f6f5e2a0-9c1d-8b6a-a0f2-3d1b7c9e5a44")]
    id: String,
    /// The event's type.
    #[schema(example = "message.delivered")]
    r#type: String,
    /// When that happened.
    occurred_at: String,
    /// `waiting`, `delivered` or `failed`.
    state: &'static str,
    /// When the next call is due, unless another delivery about the same message comes before it.
    due_at: Option<String>,
    /// When it was made or given up.
    ended_at: Option<String>,
    /// The calls that were made, oldest first.
    calls: Vec<Call>,
    /// What is told, as the body of each call has it.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

/// A call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::DeliveryCall)]
pub(super) struct Call {
    /// When it was over.
    at: String,
    /// How many milliseconds it took.
    took_ms: u64,
    /// The status of the answer.
    status: Option<u16>,
    /// Why there was no answer, such as `timed_out`, `connection_refused` or `address_refused`.
    error: Option<String>,
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Deliveries)]
pub(super) struct Deliveries {
    /// Newest first.
    pub(super) data: Vec<Delivery>,
    /// What `after` wants for the next page; `null` on the last.
    pub(super) next: Option<String>,
}

/// An event that was put into the queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Queued)]
pub(super) struct Queued {
    /// Its id.
    pub(super) id: String,
}

/// How many deliveries are made again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Redriven)]
pub(super) struct Redriven {
    /// How many.
    pub(super) redriven: u64,
}

impl Callback {
    pub(super) fn of(callback: &store::Callback) -> Self {
        Self {
            id: callback.id.to_string(),
            url: callback.url.to_string(),
            events: callback.events.patterns().iter().map(Pattern::as_str).map(str::to_owned).collect(),
            description: callback.description.clone(),
            signing: callback.signing.as_str(),
            public_key: callback.public_key.as_deref().map(keys::shown_public),
            old_key_until: callback.old_key_until.map(|until| until.to_string()),
            state: if callback.paused.is_some() { "paused" } else { "active" },
            paused: callback.paused.map(|(at, reason)| Paused { at: at.to_string(), reason: reason.as_str() }),
            failing_since: callback.failing_since.map(|since| since.to_string()),
            waiting: callback.waiting,
            created_at: callback.created_at.to_string(),
            changed_at: callback.changed_at.to_string(),
        }
    }
}

impl CallbackWithKey {
    pub(super) fn of(made: &WithKey) -> Self {
        let secret = made.key.public.is_none().then(|| keys::shown(&made.key));
        Self { callback: Callback::of(&made.callback), secret }
    }
}

impl Delivery {
    pub(super) fn of(delivery: store::Delivery) -> Self {
        Self {
            id: delivery.event.to_string(),
            r#type: delivery.kind,
            occurred_at: delivery.occurred_at.to_string(),
            state: delivery.state.as_str(),
            due_at: delivery.due_at.map(|due| due.to_string()),
            ended_at: delivery.ended_at.map(|end| end.to_string()),
            calls: delivery.calls.into_iter().map(Call::of).collect(),
            payload: RawValue::from_string(delivery.body).unwrap_or_default(),
        }
    }
}

impl Call {
    fn of(call: store::DeliveryCall) -> Self {
        let (status, error) = match call.answer {
            CallAnswer::Status(status) => (Some(status), None),
            CallAnswer::None(reason) => (None, Some(reason)),
        };
        let took_ms = u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX);
        Self { at: call.at.to_string(), took_ms, status, error }
    }
}
