//! The engine put together: what it needs, what runs by itself, and the handle through which it is asked.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::clock::Clock;
use kabar_domain::fault::Path;
use kabar_domain::ids::{AppId, Msgid, TemplateCode, TemplateId, TokenId};
use kabar_domain::message::story::Story;
use kabar_domain::phone::PhoneNumber;
use kabar_domain::rates::RateCard;
use kabar_domain::sample::Purpose;
use kabar_domain::send::{SendRequest, Spot, Values};
use kabar_domain::template::draft::Draft;
use kabar_graph::client::GraphClient;
use kabar_graph::token::{AccessToken, BadToken};
use kabar_store::Store;
use kabar_store::directory::Token;
use kabar_store::ledger::{MessageView, Patience, TakenBack};
use kabar_store::search::{Page, Question};
use kabar_store::suppression::{Query, Suppression, Wish};
use kabar_store::template::{StoredTemplate, TemplateEvent, TemplatePage, Walk};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::{SendError, Sent, Terms};
use crate::attached::Attached;
use crate::callbacks::Callbacks;
use crate::callbacks::state::State;
use crate::directory::Directory;
use crate::dispatch::lanes::{HeldSender, Lanes};
use crate::intake::IntakeError;
use crate::learning::Learning;
use crate::media::{self, Media, Receiving, SampleError, Spooled, UploadedSample};
use crate::meta_apps::{MetaApp, MetaApps};
use crate::metrics::Metrics;
use crate::retry::RetryError;
use crate::room::{Bounds, Room};
use crate::shared::Shared;
use crate::stats::{self, Stats};
use crate::suppressed::Suppressed;
use crate::templates::Templates;
use crate::templates::archive::{Move, MoveError, MovedTemplate};
use crate::templates::create::{CreateError, CreatedTemplate};
use crate::templates::delete::{DeleteError, Extent};
use crate::templates::edit::{EditError, EditedTemplate};

/// What the engine is told at its start.
#[derive(Debug)]
pub struct Options {
    /// What survives.
    pub store: Store,
    /// The upstream.
    pub graph: GraphClient,
    /// The time.
    pub clock: Clock,
    /// The Graph access token for senders that have none of their own.
    pub access_token: Option<String>,
    /// The Meta apps that call our webhook address.
    pub meta_apps: Vec<MetaApp>,
    /// For how long webhook calls are kept.
    pub journal_keep: Duration,
    /// What the upstream must name when it verifies our webhook address.
    pub verify_token: String,
    /// Where the upstream reaches our webhook endpoint; with it, Kabar subscribes itself for every account at its start.
    pub webhook_uri: Option<String>,
    /// How long a doubt waits for evidence.
    pub patience: Patience,
    /// How often all templates are read again from the upstream.
    pub poll_every: Duration,
    /// How many calls of one sender may be under way at once.
    pub calls_at_once: usize,
    /// How many calls of all senders together may be under way at once; a quarter is kept for login codes.
    pub calls_in_all: usize,
    /// How apps are called back.
    pub callbacks: crate::callbacks::Options,
    /// Above what nothing more is accepted.
    pub bounds: Bounds,
    /// What is needed for samples of templates, and for the files of messages.
    pub media: media::Options,
    /// What messages cost, where that is known.
    pub rates: Option<RateCard>,
    /// How long what is kept.
    pub retention: crate::retention::Options,
    /// What is counted.
    pub metrics: Metrics,
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
    /// The configured access token can't be one.
    #[error("the upstream's access token: {0}")]
    Token(#[from] BadToken),
}

/// The running engine. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

impl Gateway {
    /// Reads what there is, and settles what an earlier run left open. Nothing is sent before [`Gateway::run`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let default_token = options.access_token.as_deref().map(AccessToken::new).transpose()?;
        let directory = Directory::load(&options.store, default_token).await?;
        let templates = Templates::load(&options.store).await?;
        let suppressed = Suppressed::load(&options.store).await?;
        let recovered = options.store.recover(options.clock.now(), options.patience).await?;
        if recovered.again + recovered.in_doubt > 0 {
            tracing::warn!(
                again = recovered.again,
                in_doubt = recovered.in_doubt,
                "an earlier run ended within calls to the upstream"
            );
        }
        let fetcher = media::fetch::client(options.media.allow.clone());
        let attached = Attached::load(&options.store, &options.media, fetcher).await?;
        let stopping = CancellationToken::new();
        let shared = Shared {
            lanes: Lanes::new(options.calls_at_once, options.calls_in_all, stopping.clone(), options.store.clone()),
            store: options.store,
            graph: options.graph,
            clock: options.clock,
            meta_apps: MetaApps::new(options.meta_apps),
            journal_keep: options.journal_keep,
            verify_token: options.verify_token,
            webhook_uri: options.webhook_uri,
            patience: options.patience,
            poll_every: options.poll_every,
            directory,
            templates,
            learning: Learning::default(),
            callbacks: State::new(options.callbacks),
            media: Media::new(options.media),
            attached,
            suppressed,
            rates: options.rates,
            retention: options.retention,
            metrics: options.metrics,
            room: Room::new(options.bounds),
            stopping,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Does all that happens by itself until `stop` is cancelled; then finishes the calls that are under way, writes
    /// down their outcomes, and returns.
    pub async fn run(&self, stop: CancellationToken) {
        let shared = &self.shared;
        let tasks = TaskTracker::new();
        tasks.spawn(crate::directory::watch::watch(Arc::clone(shared)));
        tasks.spawn(crate::subscription::keep(Arc::clone(shared)));
        tasks.spawn(crate::templates::sync::poll(Arc::clone(shared)));
        tasks.spawn(crate::doubt::settle(Arc::clone(shared)));
        tasks.spawn(crate::learning::keep(Arc::clone(shared)));
        tasks.spawn(crate::journal::keep(Arc::clone(shared)));
        tasks.spawn(crate::held::release(Arc::clone(shared)));
        tasks.spawn(crate::sweep::sweep(Arc::clone(shared)));
        tasks.spawn(crate::attached::sweep(Arc::clone(shared)));
        tasks.spawn(crate::retention::keep(Arc::clone(shared)));
        tasks.spawn(crate::room::watch(Arc::clone(shared)));
        tasks.spawn(crate::dispatch::wake_due_lanes(Arc::clone(shared)));
        tasks.spawn(crate::callbacks::deliver::run(Arc::clone(shared)));
        tasks.spawn(crate::callbacks::cleaning::run(Arc::clone(shared)));
        stop.cancelled().await;
        shared.stopping.cancel();
        tasks.close();
        tasks.wait().await;
        shared.lanes.finished().await;
        shared.attached.finished().await;
    }

    /// The time by which the engine goes.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The callbacks of apps.
    pub fn callbacks(&self) -> Callbacks<'_> {
        Callbacks::new(&self.shared)
    }

    /// Keeps which recipients get no marketing, or get it again, as [`Store::suppress`] does; answers for how many that was a
    /// change. It holds when this returns.
    pub async fn suppress(&self, wishes: Vec<Wish>) -> Result<u64, kabar_store::Error> {
        let n_changed = self.shared.store.suppress(wishes).await?;
        self.shared.suppressed.refresh(&self.shared.store).await?;
        Ok(n_changed)
    }

    /// Whether a recipient gets no marketing of an app.
    pub async fn suppression(
        &self,
        app: &AppId,
        recipient: &PhoneNumber,
    ) -> Result<Option<Suppression>, kabar_store::Error> {
        self.shared.store.suppression(app, recipient).await
    }

    /// Recipients who get no marketing of an app, in the order of their numbers.
    pub async fn suppressions(
        &self,
        app: &AppId,
        query: Query,
        limit: u32,
    ) -> Result<Vec<Suppression>, kabar_store::Error> {
        self.shared.store.suppressions(app, query, limit).await
    }

    /// Whether there is such an app.
    pub fn app(&self, id: &AppId) -> bool {
        self.shared.directory.has_app(id)
    }

    /// A token that was issued, revoked or not, as of about a second ago.
    pub fn token(&self, id: TokenId) -> Option<Arc<Token>> {
        self.shared.directory.token(id)
    }

    /// Reads apps, senders and tokens again, at once.
    pub async fn refresh_directory(&self) -> Result<(), kabar_store::Error> {
        self.shared.directory.refresh(&self.shared.store).await?;
        self.shared.lanes.look_again();
        Ok(())
    }

    /// The senders from which nothing leaves until a person puts something right: Kabar serves all the same.
    pub fn held_senders(&self) -> Vec<HeldSender> {
        self.shared.lanes.held()
    }

    /// Accepts a message: binds its values, and answers once it is on disk. `path_of` says where in the caller's
    /// request a value stands. A request that came before under the same name is answered with its message, whatever
    /// became of the template since.
    pub async fn send(
        &self,
        app: &AppId,
        request: SendRequest,
        terms: Terms,
        path_of: &(dyn Fn(Spot) -> Path + Sync),
    ) -> Result<Sent, SendError> {
        crate::accept::send(&self.shared, app, request, terms, path_of).await
    }

    /// Says whether values would bind to a template, and sends nothing.
    pub fn check(
        &self,
        app: &AppId,
        code: &TemplateCode,
        values: &Values,
        path_of: &(dyn Fn(Spot) -> Path + Sync),
    ) -> Result<(), SendError> {
        crate::accept::check(&self.shared, app, code, values, path_of)
    }

    /// Whether a template is for login codes, whose values must not be repeated to anyone; `None` if there is none.
    pub fn is_authentication(&self, app: &AppId, code: &TemplateCode) -> Option<bool> {
        let template = self.shared.templates.by_code(app, code)?;
        Some(template.contract.category() == kabar_domain::template::Category::Authentication)
    }

    /// Takes a message back, if it surely has not left: then it never does. `None` if the app has no such message.
    pub async fn take_back(&self, app: &AppId, msgid: Msgid) -> Result<Option<TakenBack>, kabar_store::Error> {
        self.shared.store.take_back(app, msgid, self.shared.clock.now()).await
    }

    /// Accepts another message in the place of one that failed. Wished again, it answers the same one.
    pub async fn retry(&self, app: &AppId, msgid: Msgid) -> Result<Sent, RetryError> {
        crate::retry::retry(&self.shared, app, msgid).await
    }

    /// The upstream's name of a template, by the store's number for it.
    pub fn template_name(&self, seq: i64) -> Option<String> {
        self.shared.templates.by_seq(seq).map(|template| template.stored.facts.name.clone())
    }

    /// All that is known of a message of this app.
    pub async fn message(&self, app: &AppId, msgid: Msgid) -> Result<Option<MessageView>, kabar_store::Error> {
        self.shared.store.message(app, msgid).await
    }

    /// What became of an app's messages, and what they cost.
    pub async fn stats(&self, app: &AppId, query: &stats::Query) -> Result<Stats, kabar_store::Error> {
        stats::of(&self.shared.store, self.shared.rates.as_ref(), app, query).await
    }

    /// Has a recipient erased from all that an app has until now. The wish is on disk when this returns, and is carried out
    /// at once.
    pub async fn erase_recipient(&self, app: &AppId, recipient: &PhoneNumber) -> Result<(), kabar_store::Error> {
        self.shared.store.ask_erasure(app, recipient, self.shared.clock.now()).await
    }

    /// The story of a message of this app: each step, and what is to be done next.
    pub async fn explain(&self, app: &AppId, msgid: Msgid) -> Result<Option<Story>, kabar_store::Error> {
        let told = self.shared.store.noted(app, msgid).await?;
        Ok(told.map(|told| crate::explain::story(&told, self.shared.rates.as_ref(), self.shared.clock.now())))
    }

    /// A page of messages, newest first.
    pub async fn search(&self, question: Question) -> Result<Page, kabar_store::Error> {
        self.shared.store.search(question).await
    }

    /// Has a template created upstream, and keeps it.
    pub async fn create_template(&self, app: &AppId, draft: Draft) -> Result<CreatedTemplate, CreateError> {
        crate::templates::create::create(&self.shared, app, draft).await
    }

    /// A page of an app's templates, newest first.
    pub async fn template_page(&self, app: &AppId, walk: Walk, limit: u32) -> Result<TemplatePage, kabar_store::Error> {
        self.shared.store.template_page(app, walk, limit).await
    }

    /// One template of an app.
    pub async fn template(&self, app: &AppId, id: &TemplateId) -> Result<Option<StoredTemplate>, kabar_store::Error> {
        self.shared.store.template(app, id).await
    }

    /// What happened to a template of an app, oldest first.
    pub async fn template_events(
        &self,
        app: &AppId,
        id: &TemplateId,
    ) -> Result<Vec<TemplateEvent>, kabar_store::Error> {
        self.shared.store.template_events(app, id).await
    }

    /// Has a template edited upstream; `body` is what the app asks for. It holds when the upstream shows it.
    pub async fn edit_template(&self, app: &AppId, id: &TemplateId, body: &Value) -> Result<EditedTemplate, EditError> {
        crate::templates::edit::edit(&self.shared, app, id, body).await
    }

    /// Deletes a template upstream and here, in one language or in all; gives what the app had of it.
    pub async fn delete_template(
        &self,
        app: &AppId,
        id: &TemplateId,
        extent: Extent,
    ) -> Result<Vec<StoredTemplate>, DeleteError> {
        crate::templates::delete::delete(&self.shared, app, id, extent).await
    }

    /// Puts a template into the archive, takes it out, or ends its pause, upstream and here.
    pub async fn move_template(&self, app: &AppId, id: &TemplateId, wanted: Move) -> Result<MovedTemplate, MoveError> {
        crate::templates::archive::turn(&self.shared, app, id, wanted).await
    }

    /// Accepts the category that a template has now: its sends are no longer judged for it.
    pub async fn accept_category(&self, app: &AppId, id: &TemplateId) -> Result<MovedTemplate, MoveError> {
        crate::templates::archive::accept_category(&self.shared, app, id).await
    }

    /// Makes place for a sample that is about to come. `path` is where it stands in the request.
    pub async fn receive_sample(&self, path: Path) -> Result<Receiving, SampleError> {
        media::receive(&self.shared, Purpose::Any, path).await
    }

    /// Uploads a sample that has come, for templates of this app.
    pub async fn upload_sample(&self, app: &AppId, file: &Spooled, name: &str) -> Result<UploadedSample, SampleError> {
        media::upload(&self.shared, app, file, name).await
    }

    /// Fetches a sample from a URL, and uploads it.
    pub async fn fetch_sample(&self, app: &AppId, url: &str, path: Path) -> Result<UploadedSample, SampleError> {
        media::fetch(&self.shared, app, url, path).await
    }

    /// Reads all templates of all accounts again from the upstream.
    pub async fn sync_templates(&self) {
        crate::templates::sync::sync_all(&self.shared).await;
    }

    /// Whether the upstream may have our webhook address verified with this token.
    pub fn handshake(&self, mode: &str, verify_token: &str) -> bool {
        crate::intake::handshake(&self.shared, mode, verify_token)
    }

    /// Takes in a webhook call of the upstream: everything that it reports is on disk when this returns.
    pub async fn take_webhook(&self, body: &[u8], signature: Option<&str>) -> Result<(), IntakeError> {
        crate::intake::take(&self.shared, body, signature).await
    }

    /// Why the engine can't serve just now, in words for operators.
    pub async fn ready(&self) -> Result<(), String> {
        if self.shared.stopping.is_cancelled() {
            return Err("shutting down".to_owned());
        }
        self.shared.store.directory_version().await.map(drop).map_err(|err| err.to_string())
    }

    /// Brings the gauges up to date.
    pub async fn measure(&self) -> Result<(), kabar_store::Error> {
        let counts = self.shared.store.counts().await?;
        self.shared.metrics.set_queue(&counts);
        Ok(())
    }
}
