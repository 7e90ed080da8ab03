//! Faults of the terminal itself; whatever a card or a PSAM does is a [`Verdict`](crate::Verdict) instead.

use std::path::PathBuf;

/// Why the terminal could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// The journal cannot be read or written: nothing may be taken.
    #[error("journal {path}: {error}")]
    Journal {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        error: rusqlite::Error,
    },
    /// The journal holds something that it should not.
    #[error("journal: {what} is {value}")]
    Corrupt {
        /// Which field.
        what: &'static str,
        /// Its value.
        value: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A file says something that cannot be.
    #[error("{path}: {message}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What, where, and what to do.
        message: String,
    },
    /// Another program works with this terminal's folder.
    #[error("{path} is held by another program: one program at a time may take money in a terminal's name")]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// What was asked for does not fit this terminal.
    #[error("{0}")]
    Refused(String),
    /// The centre cannot be reached, or answered otherwise than documented.
    #[error("centre: {0}")]
    Centre(String),
}

impl TerminalError {
    /// The fault with `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}
