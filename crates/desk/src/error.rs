//! Errors of the desk: the engine's, and its own.

use tongclear_engine::EngineError;
use tongclear_report::ReportError;
use tongclear_store::StoreError;
use tongclear_types::MoneyError;

/// Why the desk stopped.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The engine refused or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A report that cannot be written, which its values should not allow.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Whoever asks may not, or is not who they must be; nothing changed.
    #[error("{0}")]
    Forbidden(String),
    /// There is nothing of that name or number.
    #[error("{0}")]
    NotFound(String),
    /// Certificates, passwords, sealed secrets: what was handed in or is stored does not do.
    #[error("{0}")]
    Refused(String),
}

impl DeskError {
    /// Our own fault, or the machine's: what no caller can mend.
    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Self::Engine(EngineError::Internal(error.to_string()))
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<MoneyError> for DeskError {
    fn from(error: MoneyError) -> Self {
        Self::Engine(error.into())
    }
}
