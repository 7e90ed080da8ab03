//! What the centre's staff do, whichever way they come in: the command line and the portal run the same night, show the
//! same figures, ask the same second person, and let the same people in.
//!
//! **Invariant:** whoever may not, may not by any door: rules about people are applied here, not where words are parsed.

mod acting;
pub mod authority;
pub mod cleared;
pub mod disputes;
mod error;
pub mod hooks;
mod night;
mod operator_file;
pub mod paper;
pub mod people;
pub mod proposals;
mod view;

pub use acting::Acting;
pub use error::DeskError;
pub use night::Night;
pub use view::{CardsAt, CollectorRegistry, DenyListFile, Figures, TerminalPart, View, WindowSeen};
