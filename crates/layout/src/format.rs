//! How dates and times are written: `YYYY-MM-DD`, `YYMMDDhhmmss`, `DD/MM/YYYY hh:mm`, and the like.

use crate::kind::Kind;

/// One piece of a written date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    /// Two digits, of this century.
    ShortYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Literal(u8),
}

impl Piece {
    const TOKENS: [(&'static str, Self); 7] = [
        ("YYYY", Self::Year),
        ("YY", Self::ShortYear),
        ("MM", Self::Month),
        ("DD", Self::Day),
        ("hh", Self::Hour),
        ("mm", Self::Minute),
        ("ss", Self::Second),
    ];

    const fn len(self) -> usize {
        match self {
            Self::Year => 4,
            Self::Literal(_) => 1,
            _ => 2,
        }
    }

    /// Where its digits lie in `YYYYMMDDhhmmss`.
    const fn digits(self) -> Option<(usize, usize)> {
        match self {
            Self::Year => Some((0, 4)),
            Self::ShortYear => Some((2, 4)),
            Self::Month => Some((4, 6)),
            Self::Day => Some((6, 8)),
            Self::Hour => Some((8, 10)),
            Self::Minute => Some((10, 12)),
            Self::Second => Some((12, 14)),
            Self::Literal(_) => None,
        }
    }
}

/// A way to write a date, a time, both, or a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    pieces: Vec<Piece>,
    /// Which of the fourteen digits of `YYYYMMDDhhmmss` the kind has.
    range: (usize, usize),
}

/// The digits of `YYYYMMDDhhmmss` that a kind has.
const fn range_of(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Date => (0, 8),
        Kind::Time => (8, 14),
        Kind::Month => (0, 6),
        _ => (0, 14),
    }
}

impl Format {
    /// Reads a format for values of `kind`; it must have every part of the kind once, and no other.
    pub(crate) fn parse(text: &str, kind: Kind) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.bytes().next().filter(u8::is_ascii) {
            let token = Piece::TOKENS.iter().find(|(token, _)| rest.starts_with(token));
            let (piece, len) =
                token.map_or((Piece::Literal(first), 1), |(token, piece)| (*piece, token.len()));
            pieces.push(piece);
            rest = &rest[len..];
        }
        let range = range_of(kind);
        let mut seen = [0_u8; 14];
        for (from, to) in pieces.iter().filter_map(|piece| piece.digits()) {
            seen[from..to].iter_mut().for_each(|count| *count += 1);
        }
        // A short year leaves out the century, which is 20.
        if pieces.contains(&Piece::ShortYear) {
            seen[..2].iter_mut().for_each(|count| *count += 1);
        }
        let complete =
            (0..14).zip(seen).all(|(at, count)| count == u8::from((range.0..range.1).contains(&at)));
        (rest.is_empty() && complete).then_some(Self { pieces, range })
    }

    /// Whether it has digits only, as BCD demands.
    pub(crate) fn is_digits(&self) -> bool {
        !self.pieces.iter().any(|piece| matches!(piece, Piece::Literal(_)))
    }

    /// The length of what is written, characters.
    pub(crate) fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// The digits of the kind, from what is written; zeros stand for no date.
    pub(crate) fn read(&self, text: &str) -> Option<String> {
        if text.len() != self.len() || !text.is_ascii() {
            return None;
        }
        let mut digits = *b"20000000000000";
        let mut nothing = true;
        let mut at = 0;
        for piece in &self.pieces {
            let part = &text.as_bytes()[at..at + piece.len()];
            at += piece.len();
            match (piece, piece.digits()) {
                (Piece::Literal(literal), _) if part == [*literal] => {}
                (_, Some((from, to))) if part.iter().all(u8::is_ascii_digit) => {
                    digits[from..to].copy_from_slice(part);
                    nothing &= part.iter().all(|digit| *digit == b'0');
                }
                _ => return None,
            }
        }
        if nothing {
            digits = [b'0'; 14];
        }
        std::str::from_utf8(&digits[self.range.0..self.range.1]).ok().map(str::to_owned)
    }

    /// What is written for the digits of the kind; none for a year that a short one cannot say.
    pub(crate) fn write(&self, digits: &str) -> Option<String> {
        let mut all = [b'0'; 14];
        all.get_mut(self.range.0..self.range.1)
            .filter(|place| place.len() == digits.len())?
            .copy_from_slice(digits.as_bytes());
        let nothing = all.iter().all(|digit| *digit == b'0');
        let mut text = String::with_capacity(self.len());
        for piece in &self.pieces {
            match (piece, piece.digits()) {
                (Piece::ShortYear, _) if &all[..2] != b"20" && !nothing => return None,
                (Piece::Literal(literal), _) => text.push(char::from(*literal)),
                (_, Some((from, to))) => text.extend(all[from..to].iter().copied().map(char::from)),
                (_, None) => {}
            }
        }
        Some(text)
    }
}

/// As the profile writes it.
impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Literal(literal) => write!(f, "{}", char::from(*literal)),
            piece => {
                f.write_str(Piece::TOKENS.iter().find(|(_, it)| it == piece).map_or("", |(token, _)| token))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_is_read_back() {
        for (kind, format, text, digits) in [
            (Kind::Date, "YYYY-MM-DD", "2026-11-23", "20261123"),
            (Kind::Date, "DD/MM/YYYY", "23/11/2026", "20261123"),
            (Kind::Date, "YYMMDD", "261123", "20261123"),
            (Kind::Date, "YYMMDD", "000000", "00000000"),
            (Kind::Time, "hh:mm:ss", "08:15:30", "081530"),
            (Kind::Moment, "YYYY-MM-DD hh:mm:ss", "2026-11-23 08:15:30", "20261123081530"),
            (Kind::Moment, "YYMMDDhhmmss", "261123081530", "20261123081530"),
            (Kind::Month, "MM.YYYY", "11.2026", "202611"),
        ] {
            let format = Format::parse(format, kind).unwrap();
            assert_eq!(format.read(text).as_deref(), Some(digits), "{text}");
            assert_eq!(format.write(digits).as_deref(), Some(text), "{text}");
            assert_eq!(format.len(), text.len());
        }
    }

    #[test]
    fn a_format_has_every_part_of_its_kind_once_and_no_other() {
        for (kind, format) in [
            (Kind::Date, "YYYY-MM"),
            (Kind::Date, "YYYY-MM-DD hh:mm:ss"),
            (Kind::Date, "YYYYMMDDDD"),
            (Kind::Time, "hh:mm"),
            (Kind::Month, "YYYY"),
            (Kind::Moment, ""),
            (Kind::Date, "YYYY年MM月DD日"),
        ] {
            assert_eq!(Format::parse(format, kind), None, "{format}");
        }
    }

    #[test]
    fn what_is_not_written_so_is_not_read() {
        let format = Format::parse("YYYY-MM-DD", Kind::Date).unwrap();
        for text in ["2026/11/23", "2026-1-23", "2026-11-2a", "", "2026-11-23 "] {
            assert_eq!(format.read(text), None, "{text}");
        }
        assert_eq!(Format::parse("YYMMDD", Kind::Date).unwrap().write("19991231"), None);
    }
}
