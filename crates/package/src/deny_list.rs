//! Deny lists (`package.md`, Lists): the cards of one operator that terminals refuse.
//!
//! A list is taken whole or not at all. A file of n entries costs n × 22 bytes on the wire and n × 10 in
//! memory, whatever its first line says.

use jiff::civil::DateTime;
use tongclear_types::{OperatorCode, Serial};

use crate::list_error::ListError;
use crate::refusal::shown_text;
use crate::trailer::{append_trailer, split_body};

/// The most bytes of a line that a message shows: a first line with the longest numbers.
const SHOWN_LINE_BYTES: usize = 48;
/// Digits of a serial on the list.
const SERIAL_DIGITS: usize = 20;

/// One version of an operator's deny list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyList {
    /// Whose cards.
    pub operator: OperatorCode,
    /// Rises with every list of the operator.
    pub version: u32,
    /// From when the list is in force, in the centre's zone, to the second.
    pub effective: DateTime,
    /// The cards, ascending and unique, all nibbles decimal digits: [`DenyList::new`] makes them so.
    pub serials: Vec<Serial>,
}

impl DenyList {
    /// A list of `serials`, which are sorted and freed of repetitions here.
    ///
    /// # Errors
    /// A serial that is not 20 decimal digits; lists have no way to write it.
    pub fn new(
        operator: OperatorCode,
        version: u32,
        effective: DateTime,
        mut serials: Vec<Serial>,
    ) -> Result<Self, ListError> {
        serials.sort_unstable();
        serials.dedup();
        for (line, serial) in (2..).zip(&serials) {
            if !is_decimal(serial) {
                return Err(ListError::new(line, "serial", serial, "20 decimal digits"));
            }
        }
        Ok(Self { operator, version, effective, serials })
    }

    /// Reads a list.
    ///
    /// # Errors
    /// The first of these that fails: trailer and CRC, first line (form, operator, version, effective, count),
    /// the number of entries, and line by line the digits and the order.
    pub fn parse(bytes: &[u8]) -> Result<Self, ListError> {
        let body = split_body(bytes)?;
        let (first, entries) = match body.iter().position(|byte| *byte == b'\n') {
            Some(end) => body.split_at(end + 1),
            None => (body, &body[..0]),
        };
        let first = first.strip_suffix(b"\r\n").unwrap_or(first);
        let (mut list, count) = parse_first_line(first)?;

        // As many entries as there are line ends; the body ends with one, for the trailer begins a line.
        let found = entries.iter().filter(|byte| **byte == b'\n').count();
        if usize::try_from(count) != Ok(found) {
            return Err(ListError::new(1, "count", count, format_args!("{found}, the number of entries")));
        }
        list.serials.reserve_exact(found);
        for (line, entry) in (2..).zip(entries.split_inclusive(|byte| *byte == b'\n')) {
            let serial = parse_entry(line, entry)?;
            if list.serials.last().is_some_and(|before| *before >= serial) {
                let before = list.serials.last().map(Serial::to_string).unwrap_or_default();
                return Err(ListError::new(line, "serial", serial, format_args!("more than {before}")));
            }
            list.serials.push(serial);
        }
        Ok(list)
    }

    /// The file: CRLF after every line but the trailer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(80 + self.serials.len() * (SERIAL_DIGITS + 2));
        let first = format!(
            "DENY:{}:{}:{}:{}\r\n",
            self.operator,
            self.version,
            self.effective.strftime("%Y%m%d%H%M%S"),
            self.serials.len()
        );
        bytes.extend_from_slice(first.as_bytes());
        for serial in &self.serials {
            let start = bytes.len();
            bytes.resize(start + SERIAL_DIGITS, 0);
            hex::encode_to_slice(serial.0, &mut bytes[start..]).expect("20 digits hold 10 bytes");
            bytes.extend_from_slice(b"\r\n");
        }
        append_trailer(&mut bytes);
        bytes
    }

    /// Whether the card is on the list.
    #[must_use]
    pub fn contains(&self, serial: &Serial) -> bool {
        self.serials.binary_search(serial).is_ok()
    }

    /// How many cards are on the list.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.serials.len() as u64
    }
}

/// `DENY:<operator>:<version>:<effective>:<count>`, without its line end: the list without entries, and how
/// many there should be.
fn parse_first_line(line: &[u8]) -> Result<(DenyList, u32), ListError> {
    let wrong =
        |what, value: &[u8], expected| ListError::new(1, what, shown_text(value, SHOWN_LINE_BYTES), expected);
    let fields: Vec<&[u8]> = line.splitn(6, |byte| *byte == b':').collect();
    let [b"DENY", operator, version, effective, count] = fields[..] else {
        return Err(wrong("first_line", line, "DENY:<operator>:<version>:<effective>:<count>"));
    };
    let Some(operator) = ascii(operator).and_then(|text| text.parse().ok()) else {
        return Err(wrong("operator", operator, "4 hex digits"));
    };
    let Some(version) = number(version) else {
        return Err(wrong("version", version, "a number up to 4294967295"));
    };
    let Some(effective) = moment(effective) else {
        return Err(wrong("effective", effective, "a time YYYYMMDDhhmmss"));
    };
    let Some(count) = number(count) else {
        return Err(wrong("count", count, "a number up to 4294967295"));
    };
    Ok((DenyList { operator, version, effective, serials: Vec::new() }, count))
}

/// One entry with its line end.
fn parse_entry(line: u64, entry: &[u8]) -> Result<Serial, ListError> {
    let wrong =
        |value, expected| ListError::new(line, "serial", shown_text(value, SHOWN_LINE_BYTES), expected);
    let Some(digits) = entry.strip_suffix(b"\r\n") else {
        return Err(wrong(entry, "20 decimal digits and CRLF"));
    };
    let mut serial = Serial([0; 10]);
    if !digits.iter().all(u8::is_ascii_digit) || hex::decode_to_slice(digits, &mut serial.0).is_err() {
        return Err(wrong(digits, "20 decimal digits"));
    }
    Ok(serial)
}

fn is_decimal(serial: &Serial) -> bool {
    serial.0.iter().all(|byte| byte >> 4 <= 9 && byte & 0x0f <= 9)
}

fn ascii(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A number of 1 to 10 decimal digits, without a sign.
fn number(digits: &[u8]) -> Option<u32> {
    let form = (1..=10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if form { ascii(digits)?.parse().ok() } else { None }
}

/// `YYYYMMDDhhmmss`, if it is a time of the calendar; there is no second 60.
fn moment(digits: &[u8]) -> Option<DateTime> {
    let digits: &[u8; 14] = digits.try_into().ok()?;
    let mut parts = [0_i8; 7];
    for (part, pair) in parts.iter_mut().zip(digits.as_chunks::<2>().0) {
        if !pair.iter().all(u8::is_ascii_digit) {
            return None;
        }
        *part = i8::try_from((pair[0] - b'0') * 10 + (pair[1] - b'0')).ok()?;
    }
    let [century, year, month, day, hour, minute, second] = parts;
    DateTime::new(i16::from(century) * 100 + i16::from(year), month, day, hour, minute, second, 0).ok()
}

/// What the newest list of an operator is, as far as its successor has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predecessor {
    /// Its version.
    pub version: u32,
    /// How many cards are on it.
    pub entries: u64,
}

/// An operator's guard against a list that grows by mistake: refused when it grows by more than both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Share of the entries before, percent.
    pub growth_percent: u32,
    /// Number of entries.
    pub growth_entries: u64,
}

impl Default for Guard {
    /// Over 20 % and over 1,000 entries.
    fn default() -> Self {
        Self { growth_percent: 20, growth_entries: 1_000 }
    }
}

/// Judges a list by the newest one of the same operator; a first list is never refused.
///
/// # Errors
/// `version` when it is not newer, approved or not; `count` when it grows by more than the guard allows and
/// nobody `approved` it.
pub fn check_successor(
    previous: Option<Predecessor>,
    new: &DenyList,
    guard: Guard,
    approved: bool,
) -> Result<(), ListError> {
    let Some(previous) = previous else { return Ok(()) };
    if new.version <= previous.version {
        let expected = format!("more than {}, the version before", previous.version);
        return Err(ListError::new(1, "version", new.version, expected));
    }
    let growth = new.entries().saturating_sub(previous.entries);
    // Widened, so that no count overflows the multiplication.
    let over_percent =
        u128::from(growth) * 100 > u128::from(previous.entries) * u128::from(guard.growth_percent);
    if growth > guard.growth_entries && over_percent && !approved {
        let expected = format!(
            "at most {} or {} % more than the {} before, unless approved",
            guard.growth_entries, guard.growth_percent, previous.entries
        );
        return Err(ListError::new(1, "count", new.entries(), expected));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
