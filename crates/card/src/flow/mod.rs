//! What a terminal does with a card, step by step.

mod identify;
mod load;
mod lock;
mod purchase;
mod reading;
mod recover;

pub use identify::{Identified, Scheme, identify};
pub use load::{LoadFault, LoadOrder, LoadPending, LoadStarted, Loaded};
pub use lock::{LockFault, lock_card};
pub use purchase::{Debited, Moment, Order, Prepared, Psam, PurchaseFault, Settled};
pub use reading::{CardReading, read_card};
pub use recover::{Proof, prove_load, prove_purchase};
