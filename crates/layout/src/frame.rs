//! The two forms of foreign files: records of one length, and delimited lines. Cut into fields here, put together
//! here; what the fields say is not looked at.

use csv::{ByteRecord, ReaderBuilder, Terminator, WriterBuilder};

use crate::codec::shown;
use crate::error::{FileFaults, Place};

/// The form of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    Fixed(Fixed),
    Delimited(Delimited),
}

/// Records of one length, one after the other. Lengths are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub(crate) record_length: usize,
    /// Passed over in front of the records.
    pub(crate) header_length: usize,
    /// Passed over behind them.
    pub(crate) trailer_length: usize,
}

/// Lines of fields, in quotes where need be (RFC 4180).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delimited {
    pub(crate) delimiter: u8,
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    /// Whether lines end in CRLF when they are written; either end is read.
    pub(crate) crlf: bool,
}

/// Where a field stands in its record or line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    Bytes {
        offset: usize,
        length: usize,
    },
    /// The column of that name.
    Named(String),
    /// The column of that number, from 0.
    Numbered(usize),
}

impl Slot {
    /// The length of the field; none in a delimited file, where it is as long as it is.
    pub(crate) const fn width(&self) -> Option<usize> {
        match self {
            Self::Bytes { length, .. } => Some(*length),
            Self::Named(_) | Self::Numbered(_) => None,
        }
    }
}

/// For people: `bytes 0 to 3`, `column amount`, `column 3`.
impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes { offset, length: 1 } => write!(f, "byte {offset}"),
            Self::Bytes { offset, length } => write!(f, "bytes {offset} to {}", offset + length - 1),
            Self::Named(name) => write!(f, "column {name}"),
            Self::Numbered(index) => write!(f, "column {}", index + 1),
        }
    }
}

impl Frame {
    /// Gives the fields of every record or line, in the order of `slots`, to `take`.
    pub(crate) fn each(
        &self,
        bytes: &[u8],
        slots: &[&Slot],
        faults: &mut FileFaults,
        take: impl FnMut(Place, &[&[u8]], &mut FileFaults),
    ) {
        match self {
            Self::Fixed(fixed) => fixed.each(bytes, slots, faults, take),
            Self::Delimited(delimited) => delimited.each(bytes, slots, faults, take),
        }
    }

    /// The file of `rows`, whose fields are in the order of `slots` and have their widths.
    pub(crate) fn write(&self, slots: &[&Slot], rows: &[Vec<Vec<u8>>]) -> Vec<u8> {
        match self {
            Self::Fixed(fixed) => fixed.write(slots, rows),
            Self::Delimited(delimited) => delimited.write(slots, rows),
        }
    }

    /// Where the record of `index`, from 0, stands in a file that is written.
    pub(crate) fn place(&self, index: usize) -> Place {
        let number = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
        match self {
            Self::Fixed(fixed) => fixed.place(index),
            Self::Delimited(delimited) => Place::Line(number.saturating_add(delimited.header.into())),
        }
    }
}

impl Fixed {
    fn place(&self, index: usize) -> Place {
        let number = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
        let offset = index.saturating_mul(self.record_length).saturating_add(self.header_length);
        Place::Record { number, offset: u64::try_from(offset).unwrap_or(u64::MAX) }
    }

    fn each(
        &self,
        bytes: &[u8],
        slots: &[&Slot],
        faults: &mut FileFaults,
        mut take: impl FnMut(Place, &[&[u8]], &mut FileFaults),
    ) {
        let Self { record_length, header_length, trailer_length } = *self;
        let around = header_length + trailer_length;
        let whole = bytes.len().checked_sub(around).is_some_and(|inner| inner % record_length == 0);
        if !whole {
            let around = if around == 0 { String::new() } else { format!("{around} and ") };
            let expected = format!("{around}a multiple of {record_length} bytes");
            faults.push(Place::File, "length", bytes.len().to_string(), expected);
            return;
        }
        let records = &bytes[header_length..bytes.len() - trailer_length];
        let mut fields = Vec::with_capacity(slots.len());
        for (index, record) in records.chunks_exact(record_length).enumerate() {
            fields.clear();
            fields.extend(slots.iter().map(|slot| match slot {
                Slot::Bytes { offset, length } => record.get(*offset..offset + length).unwrap_or_default(),
                Slot::Named(_) | Slot::Numbered(_) => &[][..],
            }));
            take(self.place(index), &fields, faults);
        }
    }

    fn write(&self, slots: &[&Slot], rows: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let mut file = vec![0; self.header_length];
        for row in rows {
            let mut record = vec![0; self.record_length];
            for (slot, field) in slots.iter().zip(row) {
                let Slot::Bytes { offset, length } = slot else { continue };
                if let Some(place) =
                    record.get_mut(*offset..offset + length).filter(|it| it.len() == field.len())
                {
                    place.copy_from_slice(field);
                }
            }
            file.extend_from_slice(&record);
        }
        file.resize(file.len() + self.trailer_length, 0);
        file
    }
}

impl Delimited {
    fn each(
        &self,
        bytes: &[u8],
        slots: &[&Slot],
        faults: &mut FileFaults,
        mut take: impl FnMut(Place, &[&[u8]], &mut FileFaults),
    ) {
        // What some spreadsheets put in front of UTF-8.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut reader = ReaderBuilder::new();
        let mut reader =
            reader.delimiter(self.delimiter).has_headers(false).flexible(true).from_reader(bytes);
        let mut line = ByteRecord::new();
        let mut columns = (!self.header).then(|| (0..slots.len()).collect::<Vec<_>>());
        let mut lines = Lines { bytes, at: 0, line: 1 };
        loop {
            match reader.read_byte_record(&mut line) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let at = error.position().map_or(1, csv::Position::line);
                    faults.push(Place::Line(at), "line", error.to_string(), "delimited fields");
                    return;
                }
            }
            let place = Place::Line(lines.line_of(line.position().map_or(0, csv::Position::byte)));
            let Some(columns) = &columns else {
                columns = header(&line, slots, place, faults);
                if columns.is_none() {
                    return;
                }
                continue;
            };
            if line.len() != slots.len() {
                let found = format!("{}: {}", line.len(), shown(line.as_slice(), false));
                faults.push(place, "number_of_fields", found, slots.len().to_string());
                continue;
            }
            // A quote that is never closed would take the lines behind it into its field, perhaps one that nobody uses.
            if let Some(field) =
                line.iter().find(|field| field.iter().any(|byte| matches!(byte, b'\r' | b'\n')))
            {
                faults.push(
                    place,
                    "line",
                    shown(field, false),
                    "a field whose quotes are closed on its line",
                );
                continue;
            }
            let fields: Vec<&[u8]> =
                columns.iter().map(|column| line.get(*column).unwrap_or_default()).collect();
            take(place, &fields, faults);
        }
        if columns.is_none() {
            faults.push(Place::File, "header", "missing", names(slots));
        }
    }

    fn write(&self, slots: &[&Slot], rows: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let end = if self.crlf { Terminator::CRLF } else { Terminator::Any(b'\n') };
        let mut writer = WriterBuilder::new();
        let mut writer =
            writer.delimiter(self.delimiter).terminator(end).flexible(true).from_writer(Vec::new());
        let mut put = |line: Vec<&[u8]>| writer.write_byte_record(&ByteRecord::from(line));
        let header = self.header.then(|| slots.iter().map(|slot| name(slot).as_bytes()).collect());
        let lines = header.into_iter().chain(rows.iter().map(|row| row.iter().map(Vec::as_slice).collect()));
        lines.for_each(|line| put(line).expect("lines go to memory"));
        writer.into_inner().expect("lines go to memory")
    }
}

/// Counts lines. The reader's own count is one behind where lines end in CRLF, whose LF it leaves to the next line.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the fields that begin at `byte`, or behind line ends there; places ascend.
    fn line_of(&mut self, byte: u64) -> u64 {
        let mut end = usize::try_from(byte).unwrap_or(usize::MAX).min(self.bytes.len());
        let ends = self.bytes[end..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        end = end.max(self.at) + ends;
        let passed = self.bytes.get(self.at..end).unwrap_or_default();
        let feeds = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u64::try_from(feeds).unwrap_or(u64::MAX));
        self.at = end;
        self.line
    }
}

const fn name(slot: &Slot) -> &str {
    match slot {
        Slot::Named(name) => name.as_str(),
        Slot::Bytes { .. } | Slot::Numbered(_) => "",
    }
}

fn names(slots: &[&Slot]) -> String {
    slots.iter().map(|slot| name(slot)).collect::<Vec<_>>().join(", ")
}

/// Which column each slot is: every slot has one, and every column a slot.
fn header(line: &ByteRecord, slots: &[&Slot], place: Place, faults: &mut FileFaults) -> Option<Vec<usize>> {
    let mut columns = Vec::with_capacity(slots.len());
    let before = faults.count();
    for slot in slots {
        let mut found = (0..).zip(line).filter(|(_, column)| *column == name(slot).as_bytes());
        match (found.next(), found.next()) {
            (Some((column, _)), None) => columns.push(column),
            (None, _) => faults.push(place, name(slot), "missing", "a column of that name"),
            (Some(_), Some(_)) => faults.push(place, name(slot), "there twice", "one column of that name"),
        }
    }
    for column in line.iter().filter(|column| !slots.iter().any(|slot| name(slot).as_bytes() == *column)) {
        faults.push(place, "header", shown(column, false), format!("only {}", names(slots)));
    }
    (faults.count() == before).then_some(columns)
}

#[cfg(test)]
mod tests;
