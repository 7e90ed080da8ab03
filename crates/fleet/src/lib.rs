//! A fleet of collection sites: uploads the packages of a simulated city over the centre's HTTP API, every
//! collector with a connection and a client certificate of its own, coming and going, resending, losing the answer
//! and retrying. Whatever happens on the way, nothing may be lost and nothing doubled.
//!
//! ```no_run
//! use std::time::Duration;
//! use tongclear_fleet::{Mischief, Plan, play};
//!
//! # async fn run() -> Result<(), tongclear_fleet::FleetError> {
//! let plan = Plan {
//!     server: "https://127.0.0.1:8443".to_owned(),
//!     packages: "city/packages".into(),
//!     certificates: "city/certificates".into(),
//!     collectors: Some(560),
//!     seed: 1,
//!     mischief: Mischief::default(),
//!     at_once: 200,
//!     give_up_after: Duration::from_secs(120),
//! };
//! let outcome = play(&plan, &|progress| println!("{} packages", progress.answered)).await?;
//! assert_eq!(outcome.packages, outcome.received + outcome.already_received);
//! # Ok(())
//! # }
//! ```
//!
//! What each collector will do is drawn from the seed before it begins (`script`); what the network and the centre
//! answer is met by rules without chance (`answer`, `patience`), but for the jitter of the waits.
//!
//! **Invariant:** the fleet knows only what a real collector knows: package files, its own certificate, the API.

mod answer;
mod collector;
mod error;
mod figures;
mod line;
mod muster;
mod patience;
mod plan;
mod play;
mod random;
mod script;
#[cfg(test)]
mod tests;
mod tls;

pub use error::FleetError;
pub use figures::Outcome;
pub use plan::{Mischief, Plan, Progress};
pub use play::play;
