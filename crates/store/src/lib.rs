//! What the centre keeps in a relational database, as a trait that SQLite and PostgreSQL implement.
//!
//! The store holds what is small: registry versions, sealed key rings, deny-list headers, windows, packages,
//! quarantine, runs, transfers, balances, suspended items, positions. Transactions themselves lie in the vault.
//!
//! **Invariant:** no business rule lives behind this trait: rules decide, the store keeps; each method is one
//! database transaction, and what it promises is held by the contract tests in [`contract`] for every database.

pub mod audit;
pub mod collectors;
pub mod column;
pub mod contract;
pub mod cut;
pub mod decisions;
pub mod decode;
mod error;
pub mod four_eyes;
pub mod operator_files;
pub mod payouts;
pub mod people;
pub mod portable;
pub mod posting;
pub mod reconciliations;
mod row;
pub mod scope;
pub mod sql;
pub mod statements;
mod sums;
mod totals;
mod traits;
pub mod webhooks;

pub use audit::{Actor, AuditEvent, AuditRow, Stamp};
pub use error::StoreError;
pub use portable::{Import, Portable, Snapshot};
pub use row::{
    AccountBalance, ClearingCommit, DenyListId, DenyListRow, Digest, KeyGeneration, LedgerState,
    MissingPackages, NewPackage, NewQuarantine, PackageKey, PackageResult, PackageRow, QuarantineRow,
    RegistryVersion, RunFile, RunRow, SettlementCommit, SuspendedItem, TerminalSpan, Versioned, WindowId,
    WindowRow, WindowSnapshot, WindowState,
};
pub use scope::Scope;
pub use statements::{Statements, versions};
pub use sums::{Moved, Taken};
pub use totals::{Received, RunTotals};
pub use traits::{IntakeTransaction, SequenceNeighbours, Store};

// Counting is a word of `types`; whoever reads totals needs it with them.
pub use tongclear_types::{DispositionTallies, Tally};
