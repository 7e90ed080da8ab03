//! Result files (`package.md`, Result file): what the centre tells a collector about its packages.
//!
//! CSV in UTF-8 with CRLF and the `CRC:` trailer. The first field of a line says which of two kinds it is; the
//! first two lines name the columns of both. A package's `record` lines follow its `package` line, in
//! ascending row; the packages come in ascending (collector, sequence). No field needs quoting.
//!
//! ```text
//! package,collector,sequence,accepted_count,accepted_fen,duplicate_count,duplicate_fen,suspended_count,suspended_fen,rejected_count,rejected_fen
//! record,row,terminal,terminal_number,disposition,reason
//! package,6510000000f1,7,398,79600,1,200,0,0,1,200
//! record,17,651000000a01,1017,duplicate,
//! record,230,651000000a02,88,rejected,tac_mismatch
//! CRC:f4456ae2
//! ```
//!
//! Bounded by the packages it speaks of: a line of at most 200 bytes for each of their records.

use tongclear_types::{
    CollectorId, Disposition, Fen, PackageSequence, Reason, TerminalId, TerminalNumber, Verdict,
};

use crate::fields::{Fields, canonical};
use crate::list_error::ListError;
use crate::trailer::{append_trailer, split_body};

/// The columns of a `package` line.
const PACKAGE_COLUMNS: &[&str] = &[
    "package",
    "collector",
    "sequence",
    "accepted_count",
    "accepted_fen",
    "duplicate_count",
    "duplicate_fen",
    "suspended_count",
    "suspended_fen",
    "rejected_count",
    "rejected_fen",
];

/// The columns of a `record` line.
const RECORD_COLUMNS: &[&str] = &["record", "row", "terminal", "terminal_number", "disposition", "reason"];

/// A number of records and the sum of their amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many.
    pub count: u32,
    /// Their amounts together; never negative.
    pub amount: Fen,
}

/// Why a record was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAccepted {
    /// A copy.
    Duplicate,
    /// Suspended or rejected, as the reason says.
    Refused(Reason),
}

impl NotAccepted {
    /// What `verdict` says, unless it is that the record was accepted.
    #[must_use]
    pub const fn from_verdict(verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Accepted(_) => None,
            Verdict::Duplicate => Some(Self::Duplicate),
            Verdict::Refused(reason) => Some(Self::Refused(reason)),
        }
    }

    /// The verdict that it is.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Duplicate => Verdict::Duplicate,
            Self::Refused(reason) => Verdict::Refused(reason),
        }
    }

    /// The one of those two names; none when they do not belong together.
    fn from_names(disposition: &str, reason: &str) -> Option<Self> {
        let found =
            if reason.is_empty() { Self::Duplicate } else { Self::Refused(Reason::from_name(reason)?) };
        (found.verdict().disposition().name() == disposition).then_some(found)
    }
}

/// A record that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpaidRecord {
    /// Its place in the package, from 0.
    pub row: u32,
    /// The terminal.
    pub terminal: TerminalId,
    /// The terminal's transaction number.
    pub terminal_number: TerminalNumber,
    /// Why.
    pub outcome: NotAccepted,
}

/// What became of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageResult {
    /// The collector that sent it.
    pub collector: CollectorId,
    /// Its number.
    pub sequence: PackageSequence,
    /// Records that are paid.
    pub accepted: Tally,
    /// Copies.
    pub duplicate: Tally,
    /// Records that wait for a decision.
    pub suspended: Tally,
    /// Records that are not paid.
    pub rejected: Tally,
    /// One entry for each record not accepted, in ascending row.
    pub unpaid: Vec<UnpaidRecord>,
}

impl PackageResult {
    /// Whether `unpaid` is in ascending row and has as many records of each disposition as the tallies say.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let holds = |disposition, tally: Tally| {
            let found = self.unpaid.iter().filter(|it| it.outcome.verdict().disposition() == disposition);
            u32::try_from(found.count()) == Ok(tally.count)
        };
        holds(Disposition::Duplicate, self.duplicate)
            && holds(Disposition::Suspended, self.suspended)
            && holds(Disposition::Rejected, self.rejected)
            && self.unpaid.is_sorted_by(|a, b| a.row < b.row)
    }
}

/// What became of the packages of one or more collectors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultFile {
    /// The packages, in ascending (collector, sequence).
    pub packages: Vec<PackageResult>,
}

impl ResultFile {
    /// Reads a result file.
    ///
    /// # Errors
    /// The first line that is wrong: trailer and CRC, the two lines of columns, then line by line the fields
    /// and the order; a package whose `record` lines do not fit its counts is named by the line after them.
    pub fn parse(bytes: &[u8]) -> Result<Self, ListError> {
        let body = split_body(bytes)?;
        let mut lines = (1..).zip(body.split_inclusive(|byte| *byte == b'\n'));
        for (line, columns) in [(1, PACKAGE_COLUMNS), (2, RECORD_COLUMNS)] {
            let expected = columns.join(",");
            let found = lines.next().map_or(Ok(""), |(line, raw)| text_of(line, raw))?;
            if found != expected {
                return Err(ListError::new(
                    line,
                    "columns",
                    format_args!("{:?}", shortened(found)),
                    expected,
                ));
            }
        }
        let mut packages: Vec<PackageResult> = Vec::new();
        let mut line_after = 3;
        for (line, raw) in lines {
            let texts: Vec<&str> = text_of(line, raw)?.split(',').take(PACKAGE_COLUMNS.len() + 1).collect();
            line_after = line + 1;
            match texts.first() {
                Some(&"package") => {
                    let next = parse_package(&Fields::new(line, &texts, PACKAGE_COLUMNS)?)?;
                    if let Some(last) = packages.last() {
                        check_counts(line, last)?;
                        check_order(line, last, &next)?;
                    }
                    packages.push(next);
                }
                Some(&"record") => {
                    let record = parse_record(&Fields::new(line, &texts, RECORD_COLUMNS)?)?;
                    let Some(package) = packages.last_mut() else {
                        return Err(ListError::new(line, "kind", "record", "a package line first"));
                    };
                    package.unpaid.push(record);
                }
                other => {
                    let value = format!("{:?}", shortened(other.copied().unwrap_or_default()));
                    return Err(ListError::new(line, "kind", value, "package or record"));
                }
            }
        }
        packages.last().map_or(Ok(()), |last| check_counts(line_after, last))?;
        Ok(Self { packages })
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{}\r\n{}\r\n", PACKAGE_COLUMNS.join(","), RECORD_COLUMNS.join(","));
        for package in &self.packages {
            text.push_str(&format!("package,{},{}", package.collector, package.sequence));
            for tally in [package.accepted, package.duplicate, package.suspended, package.rejected] {
                text.push_str(&format!(",{},{}", tally.count, tally.amount));
            }
            text.push_str("\r\n");
            for record in &package.unpaid {
                let verdict = record.outcome.verdict();
                text.push_str(&format!(
                    "record,{},{},{},{},{}\r\n",
                    record.row,
                    record.terminal,
                    record.terminal_number.0,
                    verdict.disposition(),
                    verdict.reason().map_or("", Reason::name)
                ));
            }
        }
        let mut bytes = text.into_bytes();
        append_trailer(&mut bytes);
        bytes
    }
}

/// The text of a line without its CRLF.
fn text_of(line: u64, raw: &[u8]) -> Result<&str, ListError> {
    raw.strip_suffix(b"\r\n")
        .and_then(|raw| std::str::from_utf8(raw).ok())
        .ok_or_else(|| ListError::new(line, "line", crate::refusal::shown_text(raw, 32), "UTF-8 and CRLF"))
}

/// At most 64 characters.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}

fn parse_package(fields: &Fields<'_>) -> Result<PackageResult, ListError> {
    let tally = |index| {
        let count = fields.read(index, "a number", canonical)?;
        let amount: u64 = fields.read(index + 1, "an amount in fen", canonical)?;
        let amount = i64::try_from(amount).ok().and_then(|fen| Fen::new(fen).ok());
        let amount = amount.ok_or_else(|| fields.wrong(index + 1, "an amount in fen"))?;
        Ok(Tally { count, amount })
    };
    Ok(PackageResult {
        collector: fields.read(1, "12 hex digits", canonical)?,
        sequence: PackageSequence(fields.read(2, "a number", canonical)?),
        accepted: tally(3)?,
        duplicate: tally(5)?,
        suspended: tally(7)?,
        rejected: tally(9)?,
        unpaid: Vec::new(),
    })
}

fn parse_record(fields: &Fields<'_>) -> Result<UnpaidRecord, ListError> {
    let reason = fields.text(5);
    Ok(UnpaidRecord {
        row: fields.read(1, "a number", canonical)?,
        terminal: fields.read(2, "12 hex digits", canonical)?,
        terminal_number: TerminalNumber(fields.read(3, "a number", canonical)?),
        outcome: fields.read(
            4,
            "duplicate, suspended or rejected, with a reason that belongs to it",
            |name| NotAccepted::from_names(name, reason),
        )?,
    })
}

/// Packages ascend.
fn check_order(line: u64, last: &PackageResult, next: &PackageResult) -> Result<(), ListError> {
    if (next.collector, next.sequence) <= (last.collector, last.sequence) {
        let shown = |it: &PackageResult| format!("{} {}", it.collector, it.sequence);
        return Err(ListError::new(line, "package", shown(next), format_args!("one after {}", shown(last))));
    }
    Ok(())
}

/// The `record` lines before `line_after` fit the counts of their package.
fn check_counts(line_after: u64, package: &PackageResult) -> Result<(), ListError> {
    if !package.adds_up() {
        let expected = format!(
            "ascending rows, {} duplicate, {} suspended, {} rejected",
            package.duplicate.count, package.suspended.count, package.rejected.count
        );
        let value = format!("{} lines before it", package.unpaid.len());
        return Err(ListError::new(line_after, "records", value, expected));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
