//! DES (FIPS 46-3) on rows.
//!
//! The initial and the final permutation are applied only where a value enters or leaves: between the three
//! steps of 3DES and the blocks of a CBC chain they cancel out.

use zeroize::Zeroize;

use super::sboxes::{s1, s2, s3, s4, s5, s6, s7, s8};
use super::tables::{CHOICE_1, CHOICE_2, EXPANSION, INITIAL, PERMUTATION, SHIFTS};
use super::{Row, Rows, WORDS};

/// A block between the initial and the final permutation: L and R.
#[derive(Zeroize)]
pub(super) struct Halves {
    left: [Row; 32],
    right: [Row; 32],
}

/// Which way the rounds take the key schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Encrypt,
    Decrypt,
}

/// The key's row for each of the 48 bits of each round key: the key schedule as wiring.
static KEY_WIRING: [[u8; 48]; 16] = key_wiring();
/// The row of R that feeds each input of each S-box.
const SOURCES: [[u8; 6]; 8] = sources();
/// The row of L that each output of each S-box goes to.
const DESTINATIONS: [[u8; 4]; 8] = destinations();

const fn key_wiring() -> [[u8; 48]; 16] {
    let mut wiring = [[0; 48]; 16];
    let mut shift = 0;
    let mut round = 0;
    while round < 16 {
        shift += SHIFTS[round];
        let mut i = 0;
        while i < 48 {
            // C and D rotate left by `shift` within their 28 bits.
            let position = CHOICE_2[i] - 1;
            let half = position / 28 * 28;
            let rotated = half + (position - half + shift) % 28;
            wiring[round][i] = CHOICE_1[rotated as usize] - 1;
            i += 1;
        }
        round += 1;
    }
    wiring
}

const fn sources() -> [[u8; 6]; 8] {
    let mut sources = EXPANSION;
    let mut i = 0;
    while i < 48 {
        sources[i / 6][i % 6] -= 1;
        i += 1;
    }
    sources
}

const fn destinations() -> [[u8; 4]; 8] {
    let mut destinations = [[0; 4]; 8];
    let mut to = 0;
    while to < 32 {
        let from = PERMUTATION[to as usize] as usize - 1;
        destinations[from / 4][from % 4] = to;
        to += 1;
    }
    destinations
}

impl Halves {
    pub(super) const ZERO: Self = Self { left: [[0; WORDS]; 32], right: [[0; WORDS]; 32] };

    /// The row at `place` of the 64, L before R.
    fn row(&self, place: usize) -> &Row {
        if place < 32 { &self.left[place] } else { &self.right[place - 32] }
    }

    /// Replaces the block by `block`; every bit inverted if `inverted`.
    pub(super) fn set(&mut self, block: &Rows, inverted: bool) {
        let inversion = if inverted { u64::MAX } else { 0 };
        *self = Self::ZERO;
        self.add(block);
        for row in self.left.iter_mut().chain(&mut self.right) {
            row.iter_mut().for_each(|word| *word ^= inversion);
        }
    }

    /// Adds `block` (exclusive or), as a CBC chain does.
    pub(super) fn add(&mut self, block: &Rows) {
        for (row, bit) in self.left.iter_mut().chain(&mut self.right).zip(INITIAL) {
            add_row(row, &block[usize::from(bit) - 1]);
        }
    }

    /// Adds the first `count` bits of the block's value to `rows`.
    pub(super) fn add_to(&self, rows: &mut Rows, count: usize) {
        for (place, bit) in INITIAL.iter().enumerate() {
            let bit = usize::from(*bit) - 1;
            if bit < count {
                add_row(&mut rows[bit], self.row(place));
            }
        }
    }

    /// The 16 rounds and the exchange of the halves that follows them.
    pub(super) fn run(&mut self, key: &Rows, direction: Direction) {
        for pair in 0..8 {
            let [first, second] = match direction {
                Direction::Encrypt => [2 * pair, 2 * pair + 1],
                Direction::Decrypt => [15 - 2 * pair, 14 - 2 * pair],
            };
            round(&mut self.left, &self.right, key, &KEY_WIRING[first]);
            round(&mut self.right, &self.left, key, &KEY_WIRING[second]);
        }
        std::mem::swap(&mut self.left, &mut self.right);
    }

    /// 3DES encryption with two keys, K1 K2 K1.
    pub(super) fn encrypt_3des(&mut self, key_1: &Rows, key_2: &Rows) {
        self.run(key_1, Direction::Encrypt);
        self.run(key_2, Direction::Decrypt);
        self.run(key_1, Direction::Encrypt);
    }
}

/// One round: the S-boxes of `right` and the round key, added to `left`.
fn round(left: &mut [Row; 32], right: &[Row; 32], key: &Rows, wiring: &[u8; 48]) {
    sbox_layer::<0>(left, right, key, wiring, s1);
    sbox_layer::<1>(left, right, key, wiring, s2);
    sbox_layer::<2>(left, right, key, wiring, s3);
    sbox_layer::<3>(left, right, key, wiring, s4);
    sbox_layer::<4>(left, right, key, wiring, s5);
    sbox_layer::<5>(left, right, key, wiring, s6);
    sbox_layer::<6>(left, right, key, wiring, s7);
    sbox_layer::<7>(left, right, key, wiring, s8);
}

#[inline(always)]
fn sbox_layer<const S: usize>(
    left: &mut [Row; 32],
    right: &[Row; 32],
    key: &Rows,
    wiring: &[u8; 48],
    circuit: impl Fn([u64; 6]) -> [u64; 4],
) {
    let inputs: [&Row; 6] = std::array::from_fn(|i| &right[usize::from(SOURCES[S][i])]);
    let keys: [&Row; 6] = std::array::from_fn(|i| &key[usize::from(wiring[6 * S + i])]);
    // The outputs wait in an array of their own so that the loop's stores touch nothing that it reads.
    let mut outputs = [[0; WORDS]; 4];
    for word in 0..WORDS {
        let result = circuit(std::array::from_fn(|i| inputs[i][word] ^ keys[i][word]));
        for (output, bits) in outputs.iter_mut().zip(result) {
            output[word] = bits;
        }
    }
    for (output, to) in outputs.iter().zip(DESTINATIONS[S]) {
        add_row(&mut left[usize::from(to)], output);
    }
}

fn add_row(row: &mut Row, other: &Row) {
    row.iter_mut().zip(other).for_each(|(word, other)| *word ^= other);
}
