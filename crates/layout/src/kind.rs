//! Kinds of values that lie in a record, and how a profile writes one in a constant, a map or an `empty`.

use tongclear_types::Sector;

/// What lies in a field of the record, or in what a result tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A big-endian number.
    Number,
    /// The sector byte: a number that has names.
    Sector,
    /// Bytes that people write in hex.
    Hex,
    /// Decimal digits, two a byte.
    Digits,
    /// `YYYYMMDD`, BCD.
    Date,
    /// `hhmmss`, BCD.
    Time,
    /// `YYYYMMDDhhmmss`, BCD.
    Moment,
    /// `YYYYMM`, BCD.
    Month,
    /// Printable ASCII, zeros behind it.
    Text,
}

impl Kind {
    /// Whether a `format` can say how it is written.
    pub(crate) const fn is_calendar(self) -> bool {
        matches!(self, Self::Date | Self::Time | Self::Moment | Self::Month)
    }

    /// The `len` bytes of what a profile writes as `text`; none when it is not one.
    pub(crate) fn parse(self, text: &str, len: usize) -> Option<Vec<u8>> {
        match self {
            Self::Number => number_bytes(text.parse().ok()?, len),
            Self::Sector => {
                let byte = text.parse::<Sector>().ok().map_or_else(|| text.parse().ok(), Sector::byte)?;
                Some(vec![byte])
            }
            Self::Hex => hex::decode(text).ok().filter(|bytes| bytes.len() == len),
            Self::Digits => digits_bytes(&format!("{text:0>width$}", width = 2 * len), len),
            Self::Date | Self::Time | Self::Moment | Self::Month => digits_bytes(text, len),
            Self::Text => text_bytes(text, len),
        }
    }
}

/// `number` in `len` big-endian bytes, if it fits.
pub(crate) fn number_bytes(number: u64, len: usize) -> Option<Vec<u8>> {
    let bytes = number.to_be_bytes();
    match bytes.len().checked_sub(len) {
        Some(spare) => {
            let (spare, kept) = bytes.split_at(spare);
            spare.iter().all(|byte| *byte == 0).then(|| kept.to_vec())
        }
        None => Some([vec![0; len - bytes.len()], bytes.to_vec()].concat()),
    }
}

/// The number of big-endian bytes, if it has at most 64 bits.
pub(crate) fn bytes_number(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0_u64, |number, byte| (number >> 56 == 0).then(|| number << 8 | u64::from(*byte)))
}

/// Exactly `2 × len` decimal digits as BCD.
pub(crate) fn digits_bytes(digits: &str, len: usize) -> Option<Vec<u8>> {
    let form = digits.len() == 2 * len && digits.bytes().all(|byte| byte.is_ascii_digit());
    form.then(|| hex::decode(digits).ok()).flatten()
}

/// Printable ASCII with zeros behind it.
pub(crate) fn text_bytes(text: &str, len: usize) -> Option<Vec<u8>> {
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (printable && text.len() <= len).then(|| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(len, 0);
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_profile_become_bytes_or_nothing() {
        for (kind, text, len, expected) in [
            (Kind::Number, "258", 2, Some("0102")),
            (Kind::Number, "65536", 2, None),
            (Kind::Number, "-1", 2, None),
            (Kind::Sector, "bus", 1, Some("01")),
            (Kind::Sector, "7", 1, Some("07")),
            (Kind::Sector, "sponsor", 1, None),
            (Kind::Hex, "0a0B", 2, Some("0a0b")),
            (Kind::Hex, "0a", 2, None),
            (Kind::Digits, "42", 2, Some("0042")),
            (Kind::Digits, "4a", 2, None),
            (Kind::Date, "20261123", 4, Some("20261123")),
            (Kind::Time, "81500", 3, None),
            (Kind::Text, "A 1", 4, Some("41203100")),
            (Kind::Text, "公交", 8, None),
            (Kind::Text, "ABCDE", 4, None),
        ] {
            let bytes = kind.parse(text, len).map(hex::encode);
            assert_eq!(bytes.as_deref(), expected, "{kind:?} {text}");
        }
    }

    #[test]
    fn numbers_are_big_endian() {
        assert_eq!(bytes_number(&[1, 0]), Some(256));
        assert_eq!(bytes_number(&[0; 20]), Some(0));
        assert_eq!(bytes_number(&[1; 9]), None);
        assert_eq!(number_bytes(1, 9), Some(vec![0, 0, 0, 0, 0, 0, 0, 0, 1]));
    }
}
