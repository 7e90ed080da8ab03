//! What the workers of a run share: its inputs, the vault, who watches, and the first fault.

use std::sync::{Arc, Mutex, PoisonError};

use super::continuity::{PackageSighting, Sightings};
use super::counts::Counts;
use super::inputs::RunInputs;
use super::uploads::Uploads;
use crate::faults::FirstFault;
use crate::{EngineError, Progress, Vault};

/// Shared by all workers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) inputs: Arc<RunInputs>,
    pub(crate) vault: Vault,
    /// Workers are threads of their own, outside the runtime that reads and writes.
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) progress: Arc<dyn Progress>,
    /// Files on their way into the vault.
    pub(crate) uploads: Uploads,
    /// What the packages showed of the devices so far.
    sightings: Arc<Mutex<Sightings>>,
    /// What the workers that have ended counted.
    counts: Arc<Mutex<Counts>>,
    /// The first fault; later ones are consequences.
    fault: FirstFault,
}

impl Shared {
    /// What reads packages from `vault` and writes files into `target`; must be called on the runtime that will read
    /// and write.
    pub(crate) fn new(
        inputs: Arc<RunInputs>,
        vault: Vault,
        target: Vault,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let runtime = tokio::runtime::Handle::current();
        let uploads = Uploads::new(target, runtime.clone());
        Self {
            inputs,
            vault,
            runtime,
            progress,
            uploads,
            sightings: Arc::default(),
            counts: Arc::default(),
            fault: FirstFault::default(),
        }
    }

    /// Runs a worker's share of the work; a fault, or a panic of ours, is noted and gives nothing.
    pub(crate) fn attempt<T>(&self, work: impl FnOnce() -> Result<T, EngineError>) -> Option<T> {
        self.fault.attempt(work)
    }

    /// Whether a fault was noted: then the run only drains what is under way.
    pub(crate) fn is_faulty(&self) -> bool {
        self.fault.is_noted()
    }

    /// The fault, once everything has come to rest.
    pub(crate) fn take_fault(&self) -> Option<EngineError> {
        self.fault.take()
    }

    /// Notes what one package showed.
    pub(crate) fn note_sighting(&self, package: PackageSighting) {
        self.sightings.lock().unwrap_or_else(PoisonError::into_inner).add(package);
    }

    /// What all packages showed, in no particular order, once everything has come to rest.
    pub(crate) fn take_sightings(&self) -> Sightings {
        std::mem::take(&mut *self.sightings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds what a worker counted.
    pub(crate) fn note_counts(&self, counts: Counts) -> Result<(), EngineError> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).merge(counts)
    }

    /// What all workers counted, once everything has come to rest.
    pub(crate) fn take_counts(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
