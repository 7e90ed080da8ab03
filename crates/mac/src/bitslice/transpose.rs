//! From values to rows: 64 values of 64 bits become 64 words, one for each bit.

use super::{LANES, Rows, WORDS};

/// Transposes a matrix of 64 by 64 bits in place: bit `j` (from the lowest) of word `i` and bit `63 - i` of word
/// `63 - j` change places, so that word 0 ends up with everyone's highest bit, lane 0 in its highest bit.
///
/// Halves of ever smaller squares are exchanged: 32 by 32, then 16 by 16, down to single bits.
pub(super) fn transpose(words: &mut [u64; 64]) {
    let mut width = 32;
    let mut low_halves = 0x0000_0000_ffff_ffffu64;
    while width > 0 {
        let mut i = 0;
        while i < 64 {
            let swapped = (words[i] ^ (words[i + width] >> width)) & low_halves;
            words[i] ^= swapped;
            words[i + width] ^= swapped << width;
            i = (i + width + 1) & !width;
        }
        width /= 2;
        low_halves ^= low_halves << width;
    }
}

/// Writes `values`, at most [`LANES`], into rows; lanes beyond them become zero.
pub(super) fn load(values: &[u64], rows: &mut Rows) {
    debug_assert!(values.len() <= LANES);
    let mut square = [0; 64];
    for word in 0..WORDS {
        let lanes = values.get(64 * word..).unwrap_or_default();
        square.fill(0);
        square.iter_mut().zip(lanes).for_each(|(to, from)| *to = *from);
        transpose(&mut square);
        rows.iter_mut().zip(&square).for_each(|(row, bits)| row[word] = *bits);
    }
}

/// Writes one value into all lanes.
pub(super) fn broadcast(value: u64, rows: &mut Rows) {
    for (bit, row) in rows.iter_mut().enumerate() {
        row.fill(if value << bit >> 63 == 1 { u64::MAX } else { 0 });
    }
}
