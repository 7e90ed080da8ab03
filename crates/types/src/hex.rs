//! Bytes as lower-case hex for people, written in one piece: a night writes ids by the million.

use std::fmt;

/// Longest id, bytes.
const LONGEST: usize = 10;

/// Writes up to ten bytes; longer ones end there.
pub(crate) fn fmt(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    debug_assert!(bytes.len() <= LONGEST);
    let mut digits = [0; 2 * LONGEST];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    }
    let digits = digits.get(..2 * bytes.len()).unwrap_or(&digits);
    f.write_str(std::str::from_utf8(digits).map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use crate::{BcdTime, Serial};

    #[test]
    fn two_digits_for_each_byte() {
        let serial = Serial([0x00, 0x1f, 0xf0, 0xff, 0x31, 0, 0, 0, 0, 0x0a]);
        assert_eq!(serial.to_string(), "001ff0ff31000000000a");
        assert_eq!(BcdTime([0x08, 0x15, 0x3a]).to_string(), "08153a");
    }
}
