//! The whole run: every collector in a task of its own, until all are done or one has failed.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};

use crate::collector::{Collector, Event, Run};
use crate::error::FleetError;
use crate::figures::{Figures, Outcome};
use crate::muster::muster;
use crate::plan::{Plan, Progress};

/// Events that may wait for whoever watches; a collector that finds no room waits.
const EVENTS_WAITING_MAX: usize = 1_024;

/// Plays a fleet to its end and tells `watch` after every answer and every retry. The future may be dropped: all
/// collectors stop then.
///
/// # Errors
/// [`FleetError::Plan`], [`FleetError::Certificate`] and [`FleetError::Io`] before anything is sent, when plan,
/// folder or certificates are not in order; and the first failure of any collector, which stops the others.
pub async fn play(plan: &Plan, watch: &(dyn Fn(Progress) + Send + Sync)) -> Result<Outcome, FleetError> {
    let begun = Instant::now();
    let url = plan.validate()?;
    let tls = url.scheme() == "https";
    let reader = plan.clone();
    let sites = spawn_blocking(move || muster(&reader, tls)).await.map_err(broken)??;

    let files: usize = sites.iter().map(|site| site.files.len()).sum();
    let mut progress =
        Progress { packages_total: u64::try_from(files).unwrap_or(u64::MAX), ..Progress::default() };
    let (sender, mut events) = mpsc::channel(EVENTS_WAITING_MAX);
    let run = Arc::new(Run::new(plan, url, sender));
    let mut tasks: JoinSet<_> =
        sites.into_iter().map(|site| Collector::new(Arc::clone(&run), site).play()).collect();
    // Collectors hold the other ends: when the last of them is done, no event can come.
    drop(run);

    let mut figures = Figures::default();
    loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => {
                progress.note(event);
                watch(progress);
            }
            done = tasks.join_next() => match done {
                Some(done) => figures.add(done.map_err(broken)??),
                None => break,
            },
        }
    }
    while let Ok(event) = events.try_recv() {
        progress.note(event);
        watch(progress);
    }
    debug_assert_eq!(progress.answered, progress.packages_total, "every script uploads every package");
    Ok(figures.outcome(begun.elapsed()))
}

impl Progress {
    /// Counts an event.
    fn note(&mut self, event: Event) {
        match event {
            Event::Answered(records) => {
                self.answered += 1;
                self.records += records;
            }
            Event::Retried => self.retries += 1,
        }
    }
}

/// A task that broke off.
fn broken(error: tokio::task::JoinError) -> FleetError {
    FleetError::Broken { message: error.to_string() }
}
