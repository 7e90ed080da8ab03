//! Errors of the engine, sorted by whose fault they are; bad records and bad packages are not among them.

use std::io;
use std::path::{Path, PathBuf};

use tongclear_mac::{KeyFileError, KeyRingError};
use tongclear_package::ListError;
use tongclear_registry::RegistryError;
use tongclear_store::StoreError;
use tongclear_types::{BusinessDate, MoneyError};

/// Why the engine stopped.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// What was handed in is refused whole; nothing changed.
    #[error("{0}")]
    Refused(String),
    /// A registry that does not hold together; nothing changed.
    #[error("{}", lines(.0))]
    Registry(Vec<RegistryError>),
    /// A `keys.toml` that cannot be read; nothing changed.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key ring: wrong passphrase, damaged, or a key that would be overwritten.
    #[error(transparent)]
    KeyRing(#[from] KeyRingError),
    /// A deny list refused whole.
    #[error(transparent)]
    List(#[from] ListError),
    /// A path that was named does not exist.
    #[error("{}: there is no such file or folder", .0.display())]
    NoSuchPath(PathBuf),
    /// A file or folder that the caller named could not be read or written.
    #[error("{doing} {}: {reason}", .path.display())]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// There is no such window.
    #[error("there is no window {0}; see `tongclear window list`")]
    NoSuchWindow(BusinessDate),
    /// A business check failed: figures disagree, or a step is out of order.
    #[error("{0}")]
    CheckFailed(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault: disk or object storage.
    #[error("vault: {doing} {path}: {reason}")]
    Vault {
        /// What was being done.
        doing: &'static str,
        /// With which file.
        path: String,
        /// What the storage says.
        reason: String,
    },
    /// A file of the vault is not what the centre wrote.
    #[error("vault: {path} is damaged: {reason}")]
    Damaged {
        /// Which file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// An amount left the domain of money, which the limits on windows and contracts should not allow.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Our own fault.
    #[error("internal: {0}")]
    Internal(String),
}

impl EngineError {
    /// A fault while reading what the caller named: what does not exist is the caller's.
    pub(crate) fn reading(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NoSuchPath(path.to_owned()),
            _ => Self::Disk { doing: "reading", path: path.to_owned(), reason: error.to_string() },
        }
    }

    /// A file that was not the same when it was read a second time.
    pub(crate) fn changed_while_read(path: &Path) -> Self {
        Self::Disk {
            doing: "reading",
            path: path.to_owned(),
            reason: "it changed while it was read".to_owned(),
        }
    }
}

fn lines(errors: &[RegistryError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
