//! The books of the card operators: what they say their cards did with our merchants, a file a day.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use tongclear_package::{OperatorFileWriter, OperatorLine, OperatorStatus};
use tongclear_types::{BusinessDate, OperatorCode, TransactionRecord};

use crate::city::Operator;
use crate::files;
use crate::moment::Day;
use crate::plan::{Plan, SimError};
use crate::summary::Paths;

/// One operator's file of the day.
struct Book {
    path: PathBuf,
    file: OperatorFileWriter<BufWriter<File>>,
}

/// All books.
pub(crate) struct Books {
    folder: PathBuf,
    date: BusinessDate,
    codes: Vec<OperatorCode>,
    open: Vec<Book>,
    lines: u64,
}

impl Books {
    /// The books of `operators`, none open yet.
    pub(crate) fn new(plan: &Plan, operators: &[Operator]) -> Result<Self, SimError> {
        let folder = Paths::below(&plan.out).operators;
        files::make(&folder)?;
        let codes = operators.iter().map(|operator| operator.code).collect();
        Ok(Self { folder, date: plan.date, codes, open: Vec::new(), lines: 0 })
    }

    /// Lines so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// Opens the books of `day`.
    pub(crate) fn begin(&mut self, day: Day) -> Result<(), SimError> {
        for code in self.codes.clone() {
            let path = self.folder.join(format!("{code}-{}.csv", self.date.plus_days(day.0)));
            let file = File::create(&path).map_err(files::at(&path))?;
            let file = OperatorFileWriter::new(BufWriter::new(file)).map_err(files::at(&path))?;
            self.open.push(Book { path, file });
        }
        Ok(())
    }

    /// Enters a transaction as the card made it, with what the operator did with it.
    pub(crate) fn enter(
        &mut self,
        operator: usize,
        record: &TransactionRecord,
        status: OperatorStatus,
    ) -> Result<(), SimError> {
        let line = OperatorLine {
            issuer: record.issuer,
            serial: record.serial,
            tti: record.tti,
            counter: record.counter(record.sort_chain()),
            terminal: record.terminal,
            terminal_number: record.terminal_number,
            amount: record.amount(),
            date: record.date,
            time: record.time,
            status,
        };
        self.lines += 1;
        let Book { path, file } = &mut self.open[operator];
        file.write(&line).map_err(files::at(path))
    }

    /// Closes the books of the day.
    pub(crate) fn end(&mut self) -> Result<(), SimError> {
        for book in self.open.drain(..) {
            book.file.finish().map_err(files::at(&book.path))?;
        }
        Ok(())
    }
}
