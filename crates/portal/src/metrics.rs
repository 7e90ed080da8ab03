//! What the operators' Prometheus reads: intake, quarantine, lag, night stages, the ledger, requests.
//!
//! No label has a value that a caller can choose freely, so the number of series is bounded by what the registry and the
//! code name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tongclear_engine::Stage;
use tongclear_engine::intake::{Answer, Answered};
use tongclear_types::{CollectorId, UnixMillis};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByResult {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCollector {
    collector: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStage {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    method: String,
    route: String,
    status: u16,
}

/// All of it.
pub(crate) struct Metrics {
    registry: Registry,
    packages: Family<ByResult, Counter>,
    records: Counter,
    amount_fen: Counter,
    quarantined: Family<ByReason, Counter>,
    batch_packages: Histogram,
    batch_seconds: Histogram,
    lag: Family<ByCollector, Gauge>,
    /// When each collector was last heard of, Unix milliseconds.
    heard: Mutex<BTreeMap<CollectorId, UnixMillis>>,
    stage_seconds: Family<ByStage, Gauge<f64, AtomicU64>>,
    imbalance: Gauge<i64, AtomicI64>,
    requests: Family<ByRoute, Counter>,
    request_seconds: Histogram,
    /// Connections that are open now.
    pub(crate) connections: Gauge,
    /// Webhook deliveries that failed, attempts.
    pub(crate) webhook_failures: Counter,
    /// Webhook deliveries.
    pub(crate) webhook_deliveries: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("tongclear");
        let packages = Family::default();
        registry.register("packages", "Packages by what their senders were told", packages.clone());
        let records = Counter::default();
        registry.register("records", "Records of packages received", records.clone());
        let amount_fen = Counter::default();
        registry.register("received_fen", "Their amounts, fen", amount_fen.clone());
        let quarantined = Family::default();
        registry.register("quarantined", "Packages quarantined, by reason", quarantined.clone());
        let batch_packages = Histogram::new(exponential_buckets(1.0, 2.0, 9));
        registry.register("batch_packages", "Packages that became durable together", batch_packages.clone());
        let batch_seconds = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        registry.register_with_unit(
            "batch",
            "How long a batch took to become durable",
            Unit::Seconds,
            batch_seconds.clone(),
        );
        let lag = Family::default();
        registry.register_with_unit(
            "collector_lag",
            "Since each collector was last heard of",
            Unit::Seconds,
            lag.clone(),
        );
        let stage_seconds = Family::<ByStage, Gauge<f64, AtomicU64>>::default();
        registry.register_with_unit(
            "night_stage",
            "How long each stage of the last night took",
            Unit::Seconds,
            stage_seconds.clone(),
        );
        let imbalance = Gauge::default();
        registry.register(
            "ledger_imbalance_fen",
            "Debits less credits of the ledger; must be 0",
            imbalance.clone(),
        );
        let requests = Family::default();
        registry.register("http_requests", "Requests, by method, route and status", requests.clone());
        let request_seconds = Histogram::new(exponential_buckets(0.001, 2.0, 16));
        registry.register_with_unit(
            "http_request",
            "How long requests took",
            Unit::Seconds,
            request_seconds.clone(),
        );
        let connections = Gauge::default();
        registry.register("connections", "Connections that are open", connections.clone());
        let webhook_failures = Counter::default();
        registry.register(
            "webhook_failures",
            "Attempts to deliver an event that failed",
            webhook_failures.clone(),
        );
        let webhook_deliveries = Counter::default();
        registry.register("webhook_deliveries", "Events delivered", webhook_deliveries.clone());
        Self {
            registry,
            packages,
            records,
            amount_fen,
            quarantined,
            batch_packages,
            batch_seconds,
            lag,
            heard: Mutex::default(),
            stage_seconds,
            imbalance,
            requests,
            request_seconds,
            connections,
            webhook_failures,
            webhook_deliveries,
        }
    }

    /// A batch became durable.
    pub(crate) fn batch(&self, answered: &[Answered], took: Duration) {
        for Answered { answer, received, .. } in answered {
            let result = match answer {
                Answer::Received => "received",
                Answer::AlreadyReceived => "already_received",
                Answer::Quarantined(refusal) => {
                    self.quarantined.get_or_create(&ByReason { reason: refusal.reason.name() }).inc();
                    "quarantined"
                }
            };
            self.packages.get_or_create(&ByResult { result }).inc();
            self.records.inc_by(received.transactions);
            self.amount_fen.inc_by(u64::try_from(received.amount_fen.get()).unwrap_or(0));
        }
        self.batch_packages.observe(u32::try_from(answered.len()).map_or(f64::MAX, f64::from));
        self.batch_seconds.observe(took.as_secs_f64());
    }

    /// A collector was heard of.
    pub(crate) fn heard_of(&self, collector: CollectorId, at: UnixMillis) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).insert(collector, at);
    }

    /// A stage of a night ended.
    pub(crate) fn stage(&self, stage: Stage, took: Duration) {
        self.stage_seconds.get_or_create(&ByStage { stage: stage.names().1 }).set(took.as_secs_f64());
    }

    /// A request was answered.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = ByRoute { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Everything as OpenMetrics text; `imbalance` is the ledger's, in fen.
    pub(crate) fn text(&self, now: UnixMillis, imbalance: i64) -> String {
        self.imbalance.set(imbalance);
        for (collector, at) in &*self.heard.lock().unwrap_or_else(PoisonError::into_inner) {
            let lag = now.0.saturating_sub(at.0).max(0) / 1_000;
            self.lag.get_or_create(&ByCollector { collector: collector.to_string() }).set(lag);
        }
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            let _ = writeln!(text, "# the metrics could not be written");
        }
        text
    }
}
