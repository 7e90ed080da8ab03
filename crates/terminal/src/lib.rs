//! The offline purchase as a state machine on disk: a terminal's journal, recovery of torn taps, lists and fares, packages,
//! results, exchange with the centre.
//!
//! The library is synchronous: validators have one card at a time and no runtime (ADR 0021). Readers are
//! [`Transport`](tongclear_card::Transport)s of the caller.
//!
//! **Invariant:** no debit without a line in the journal that was durable before it was asked for.
//!
//! **Invariant:** nothing that a card, a PSAM or a file says stops the terminal: it is a [`Verdict`], or the list before
//! stays in force. Only a fault of the terminal's own disk is an error.

pub mod config;
mod error;
pub mod exchange;
mod fares;
mod files;
mod journal;
pub mod lists;
mod load;
mod load_book;
mod look;
mod neighbours;
mod outcome;
mod purchase;
mod recover;
mod seal;
mod terminal;
mod verdict;

pub use error::TerminalError;
pub use fares::{Fares, Price, TripFare};
pub use journal::{
    Counts, JOURNAL_FILE, Journal, NeighbourProof, NewTap, PackageState, StoredPackage, StoredTap, TapId,
    TapState,
};
pub use load_book::FileLoadHost;
pub use outcome::{Asked, Outcome};
pub use seal::Sealed;
pub use terminal::{Terminal, TerminalView};
pub use verdict::Verdict;
