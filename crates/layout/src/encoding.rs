//! Encodings: how the bytes of a foreign field spell digits, a number or a text.
//!
//! An encoding knows nothing of the record; [`Codec`](crate::codec::Codec) brings the two together.

/// How a foreign field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes as they are.
    Bytes,
    /// Bytes, the last one first, as card readers hand out chip numbers.
    BytesReversed,
    /// Decimal digits, two a byte.
    Bcd,
    /// An unsigned integer, big-endian, up to 8 bytes.
    BigEndian,
    /// An unsigned integer, little-endian, up to 8 bytes.
    LittleEndian,
    /// Hex digits in ASCII, either case.
    Hex,
    /// Decimal digits in ASCII, spaces around them.
    Decimal,
    /// Yuan in ASCII with at most two decimals, spaces around them; becomes fen.
    Yuan,
    /// Printable ASCII, spaces or zeros behind it.
    Text,
}

/// What a foreign field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spelled {
    /// Hex digits, lower case.
    Hex(String),
    /// Decimal digits.
    Decimal(String),
    /// A number.
    Number(u64),
    /// Text.
    Text(String),
}

impl Spelled {
    /// As maps and `is` write it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Hex(text) | Self::Decimal(text) | Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Encoding {
    const NAMES: [(&'static str, Self); 9] = [
        ("bytes", Self::Bytes),
        ("bytes_reversed", Self::BytesReversed),
        ("bcd", Self::Bcd),
        ("be", Self::BigEndian),
        ("le", Self::LittleEndian),
        ("hex", Self::Hex),
        ("decimal", Self::Decimal),
        ("yuan", Self::Yuan),
        ("text", Self::Text),
    ];

    /// All names, for messages.
    pub(crate) const EXPECTED: &'static str =
        "bytes, bytes_reversed, bcd, be, le, hex, decimal, yuan or text";

    /// The one of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, encoding)| *encoding)
    }

    /// The name in profiles.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// Whether its bytes are no text, so that it cannot stand in a delimited file.
    pub(crate) const fn is_binary(self) -> bool {
        matches!(self, Self::Bytes | Self::BytesReversed | Self::Bcd | Self::BigEndian | Self::LittleEndian)
    }

    /// The byte that fills a field which says nothing.
    pub(crate) const fn blank(self) -> u8 {
        if self.is_binary() { 0 } else { b' ' }
    }

    /// What the field must hold, for messages.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Bytes | Self::BytesReversed => "bytes",
            Self::Bcd => "decimal digits, two a byte",
            Self::BigEndian | Self::LittleEndian => "an integer of 64 bits",
            Self::Hex => "an even number of hex digits",
            Self::Decimal => "decimal digits",
            Self::Yuan => "yuan with at most two decimals, such as 12.30",
            Self::Text => "printable ASCII",
        }
    }

    /// What `raw` says; none when it is not written so.
    pub(crate) fn read(self, raw: &[u8]) -> Option<Spelled> {
        match self {
            Self::Bytes => Some(Spelled::Hex(hex::encode(raw))),
            Self::BytesReversed => Some(Spelled::Hex(hex::encode(reversed(raw)))),
            Self::Bcd => Some(hex::encode(raw)).filter(|it| is_decimal(it)).map(Spelled::Decimal),
            Self::BigEndian => integer(raw.to_vec()),
            Self::LittleEndian => integer(reversed(raw)),
            Self::Hex => {
                let text = trimmed(raw)?;
                hex::decode(text).ok().map(|bytes| Spelled::Hex(hex::encode(bytes)))
            }
            Self::Decimal => {
                trimmed(raw).filter(|it| is_decimal(it)).map(|it| Spelled::Decimal(it.to_owned()))
            }
            Self::Yuan => fen_of_yuan(trimmed(raw)?).map(Spelled::Number),
            Self::Text => text(raw).map(|it| Spelled::Text(it.to_owned())),
        }
    }

    /// The bytes that say it: exactly `width` of them in a fixed file, as many as it takes in a delimited one.
    /// None when it cannot be said so, or in so few bytes.
    pub(crate) fn write(self, spelled: &Spelled, width: Option<usize>) -> Option<Vec<u8>> {
        let exactly = |bytes: Vec<u8>| width.is_none_or(|width| width == bytes.len()).then_some(bytes);
        match (self, spelled) {
            (Self::Bytes, Spelled::Hex(digits)) | (Self::Bcd, Spelled::Decimal(digits)) => {
                exactly(hex::decode(digits).ok()?)
            }
            (Self::BytesReversed, Spelled::Hex(digits)) => exactly(reversed(&hex::decode(digits).ok()?)),
            (Self::BigEndian, Spelled::Number(number)) => crate::kind::number_bytes(*number, width?),
            (Self::LittleEndian, Spelled::Number(number)) => {
                crate::kind::number_bytes(*number, width?).map(|bytes| reversed(&bytes))
            }
            (Self::Hex, Spelled::Hex(digits)) => exactly(digits.clone().into_bytes()),
            (Self::Decimal, Spelled::Decimal(digits)) => {
                filled(format!("{digits:0>fill$}", fill = width.unwrap_or_default()), width)
            }
            (Self::Yuan, Spelled::Number(fen)) => {
                let yuan = format!("{}.{:02}", fen / 100, fen % 100);
                filled(format!("{yuan:>fill$}", fill = width.unwrap_or_default()), width)
            }
            (Self::Text, Spelled::Text(text)) => {
                filled(format!("{text:<fill$}", fill = width.unwrap_or_default()), width)
            }
            _ => None,
        }
    }

    /// What a profile writes as `text` in a map or an `is`; none when a field of this encoding cannot say it.
    pub(crate) fn spell(self, text: &str) -> Option<Spelled> {
        match self {
            Self::BigEndian | Self::LittleEndian | Self::Yuan => text.parse().ok().map(Spelled::Number),
            Self::Bcd | Self::Decimal => is_decimal(text).then(|| Spelled::Decimal(text.to_owned())),
            Self::Bytes | Self::BytesReversed | Self::Hex => {
                hex::decode(text).ok().map(|bytes| Spelled::Hex(hex::encode(bytes)))
            }
            Self::Text => self.read(text.as_bytes()).filter(|read| read.text() == text),
        }
    }
}

fn filled(text: String, width: Option<usize>) -> Option<Vec<u8>> {
    width.is_none_or(|width| text.len() == width).then(|| text.into_bytes())
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

fn integer(big_endian: Vec<u8>) -> Option<Spelled> {
    crate::kind::bytes_number(&big_endian).filter(|_| big_endian.len() <= 8).map(Spelled::Number)
}

pub(crate) fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a field says nothing.
pub(crate) fn is_blank(raw: &[u8]) -> bool {
    raw.iter().all(|byte| matches!(byte, b' ' | 0))
}

fn trimmed(raw: &[u8]) -> Option<&str> {
    std::str::from_utf8(raw).ok().map(|text| text.trim_matches(' '))
}

fn text(raw: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(raw).ok()?.trim_end_matches(['\0', ' ']);
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')).then_some(text)
}

/// Fen of a decimal number of yuan; by digits, since a float would not be exact.
fn fen_of_yuan(text: &str) -> Option<u64> {
    let (whole, cents) = text.split_once('.').unwrap_or((text, "0"));
    if !is_decimal(whole) || !is_decimal(cents) || cents.len() > 2 {
        return None;
    }
    format!("{whole}{cents:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Spelled {
        Spelled::Hex(digits.to_owned())
    }

    fn decimal(digits: &str) -> Spelled {
        Spelled::Decimal(digits.to_owned())
    }

    fn text(text: &str) -> Spelled {
        Spelled::Text(text.to_owned())
    }

    #[test]
    fn every_encoding_reads_what_it_writes() {
        let table: [(Encoding, &[u8], Option<usize>, Spelled); 14] = [
            (Encoding::Bytes, &[0x0a, 0xff], Some(2), hex("0aff")),
            (Encoding::BytesReversed, &[0xff, 0x0a], Some(2), hex("0aff")),
            (Encoding::Bcd, &[0x01, 0x23], Some(2), decimal("0123")),
            (Encoding::BigEndian, &[0, 1, 0], Some(3), Spelled::Number(256)),
            (Encoding::LittleEndian, &[0, 1, 0], Some(3), Spelled::Number(256)),
            (Encoding::BigEndian, &[0xff; 8], Some(8), Spelled::Number(u64::MAX)),
            (Encoding::Hex, b"0aff", Some(4), hex("0aff")),
            (Encoding::Hex, b"0aff", None, hex("0aff")),
            (Encoding::Decimal, b"0042", Some(4), decimal("0042")),
            (Encoding::Decimal, b"42", None, decimal("42")),
            (Encoding::Yuan, b"  12.30", Some(7), Spelled::Number(1230)),
            (Encoding::Yuan, b"0.05", None, Spelled::Number(5)),
            (Encoding::Text, b"T-1   ", Some(6), text("T-1")),
            (Encoding::Text, b"T 1", None, text("T 1")),
        ];
        for (encoding, raw, width, spelled) in table {
            assert_eq!(encoding.read(raw).as_ref(), Some(&spelled), "{encoding:?}");
            assert_eq!(encoding.write(&spelled, width).as_deref(), Some(raw), "{encoding:?}");
            assert_eq!(encoding.spell(&spelled.text()), Some(spelled), "{encoding:?}");
        }
    }

    #[test]
    fn other_ways_to_write_the_same_are_read_too() {
        let table: [(Encoding, &[u8], Spelled); 7] = [
            (Encoding::Hex, b"0AfF", hex("0aff")),
            (Encoding::Hex, b" 0aff ", hex("0aff")),
            (Encoding::Decimal, b"  42", decimal("42")),
            (Encoding::Yuan, b"12", Spelled::Number(1200)),
            (Encoding::Yuan, b"12.3", Spelled::Number(1230)),
            (Encoding::Yuan, b"0012.30", Spelled::Number(1230)),
            (Encoding::Text, b"T-1\0\0", text("T-1")),
        ];
        for (encoding, raw, spelled) in table {
            assert_eq!(encoding.read(raw), Some(spelled), "{encoding:?}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_not_read() {
        let table: [(Encoding, &[&[u8]]); 7] = [
            (Encoding::Bcd, &[&[0x1a], &[0xff, 0x00]]),
            (Encoding::BigEndian, &[&[1; 9], &[0; 9]]),
            (Encoding::Hex, &[b"0", b"0g", b"0x12", b"\xff\xff"]),
            (Encoding::Decimal, &[b"", b"   ", b"-1", b"+1", b"1.0", b"1 2", b"1,000"]),
            (Encoding::Yuan, &[b"", b".5", b"5.", b"-1.00", b"1,000.00", b"1.234", b"1e3", b"12.3 4"]),
            (Encoding::Yuan, &[b"99999999999999999999"]),
            (Encoding::Text, &[b"a\tb", "公交".as_bytes(), b"a\0b", b"\x80"]),
        ];
        for (encoding, raws) in table {
            for raw in raws {
                assert_eq!(encoding.read(raw), None, "{encoding:?} {}", raw.escape_ascii());
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let table = [
            (Encoding::Bytes, hex("0aff"), Some(3)),
            (Encoding::BigEndian, Spelled::Number(256), Some(1)),
            (Encoding::LittleEndian, Spelled::Number(256), Some(1)),
            (Encoding::Decimal, decimal("12345"), Some(4)),
            (Encoding::Yuan, Spelled::Number(100_000), Some(6)),
            (Encoding::Text, text("ABC"), Some(2)),
            (Encoding::Hex, decimal("12"), Some(2)),
        ];
        for (encoding, spelled, width) in table {
            assert_eq!(encoding.write(&spelled, width), None, "{encoding:?}");
        }
    }

    #[test]
    fn names_are_found_again() {
        for (name, encoding) in Encoding::NAMES {
            assert_eq!(Encoding::from_name(name), Some(encoding));
            assert_eq!(encoding.name(), name);
            assert!(Encoding::EXPECTED.contains(name));
        }
    }
}
