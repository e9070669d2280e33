//! What the engine counts.

use kabar_store::ledger::Counts;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The label of an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The engine's counters and gauges. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    accepted: Counter,
    attempts: Family<Outcome, Counter>,
    reports: Family<Outcome, Counter>,
    webhooks: Family<Outcome, Counter>,
    waiting: Gauge,
    held: Gauge,
    being_sent: Gauge,
    in_doubt: Gauge,
}

impl Metrics {
    /// Makes the metrics and names them in `registry`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "kabar_messages_accepted",
            "Messages that were accepted and are on disk",
            metrics.accepted.clone(),
        );
        registry.register("kabar_attempts", "Calls to the upstream, by outcome", metrics.attempts.clone());
        registry.register(
            "kabar_reports",
            "Statuses that the upstream reported, by what became of them",
            metrics.reports.clone(),
        );
        registry.register("kabar_webhooks", "Webhook calls of the upstream, by outcome", metrics.webhooks.clone());
        registry.register(
            "kabar_messages_waiting",
            "Messages that wait for their turn or for a retry",
            metrics.waiting.clone(),
        );
        registry.register(
            "kabar_messages_held",
            "Messages that are held until their template or their sender is well again",
            metrics.held.clone(),
        );
        registry.register("kabar_messages_being_sent", "Messages whose attempt was begun", metrics.being_sent.clone());
        registry.register("kabar_messages_in_doubt", "Messages that wait for evidence", metrics.in_doubt.clone());
        metrics
    }

    pub(crate) fn accepted(&self) {
        self.accepted.inc();
    }

    pub(crate) fn attempt(&self, outcome: &'static str) {
        self.attempts.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn reports(&self, outcome: &'static str, reports: u64) {
        self.reports.get_or_create(&Outcome { outcome }).inc_by(reports);
    }

    pub(crate) fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn set_queue(&self, counts: &Counts) {
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.waiting.set(gauge(counts.waiting));
        self.held.set(gauge(counts.held));
        self.being_sent.set(gauge(counts.being_sent));
        self.in_doubt.set(gauge(counts.in_doubt));
    }
}
