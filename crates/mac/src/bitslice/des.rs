//! DES (FIPS 46-3) on rows.
//!
//! Rows stay where the value's bits are. The initial permutation puts bits 2, 4, … of FIPS 46-3 (rows 1, 3, …) into
//! L and bits 1, 3, … into R, such that bit `j` of L and bit `j` of R are neighbours: a *pair*. So the initial
//! and the final permutation are wiring like all the others, and L and R are the odd and the even rows.

use super::sboxes::{s1, s2, s3, s4, s5, s6, s7, s8};
use super::tables::{CHOICE_1, CHOICE_2, EXPANSION, INITIAL, PERMUTATION, SHIFTS};
use super::{Row, Rows, row_by_row};

/// Which way the rounds take the key schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Encrypt,
    Decrypt,
}

/// The key's row for each of the 48 bits of each round key: the key schedule as wiring.
static KEY_WIRING: [[u8; 48]; 16] = key_wiring();
/// The pair, by its even row, that feeds each input of each S-box.
const SOURCES: [[u8; 6]; 8] = sources();
/// The pair, by its even row, that each output of each S-box goes to.
const DESTINATIONS: [[u8; 4]; 8] = destinations();
/// The row of a pair that is in L before the first round, and the one that is in R.
const LEFT: usize = 1;
const RIGHT: usize = 0;

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

/// The even row of the pair of bit `bit` (from 1) of L and of R.
const fn pair(bit: u8) -> u8 {
    (INITIAL[bit as usize - 1] - 1) / 2 * 2
}

const fn sources() -> [[u8; 6]; 8] {
    let mut sources = EXPANSION;
    let mut i = 0;
    while i < 48 {
        sources[i / 6][i % 6] = pair(EXPANSION[i / 6][i % 6]);
        i += 1;
    }
    sources
}

const fn destinations() -> [[u8; 4]; 8] {
    let mut destinations = [[0; 4]; 8];
    let mut to = 1;
    while to <= 32 {
        let from = PERMUTATION[to as usize - 1] as usize - 1;
        destinations[from / 4][from % 4] = pair(to);
        to += 1;
    }
    destinations
}

/// Encrypts or decrypts `block`, each lane under its own key.
///
/// This is where the time goes: 16 rounds of 8 circuits. A round of DES is `L, R = R, L xor P(S(E(R) xor K))`. E, P
/// and the choice of key bits only say which rows a circuit reads and writes, so nothing is moved; nor do L and
/// R change places, for every second round takes the odd rows as R.
#[inline(always)]
pub(super) fn run<const W: usize>(block: &mut Rows<W>, key: &Rows<W>, direction: Direction) {
    for two in 0..8 {
        let [first, second] = match direction {
            Direction::Encrypt => [2 * two, 2 * two + 1],
            Direction::Decrypt => [15 - 2 * two, 14 - 2 * two],
        };
        round::<W, LEFT, RIGHT>(block, key, &KEY_WIRING[first]);
        round::<W, RIGHT, LEFT>(block, key, &KEY_WIRING[second]);
    }
    // The halves are exchanged after the last round.
    for pair in block.as_chunks_mut::<2>().0 {
        pair.swap(0, 1);
        row_by_row();
    }
}

/// One round: the S-boxes of the half `FROM` and the round key, added to the half `TO`.
#[inline(always)]
fn round<const W: usize, const TO: usize, const FROM: usize>(
    block: &mut Rows<W>,
    key: &Rows<W>,
    wiring: &[u8; 48],
) {
    sbox_layer::<W, TO, FROM, 0>(block, key, wiring, s1);
    sbox_layer::<W, TO, FROM, 1>(block, key, wiring, s2);
    sbox_layer::<W, TO, FROM, 2>(block, key, wiring, s3);
    sbox_layer::<W, TO, FROM, 3>(block, key, wiring, s4);
    sbox_layer::<W, TO, FROM, 4>(block, key, wiring, s5);
    sbox_layer::<W, TO, FROM, 5>(block, key, wiring, s6);
    sbox_layer::<W, TO, FROM, 6>(block, key, wiring, s7);
    sbox_layer::<W, TO, FROM, 7>(block, key, wiring, s8);
}

/// One S-box: six rows of one half and six of the key in, four rows of the other half changed.
#[inline(always)]
fn sbox_layer<const W: usize, const TO: usize, const FROM: usize, const S: usize>(
    block: &mut Rows<W>,
    key: &Rows<W>,
    wiring: &[u8; 48],
    circuit: impl Fn([u64; 6]) -> [u64; 4],
) {
    let inputs: [&Row<W>; 6] = std::array::from_fn(|i| &block[usize::from(SOURCES[S][i]) + FROM]);
    // The mask changes nothing; it shows the compiler that no place lies outside.
    let keys: [&Row<W>; 6] = std::array::from_fn(|i| &key[usize::from(wiring[6 * S + i]) & 63]);
    // The outputs wait in an array of their own so that the loop's stores touch nothing that it reads: only then
    // does the compiler turn the loop over words into one pass over vectors.
    let mut outputs = [[0; W]; 4];
    for word in 0..W {
        let result = circuit(std::array::from_fn(|i| inputs[i][word] ^ keys[i][word]));
        for (output, bits) in outputs.iter_mut().zip(result) {
            output[word] = bits;
        }
    }
    for (output, pair) in outputs.iter().zip(DESTINATIONS[S]) {
        let to = &mut block[usize::from(pair) + TO];
        for word in 0..W {
            to[word] ^= output[word];
        }
    }
}
