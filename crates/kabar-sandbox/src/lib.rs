//! What would Meta do? An emulator of the WhatsApp Cloud platform, for template messages.
//!
//! It speaks the Graph API's side of templates, messages and webhooks over HTTP, and keeps a ledger of what it saw under
//! `/_sandbox`. It is a witness: it shares no code with the gateway that it judges, writes and reads JSON by itself, and
//! refuses what it does not know, so that a misspelt field is seen. All state is in memory, and in a file if one is named.
//!
//! Where things are: `graph` holds the routes by topic, `check` the platform's rules, `world` the state and what happens
//! by itself, `webhooks` the calls to callbacks, `log` the state file, `recipients` the numbers that fail on purpose,
//! `faults` what goes wrong by rule, `ledger` and `operator` the paths under `/_sandbox`.
//!
//! # Limits of an account
//!
//! The platform's limits are 250 templates (6,000 for a verified business), 100 creations and 5,000 management calls an
//! hour; 80 messages a second, one in 6 seconds to one recipient, and 250 recipients a day. Calls and creations are
//! counted always, and `x-business-use-case-usage` tells how much is used; but what is over a limit is
//! refused only if [`Options::limits`] says so or `POST /_sandbox/limits` asked for it, as programs under test often make
//! more templates in a minute than people in a month. Without it an account is taken for that of a verified business.

mod check;
mod clock;
pub mod faults;
mod graph;
mod ledger;
mod log;
mod operator;
mod phones;
mod random;
pub mod recipients;
mod review;
mod statuses;
mod webhooks;
mod world;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::sync::{Notify, OnceCell};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::log::{WriteFailed, Writer, Written};
use crate::webhooks::Webhooks;
use crate::world::World;
use crate::world::event::Event;

pub use crate::log::file::StateError;
pub use crate::review::{InvalidReview, Review};
pub use crate::statuses::Timings;

/// How a sandbox behaves.
#[derive(Clone)]
pub struct Options {
    /// Signs the webhook calls (`X-Hub-Signature-256`).
    pub app_secret: String,
    /// Sent in the handshake with `webhook_url`; without it there is no handshake.
    pub verify_token: Option<String>,
    /// The callback of every account that has none of its own (an absolute `http` or `https` address).
    pub webhook_url: Option<String>,
    /// How new templates are reviewed.
    pub review: Review,
    /// The only bearer token that is taken; any, if there is none.
    pub token: Option<String>,
    /// Where the state is kept; without it, it ends with the process.
    pub state_file: Option<PathBuf>,
    /// When the statuses of a message follow its acceptance.
    pub timings: Timings,
    /// Whether calls, creations and templates over the platform's limits are refused.
    pub limits: bool,
    /// What goes wrong on purpose from the start on.
    pub faults: faults::Plan,
}

impl Options {
    /// The defaults: no callback, any token, a review after a second, nothing kept, no limits enforced, no faults.
    #[must_use]
    pub fn new(app_secret: impl Into<String>) -> Self {
        Self {
            app_secret: app_secret.into(),
            verify_token: None,
            webhook_url: None,
            review: Review::default(),
            token: None,
            state_file: None,
            timings: Timings::default(),
            limits: false,
            faults: faults::Plan::default(),
        }
    }
}

impl fmt::Debug for Options {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("webhook_url", &self.webhook_url)
            .field("review", &self.review)
            .field("state_file", &self.state_file)
            .field("timings", &self.timings)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why a sandbox could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state file is not usable; the message names it, and the line where there is one to blame.
    #[error(transparent)]
    State(#[from] StateError),
    /// The thread that writes the state file could not be started.
    #[error("the thread that writes the state file could not be started")]
    Thread(#[source] std::io::Error),
    /// The state file could not be read to its end.
    #[error("reading the state file was broken off")]
    BrokenOff,
}

/// The emulator. Clones are handles to the same one; its state file is let go with the last of them.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    written: Option<Written>,
    clock: Clock,
    webhooks: Webhooks,
    token: Option<String>,
    webhook_url: Option<String>,
    verify_token: Option<String>,
    /// Set once the default callback has answered its handshake.
    webhook_verified: OnceCell<()>,
    wake: Notify,
    /// Cancelled when it is stopped, so that nobody waits for news of it any more.
    stopped: CancellationToken,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("webhook_url", &self.webhook_url).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Opens a sandbox, with the state of its file if one is named.
    ///
    /// # Errors
    ///
    /// [`Error::State`] when the file is not a sandbox's, is damaged before its last line, is in use, or can't be read.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let mut world = World::new(options.review, options.timings);
        world.limits.enforced = options.limits;
        world.faults = faults::Faults::new(options.faults);
        let mut written = None;
        if let Some(path) = options.state_file {
            let replay = tokio::task::spawn_blocking(move || {
                let file = log::file::open(&path, &mut world)?;
                Ok::<_, StateError>((world, file))
            });
            let (replayed, file) = replay.await.map_err(|_| Error::BrokenOff)??;
            let (writer, receiver) = Writer::start(file).map_err(Error::Thread)?;
            world = replayed;
            world.start(Some(writer));
            written = Some(receiver);
        } else {
            world.start(None);
        }
        let inner = Inner {
            world: Mutex::new(world),
            written,
            clock: Clock::start(),
            webhooks: Webhooks::new(&options.app_secret),
            token: options.token,
            webhook_url: options.webhook_url,
            verify_token: options.verify_token,
            webhook_verified: OnceCell::new(),
            wake: Notify::new(),
            stopped: CancellationToken::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Every path of the sandbox: its own under `/_sandbox`, all others as the Graph API has them.
    pub fn router(&self) -> Router {
        ledger::routes().fallback(graph::answer::answer).with_state(self.clone())
    }

    /// Does what happens by itself, reviews, statuses and webhook calls, until `stop`; returns when all that happened is in
    /// the state file. Webhook calls under way get a second to end; they are made again after the next
    /// start otherwise. It is called once for a sandbox.
    pub async fn run(&self, stop: CancellationToken) {
        let _stopped = self.inner.stopped.clone().drop_guard();
        webhooks::run::run(self, &stop).await;
        let mark = self.world().written_mark();
        if self.wait_written(mark).await.is_err() {
            tracing::error!("the sandbox's last changes are not in its state file");
        }
    }

    /// From what the dice of the fault rules are thrown, and how many rules there are.
    pub fn faults(&self) -> (u64, usize) {
        self.world().faults.summary()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A world that a panic left behind is still the best witness there is.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    fn webhooks(&self) -> &Webhooks {
        &self.inner.webhooks
    }

    fn token(&self) -> Option<&str> {
        self.inner.token.as_deref()
    }

    fn default_callback(&self) -> Option<&str> {
        self.inner.webhook_url.as_deref()
    }

    /// The handshake with the default callback, until it succeeded once.
    async fn verify_default_callback(&self) -> Result<(), String> {
        let (Some(url), Some(token)) = (&self.inner.webhook_url, &self.inner.verify_token) else { return Ok(()) };
        let verified = self.inner.webhook_verified.get_or_try_init(|| self.webhooks().verify(url, token)).await;
        verified.map(|&()| ())
    }

    /// Lets the background work look again at what is due.
    fn wake(&self) {
        self.inner.wake.notify_one();
    }

    async fn woken(&self) {
        self.inner.wake.notified().await;
    }

    /// Returns when it is stopped.
    async fn stopped(&self) {
        self.inner.stopped.cancelled().await;
    }

    /// Records an event and waits until it, and all before it, is in the state file.
    async fn record_and_wait(&self, event: Event) -> Result<(), WriteFailed> {
        let mark = {
            let mut world = self.world();
            world.record(event);
            world.written_mark()
        };
        self.wait_written(mark).await
    }

    async fn wait_written(&self, mark: u64) -> Result<(), WriteFailed> {
        match &self.inner.written {
            Some(written) => written.wait(mark).await,
            None => Ok(()),
        }
    }
}
