//! Operator files (`reconciliation.md`, Operator file): what a card operator's books say its cards did here.
//!
//! CSV in UTF-8, a header line, one transaction a line, CRLF or LF, the `CRC:` trailer. They may be gigabytes,
//! so nothing here holds more than one line: [`OperatorFileWriter`] is a sink, [`OperatorFileReader`] is fed
//! line by line, each at most [`OPERATOR_LINE_MAX`] bytes.

mod survey;

use std::io::{self, Write};

use tongclear_types::{BcdDate, BcdTime, Fen, IssuerId, Serial, TerminalId, TerminalNumber, Tti};

pub use self::survey::{OperatorPiece, OperatorSurvey};
use crate::fields::Fields;
use crate::list_error::ListError;
use crate::refusal::shown_text;
use crate::trailer::{TrailerWriter, check_crc, parse_trailer_line};

/// The columns of an operator file.
pub const OPERATOR_COLUMNS: [&str; 10] = [
    "issuer_id",
    "serial",
    "tti",
    "counter",
    "terminal",
    "terminal_number",
    "amount_fen",
    "date",
    "time",
    "status",
];

/// The longest line, with its line end, bytes: the fixed columns take under 130, the rest is the reason.
pub const OPERATOR_LINE_MAX: usize = 1_024;

/// What the operator did with a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorStatus {
    /// Booked: `ok`.
    Ok,
    /// Refused for a reason in the operator's words: `refused:<reason>`.
    Refused(String),
}

/// One transaction in the operator's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorLine {
    /// Whose card.
    pub issuer: IssuerId,
    /// Which card.
    pub serial: Serial,
    /// Transaction type.
    pub tti: Tti,
    /// The counter of the transaction's chain as it stood at initialise.
    pub counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// The terminal's transaction number.
    pub terminal_number: TerminalNumber,
    /// Amount; what a record can hold, 0 to 4294967295.
    pub amount: Fen,
    /// Date; decimal digits, perhaps not of the calendar.
    pub date: BcdDate,
    /// Time; decimal digits, perhaps not of the clock.
    pub time: BcdTime,
    /// What became of it.
    pub status: OperatorStatus,
}

impl OperatorLine {
    /// Reads line number `line` of a file, given without its line end.
    ///
    /// # Errors
    /// A line that is too long, is not UTF-8 or CSV; the first field that is wrong.
    ///
    /// ```
    /// use tongclear_package::OperatorLine;
    /// let text = b"04176510ffffffff,00005100012345678901,06,7,651000000a01,1,200,20261124,083000,ok";
    /// assert_eq!(OperatorLine::read(2, text)?.counter, 7);
    /// # Ok::<(), tongclear_package::ListError>(())
    /// ```
    pub fn read(line: u64, text: &[u8]) -> Result<Self, ListError> {
        let wrong = |expected| Err(ListError::new(line, "line", shown_text(text, 32), expected));
        if text.len() > OPERATOR_LINE_MAX {
            return wrong("at most 1024 bytes");
        }
        match split_line(text) {
            Some(Split::Plain(fields, count)) => Self::from_fields(line, &fields[..count]),
            Some(Split::Other(record)) => Self::from_fields(line, &record.iter().collect::<Vec<_>>()),
            None => wrong("CSV in UTF-8"),
        }
    }

    /// Reads the fields of line number `line` of a file.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn from_fields(line: u64, fields: &[&str]) -> Result<Self, ListError> {
        let fields = Fields::new(line, fields, &OPERATOR_COLUMNS)?;
        Ok(Self {
            issuer: fields.read(0, "16 hex digits", |text| text.parse().ok())?,
            serial: fields.read(1, "20 hex digits", |text| text.parse().ok())?,
            tti: fields.read(2, "2 hex digits", |text| hex_bytes(text).map(|[byte]: [u8; 1]| Tti(byte)))?,
            counter: fields.read(3, "a number up to 65535", number)?,
            terminal: fields.read(4, "12 hex digits", |text| text.parse().ok())?,
            terminal_number: TerminalNumber(fields.read(5, "a number up to 4294967295", number)?),
            amount: fields.read(6, "an amount in fen up to 4294967295", |text| {
                number(text).map(|fen: u32| Fen::from(fen))
            })?,
            date: BcdDate(fields.read(7, "a date YYYYMMDD", bcd)?),
            time: BcdTime(fields.read(8, "a time hhmmss", bcd)?),
            status: fields.read(9, "ok or refused:<reason>", status)?,
        })
    }
}

/// A number in decimal digits, without a sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn hex_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// Decimal digits, two a byte.
fn bcd<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { hex_bytes(text) } else { None }
}

fn status(text: &str) -> Option<OperatorStatus> {
    match text.strip_prefix("refused:") {
        Some(reason) => Some(OperatorStatus::Refused(reason.to_owned())),
        None => (text == "ok").then_some(OperatorStatus::Ok),
    }
}

/// Writes an operator file, LF at the end of each line; `out` should be buffered.
#[derive(Debug)]
pub struct OperatorFileWriter<W: Write> {
    out: csv::Writer<TrailerWriter<W>>,
}

impl<W: Write> OperatorFileWriter<W> {
    /// Writes the header line.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(TrailerWriter::new(out));
        out.write_record(OPERATOR_COLUMNS)?;
        Ok(Self { out })
    }

    /// Writes one transaction; line ends in a reason become blanks, for a line is a transaction.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&mut self, line: &OperatorLine) -> io::Result<()> {
        let status = match &line.status {
            OperatorStatus::Ok => "ok".to_owned(),
            OperatorStatus::Refused(reason) => format!("refused:{}", reason.replace(['\r', '\n'], " ")),
        };
        self.out.write_record([
            line.issuer.to_string(),
            line.serial.to_string(),
            line.tti.to_string(),
            line.counter.to_string(),
            line.terminal.to_string(),
            line.terminal_number.to_string(),
            line.amount.to_string(),
            line.date.to_string(),
            line.time.to_string(),
            status,
        ])?;
        Ok(())
    }

    /// Writes the trailer, flushes, and gives `out` back.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(csv::IntoInnerError::into_error)?.finish()
    }
}

/// Reads an operator file that its caller feeds to it line by line.
///
/// ```
/// use tongclear_package::{OperatorFileReader, OperatorFileWriter};
/// let file = OperatorFileWriter::new(Vec::new())?.finish()?;
/// let mut reader = OperatorFileReader::new();
/// for raw in file.split_inclusive(|byte| *byte == b'\n') {
///     if let Some(line) = reader.take(raw)? {
///         println!("{line:?}");
///     }
/// }
/// assert_eq!(reader.finish()?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct OperatorFileReader {
    crc: crc32fast::Hasher,
    lines: u64,
    ended: bool,
}

impl OperatorFileReader {
    /// A reader before the first line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line with its line end; the transaction, unless it is the header or the trailer.
    ///
    /// # Errors
    /// A line that is too long, is not UTF-8 or CSV, or has a wrong field; a wrong CRC; a line after the trailer.
    pub fn take(&mut self, raw: &[u8]) -> Result<Option<OperatorLine>, ListError> {
        self.lines += 1;
        let line = self.lines;
        let wrong = |what, expected| ListError::new(line, what, shown_text(raw, 32), expected);
        if self.ended {
            return Err(wrong("line", "nothing after the trailer"));
        }
        if raw.len() > OPERATOR_LINE_MAX {
            return Err(wrong("line", "at most 1024 bytes"));
        }
        let text = raw.strip_suffix(b"\n").map_or(raw, |text| text.strip_suffix(b"\r").unwrap_or(text));
        if let Some(stated) = parse_trailer_line(text) {
            check_crc(line, stated, self.crc.clone().finalize())?;
            self.ended = true;
            return Ok(None);
        }
        self.crc.update(raw);
        if text.len() == raw.len() {
            return Err(wrong("line", "a line end, or the trailer as the last line"));
        }
        if line > 1 {
            return OperatorLine::read(line, text).map(Some);
        }
        match is_operator_header(text) {
            true => Ok(None),
            false => Err(wrong("columns", &OPERATOR_COLUMNS.join(","))),
        }
    }

    /// Ends the file; how many transactions it held.
    ///
    /// # Errors
    /// When header line or trailer never came.
    pub fn finish(self) -> Result<u64, ListError> {
        match (self.ended, self.lines.checked_sub(2)) {
            (true, Some(transactions)) => Ok(transactions),
            (true, None) => Err(ListError::new(1, "columns", "the trailer", OPERATOR_COLUMNS.join(","))),
            (false, _) => Err(ListError::new(
                self.lines + 1,
                "trailer",
                "the end of the file",
                "CRC: and eight lower-case hex digits",
            )),
        }
    }
}

/// Whether a line, given without its line end, is the header of an operator file.
#[must_use]
pub fn is_operator_header(text: &[u8]) -> bool {
    match split_line(text) {
        Some(Split::Plain(fields, count)) => fields[..count] == OPERATOR_COLUMNS,
        Some(Split::Other(record)) => record.iter().eq(OPERATOR_COLUMNS),
        None => false,
    }
}

/// The fields of a line: as many as there are columns and nothing quoted, as almost every line is, or anything else.
enum Split<'a> {
    Plain([&'a str; OPERATOR_COLUMNS.len()], usize),
    Other(csv::StringRecord),
}

/// The fields of one line, quoted or not; none when it is not UTF-8, holds a CR, or a quote stays open.
fn split_line(text: &[u8]) -> Option<Split<'_>> {
    if text.contains(&b'\r') {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    // Quotes are rare, and most lines are cut without the machinery for them.
    if !text.contains('"') {
        let (mut fields, mut count) = ([""; OPERATOR_COLUMNS.len()], 0);
        for field in text.split(',') {
            let Some(place) = fields.get_mut(count) else {
                return Some(Split::Other(text.split(',').collect()));
            };
            *place = field;
            count += 1;
        }
        return Some(Split::Plain(fields, count));
    }
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 != 0 {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).ok()?.then_some(Split::Other(record))
}

#[cfg(test)]
mod tests;
