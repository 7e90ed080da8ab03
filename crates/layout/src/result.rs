//! The centre's result of a package, in the layout of the terminals that the package's records came from.

use std::collections::BTreeMap;

use tongclear_package::{PackageResult, PackageView, RECORD_LEN, ResultFile, UnpaidRecord};
use tongclear_types::{Disposition, Reason};

use crate::Profile;
use crate::codec::Wrong;
use crate::error::{FileFaults, ResultError};
use crate::frame::Slot;
use crate::profile::{ResultField, ResultRole, Source};

/// What became of one record.
struct Outcome<'a> {
    bytes: &'a [u8; RECORD_LEN],
    row: u32,
    disposition: Disposition,
    reason: Option<Reason>,
}

impl Profile {
    /// The foreign result of `package`, of which `file` tells.
    ///
    /// # Errors
    /// [`ResultError`] when the profile has no `[result]`, the file tells of another package, or something cannot
    /// be written as the profile says.
    pub fn result(&self, package: &PackageView<'_>, file: &ResultFile) -> Result<Vec<u8>, ResultError> {
        let layout =
            self.result.as_ref().ok_or_else(|| ResultError::NoResult { profile: self.name.clone() })?;
        let header = package.header();
        let result = file
            .packages
            .iter()
            .find(|it| (it.collector, it.sequence) == (header.collector, header.sequence))
            .ok_or_else(|| ResultError::NoPackage {
                collector: header.collector.to_string(),
                sequence: header.sequence.0,
            })?;
        check_count(package, result)?;
        let mut unpaid: BTreeMap<u32, &UnpaidRecord> =
            result.unpaid.iter().map(|record| (record.row, record)).collect();

        let mut faults = FileFaults::default();
        let mut rows = Vec::new();
        for (row, (bytes, record)) in (0..).zip(package.record_bytes().iter().zip(package.records())) {
            let told = unpaid.remove(&row);
            if let Some(told) = told {
                check_same(row, "terminal", told.terminal, record.terminal)?;
                check_same(row, "terminal_number", told.terminal_number, record.terminal_number)?;
            }
            let verdict = told.map(|told| told.outcome.verdict());
            let outcome = Outcome {
                bytes,
                row,
                disposition: verdict.map_or(Disposition::Accepted, |it| it.disposition()),
                reason: verdict.and_then(|it| it.reason()),
            };
            if layout.all || verdict.is_some() {
                let place = layout.frame.place(rows.len());
                rows.push(write_row(&layout.fields, &outcome, package, |name, wrong| {
                    faults.push(place, name, wrong.value, wrong.expected);
                }));
            }
        }
        if let Some(row) = unpaid.keys().next() {
            let expected = format!("below {}", header.record_count);
            return Err(ResultError::OtherPackage {
                field: "row".to_owned(),
                value: row.to_string(),
                expected,
            });
        }
        faults.or(())?;
        let slots: Vec<&Slot> = layout.fields.iter().map(|field| &field.slot).collect();
        Ok(layout.frame.write(&slots, &rows))
    }
}

fn write_row(
    fields: &[ResultField],
    outcome: &Outcome<'_>,
    package: &PackageView<'_>,
    mut wrong: impl FnMut(&str, Wrong),
) -> Vec<Vec<u8>> {
    let mut row = Vec::with_capacity(fields.len());
    for field in fields {
        row.push(write_field(field, outcome, package).unwrap_or_else(|error| {
            wrong(&field.name, error);
            Vec::new()
        }));
    }
    row
}

fn write_field(
    field: &ResultField,
    outcome: &Outcome<'_>,
    package: &PackageView<'_>,
) -> Result<Vec<u8>, Wrong> {
    let width = field.slot.width();
    let say = |encoding: crate::encoding::Encoding, text: &str| {
        let spelled = encoding.spell(text).and_then(|spelled| encoding.write(&spelled, width));
        spelled.ok_or_else(|| Wrong::new(format!("{text:?}"), "a value that the field can say"))
    };
    match &field.role {
        ResultRole::Is(encoding, text) => say(*encoding, text),
        ResultRole::From { told, codec, map } => {
            let value = value(*told, outcome, package);
            // No reason is no text, unless the map names it.
            let mapped = map.as_ref().map(|map| match map.texts.get(&value) {
                None if !value.is_empty() => map.other.as_ref(),
                text => text,
            });
            match mapped {
                Some(Some(text)) => say(codec.encoding, text),
                _ if value.is_empty() => Ok(vec![codec.encoding.blank(); width.unwrap_or_default()]),
                Some(None) => Err(Wrong::new(hex::encode(value), "a value that the map has")),
                None => codec.write(&value, told.kind(), width),
            }
        }
    }
}

/// What is told, as the bytes that a field of the record would hold.
fn value(told: Source, outcome: &Outcome<'_>, package: &PackageView<'_>) -> Vec<u8> {
    let header = package.header();
    match told {
        Source::Record(target) => target.of(outcome.bytes).to_vec(),
        Source::Row => outcome.row.to_be_bytes().to_vec(),
        Source::Sequence => header.sequence.0.to_be_bytes().to_vec(),
        Source::Collector => header.collector.0.to_vec(),
        Source::Disposition => outcome.disposition.name().as_bytes().to_vec(),
        Source::Reason => outcome.reason.map_or_else(Vec::new, |it| it.name().as_bytes().to_vec()),
    }
}

/// The counts are of as many records as the package has.
fn check_count(package: &PackageView<'_>, result: &PackageResult) -> Result<(), ResultError> {
    let tallies = [result.accepted, result.duplicate, result.suspended, result.rejected];
    let told: u64 = tallies.iter().map(|tally| u64::from(tally.count)).sum();
    let records = package.header().record_count;
    check(|| "records".to_owned(), &told, &u64::from(records))
}

fn check_same<T: PartialEq + std::fmt::Display>(
    row: u32,
    field: &str,
    told: T,
    packed: T,
) -> Result<(), ResultError> {
    check(|| format!("{field} of row {row}"), &told, &packed)
}

fn check<T: PartialEq + std::fmt::Display>(
    field: impl FnOnce() -> String,
    told: &T,
    packed: &T,
) -> Result<(), ResultError> {
    if told == packed {
        return Ok(());
    }
    Err(ResultError::OtherPackage { field: field(), value: told.to_string(), expected: packed.to_string() })
}
