//! `terminals.csv` (`cli.md`): one row for each terminal and stay at a merchant.

use std::str::from_utf8;

use csv::{ByteRecord, ReaderBuilder};

use super::value::{date_text, parsed_text};
use crate::error::{Faults, Place, Placed};
use crate::{SourceFile, TerminalRow};

/// The header, exactly.
const HEADER: [&str; 5] = ["id", "merchant", "collector", "from", "until"];

/// Reads the rows; a row with a fault is left out. A UTF-8 mark and either line end are fine.
pub(crate) fn read_terminals(bytes: &[u8], faults: &mut Faults) -> Vec<Placed<TerminalRow>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut rows = Vec::new();
    let mut header_seen = false;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                faults.push(Place::new(SourceFile::TerminalsCsv, line).missing("line", error.to_string()));
                break;
            }
        }
        let place = Place::new(SourceFile::TerminalsCsv, record.position().map_or(1, csv::Position::line));
        if !header_seen {
            header_seen = true;
            if !record.iter().eq(HEADER.iter().map(|field| field.as_bytes())) {
                faults.push(place.fault("header", shown(&record), format!("not {}", HEADER.join(","))));
                break;
            }
            continue;
        }
        rows.extend(read_row(&record, place, faults));
        if faults.full() {
            break;
        }
    }
    if !header_seen {
        let place = Place::new(SourceFile::TerminalsCsv, 1);
        faults
            .push(place.missing("header", format!("the file is empty; it begins with {}", HEADER.join(","))));
    }
    rows
}

fn read_row(record: &ByteRecord, place: Place, faults: &mut Faults) -> Option<Placed<TerminalRow>> {
    if record.len() != HEADER.len() {
        let message = format!("has {} fields instead of {}", record.len(), HEADER.len());
        faults.push(place.fault("row", shown(record), message));
        return None;
    }
    let mut cells = Cells { record, place: &place, faults };
    let id = cells.read(0, parsed_text);
    let merchant = cells.read(1, parsed_text);
    let collector = cells.read(2, parsed_text);
    let from = cells.read(3, date_text);
    let until = cells.read(4, |text| if text.is_empty() { Ok(None) } else { date_text(text).map(Some) });
    let value =
        TerminalRow { id: id?, merchant: merchant?, collector: collector?, from: from?, until: until? };
    Some(Placed { value, place })
}

struct Cells<'r> {
    record: &'r ByteRecord,
    place: &'r Place,
    faults: &'r mut Faults,
}

impl Cells<'_> {
    fn read<T>(&mut self, column: usize, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let bytes = &self.record[column];
        let value = from_utf8(bytes).map_err(|_| "not UTF-8".to_owned()).and_then(read);
        value
            .map_err(|message| {
                let shown = String::from_utf8_lossy(bytes);
                self.faults.push(self.place.fault(HEADER[column], shown, message));
            })
            .ok()
    }
}

fn shown(record: &ByteRecord) -> String {
    record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}
