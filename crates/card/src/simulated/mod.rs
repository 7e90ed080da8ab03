//! A card and a PSAM in software, with the state machines of real ones: for tests, for integrators without cards, and
//! behind a virtual reader.

mod card;
mod issue;
mod keys;
mod memory;
mod psam;
mod purse;
mod tear;

pub use card::SimulatedCard;
pub use issue::{CardFile, CardIssue, IssueError, RingLoadKeys, psam_keys};
pub use keys::{CardKeys, PsamKey};
pub use memory::{CardMemory, CardProfile, CounterConvention};
pub use psam::{NumberAdvance, PsamMemory, SimulatedPsam};
pub use tear::{Tear, TearPoint};

use crate::StatusWord;

/// Where randoms come from; a test gives those of a vector.
pub type Randoms = Box<dyn FnMut() -> [u8; 4] + Send>;

/// Randoms that count up from `seed`, spread by a multiplication: different for each call, the same for each run.
#[must_use]
pub fn counting_randoms(seed: u32) -> Randoms {
    let mut state = seed;
    Box::new(move || {
        state = state.wrapping_add(1);
        // Knuth's multiplicative hash: 2^32 divided by the golden ratio.
        state.wrapping_mul(0x9E37_79B9).to_be_bytes()
    })
}

/// An answer in the making: data with `9000`, or a status word.
type Answer = Result<Vec<u8>, StatusWord>;

/// As it travels.
fn to_wire(answer: Answer) -> Vec<u8> {
    let (mut bytes, status) =
        answer.map_or_else(|status| (Vec::new(), status), |data| (data, StatusWord::OK));
    bytes.extend(status.0.to_be_bytes());
    bytes
}
