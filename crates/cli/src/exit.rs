//! Exit codes, which other programs rely on (`cli.md`), and which error gives which.

use tongclear_card::CardError;
use tongclear_desk::DeskError;
use tongclear_engine::EngineError;
use tongclear_fleet::FleetError;
use tongclear_portal::ServeError;
use tongclear_reader::ReaderError;
use tongclear_sim::SimError;
use tongclear_store::StoreError;
use tongclear_terminal::TerminalError;

/// Done.
pub(crate) const DONE: u8 = 0;
/// An unexpected fault: ours.
pub(crate) const UNEXPECTED: u8 = 1;
/// Usage, or a path that does not exist.
pub(crate) const USAGE: u8 = 2;
/// Bad input refused; a wrong passphrase and an absent key ring included.
pub(crate) const BAD_INPUT: u8 = 3;
/// A business check failed: totals disagree, or a step is out of order.
pub(crate) const CHECK_FAILED: u8 = 4;
/// Database, disk, key device.
pub(crate) const INFRASTRUCTURE: u8 = 5;

/// An error that the command line itself finds.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The call's words are wrong, or name a path that does not exist.
    #[error("{0}")]
    Usage(String),
    /// Input that is refused.
    #[error("{0}")]
    Refused(String),
    /// The disk.
    #[error("{doing} {path}: {reason}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// With which file.
        path: String,
        /// What the system says.
        reason: std::io::Error,
    },
}

impl CliError {
    /// A fault while reading a file that the caller named: one that does not exist is the caller's.
    pub(crate) fn reading(path: &std::path::Path, error: std::io::Error) -> Self {
        let path = path.display().to_string();
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
                Self::Usage(format!("{path}: there is no such file or folder"))
            }
            _ => Self::Disk { doing: "reading", path, reason: error },
        }
    }
}

/// The exit code of an error.
pub(crate) fn code_of(error: &anyhow::Error) -> u8 {
    if let Some(error) = error.downcast_ref::<CliError>() {
        return match error {
            CliError::Usage(_) => USAGE,
            CliError::Refused(_) => BAD_INPUT,
            CliError::Disk { .. } => INFRASTRUCTURE,
        };
    }
    if let Some(error) = error.downcast_ref::<EngineError>() {
        return engine_code(error);
    }
    if let Some(error) = error.downcast_ref::<DeskError>() {
        return match error {
            DeskError::Engine(error) => engine_code(error),
            DeskError::Report(_) => UNEXPECTED,
            DeskError::Forbidden(_) | DeskError::NotFound(_) | DeskError::Refused(_) => BAD_INPUT,
        };
    }
    if let Some(error) = error.downcast_ref::<ServeError>() {
        return match error {
            ServeError::Tls(_) => BAD_INPUT,
            ServeError::Listen { .. } => INFRASTRUCTURE,
        };
    }
    if let Some(error) = error.downcast_ref::<FleetError>() {
        return if error.is_input() { BAD_INPUT } else { INFRASTRUCTURE };
    }
    if let Some(error) = error.downcast_ref::<TerminalError>() {
        return match error {
            TerminalError::Config { .. } | TerminalError::Refused(_) => BAD_INPUT,
            TerminalError::Io { error, .. } if error.kind() == std::io::ErrorKind::NotFound => USAGE,
            TerminalError::Journal { .. }
            | TerminalError::Corrupt { .. }
            | TerminalError::Io { .. }
            | TerminalError::Busy { .. }
            | TerminalError::Centre(_) => INFRASTRUCTURE,
        };
    }
    if error.downcast_ref::<ReaderError>().is_some() {
        return INFRASTRUCTURE;
    }
    if let Some(error) = error.downcast_ref::<CardError>() {
        return match error {
            CardError::Transport { .. } => INFRASTRUCTURE,
            CardError::Status { .. } | CardError::Answer { .. } => BAD_INPUT,
        };
    }
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return store_code(error);
    }
    match error.downcast_ref::<SimError>() {
        Some(SimError::Plan { .. } | SimError::OutNotEmpty { .. }) => BAD_INPUT,
        Some(SimError::Io { .. }) => INFRASTRUCTURE,
        Some(_) => UNEXPECTED,
        None => UNEXPECTED,
    }
}

fn engine_code(error: &EngineError) -> u8 {
    match error {
        EngineError::NoSuchPath(_) => USAGE,
        EngineError::Refused(_)
        | EngineError::Registry(_)
        | EngineError::KeyFile(_)
        | EngineError::KeyRing(_)
        | EngineError::List(_)
        | EngineError::NoSuchWindow(_) => BAD_INPUT,
        EngineError::CheckFailed(_) => CHECK_FAILED,
        EngineError::Store(error) => store_code(error),
        EngineError::Vault { .. } | EngineError::Disk { .. } | EngineError::Damaged { .. } => INFRASTRUCTURE,
        EngineError::Money(_) | EngineError::Internal(_) => UNEXPECTED,
    }
}

fn store_code(error: &StoreError) -> u8 {
    match error {
        StoreError::Database { .. } | StoreError::Corrupt { .. } | StoreError::Conflict { .. } => {
            INFRASTRUCTURE
        }
        StoreError::TransferDiffers { .. } => CHECK_FAILED,
    }
}
