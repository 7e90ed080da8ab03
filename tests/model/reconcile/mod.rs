//! The independent model of reconciliation: what becomes of records and operators' lines, run by run, slow and obvious.
//!
//! Written from reconciliation.md and from how its unclear places are read; it shares with the product nothing but the
//! words of `tongclear-types`. A [`Model`] is one card operator's side of a centre: it is told what was cleared
//! ([`Model::clear`]) and makes one run after another ([`Model::run`]). Bounded by: every line and record is kept.

mod age;
mod figures;
mod file;
mod pair;
mod product;
mod shown;
mod simulated;
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, Disposition, IssuerId, Reason, Serial, TerminalId, TerminalNumber, Tti,
    Verdict,
};

pub(crate) use age::Calendar;
pub(crate) use figures::{Side, Sum};
pub(crate) use file::{NotTaken, Refusal};

/// Whose cards they are, and how long an item may stay open.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    pub(crate) issuer: IssuerId,
    pub(crate) calendar: Calendar,
    /// Business days after an item's date on which it is no break yet.
    pub(crate) grace_days: u16,
}

/// What both sides say of a transaction, as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) issuer: IssuerId,
    pub(crate) serial: Serial,
    pub(crate) tti: Tti,
    /// The counter of the transaction's chain.
    pub(crate) counter: u16,
    pub(crate) terminal: TerminalId,
    pub(crate) terminal_number: TerminalNumber,
    pub(crate) amount_fen: u32,
    pub(crate) date: BcdDate,
    pub(crate) time: BcdTime,
}

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordPlace {
    pub(crate) collector: CollectorId,
    pub(crate) sequence: u32,
    pub(crate) row: u32,
}

/// A record that a window cleared, whatever became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) window: Date,
    pub(crate) place: RecordPlace,
    pub(crate) facts: Facts,
    pub(crate) verdict: Verdict,
}

/// Where a line stands: the run that took its file in, and its number in the file, the header's being 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinePlace {
    pub(crate) run: u32,
    pub(crate) line: u64,
}

/// A line that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) place: LinePlace,
    /// The day that its file is for.
    pub(crate) file_date: Date,
    pub(crate) facts: Facts,
    /// Whether the operator refused the transaction.
    pub(crate) refused: bool,
}

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The working day that the file is for.
    pub(crate) date: Date,
    /// The file's bytes; none lets everything age.
    pub(crate) file: Option<Vec<u8>>,
    /// Takes a file, too, without a line of its date.
    pub(crate) other_days: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// These bytes came before: nothing changed.
    SeenBefore,
    /// The file is refused whole: nothing changed.
    Refused(Refusal),
    /// The run.
    Ran(Box<Report>),
}

/// A record and a line of the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) ours: Record,
    pub(crate) theirs: Line,
    pub(crate) rule: u8,
    /// In which fields they differ; none of them is `matched`, any is a `mismatch`.
    pub(crate) fields: Vec<&'static str>,
}

/// An item that stays open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open<I> {
    pub(crate) item: I,
    /// Days since the item's date.
    pub(crate) age: i32,
    /// Whether it is past the operator's grace.
    pub(crate) is_break: bool,
    /// The record of a line that we received and did not accept.
    pub(crate) known: Option<Record>,
}

/// A run's findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// From 1; runs that changed nothing are not counted.
    pub(crate) number: u32,
    pub(crate) as_of: Date,
    /// Transactions in the file.
    pub(crate) lines: u64,
    pub(crate) not_taken: Vec<NotTaken>,
    /// Numbers of lines that stand earlier in the file.
    pub(crate) duplicate_lines: Vec<u64>,
    /// Numbers of lines that stand in an earlier file.
    pub(crate) repeated: Vec<u64>,
    /// What this run cleared, in the order of the rules.
    pub(crate) pairs: Vec<Pair>,
    /// Accepted, and not (yet) in the operator's books.
    pub(crate) ours_only: Vec<Open<Record>>,
    /// In the operator's books, and not accepted.
    pub(crate) theirs_only: Vec<Open<Line>>,
    pub(crate) ours: Side,
    pub(crate) theirs: Side,
}

/// One card operator's reconciliation.
#[derive(Debug)]
pub(crate) struct Model {
    operator: Operator,
    /// Everything of this operator that was cleared, and whether a run has taken it in.
    records: Vec<(Record, bool)>,
    /// The runs so far.
    runs: u32,
    as_of: Option<Date>,
    ours: Vec<Record>,
    theirs: Vec<Line>,
    /// The files so far, and the text of their lines that were taken.
    files: BTreeSet<Vec<u8>>,
    texts: BTreeSet<String>,
}

impl Model {
    pub(crate) fn new(operator: Operator) -> Self {
        Self {
            operator,
            records: Vec::new(),
            runs: 0,
            as_of: None,
            ours: Vec::new(),
            theirs: Vec::new(),
            files: BTreeSet::new(),
            texts: BTreeSet::new(),
        }
    }

    /// Windows were cleared; records of other operators are none of this one's business.
    pub(crate) fn clear(&mut self, records: impl IntoIterator<Item = Record>) {
        let own = records.into_iter().filter(|record| record.facts.issuer == self.operator.issuer);
        self.records.extend(own.map(|record| (record, false)));
    }

    /// Makes a run.
    pub(crate) fn run(&mut self, run: Run) -> Outcome {
        let number = self.runs + 1;
        let mut found = file::Found::default();
        if let Some(bytes) = run.file {
            if self.files.contains(&bytes) {
                return Outcome::SeenBefore;
            }
            match file::read(&bytes, run.date, self.operator.issuer, &self.texts, run.other_days) {
                Ok(read) => found = read,
                Err(refusal) => return Outcome::Refused(refusal),
            }
            self.files.insert(bytes);
        }
        self.runs = number;
        let as_of = self.as_of.map_or(run.date, |before| before.max(run.date));
        self.as_of = Some(as_of);

        let opening = (figures::sum(&self.ours), figures::sum(&self.theirs));
        let mut new_ours = Vec::new();
        for (record, taken) in &mut self.records {
            if !*taken && record.window <= as_of {
                *taken = true;
                if matches!(record.verdict, Verdict::Accepted(_)) {
                    new_ours.push(*record);
                }
            }
        }
        let mut new_theirs = Vec::new();
        for (line, text, facts, refused) in found.taken {
            self.texts.insert(text);
            let place = LinePlace { run: number, line };
            new_theirs.push(Line { place, file_date: run.date, facts, refused });
        }
        let new = (figures::sum(&new_ours), figures::sum(&new_theirs));
        self.ours.append(&mut new_ours);
        self.theirs.append(&mut new_theirs);

        let mut pairs = Vec::new();
        for rule in 1..=3 {
            pair::pair_off(rule, &mut self.ours, &mut self.theirs, &mut pairs);
        }
        let cleared_ours: Vec<Record> = pairs.iter().map(|pair| pair.ours).collect();
        let cleared_theirs: Vec<Line> = pairs.iter().map(|pair| pair.theirs.clone()).collect();

        let ours_only: Vec<Open<Record>> =
            self.ours.iter().map(|record| self.open(*record, record.window, as_of, None)).collect();
        let theirs_only: Vec<Open<Line>> = self
            .theirs
            .iter()
            .map(|line| self.open(line.clone(), line.file_date, as_of, self.known(&line.facts)))
            .collect();
        Outcome::Ran(Box::new(Report {
            number,
            as_of,
            lines: found.lines,
            not_taken: found.not_taken,
            duplicate_lines: found.duplicate_lines,
            repeated: found.repeated,
            ours: Side::of(opening.0, new.0, figures::sum(&cleared_ours), &ours_only),
            theirs: Side::of(opening.1, new.1, figures::sum(&cleared_theirs), &theirs_only),
            pairs,
            ours_only,
            theirs_only,
        }))
    }

    fn open<I>(&self, item: I, date: Date, as_of: Date, known: Option<Record>) -> Open<I> {
        let last = self.operator.calendar.business_days_after(date, self.operator.grace_days);
        Open { item, age: (as_of - date).get_days(), is_break: as_of > last, known }
    }

    /// The record of the line's transaction among those that were taken in and not accepted: by terminal and number
    /// first, then by counter, of several the earliest. Windows before the day before the line's date cannot hold it.
    fn known(&self, line: &Facts) -> Option<Record> {
        let date = line.date.to_civil().expect("lines have dates of the calendar");
        let earliest = date.yesterday().expect("dates of this century");
        [2, 3].into_iter().find_map(|rule| {
            let mut same: Vec<Record> = self
                .records
                .iter()
                .filter(|(record, taken)| *taken && !matches!(record.verdict, Verdict::Accepted(_)))
                .filter(|(record, _)| record.window >= earliest)
                .map(|(record, _)| *record)
                .filter(|record| pair::is_same(rule, &record.facts, line))
                .collect();
            same.sort_by_key(|record| (record.facts.date, record.facts.time, record.place));
            same.first().copied()
        })
    }
}

impl Record {
    /// Disposition and reason.
    pub(crate) fn fate(&self) -> (Disposition, Option<Reason>) {
        (self.verdict.disposition(), self.verdict.reason())
    }
}
