//! The terminal library for validators in C: one handle a terminal, transports as callbacks, outcomes as plain structures.
//! The header is `include/tongclear_terminal.h`.
//!
//! Every function may be called from one thread at a time for one handle. A null handle or string is an error and never
//! undefined; a panic is caught at the boundary and told as [`TcResult::Fault`].

mod outcome;
pub mod simulated;
pub mod terminal;
mod text;
mod transport;

pub use outcome::{TcCounts, TcOutcome};
pub use simulated::TcSimulated;
pub use terminal::{TcAsked, TcAskedKind, TcTerminal};
pub use transport::{TcExchange, TcTransport, TcTransportResult};

/// How a call ended.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcResult {
    /// Done.
    Ok = 0,
    /// An argument is null, not UTF-8, or out of range.
    BadArgument = 1,
    /// A file or the configuration cannot be used; `tc_terminal_error` says which and why.
    Refused = 2,
    /// The terminal's disk failed: let nobody through.
    Disk = 3,
    /// A fault of the library.
    Fault = 4,
}
