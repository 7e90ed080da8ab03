//! `DELTA_BINARY_PACKED`, `DELTA_BYTE_ARRAY` and `DELTA_LENGTH_BYTE_ARRAY`.
//!
//! Numbers are kept as their distances, in blocks of 128: each block says its smallest distance, and each quarter of it
//! how many bits the others lie above that. Texts are kept as how much they share with the one before, and the rest.

use crate::bits::{pack, put_varint, put_zigzag, width};

const BLOCK: usize = 128;
const QUARTERS: usize = 4;
const QUARTER: usize = BLOCK / QUARTERS;

/// A number of 32 or 64 bits. Distances wrap around, as the format wants it, so that unsigned numbers need nothing of
/// their own.
pub(crate) trait Number: Copy {
    /// As the number that the format keeps.
    fn signed(self) -> i64;
    /// How far it lies after `before`.
    fn distance(self, before: Self) -> i64;
    /// How far `distance` lies above `least`.
    fn above(distance: i64, least: i64) -> u64;
}

impl Number for u32 {
    fn signed(self) -> i64 {
        i64::from(self.cast_signed())
    }
    fn distance(self, before: Self) -> i64 {
        i64::from(self.wrapping_sub(before).cast_signed())
    }
    fn above(distance: i64, least: i64) -> u64 {
        // Two distances of 32 bits are at most 2^32 − 1 apart.
        distance.wrapping_sub(least).cast_unsigned()
    }
}

impl Number for u64 {
    fn signed(self) -> i64 {
        self.cast_signed()
    }
    fn distance(self, before: Self) -> i64 {
        self.wrapping_sub(before).cast_signed()
    }
    fn above(distance: i64, least: i64) -> u64 {
        distance.wrapping_sub(least).cast_unsigned()
    }
}

/// Appends `values` as `DELTA_BINARY_PACKED`.
pub(crate) fn put_numbers<N: Number>(values: &[N], out: &mut Vec<u8>) {
    put_varint(BLOCK as u64, out);
    put_varint(QUARTERS as u64, out);
    put_varint(values.len() as u64, out);
    put_zigzag(values.first().map_or(0, |first| first.signed()), out);
    let mut distances = [0_i64; BLOCK];
    // Each block begins with the value before its own.
    for start in (0..values.len().saturating_sub(1)).step_by(BLOCK) {
        let block = &values[start..values.len().min(start + BLOCK + 1)];
        let distances = &mut distances[..block.len() - 1];
        for (distance, pair) in distances.iter_mut().zip(block.windows(2)) {
            *distance = pair[1].distance(pair[0]);
        }
        put_block::<N>(distances, out);
    }
}

/// Appends up to 128 distances.
fn put_block<N: Number>(distances: &[i64], out: &mut Vec<u8>) {
    let least = distances.iter().copied().min().unwrap_or(0);
    put_zigzag(least, out);
    let widths_at = out.len();
    out.extend([0; QUARTERS]);
    for (quarter, distances) in distances.chunks(QUARTER).enumerate() {
        let above = |distance: &i64| N::above(*distance, least);
        let width = width(distances.iter().map(above).fold(0, |bits, it| bits | it));
        out[widths_at + quarter] = width;
        let start = out.len();
        pack(distances.iter().map(above), width, out);
        // The last quarter is written whole; quarters after it are left out.
        out.resize(start + QUARTER / 8 * usize::from(width), 0);
    }
}

/// Appends texts of `len` bytes each, end to end in `texts`, as `DELTA_BYTE_ARRAY`.
pub(crate) fn put_fronts(texts: &[u8], len: usize, out: &mut Vec<u8>) {
    let count = texts.len() / len;
    let (mut shared, mut rests) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut rest_bytes = Vec::with_capacity(texts.len() / 2);
    let mut before: &[u8] = &[];
    for text in texts.chunks_exact(len) {
        let front = shared_front(text, before);
        let rest = &text[front..];
        shared.push(as_u32(front));
        rests.push(as_u32(rest.len()));
        rest_bytes.extend_from_slice(rest);
        before = text;
    }
    put_numbers(&shared, out);
    put_numbers(&rests, out);
    out.extend_from_slice(&rest_bytes);
}

/// How many bytes two texts share from their beginning, eight at a time as long as all eight are alike.
fn shared_front(text: &[u8], before: &[u8]) -> usize {
    let (words, _) = text.as_chunks::<8>();
    let (words_before, _) = before.as_chunks::<8>();
    let alike = 8 * words.iter().zip(words_before).take_while(|(a, b)| a == b).count();
    alike + text[alike..].iter().zip(&before[alike..]).take_while(|(a, b)| a == b).count()
}

/// Appends texts of `len` bytes each, end to end in `texts`, as `DELTA_LENGTH_BYTE_ARRAY`.
pub(crate) fn put_texts(texts: &[u8], len: usize, out: &mut Vec<u8>) {
    put_numbers(&vec![as_u32(len); texts.len() / len], out);
    out.extend_from_slice(texts);
}

fn as_u32(len: usize) -> u32 {
    u32::try_from(len).expect("texts are a few bytes long")
}
