//! What all parts of the engine use. It knows of their states, and of nothing that they do.

use std::time::Duration;

use kabar_domain::clock::Clock;
use kabar_domain::rates::RateCard;
use kabar_graph::client::GraphClient;
use kabar_store::Store;
use kabar_store::ledger::Patience;
use tokio_util::sync::CancellationToken;

use crate::attached::Attached;
use crate::callbacks::state::State;
use crate::directory::Directory;
use crate::dispatch::lanes::Lanes;
use crate::learning::Learning;
use crate::media::Media;
use crate::meta_apps::MetaApps;
use crate::metrics::Metrics;
use crate::room::Room;
use crate::suppressed::Suppressed;
use crate::templates::Templates;

/// What all parts of the engine use.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) graph: GraphClient,
    pub(crate) clock: Clock,
    pub(crate) meta_apps: MetaApps,
    /// For how long webhook calls are kept.
    pub(crate) journal_keep: Duration,
    pub(crate) verify_token: String,
    pub(crate) webhook_uri: Option<String>,
    pub(crate) patience: Patience,
    pub(crate) poll_every: Duration,
    pub(crate) directory: Directory,
    pub(crate) templates: Templates,
    pub(crate) lanes: Lanes,
    pub(crate) room: Room,
    pub(crate) learning: Learning,
    pub(crate) callbacks: State,
    pub(crate) media: Media,
    pub(crate) attached: Attached,
    pub(crate) suppressed: Suppressed,
    pub(crate) rates: Option<RateCard>,
    pub(crate) retention: crate::retention::Options,
    pub(crate) metrics: Metrics,
    /// Cancelled when the engine stops.
    pub(crate) stopping: CancellationToken,
}

impl Shared {
    /// Waits for `period`, or until the engine stops: then `false`.
    pub(crate) async fn pause(&self, period: Duration) -> bool {
        tokio::select! {
            () = self.stopping.cancelled() => false,
            () = tokio::time::sleep(period) => true,
        }
    }
}
