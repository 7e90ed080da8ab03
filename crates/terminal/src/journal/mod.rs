//! The journal (流水) on disk: every tap before its debit is asked for, every package until the centre has answered.
//!
//! SQLite in WAL mode with `synchronous = FULL`: what a method has returned from survives a power cut. One program at a
//! time writes; others may read.

mod neighbour;
mod package;
mod tap;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::TerminalError;

pub use neighbour::NeighbourProof;
pub use package::{PackageState, StoredPackage};
pub use tap::{Counts, NewTap, StoredTap, TapId, TapState};

/// The file's name in a terminal's folder.
pub const JOURNAL_FILE: &str = "journal.db";

/// Version of the schema.
const SCHEMA_VERSION: i64 = 1;
/// How long a reader may keep us waiting before it is a fault.
const PATIENCE: Duration = Duration::from_secs(5);

/// The journal of one terminal.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
}

impl Journal {
    /// Makes a new journal.
    ///
    /// # Errors
    /// There is one already, or the disk does not take it.
    pub fn create(path: &Path) -> Result<(), TerminalError> {
        if path.exists() {
            return Err(TerminalError::Refused(format!("{} exists already", path.display())));
        }
        let journal = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let make = || {
            journal.connection.pragma_update(None, "journal_mode", "WAL")?;
            let script = format!(
                "BEGIN IMMEDIATE; {}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                include_str!("schema.sql")
            );
            journal.connection.execute_batch(&script)
        };
        make().map_err(|error| journal.fault(error))
    }

    /// Opens a journal that exists.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it was made by another version of the program.
    pub fn open(path: &Path) -> Result<Self, TerminalError> {
        let journal = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let version: i64 = journal
            .connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(|error| journal.fault(error))?;
        if version != SCHEMA_VERSION {
            return Err(TerminalError::Corrupt { what: "schema version", value: version.to_string() });
        }
        Ok(journal)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, TerminalError> {
        let fault = |error| TerminalError::Journal { path: path.to_owned(), error };
        let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
        connection.busy_timeout(PATIENCE).map_err(fault)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(fault)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(fault)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The fault that SQLite's `error` is.
    fn fault(&self, error: rusqlite::Error) -> TerminalError {
        TerminalError::Journal { path: self.path.clone(), error }
    }

    /// Does all of `work` in one transaction, or nothing of it.
    fn together<A>(
        &mut self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<A>,
    ) -> Result<A, TerminalError> {
        let path = self.path.clone();
        let run = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|error| TerminalError::Journal { path, error })
    }

    /// Notes a rider who was let through.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn let_through(&mut self, why: &str, now_ms: i64) -> Result<(), TerminalError> {
        self.together(|it| {
            it.execute("INSERT INTO let_through (why, written_ms) VALUES (?1, ?2)", (why, now_ms)).map(drop)
        })
    }
}
