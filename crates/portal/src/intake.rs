//! Group commit: packages that arrive while one batch becomes durable make up the next one.
//!
//! One task takes batches in, one after the other, as the store wants it; so the more arrive at once, the fewer times the
//! disk is waited for. An answer is given only when the batch is durable. When the program ends, what has been handed in is
//! finished first.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use tongclear_engine::intake::{Answered, Arrival, take_in_arrivals};
use tongclear_engine::{Centre, EngineError};

use crate::keys::Keys;
use crate::metrics::Metrics;

/// Packages of a batch, at most.
const BATCH_PACKAGES_MAX: usize = 256;
/// Bytes of a batch, unless a single package is larger.
const BATCH_BYTES_MAX: usize = 32 << 20;
/// Packages that wait, at most; more are asked to come back later.
const WAITING_MAX: usize = 4_096;

/// A package, and who waits for what becomes of it.
struct Waiting {
    arrival: Arrival,
    answer: oneshot::Sender<Result<Answered, Arc<EngineError>>>,
}

/// Where packages are handed in.
#[derive(Clone)]
pub(crate) struct Intake {
    queue: mpsc::Sender<Waiting>,
}

/// Why a package was not taken in; it can be handed in again.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// Too many wait already, or the program ends.
    Full,
    /// Database or disk.
    Fault(Arc<EngineError>),
}

impl Intake {
    /// Starts the task that takes packages in; it ends when the last handle is gone and nothing waits.
    pub(crate) fn start(
        centre: Centre,
        keys: Arc<Keys>,
        metrics: Arc<Metrics>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(take_in(centre, keys, metrics, waiting));
        (Self { queue }, task)
    }

    /// Hands a package in and waits until it is durable.
    pub(crate) async fn take(&self, arrival: Arrival) -> Result<Answered, NotTaken> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Waiting { arrival, answer }).map_err(|_| NotTaken::Full)?;
        match answered.await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(fault)) => Err(NotTaken::Fault(fault)),
            // The task is gone: nothing was promised.
            Err(_) => Err(NotTaken::Full),
        }
    }
}

async fn take_in(
    centre: Centre,
    keys: Arc<Keys>,
    metrics: Arc<Metrics>,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    while let Some(first) = waiting.recv().await {
        let mut bytes = first.arrival.bytes.len();
        let mut batch = vec![first];
        while batch.len() < BATCH_PACKAGES_MAX && bytes < BATCH_BYTES_MAX {
            let Ok(next) = waiting.try_recv() else { break };
            bytes += next.arrival.bytes.len();
            batch.push(next);
        }
        let started = Instant::now();
        let (arrivals, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|it| (it.arrival, it.answer)).unzip();
        let taken = async {
            let known = keys.now(&centre).await?;
            take_in_arrivals(&centre, &known.registry, &known.ring, arrivals).await
        };
        match taken.await {
            Ok(answered) => {
                metrics.batch(&answered, started.elapsed());
                for (answer, answered) in answers.into_iter().zip(answered) {
                    // Whoever has gone away asks again.
                    let _ = answer.send(Ok(answered));
                }
            }
            Err(fault) => {
                tracing::error!(%fault, packages = answers.len(), "a batch of intake failed; nothing of it was kept");
                let fault = Arc::new(fault);
                for answer in answers {
                    let _ = answer.send(Err(Arc::clone(&fault)));
                }
            }
        }
    }
}
