//! SM4 (GB/T 32907-2016) on rows.
//!
//! A block is four words X0 to X3 of 32 bits, so 128 rows; two loaded values of 64 bits lie in it as they are. A
//! round is `X0, X1, X2, X3 = X1, X2, X3, X0 xor L(S(X1 xor X2 xor X3 xor rk))`: S is one circuit for each of
//! the four bytes, and L adds rotations, which only choose other rows. The words stay where they are; a round
//! replaces the one whose turn it is.

use super::sm4_sbox::sbox;
use super::{Row, row_by_row};

/// A word of each lane, highest bit first.
pub(super) type Word<const W: usize> = [Row<W>; 32];
/// A block or a key of each lane.
pub(super) type Block<const W: usize> = [Word<W>; 4];
/// The round keys of each lane.
pub(super) type RoundKeys<const W: usize> = [Word<W>; 32];

/// A word that has been through the S-boxes, twice over: so a rotation is an offset, and not a choice of rows that
/// goes around the end.
pub(super) type Substituted<const W: usize> = [Row<W>; 64];

/// Rounds of the cipher and of its key schedule.
const ROUNDS: usize = 32;
/// System parameter FK: what a key is added to before its schedule.
const FK: [u32; 4] = [0xa3b1_bac6, 0x56aa_3350, 0x677d_9197, 0xb270_22dc];

/// Fixed parameter CK: byte `j` of word `i` is (4 `i` + `j`) × 7 modulo 256.
static CK: [u32; ROUNDS] = {
    let mut words = [0; ROUNDS];
    let mut byte = 0;
    let mut number = 0;
    while byte < 4 * ROUNDS {
        words[byte / 4] = words[byte / 4] << 8 | (number * 7 % 256);
        byte += 1;
        number += 1;
    }
    words
};

/// Whether bit `bit` (from the highest) of `word` is set, in every lane.
#[inline(always)]
fn everywhere(word: u32, bit: usize) -> u64 {
    if word << bit >> 31 == 1 { u64::MAX } else { 0 }
}

/// Expands `key`, which is used up, into the round keys of encryption.
#[inline(always)]
pub(super) fn schedule<const W: usize>(
    key: &mut Block<W>,
    round_keys: &mut RoundKeys<W>,
    substituted: &mut Substituted<W>,
) {
    for (word, constant) in key.iter_mut().zip(FK) {
        for (bit, row) in word.iter_mut().enumerate() {
            let constant = everywhere(constant, bit);
            row.iter_mut().for_each(|word| *word ^= constant);
            row_by_row();
        }
    }
    for round in 0..ROUNDS {
        let constant = CK[round];
        let mut added = [[0; W]; 32];
        for (bit, row) in added.iter_mut().enumerate() {
            row.fill(everywhere(constant, bit));
            row_by_row();
        }
        substitute(key, round, &added, substituted);
        let changed = &mut key[round % 4];
        add_rotated(changed, substituted, [13, 23]);
        round_keys[round] = *changed;
    }
}

/// Encrypts `block`.
#[inline(always)]
pub(super) fn encrypt<const W: usize>(
    block: &mut Block<W>,
    round_keys: &RoundKeys<W>,
    substituted: &mut Substituted<W>,
) {
    for round in 0..ROUNDS {
        substitute(block, round, &round_keys[round], substituted);
        add_rotated(&mut block[round % 4], substituted, [2, 10, 18, 24]);
    }
    // The last four words leave in reverse order.
    block.reverse();
}

/// Writes S of the sum of `added` and the three words whose turn it is not.
#[inline(always)]
fn substitute<const W: usize>(
    block: &Block<W>,
    round: usize,
    added: &Word<W>,
    substituted: &mut Substituted<W>,
) {
    let [x1, x2, x3] = [1, 2, 3].map(|place| &block[(round + place) % 4]);
    for byte in 0..4 {
        let bits = 8 * byte..8 * byte + 8;
        let [x1, x2, x3, added] = [x1, x2, x3, added].map(|word| &word[bits.clone()]);
        let mut outputs = [[0; W]; 8];
        for word in 0..W {
            let result =
                sbox(std::array::from_fn(|i| x1[i][word] ^ x2[i][word] ^ x3[i][word] ^ added[i][word]));
            for (output, bits) in outputs.iter_mut().zip(result) {
                output[word] = bits;
            }
        }
        for (bit, output) in bits.zip(&outputs) {
            substituted[bit] = *output;
            substituted[bit + 32] = *output;
            row_by_row();
        }
    }
}

/// Adds to `word` the substituted word and its rotations to the left by `rotations` bits.
#[inline(always)]
fn add_rotated<const W: usize, const N: usize>(
    word: &mut Word<W>,
    substituted: &Substituted<W>,
    rotations: [usize; N],
) {
    for (bit, row) in word.iter_mut().enumerate() {
        let terms: [&Row<W>; N] = std::array::from_fn(|i| &substituted[(bit + rotations[i]) & 63]);
        // Summed up apart, as in `des`: what is stored must be seen to be none of what is read.
        let mut sum = [0; W];
        for word in 0..W {
            sum[word] = terms.iter().fold(row[word] ^ substituted[bit][word], |sum, term| sum ^ term[word]);
        }
        *row = sum;
        row_by_row();
    }
}
