//! The storage traits on PostgreSQL: for centres whose database is kept by someone who keeps databases.
//!
//! Any number of processes, on any number of machines, may have the database open. Readers see the last committed
//! state and never wait; writers exclude each other with one advisory lock and wait up to [`WAIT_FOR_WRITER`]. Every
//! commit reaches the disk before it is reported, whatever the server's `synchronous_commit` says.
//!
//! **Invariant:** no business rule here, only the tables of `migrations/postgres` and the promises of
//! [`tongclear_store::Store`], which the contract tests hold; no password leaves an [`Address`].

mod address;
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

pub use address::{Address, AddressError};
pub use store::{PostgresStore, WAIT_FOR_SERVER, WAIT_FOR_WRITER};
