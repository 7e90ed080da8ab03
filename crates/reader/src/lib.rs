//! PC/SC: readers and what happens in them, conversations with cards, and virtual cards for pcscd's virtual reader.
//!
//! A PSAM is a card in another slot. Nothing here waits by asking again and again: pcscd wakes us.

mod error;
mod readers;
mod transport;
mod virtual_slot;
mod watch;

pub use error::ReaderError;
pub use readers::{ReaderInfo, Readers, SlotState};
pub use transport::{Exclusive, PcscTransport};
pub use virtual_slot::{Inserted, Remover, VIRTUAL_PORTS, VirtualCard};
pub use watch::{Change, ReaderEvent, Stopper, Watch};
