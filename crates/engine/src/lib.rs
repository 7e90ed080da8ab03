//! The clearing engine: intake, windows, the clearing run as one Timely dataflow, settlement.
//!
//! A run is a pure function of sealed packages, registry, key ring, deny lists and prior card state; the same
//! inputs give the same bytes with any number of workers and on any store.
//!
//! **Invariant:** no wall clock, locale or hash order enters a result; nothing a run wrote is visible before its
//! one database transaction.

pub mod admin;
pub mod backup;
mod centre;
pub mod check;
mod clearing;
mod continuity;
pub mod decisions;
pub mod disputes;
mod error;
pub mod export;
mod faults;
pub mod intake;
#[cfg(any(test, feature = "kernels"))]
pub mod kernels;
pub mod payout;
mod progress;
mod proof;
pub mod reconcile;
pub mod records;
pub mod results;
mod run_files;
mod settle;
mod vault;
pub mod wanted;
mod what_if;
mod why;
mod window;

pub use centre::{Centre, ClosedWindow, closed_windows};
pub use clearing::{Cleared, Effort, WORKERS_MAX, clear};
pub use continuity::{Continuity, continuity};
pub use error::EngineError;
pub use progress::{Progress, Stage, Timings, Unwatched};
pub use proof::window_proof;
pub use settle::{Settled, run_totals, settle};
pub use vault::{Vault, deny_list_path, operator_file_path, report_path};
pub use what_if::{WhatIf, what_if};
pub use why::why;
pub use window::{Closed, close, open_window, refuse_if_past};
