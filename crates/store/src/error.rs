//! Why the store could not do something, sorted by whose fault it is.

/// A fault of the database or a lost race; never a business outcome.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, read or written: infrastructure.
    #[error("database: {doing}: {reason}")]
    Database {
        /// What was being done, such as `committing window 2026-11-22`.
        doing: String,
        /// What the database says.
        reason: String,
    },
    /// Someone else changed what the caller had decided upon; nothing was written.
    #[error("{what} changed meanwhile; nothing was written, run the command again")]
    Conflict {
        /// What changed, such as `window 3`.
        what: String,
    },
    /// A transfer of that id exists with other content: our bug or a tampered ledger.
    #[error("transfer {id} exists with different {field}")]
    TransferDiffers {
        /// The transfer's id.
        id: String,
        /// The first field that differs.
        field: String,
    },
    /// A stored value is not what its column promises: our bug or a tampered database.
    #[error("database: {column} holds {value:?}: {reason}")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// The value found.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}
