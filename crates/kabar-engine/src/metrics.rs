//! What the engine counts.

use std::time::Duration;

use kabar_domain::template::Category;
use kabar_store::ledger::Counts;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The label of an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The label of a class of messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    class: &'static str,
}

/// The label of why a message was put off.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

/// The bounds of the buckets for waiting times, in seconds.
const WAITS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 60.0, 600.0, 3600.0];

/// The engine's counters and gauges. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Metrics {
    accepted: Counter,
    expired: Counter,
    attempts: Family<Outcome, Counter>,
    reports: Family<Outcome, Counter>,
    journal_bytes: Family<Outcome, Counter>,
    webhooks: Family<Outcome, Counter>,
    callback_calls: Family<Outcome, Counter>,
    callback_pauses: Family<Outcome, Counter>,
    waiting: Gauge,
    held: Gauge,
    being_sent: Gauge,
    in_doubt: Gauge,
    put_off: Family<Limit, Counter>,
    attached: Family<Outcome, Counter>,
    waits: Family<Class, Histogram, fn() -> Histogram>,
    senders_held: Gauge,
    senders_slowed: Gauge,
    calls_under_way: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            accepted: Counter::default(),
            expired: Counter::default(),
            attempts: Family::default(),
            reports: Family::default(),
            journal_bytes: Family::default(),
            webhooks: Family::default(),
            callback_calls: Family::default(),
            callback_pauses: Family::default(),
            waiting: Gauge::default(),
            held: Gauge::default(),
            being_sent: Gauge::default(),
            in_doubt: Gauge::default(),
            put_off: Family::default(),
            attached: Family::default(),
            waits: Family::new_with_constructor(|| Histogram::new(WAITS)),
            senders_held: Gauge::default(),
            senders_slowed: Gauge::default(),
            calls_under_way: Gauge::default(),
        }
    }
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
        registry.register(
            "kabar_messages_expired",
            "Messages that ended because they could not leave in time",
            metrics.expired.clone(),
        );
        registry.register("kabar_attempts", "Calls to the upstream, by outcome", metrics.attempts.clone());
        registry.register(
            "kabar_reports",
            "Statuses that the upstream reported, by what became of them",
            metrics.reports.clone(),
        );
        registry.register(
            "kabar_journal_bytes",
            "Bytes of webhook calls, as they were received and as they are kept",
            metrics.journal_bytes.clone(),
        );
        registry.register("kabar_webhooks", "Webhook calls of the upstream, by outcome", metrics.webhooks.clone());
        registry.register(
            "kabar_callback_calls",
            "Calls to apps' callbacks, by what followed",
            metrics.callback_calls.clone(),
        );
        registry.register(
            "kabar_callback_pauses",
            "Callbacks that were paused because of how their calls went, by why",
            metrics.callback_pauses.clone(),
        );
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
        registry.register(
            "kabar_messages_put_off",
            "Messages that were put off by a limit of the upstream's that Kabar keeps",
            metrics.put_off.clone(),
        );
        registry.register(
            "kabar_message_files",
            "Files that messages name by their URLs, by what was done with them",
            metrics.attached.clone(),
        );
        registry.register(
            "kabar_message_wait_seconds",
            "How long messages waited from their acceptance to their first call, by class",
            metrics.waits.clone(),
        );
        registry.register(
            "kabar_senders_held",
            "Senders from which nothing leaves until a person puts something right",
            metrics.senders_held.clone(),
        );
        registry.register(
            "kabar_senders_slowed",
            "Senders that go slower because the upstream found them too fast",
            metrics.senders_slowed.clone(),
        );
        registry.register(
            "kabar_calls_under_way",
            "Calls for messages that are under way, or about to be",
            metrics.calls_under_way.clone(),
        );
        metrics
    }

    pub(crate) fn accepted(&self) {
        self.accepted.inc();
    }

    pub(crate) fn expired(&self, messages: u64) {
        self.expired.inc_by(messages);
    }

    pub(crate) fn attempt(&self, outcome: &'static str) {
        self.attempts.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn reports(&self, outcome: &'static str, reports: u64) {
        self.reports.get_or_create(&Outcome { outcome }).inc_by(reports);
    }

    pub(crate) fn callback_call(&self, outcome: &'static str) {
        self.callback_calls.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn callback_pause(&self, outcome: &'static str) {
        self.callback_pauses.get_or_create(&Outcome { outcome }).inc();
    }

    /// A webhook call was kept: so many bytes of body, so many on disk.
    pub(crate) fn journal(&self, n_bytes: u64, n_kept: u64) {
        self.journal_bytes.get_or_create(&Outcome { outcome: "received" }).inc_by(n_bytes);
        self.journal_bytes.get_or_create(&Outcome { outcome: "kept" }).inc_by(n_kept);
    }

    pub(crate) fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn put_off(&self, limit: &'static str) {
        self.put_off.get_or_create(&Limit { limit }).inc();
    }

    pub(crate) fn attached(&self, outcome: &'static str, files: usize) {
        if files > 0 {
            self.attached.get_or_create(&Outcome { outcome }).inc_by(files as u64);
        }
    }

    pub(crate) fn waited(&self, class: Category, wait: Duration) {
        self.waits.get_or_create(&Class { class: class.as_str() }).observe(wait.as_secs_f64());
    }

    pub(crate) fn set_senders(&self, held: u64, slowed: u64, calls: u64) {
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.senders_held.set(gauge(held));
        self.senders_slowed.set(gauge(slowed));
        self.calls_under_way.set(gauge(calls));
    }

    pub(crate) fn set_queue(&self, counts: &Counts) {
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.waiting.set(gauge(counts.waiting));
        self.held.set(gauge(counts.held));
        self.being_sent.set(gauge(counts.being_sent));
        self.in_doubt.set(gauge(counts.in_doubt));
    }
}
