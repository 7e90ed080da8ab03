//! The first fault of a dataflow: noted once, whereupon every worker only drains what is under way.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::EngineError;

/// Shared by all workers; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct FirstFault(Arc<Mutex<Option<EngineError>>>);

impl FirstFault {
    /// Runs a worker's share of the work; a fault, or a panic of ours, is noted and gives nothing. A worker must
    /// never unwind: the others would wait for it for ever.
    pub(crate) fn attempt<T>(&self, work: impl FnOnce() -> Result<T, EngineError>) -> Option<T> {
        let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)));
        outcome.map_err(|fault| self.raise(fault)).ok()
    }

    /// Whether a fault was noted.
    pub(crate) fn is_noted(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The fault, once everything has come to rest.
    pub(crate) fn take(&self) -> Option<EngineError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn raise(&self, fault: EngineError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }
}

fn panicked(panic: &(dyn Any + Send)) -> EngineError {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a worker panicked".to_owned());
    EngineError::Internal(message)
}
