//! Purse and PSAM commands over a [`Transport`]; what is on a card; purchase, load and recovery; a simulated card and
//! PSAM with which all of it is tried.
//!
//! Commands, files and rules are those of `card.md` (JR/T 0025.1, .2 and .9-2010, JT/T 978). Names in brackets are
//! the field's own.
//!
//! **Invariant:** no IO, no clock and no randomness: a reader is a [`Transport`], dates and randoms are parameters.
//!
//! **Invariant:** nothing that a card answers can make anything here panic: it is an [`CardError`] that names the command.

mod apdu;
mod bytes;
mod channel;
pub mod command;
pub mod file;
pub mod flow;
pub mod load_host;
mod replay;
pub mod simulated;
mod status;
mod transport;

pub use apdu::Apdu;
pub use channel::{AnswerError, CardError, Channel, Request};
pub use replay::{RecordedExchange, RecordingError, Replay};
pub use status::{Action, Meaning, StatusWord};
pub use transport::{ANSWER_LEN_MAX, Exchange, Traced, Transport, TransportError};
