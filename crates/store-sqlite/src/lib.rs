//! The storage traits on SQLite: one file, the default of an installation on one machine.
//!
//! Any number of processes may have the file open. Readers see the last committed state and never wait; writers
//! exclude each other with `BEGIN IMMEDIATE` and wait up to [`WAIT_FOR_WRITER`]. Every commit reaches the disk
//! before it is reported (`synchronous=FULL`).
//!
//! **Invariant:** no business rule here, only the tables of `migrations/sqlite` and the promises of
//! [`tongclear_store::Store`], which the contract tests hold.

mod audit;
mod bulk;
mod clearing;
mod intake;
mod ledger;
mod packages;
mod portable;
mod read;
mod registry;
mod settlement;
mod statements;
mod store;
mod windows;

pub use store::{SqliteStore, WAIT_FOR_WRITER};
