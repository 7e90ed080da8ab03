//! Reading the pieces of an operator's file: lines become items, or are reported with what is wrong.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memchr;
use tongclear_package::{ListError, OperatorLine, OperatorPiece};
use tongclear_store::reconciliations::NotTaken;
use tongclear_types::BcdDate;

use super::inputs::{Inputs, Source};
use super::item::{Facts, Line};
use crate::EngineError;

/// Lines that are not items and are told one by one; of more, the number is told.
pub(super) const NOT_TAKEN_MAX: usize = 10_000;

/// What the readers of one file found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    lines: AtomicU64,
    not_taken: AtomicU64,
    /// Whether a line is of the day that the file is for.
    dated: AtomicBool,
    told: Mutex<Vec<NotTaken>>,
}

impl Findings {
    /// Lines read, and lines that are not items.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.lines.load(Ordering::Acquire), self.not_taken.load(Ordering::Acquire))
    }

    /// The first of the lines that are not items, in order, once everything was read.
    pub(super) fn told(&self) -> Vec<NotTaken> {
        let mut told = std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner));
        told.sort_unstable();
        told.truncate(NOT_TAKEN_MAX);
        told
    }

    /// Refuses the file as a whole, once everything was read: when not one line could be taken, or none is of its day.
    pub(super) fn refuse_if_useless(&self, source: &Source) -> Result<(), EngineError> {
        let (lines, not_taken) = self.counts();
        if lines > 0 && lines == not_taken {
            let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let first = told.iter().min().map(|it| {
                format!("line {}: {} is {}, expected {}", it.line, it.field, it.value, it.expected)
            });
            let first = first.unwrap_or_default();
            return Err(EngineError::Refused(format!(
                "not one of {lines} lines can be taken; the first: {first}"
            )));
        }
        if lines > 0 && !source.other_days && !self.dated.load(Ordering::Acquire) {
            let date = source.date;
            return Err(EngineError::Refused(format!(
                "wrong day: not one of {lines} lines is dated {date}; give the day that the file is for, or --other-days \
                 if it is for {date} all the same"
            )));
        }
        Ok(())
    }

    fn tell(&self, wrong: NotTaken) {
        self.not_taken.fetch_add(1, Ordering::AcqRel);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push(wrong);
        // Workers come in any order; those with the lowest numbers stay.
        if told.len() >= 2 * NOT_TAKEN_MAX {
            told.sort_unstable();
            told.truncate(NOT_TAKEN_MAX);
        }
    }
}

/// Reads pieces of one file.
pub(super) struct LineReader<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) source: &'a Source,
    pub(super) findings: &'a Findings,
}

impl LineReader<'_> {
    /// The items of a piece.
    pub(super) fn read(&self, file: &File, piece: &OperatorPiece) -> Result<Vec<Line>, EngineError> {
        let length = usize::try_from(piece.end - piece.start)
            .map_err(|error| EngineError::Internal(format!("a piece of a file: {error}")))?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, piece.start).map_err(|error| self.disk(&error))?;
        let latest = BcdDate::from_civil(self.source.date.plus_days(1).civil());
        let own = BcdDate::from_civil(self.source.date.civil());
        let mut lines = Vec::with_capacity(length / 80);
        let (mut rest, mut number, mut dated) = (&bytes[..], piece.first_line, false);
        while let Some(end) = memchr(b'\n', rest) {
            let text = &rest[..end];
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            match self.item(number, text, latest) {
                Ok(line) => {
                    dated |= line.facts.date == own.0;
                    lines.push(line);
                }
                Err(wrong) => self.findings.tell(wrong),
            }
            (rest, number) = (&rest[end + 1..], number + 1);
        }
        self.findings.lines.fetch_add(number - piece.first_line, Ordering::AcqRel);
        if dated {
            self.findings.dated.store(true, Ordering::Release);
        }
        Ok(lines)
    }

    fn item(&self, number: u64, text: &[u8], latest: BcdDate) -> Result<Line, NotTaken> {
        let line = OperatorLine::read(number, text).map_err(not_taken)?;
        let refuse = |field: &str, value: String, expected: String| {
            Err(NotTaken { line: number, field: field.to_owned(), value, expected })
        };
        if line.issuer != self.inputs.issuer {
            let (own, code) = (self.inputs.issuer, self.inputs.operator);
            return refuse(
                "issuer_id",
                line.issuer.to_string(),
                format!("{own}, the issuer id of operator {code}"),
            );
        }
        if line.date.to_civil().is_none() {
            return refuse("date", line.date.to_string(), "a date of the calendar".to_owned());
        }
        if line.time.to_civil().is_none() {
            return refuse("time", line.time.to_string(), "a time of the day".to_owned());
        }
        if line.date > latest {
            let expected = format!("at most {latest}, a day after the file's");
            return refuse("date", line.date.to_string(), expected);
        }
        let amount_fen = u32::try_from(line.amount.get()).unwrap_or(u32::MAX);
        let facts = Facts {
            serial: line.serial.0,
            tti: line.tti.0,
            counter: line.counter,
            terminal: line.terminal.0,
            terminal_number: line.terminal_number.0,
            amount_fen,
            date: line.date.0,
            time: line.time.0,
        };
        Ok(Line { facts, status: self.inputs.words.number(line.status), number })
    }

    fn disk(&self, error: &std::io::Error) -> EngineError {
        EngineError::reading(&self.source.path, error)
    }
}

fn not_taken(error: ListError) -> NotTaken {
    NotTaken { line: error.line, field: error.what.to_owned(), value: error.value, expected: error.expected }
}

/// Opens the file of a source.
pub(super) fn open(path: &Path) -> Result<File, EngineError> {
    File::open(path).map_err(|error| EngineError::reading(path, &error))
}
