//! The books of the card operators: what they say their cards did with our merchants, a file a day.
//!
//! What is wrong with them is drawn apart from the city, so that the city is the same whatever its operators do.
//! Memory: the files of a day, and at most [`POSTPONED_MAX`] lines for the files of later days.

mod arrivals;
mod file;
mod kinds;
mod truth;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tongclear_package::{OperatorLine, OperatorStatus};
use tongclear_types::{
    BusinessDate, Fen, IssuerId, OperatorCode, Serial, TerminalId, TerminalNumber, TransactionRecord, Tti,
};

pub(crate) use truth::{Found, LineId, LineTruth};

use crate::card::bcd;
use crate::city::Operator;
use crate::files;
use crate::moment::{Dates, Day, Moment};
use crate::plan::{Plan, SimError};
use crate::random::Random;
use crate::summary::Paths;
use arrivals::{Arrivals, FileKey};
use file::Book;
use kinds::{Kinds, Slip, astray};

/// Lines kept for the files of later days, at most.
const POSTPONED_MAX: usize = 20_000;
/// Days by which a line is booked late, at most.
const BOOKED_LATE_MAX: u32 = 3;
/// A terminal that nobody has.
const NO_TERMINAL: TerminalId = TerminalId([0x65, 0x10, 0xb0, 0, 0, 0]);

/// A transaction that an operator may have in its books.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// Index of the operator.
    pub(crate) operator: usize,
    /// The record as the card made it.
    pub(crate) record: &'a TransactionRecord,
    /// When, by the terminal's clock.
    pub(crate) dated: Moment,
}

/// A line for the file of a later day.
struct Postponed {
    day: Day,
    operator: usize,
    line: OperatorLine,
    dated: Moment,
    id: LineId,
    /// Whether it was in no file before.
    new: bool,
}

/// All books.
pub(crate) struct Books {
    folder: PathBuf,
    date: BusinessDate,
    dates: Dates,
    days: i32,
    day: Day,
    /// Code, issuer id and card number prefix of each operator.
    operators: Vec<(OperatorCode, IssuerId, u64)>,
    arrivals: Arrivals,
    kinds: Kinds,
    random: Random,
    open: Vec<Book>,
    postponed: Vec<Postponed>,
    /// Cards that never were, so far.
    phantoms: u32,
    lines: u64,
}

impl Books {
    /// The books of `operators`, none open yet; when they will arrive is written at once.
    pub(crate) fn new(plan: &Plan, operators: &[Operator]) -> Result<Self, SimError> {
        let folder = Paths::below(&plan.out).operators;
        files::make(&folder)?;
        let mut random = Random::new(plan.seed, 6);
        let mut kinds = Kinds::new(plan, &mut random);
        let arrivals = Arrivals::new(plan, operators, &mut kinds);
        files::write(&folder.join("arrivals.csv"), arrivals.csv(plan.date, operators))?;
        Ok(Self {
            folder,
            date: plan.date,
            dates: Dates::new(plan.date),
            days: plan.days.into(),
            day: Day(0),
            operators: operators.iter().map(|it| (it.code, it.issuer, it.prefix)).collect(),
            arrivals,
            kinds,
            random,
            open: Vec::new(),
            postponed: Vec::new(),
            phantoms: 0,
            lines: 0,
        })
    }

    /// Lines so far, those of first parts not counted twice.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// What is wrong with the books, by kind.
    pub(crate) fn anomalies(&self) -> &BTreeMap<&'static str, u64> {
        self.kinds.made()
    }

    /// Opens the books of `day` and enters what was kept for it.
    pub(crate) fn begin(&mut self, day: Day, truth: &mut LineTruth) -> Result<(), SimError> {
        self.day = day;
        let (date, first) = (self.dates.bcd(day), self.date);
        for (operator, (code, ..)) in self.operators.iter().enumerate() {
            let name = |key: FileKey| key.name(first, code);
            self.open.push(Book::open(&self.folder, &self.arrivals, (operator, day), date, name)?);
        }
        let (due, kept) = std::mem::take(&mut self.postponed).into_iter().partition(|it| it.day == day);
        self.postponed = kept;
        let due: Vec<Postponed> = due;
        for it in due {
            let places = self.open[it.operator].write(&it.line, it.dated, it.new)?;
            truth.written(it.id, &places)?;
        }
        Ok(())
    }

    /// Enters a transaction as the card made it, of which `records_due` records arrive under its own keys.
    pub(crate) fn enter(
        &mut self,
        truth: &mut LineTruth,
        entry: Entry<'_>,
        records_due: u8,
        status: OperatorStatus,
    ) -> Result<Option<LineId>, SimError> {
        let line = OperatorLine { status, ..line(entry.record) };
        let book = &mut self.open[entry.operator];
        // Dates more than a day ahead of the file's are not taken.
        if entry.dated.day() > self.day.plus(1) {
            let places = book.write(&line, entry.dated, true)?;
            truth.not_taken(entry.operator, &places, "date")?;
            return Ok(None);
        }
        let places = book.write(&line, entry.dated, true)?;
        let id = truth.open(entry.operator, 1, records_due, "");
        truth.written(id, &places)?;
        Ok(Some(id))
    }

    /// Enters a transaction whose one record is accepted, perhaps wrongly, late, twice, or not at all.
    pub(crate) fn enter_accepted(
        &mut self,
        truth: &mut LineTruth,
        entry: Entry<'_>,
    ) -> Result<Option<LineId>, SimError> {
        let Entry { operator, dated, .. } = entry;
        let days_left = u32::try_from(self.days - 1 - self.day.0).unwrap_or(0);
        let may_postpone = days_left > 0 && self.postponed.len() < POSTPONED_MAX;
        let in_part = self.open[operator].in_part;
        let slip = self.kinds.draw(&mut self.random, |slip| match slip {
            Slip::BookedLate | Slip::RepeatedLater => may_postpone,
            // In a file that comes in part and then whole, the second line would be both twice and repeated.
            Slip::Twice => !in_part,
            Slip::LeftOut | Slip::NeverWas | Slip::Misread(_) => true,
        });
        let mut line = line(entry.record);
        let (fields, writes) = match slip {
            Some(Slip::Misread(field)) => {
                field.misread(&mut line, dated, &self.dates, &mut self.random)?;
                (field.names(), 1)
            }
            Some(Slip::LeftOut) => ("", 0),
            Some(Slip::Twice | Slip::RepeatedLater) => ("", 2),
            Some(Slip::BookedLate | Slip::NeverWas) | None => ("", 1),
        };
        let id = truth.open(operator, writes, 1, fields);
        match slip {
            Some(Slip::LeftOut) => {}
            Some(Slip::BookedLate) => {
                let late = self.random.between(1, BOOKED_LATE_MAX.min(days_left));
                let day = self.day.plus(i32::try_from(late).unwrap_or(1));
                self.postponed.push(Postponed { day, operator, line, dated, id, new: true });
            }
            Some(Slip::RepeatedLater) => {
                let places = self.open[operator].write(&line, dated, true)?;
                truth.written(id, &places)?;
                let day = self.day.plus(1);
                self.postponed.push(Postponed { day, operator, line, dated, id, new: false });
            }
            Some(Slip::Twice) => {
                for new in [true, false] {
                    let places = self.open[operator].write(&line, dated, new)?;
                    truth.written(id, &places)?;
                }
            }
            Some(Slip::NeverWas) => {
                let places = self.open[operator].write(&line, dated, true)?;
                truth.written(id, &places)?;
                let phantom = OperatorLine { serial: self.phantom(operator), ..line };
                let phantom = OperatorLine { terminal_number: astray(phantom.terminal_number), ..phantom };
                self.enter_phantom(truth, operator, &phantom, dated)?;
            }
            Some(Slip::Misread(_)) | None => {
                let places = self.open[operator].write(&line, dated, true)?;
                truth.written(id, &places)?;
            }
        }
        Ok(Some(id))
    }

    /// The serial of a card that no operator has issued.
    fn phantom(&mut self, operator: usize) -> Serial {
        self.phantoms += 1;
        let (.., prefix) = self.operators[operator];
        Serial(bcd(prefix * 100_000_000_000 + 20_000_000_000 + u64::from(self.phantoms)))
    }

    /// Enters a transaction that never was.
    fn enter_phantom(
        &mut self,
        truth: &mut LineTruth,
        operator: usize,
        line: &OperatorLine,
        dated: Moment,
    ) -> Result<(), SimError> {
        let places = self.open[operator].write(line, dated, true)?;
        let id = truth.open(operator, 1, 0, "");
        truth.written(id, &places)
    }

    /// Enters a transaction of the day that never was, of no terminal.
    fn fill(&mut self, truth: &mut LineTruth, operator: usize) -> Result<(), SimError> {
        let dated = self.day.at(12 * 3_600);
        let serial = self.phantom(operator);
        let line = OperatorLine {
            issuer: self.operators[operator].1,
            serial,
            tti: Tti::PURCHASE,
            counter: 1,
            terminal: NO_TERMINAL,
            terminal_number: TerminalNumber(self.phantoms),
            amount: Fen::from(200_u32),
            date: self.dates.bcd(self.day),
            time: dated.time(),
            status: OperatorStatus::Ok,
        };
        self.kinds.count(Slip::NeverWas.name());
        self.enter_phantom(truth, operator, &line, dated)
    }

    /// Closes the books of the day.
    ///
    /// Where there are anomalies, a file without a line of its own date gets one of a transaction that never was, for
    /// it would be refused whole; and a whole file has a line that its part had not.
    pub(crate) fn end(&mut self, truth: &mut LineTruth) -> Result<(), SimError> {
        for operator in 0..self.open.len() {
            if self.kinds.any() && self.open[operator].is_undated() {
                self.fill(truth, operator)?;
            }
            if self.open[operator].is_all_in_part() {
                self.open[operator].end_part()?;
                self.fill(truth, operator)?;
            }
        }
        for book in self.open.drain(..) {
            self.lines += book.lines();
            book.finish()?;
        }
        Ok(())
    }
}

/// The line of a transaction as the card made it.
fn line(record: &TransactionRecord) -> OperatorLine {
    OperatorLine {
        issuer: record.issuer,
        serial: record.serial,
        tti: record.tti,
        counter: record.counter(record.sort_chain()),
        terminal: record.terminal,
        terminal_number: record.terminal_number,
        amount: record.amount(),
        date: record.date,
        time: record.time,
        status: OperatorStatus::Ok,
    }
}
