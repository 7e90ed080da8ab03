//! From values to rows: each bit of 64 × `W` values becomes a row.
//!
//! Value `i` is put into word `i % W` of row `i / W`, which is a plain copy. Then the `W` squares of 64 by 64
//! bits, word 0 of all rows, word 1 of all rows and so on, are transposed side by side, one step working on a
//! whole row.

use super::{Rows, row_by_row};

/// Transposes each of the `W` squares: bit `j` (from the lowest) of row `i` and bit `63 - i` of row `63 - j`
/// change places, so that row 0 ends up with everyone's highest bit.
///
/// Halves of ever smaller squares are exchanged: 32 by 32, then 16 by 16, down to single bits.
#[inline(always)]
pub(super) fn transpose<const W: usize>(rows: &mut Rows<W>) {
    step::<W, 32>(rows);
    step::<W, 16>(rows);
    step::<W, 8>(rows);
    step::<W, 4>(rows);
    step::<W, 2>(rows);
    step::<W, 1>(rows);
}

/// Exchanges the upper right and the lower left of each square of twice `WIDTH`.
#[inline(always)]
fn step<const W: usize, const WIDTH: usize>(rows: &mut Rows<W>) {
    // The lower half of each stretch of 2 × `WIDTH` bits: for 1, …0101; for 32, the lower 32 bits.
    let low_halves = u64::MAX / ((1u64 << WIDTH) + 1);
    for square in rows.chunks_exact_mut(2 * WIDTH) {
        let (upper, lower) = square.split_at_mut(WIDTH);
        for (above, below) in upper.iter_mut().zip(lower) {
            for word in 0..W {
                let swapped = (above[word] ^ (below[word] >> WIDTH)) & low_halves;
                above[word] ^= swapped;
                below[word] ^= swapped << WIDTH;
            }
            row_by_row();
        }
    }
}

/// Writes `values`, at most 64 × `W`, into rows; lanes beyond them become zero.
#[inline(always)]
pub(super) fn load<const W: usize>(values: &[u64], rows: &mut Rows<W>) {
    debug_assert!(values.len() <= 64 * W, "{} values in {} lanes", values.len(), 64 * W);
    let (whole, rest) = values.as_chunks::<W>();
    let (filled, empty) = rows.split_at_mut(whole.len().min(64));
    filled.copy_from_slice(&whole[..filled.len()]);
    empty.fill([0; W]);
    if let Some(row) = empty.first_mut() {
        row.iter_mut().zip(rest).for_each(|(word, value)| *word = *value);
    }
    transpose(rows);
}

/// Writes one value into all lanes.
#[inline(always)]
pub(super) fn broadcast<const W: usize>(value: u64, rows: &mut Rows<W>) {
    for (bit, row) in rows.iter_mut().enumerate() {
        row.fill(if value << bit >> 63 == 1 { u64::MAX } else { 0 });
    }
}
