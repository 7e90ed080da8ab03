//! One card operator's file of a day, and the part of it that arrived first, if one does.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use tongclear_package::{OperatorFileWriter, OperatorLine};
use tongclear_types::BcdDate;

use super::arrivals::{Arrivals, FileKey, Rank};
use super::truth::Place;
use crate::files;
use crate::moment::{Day, Moment};
use crate::plan::SimError;

/// A first part ends at noon, or when it has a line of its own date.
const PART_SECOND: i32 = 12 * 3_600;

/// A file that is being written.
struct Sheet {
    path: PathBuf,
    out: OperatorFileWriter<BufWriter<File>>,
    key: FileKey,
    rank: Rank,
    /// Lines so far, the header included.
    lines: u64,
}

impl Sheet {
    fn open(folder: &Path, name: &str, key: FileKey, rank: Rank) -> Result<Self, SimError> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(files::at(&path))?;
        let out = OperatorFileWriter::new(BufWriter::new(file)).map_err(files::at(&path))?;
        Ok(Self { path, out, key, rank, lines: 1 })
    }

    fn write(&mut self, line: &OperatorLine) -> Result<Place, SimError> {
        self.out.write(line).map_err(files::at(&self.path))?;
        self.lines += 1;
        Ok(Place { rank: self.rank, line: self.lines, key: self.key })
    }

    fn finish(self) -> Result<(), SimError> {
        self.out.finish().map_err(files::at(&self.path)).map(drop)
    }
}

/// The file of a day.
pub(crate) struct Book {
    whole: Sheet,
    part: Option<Sheet>,
    /// Whether a part of it arrives first.
    pub(crate) in_part: bool,
    day: Day,
    date: BcdDate,
    /// Whether it has a line of its own date that no earlier file had; files without one are refused.
    dated: bool,
}

impl Book {
    /// The book of `operator` on `day`, which is `date`; `name` gives the names of the files.
    pub(crate) fn open(
        folder: &Path,
        arrivals: &Arrivals,
        (operator, day): (usize, Day),
        date: BcdDate,
        name: impl Fn(FileKey) -> String,
    ) -> Result<Self, SimError> {
        let sheet = |part| {
            let key = FileKey { day, operator, part };
            arrivals.rank(key).map(|rank| Sheet::open(folder, &name(key), key, rank)).transpose()
        };
        let unplanned = || SimError::Unfit {
            what: "the files of a card operator",
            message: format!("no arrival of the file of day {}", day.0),
        };
        let whole = sheet(false)?.ok_or_else(unplanned)?;
        let part = sheet(true)?;
        Ok(Self { whole, in_part: part.is_some(), part, day, date, dated: false })
    }

    /// Transactions in the whole file.
    pub(crate) fn lines(&self) -> u64 {
        self.whole.lines - 1
    }

    /// Writes a line of a transaction that the terminal dated `dated`; where it went. `new` unless it is a copy of
    /// a line that comes elsewhere too.
    pub(crate) fn write(
        &mut self,
        line: &OperatorLine,
        dated: Moment,
        new: bool,
    ) -> Result<Vec<Place>, SimError> {
        // A wrong clock must not end the part: it says nothing of the hour.
        if dated.day() == self.day && dated >= self.day.at(PART_SECOND) && self.dated {
            self.end_part()?;
        }
        self.dated |= new && line.date == self.date;
        let mut places = vec![self.whole.write(line)?];
        if let Some(part) = &mut self.part {
            places.push(part.write(line)?);
        }
        Ok(places)
    }

    /// Whether no line yet carries the file's date, though there are lines.
    pub(crate) fn is_undated(&self) -> bool {
        !self.dated && self.lines() > 0
    }

    /// Whether all of it is in the first part, too.
    pub(crate) fn is_all_in_part(&self) -> bool {
        self.part.is_some()
    }

    /// Ends the first part; what follows is in the whole file only.
    pub(crate) fn end_part(&mut self) -> Result<(), SimError> {
        self.part.take().map_or(Ok(()), Sheet::finish)
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<(), SimError> {
        self.end_part()?;
        self.whole.finish()
    }
}
