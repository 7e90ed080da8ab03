//! DES over machine words: many records at once, one bit of each record in each word.
//!
//! A *row* holds one bit of up to [`LANES`] records; a block of 64 bits is 64 rows. Permutations, the key
//! schedule and complements then cost nothing but choosing rows, S-boxes are circuits of and, or and exclusive
//! or, and every lane may have another key. All in portable safe code: the inner loops run over the words of a
//! row, which the compiler turns into whatever vectors the target has.

mod des;
mod sboxes;
mod tables;
mod tac;
mod transpose;

#[cfg(test)]
mod generate;
#[cfg(test)]
mod tests;

pub(crate) use tac::{Lanes, MasterHalves, Workspace};

/// Words in a row. Measured with `examples/tac_speed.rs`: 2 leave the loops short, 8 and 16 gain nothing and
/// leave more lanes idle at the end of a batch.
const WORDS: usize = 4;
/// Records worked on at once.
pub(crate) const LANES: usize = 64 * WORDS;

/// One bit of each of [`LANES`] records.
type Row = [u64; WORDS];

/// A 64-bit value of each record, highest bit first.
type Rows = [Row; 64];

const NO_ROWS: Rows = [[0; WORDS]; 64];
