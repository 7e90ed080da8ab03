//! `operators/truth.csv`: what must become of each line of the card operators' files, and which records none meets.
//!
//! A line waits here for the record it belongs to until the package of that record is sent, a record for a line that
//! is booked later. Memory: about 150 bytes for each that waits, which are as many as the collectors' buffers hold and
//! the next days' lists, all of them bounded.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use tongclear_types::{BcdDate, BcdTime, BusinessDate, CollectorId, Disposition, PackageSequence, Verdict};

use super::arrivals::{FileKey, Rank};
use crate::files;
use crate::plan::SimError;

/// The columns.
const COLUMNS: &str =
    "operator,file,line,state,fields,disposition,reason,collector,package_sequence,row,window";

/// A transaction that is in an operator's books, or should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LineId(u64);

/// A place in an operator's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) rank: Rank,
    /// Line number in the file, the header's being 1.
    pub(crate) line: u64,
    pub(crate) key: FileKey,
}

/// A record that arrived, in the order in which the rules look for one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) date: BcdDate,
    pub(crate) time: BcdTime,
    pub(crate) collector: CollectorId,
    pub(crate) sequence: PackageSequence,
    pub(crate) row: u32,
    pub(crate) window: BusinessDate,
    pub(crate) verdict: Verdict,
}

/// What a transaction waits for.
struct Open {
    operator: usize,
    places: Vec<Place>,
    writes_due: u8,
    records_due: u8,
    /// The accepted record, else the first of the others.
    found: Option<Found>,
    /// In which fields its line differs from the accepted record.
    fields: &'static str,
}

/// The file, and what waits.
pub(crate) struct LineTruth {
    path: PathBuf,
    out: BufWriter<File>,
    /// Codes of the operators, and the first window's date.
    codes: Vec<String>,
    date: BusinessDate,
    open: HashMap<LineId, Open>,
    next: u64,
}

impl LineTruth {
    /// Opens `path`.
    pub(crate) fn new(path: PathBuf, date: BusinessDate, codes: Vec<String>) -> Result<Self, SimError> {
        let file = File::create(&path).map_err(files::at(&path))?;
        let mut out = BufWriter::new(file);
        writeln!(out, "{COLUMNS}").map_err(files::at(&path))?;
        Ok(Self { path, out, codes, date, open: HashMap::new(), next: 0 })
    }

    /// A transaction whose line is written `writes_due` times, and of which `records_due` records arrive.
    pub(crate) fn open(
        &mut self,
        operator: usize,
        writes_due: u8,
        records_due: u8,
        fields: &'static str,
    ) -> LineId {
        let id = LineId(self.next);
        self.next += 1;
        let open = Open { operator, places: Vec::new(), writes_due, records_due, found: None, fields };
        self.open.insert(id, open);
        id
    }

    /// The line was written once, to `places`.
    pub(crate) fn written(&mut self, id: LineId, places: &[Place]) -> Result<(), SimError> {
        if let Some(open) = self.open.get_mut(&id) {
            open.places.extend_from_slice(places);
            open.writes_due = open.writes_due.saturating_sub(1);
        }
        self.settle(id)
    }

    /// A record of the transaction arrived.
    pub(crate) fn found(&mut self, id: LineId, found: Found) -> Result<(), SimError> {
        let accepted = |found: &Found| found.verdict.disposition() == Disposition::Accepted;
        let order = |it: &Found| (!accepted(it), it.date, it.time, it.collector, it.sequence, it.row);
        // The transaction of an accepted record is settled and gone, whatever else arrives of it.
        let Some(open) = self.open.get_mut(&id) else { return Ok(()) };
        open.records_due = open.records_due.saturating_sub(1);
        if accepted(&found) {
            open.records_due = 0;
        }
        if open.found.is_none_or(|before| order(&found) < order(&before)) {
            open.found = Some(found);
        }
        self.settle(id)
    }

    /// A line that the rules do not take because of `field`.
    pub(crate) fn not_taken(
        &mut self,
        operator: usize,
        places: &[Place],
        field: &'static str,
    ) -> Result<(), SimError> {
        places.iter().try_for_each(|place| self.row(operator, Some(*place), "not_taken", field, None))
    }

    /// Writes the rows of a transaction that waits for nothing any more.
    fn settle(&mut self, id: LineId) -> Result<(), SimError> {
        if self.open.get(&id).is_none_or(|open| open.writes_due > 0 || open.records_due > 0) {
            return Ok(());
        }
        let Some(Open { operator, mut places, found, fields, .. }) = self.open.remove(&id) else {
            return Ok(());
        };
        places.sort_unstable();
        let accepted = found.is_some_and(|it| it.verdict.disposition() == Disposition::Accepted);
        let Some((first, others)) = places.split_first() else {
            return if accepted { self.row(operator, None, "ours_only", "", found) } else { Ok(()) };
        };
        let (state, fields) = match (accepted, fields) {
            (true, "") => ("matched", ""),
            (true, fields) => ("mismatch", fields),
            (false, _) => ("theirs_only", ""),
        };
        self.row(operator, Some(*first), state, fields, found)?;
        for place in others {
            let state = if place.key == first.key { "duplicate_line" } else { "repeated" };
            self.row(operator, Some(*place), state, "", found)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        operator: usize,
        place: Option<Place>,
        state: &str,
        fields: &str,
        found: Option<Found>,
    ) -> Result<(), SimError> {
        let code = &self.codes[operator];
        let (file, line) = place
            .map_or_else(Default::default, |place| (place.key.name(self.date, code), place.line.to_string()));
        let (mut disposition, mut reason) = ("", "");
        if let Some(found) = found.filter(|_| state == "theirs_only") {
            disposition = found.verdict.disposition().name();
            reason = found.verdict.reason().map_or("", |reason| reason.name());
        }
        let record = found.map_or_else(
            || ",,,".to_owned(),
            |it| format!("{},{},{},{}", it.collector, it.sequence, it.row, it.window),
        );
        writeln!(self.out, "{code},{file},{line},{state},{fields},{disposition},{reason},{record}")
            .map_err(files::at(&self.path))
    }

    /// Closes the file.
    ///
    /// # Errors
    /// [`SimError::Unfit`] when something still waits.
    pub(crate) fn finish(mut self) -> Result<(), SimError> {
        if !self.open.is_empty() {
            return Err(SimError::Unfit {
                what: "the truth of the card operators' files",
                message: format!("{} transactions wait for a line or a record", self.open.len()),
            });
        }
        self.out.flush().map_err(files::at(&self.path))
    }
}
