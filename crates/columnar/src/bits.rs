//! Bits and variable-length integers, as Parquet lays them out.

/// Bits that `value` needs.
pub(crate) const fn width(value: u64) -> u8 {
    let [width, ..] = (u64::BITS - value.leading_zeros()).to_le_bytes();
    width
}

/// Appends `values` with `width` bits each, the lowest bit first; the last byte is filled up with zeros.
///
/// Bits gather in one word, which is written whenever it is full. No value may need more than `width` bits.
pub(crate) fn pack(values: impl IntoIterator<Item = u64>, width: u8, out: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let width = u32::from(width);
    let (mut word, mut filled) = (0_u64, 0_u32);
    for value in values {
        debug_assert!(width == u64::BITS || value >> width == 0);
        word |= value << filled;
        filled += width;
        if filled >= u64::BITS {
            out.extend_from_slice(&word.to_le_bytes());
            filled -= u64::BITS;
            // What did not fit any more; nothing when the value ended with the word.
            word = value.checked_shr(width - filled).unwrap_or(0);
        }
    }
    let bytes = word.to_le_bytes();
    out.extend(bytes.iter().take(filled.div_ceil(8) as usize));
}

/// Appends an unsigned integer, seven bits a byte (ULEB128).
pub(crate) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends a signed integer so that small ones are short, whatever their sign.
pub(crate) fn put_zigzag(value: i64, out: &mut Vec<u8>) {
    put_varint(((value << 1) ^ (value >> 63)).cast_unsigned(), out);
}

/// Appends dictionary places or levels, all below 2 to the power of `width`, as Parquet's hybrid of runs and packed
/// bits: one run when all are alike, else everything packed.
pub(crate) fn put_hybrid(places: &[u32], width: u8, out: &mut Vec<u8>) {
    let Some(first) = places.first() else { return };
    if places.iter().all(|place| place == first) {
        put_varint((places.len() as u64) << 1, out);
        out.extend(first.to_le_bytes().iter().take(usize::from(width).div_ceil(8)));
        return;
    }
    // Packed values come in groups of eight.
    let groups = places.len().div_ceil(8);
    put_varint((groups as u64) << 1 | 1, out);
    let start = out.len();
    pack(places.iter().map(|place| u64::from(*place)), width, out);
    out.resize(start + groups * usize::from(width), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_format() {
        // 0 to 7 with three bits, as the specification prints them.
        let mut out = Vec::new();
        pack(0..8, 3, &mut out);
        assert_eq!(out, [0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }

    #[test]
    fn every_width_can_be_read_back() {
        for width in 1..=64_u8 {
            let highest = u64::MAX >> (64 - width);
            let values: Vec<u64> = (0..131_u64)
                .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) & highest)
                .chain([highest, 0])
                .collect();
            let mut out = Vec::new();
            pack(values.iter().copied(), width, &mut out);
            assert_eq!(out.len(), (values.len() * usize::from(width)).div_ceil(8), "width {width}");
            let bit = |at: usize| u64::from(out[at / 8] >> (at % 8) & 1);
            for (i, value) in values.iter().enumerate() {
                let back = (0..usize::from(width)).map(|b| bit(i * usize::from(width) + b) << b).sum::<u64>();
                assert_eq!(back, *value, "width {width}, value {i}");
            }
        }
    }

    #[test]
    fn integers_of_any_length() {
        let varint = |value| {
            let mut out = Vec::new();
            put_varint(value, &mut out);
            out
        };
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [127]);
        assert_eq!(varint(300), [0xac, 0x02]);
        assert_eq!(varint(u64::MAX).len(), 10);
        let zigzag = |value| {
            let mut out = Vec::new();
            put_zigzag(value, &mut out);
            out
        };
        assert_eq!([zigzag(0), zigzag(-1), zigzag(1), zigzag(-2)], [[0], [1], [2], [3]]);
        assert_eq!(zigzag(i64::MIN), varint(u64::MAX));
        assert_eq!([width(0), width(1), width(255), width(256), width(u64::MAX)], [0, 1, 8, 9, 64]);
    }
}
