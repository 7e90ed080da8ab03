//! Nights that people start and watch: one at a time, on a thread of its own, so that requests go on meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tongclear_desk::{DeskError, Night};
use tongclear_engine::{Centre, Effort, Progress, Stage};
use tongclear_types::BusinessDate;
use utoipa::ToSchema;

use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::problem::Problem;

/// How far a night has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NightState {
    /// The business date.
    #[schema(format = Date)]
    pub(crate) window: String,
    /// `running`, `done` or `failed`.
    pub(crate) state: &'static str,
    /// The stage that runs, in English.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stage: Option<&'static str>,
    /// The stage that runs, in Chinese.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stage_zh: Option<&'static str>,
    /// Units of the stage that are done.
    pub(crate) done: u64,
    /// Its units; 0 when they are not known.
    pub(crate) total: u64,
    /// Why it failed.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// The night that runs, or ran last.
pub(crate) struct Nights {
    current: Mutex<Option<watch::Receiver<NightState>>>,
}

impl Nights {
    pub(crate) const fn new() -> Self {
        Self { current: Mutex::new(None) }
    }

    /// The night that runs, or ran last, when it is that of `date`.
    pub(crate) fn of(&self, date: BusinessDate) -> Option<watch::Receiver<NightState>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone().filter(|night| night.borrow().window == date.to_string())
    }

    /// Whether a night runs: the program does not end before it.
    pub(crate) async fn finished(&self) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(mut night) = current {
            let _ = night.wait_for(|state| state.state != RUNNING).await;
        }
    }

    /// Starts the night of `date`; one that runs already is watched instead.
    ///
    /// # Errors
    /// A conflict when that of another date runs.
    pub(crate) fn start(
        &self,
        centre: Centre,
        date: BusinessDate,
        workers: usize,
        keys: Arc<Keys>,
        metrics: Arc<Metrics>,
    ) -> Result<watch::Receiver<NightState>, Problem> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(night) = &*current {
            let state = night.borrow();
            if state.state == RUNNING && state.window != date.to_string() {
                let detail = format!("the night of {} is still running", state.window);
                return Err(Problem::conflict(detail).naming("window", date.to_string()));
            }
            if state.state == RUNNING {
                return Ok(night.clone());
            }
        }
        let state = NightState {
            window: date.to_string(),
            state: RUNNING,
            stage: None,
            stage_zh: None,
            done: 0,
            total: 0,
            error: None,
        };
        let (tell, watched) = watch::channel(state);
        *current = Some(watched.clone());
        let watcher = Arc::new(Watcher { tell, metrics, begun: Mutex::default() });
        let runtime = Handle::current();
        std::thread::spawn(move || {
            let mut night =
                Night::new(centre, Effort::of(workers), Arc::clone(&watcher) as Arc<dyn Progress>);
            let passphrase = || Ok::<_, DeskError>(keys.passphrase().clone());
            let outcome = runtime.block_on(night.finish(date, passphrase, |_| ()));
            watcher.ended(outcome.map(|_| ()));
        });
        Ok(watched)
    }
}

/// The state of a night that has not ended.
pub(crate) const RUNNING: &str = "running";

/// Tells whoever watches, and the metrics.
struct Watcher {
    tell: watch::Sender<NightState>,
    metrics: Arc<Metrics>,
    begun: Mutex<HashMap<Stage, Instant>>,
}

impl Watcher {
    fn ended(&self, outcome: Result<(), DeskError>) {
        self.tell.send_modify(|state| {
            state.stage = None;
            state.stage_zh = None;
            match outcome {
                Ok(()) => state.state = "done",
                Err(error) => {
                    tracing::error!(%error, window = state.window, "a night failed");
                    state.state = "failed";
                    state.error = Some(error.to_string());
                }
            }
        });
    }
}

impl Progress for Watcher {
    fn begin(&self, stage: Stage, total: u64) {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(stage, Instant::now());
        let (zh, en) = stage.names();
        self.tell.send_modify(|state| {
            (state.stage, state.stage_zh, state.done, state.total) = (Some(en), Some(zh), 0, total);
        });
    }

    fn advance(&self, stage: Stage, done: u64) {
        // Stages overlap; what is shown is the one that began last.
        self.tell.send_if_modified(|state| {
            let shown = state.stage == Some(stage.names().1);
            if shown {
                state.done += done;
            }
            shown
        });
    }

    fn end(&self, stage: Stage) {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(&stage);
        self.metrics.stage(stage, begun.map_or(Duration::ZERO, |begun| begun.elapsed()));
    }
}
