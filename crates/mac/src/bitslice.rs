//! Ciphers over machine words: many records at once, one bit of each record in each word.
//!
//! A value of 64 bits usually lies in one word. Here it lies across 64 *rows*, one for each of its bits, and a row
//! holds that bit of many records, one *lane* each:
//!
//! ```text
//!            lane 0   lane 1   lane 2   …
//!   row 0    bit 63   bit 63   bit 63   …      the highest bit of everyone's value
//!   row 1    bit 62   bit 62   bit 62   …
//!     ⋮
//!   row 63   bit 0    bit 0    bit 0    …      the lowest
//! ```
//!
//! One exclusive or of two rows is then an exclusive or in every lane. What ciphers do with bits becomes cheap or
//! free: a permutation, a rotation, an expansion or the key schedule of DES only chooses other rows; a
//! complement is one instruction; and a look-up in an S-box, which no vector instruction does for many tables at
//! once, is a circuit of and, or and exclusive or. Every lane may have another key. A row of 64 × `W` lanes is
//! `W` words, and as lanes never meet, the compiler works on them as on one vector register.
//!
//! All of it is safe code generic over `W`; `simd` compiles it for each instruction set. Records go in and verdicts
//! come out through [`transpose`]: lane `i` is word `i % W`, bit `63 - i / W`.

mod des;
mod des_tac;
mod lanes;
mod sboxes;
mod simd;
mod sm4;
mod sm4_sbox;
mod sm4_tac;
mod tables;
mod transpose;

#[cfg(test)]
mod generate;
#[cfg(test)]
mod generate_sm4;
#[cfg(test)]
mod sm4_tests;
#[cfg(test)]
mod tests;

pub(crate) use des_tac::DesWorkspace;
pub(crate) use lanes::{Lanes, MasterHalves};
use lanes::{load_masters, load_tacs};
pub(crate) use simd::{Job, run, words};
pub(crate) use sm4_tac::Sm4Workspace;

/// One bit of each of 64 × `W` records.
type Row<const W: usize> = [u64; W];

/// A 64-bit value of each record, highest bit first.
type Rows<const W: usize> = [Row<W>; 64];

/// What TACs of one algorithm are computed in.
pub(crate) trait Workspace<const W: usize> {
    /// One that is empty.
    fn new() -> Box<Self>;

    /// A set bit in the lane of every record whose TAC is not the right one. Bits beyond the records mean
    /// nothing. A place that is not in `masters` counts as the key zero. It must be inlined.
    fn mismatches(&mut self, masters: &[MasterHalves], lanes: &Lanes<'_>) -> Row<W>;
}

/// Lanes of a row of `words` words.
pub(crate) const fn lanes(words: usize) -> usize {
    64 * words
}

/// Ends a loop over rows that should be worked on one after the other.
///
/// Without it the compiler unrolls the short loop over a row's words, and then makes vectors of words from *different*
/// rows, gathered from far apart, where one row is a vector as it lies there. The call does nothing at run time.
#[inline(always)]
fn row_by_row() {
    std::hint::black_box(());
}

/// Adds `rows` (exclusive or) to `to`.
#[inline(always)]
fn add<const W: usize>(rows: &[Row<W>], to: &mut [Row<W>]) {
    to.as_flattened_mut().iter_mut().zip(rows.as_flattened()).for_each(|(to, word)| *to ^= word);
}

/// `rows` with every bit inverted.
#[inline(always)]
fn inverted<const W: usize>(rows: &Rows<W>) -> Rows<W> {
    let mut inverted = *rows;
    inverted.as_flattened_mut().iter_mut().for_each(|word| *word = !*word);
    inverted
}

/// A set bit in every lane in which the rows are not the same.
#[inline(always)]
fn differences<const W: usize>(rows: &[Row<W>], others: &[Row<W>]) -> Row<W> {
    let mut differences = [0; W];
    for (row, other) in rows.iter().zip(others) {
        for word in 0..W {
            differences[word] |= row[word] ^ other[word];
        }
        row_by_row();
    }
    differences
}
