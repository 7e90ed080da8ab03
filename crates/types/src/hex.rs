//! Bytes as lower-case hex for people, written in one piece: a night writes ids by the million.

use std::fmt;

/// Longest id, bytes.
const LONGEST: usize = 10;

/// Writes up to ten bytes; no id is longer.
pub(crate) fn fmt(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0; 2 * LONGEST];
    let digits = digits.get_mut(..2 * bytes.len()).ok_or(fmt::Error)?;
    hex::encode_to_slice(bytes, digits).map_err(|_| fmt::Error)?;
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
