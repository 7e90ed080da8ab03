//! What is wrong: one finding a broken rule and place, counted all, kept up to a bound.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::field::Field;
use crate::rule::{Rule, Severity};

/// The most findings of one rule that are kept; all are counted.
pub const FINDINGS_MAX: usize = 200;

/// The most bytes of a value that a finding shows: a whole seal.
const SHOWN_BYTES_MAX: usize = 32;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it costs.
    pub severity: Severity,
    /// The rule that is broken.
    pub rule: Rule,
    /// What the centre calls it, if it minds.
    pub reason: Option<&'static str>,
    /// The package's file.
    pub package: String,
    /// The record, from 0; none when it is the package.
    pub row: Option<u32>,
    /// Where the field begins, bytes: in the record, or in the package when there is no row. None for the name.
    pub offset: Option<usize>,
    /// The field, as `package.md` names it.
    pub field: &'static str,
    /// What it holds, hex; a length as a number, the name of a file as it is.
    pub value: String,
    /// What it should hold.
    pub expected: String,
}

/// The package and record that are being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Index of the package among those examined.
    pub(crate) package: usize,
    /// The record, from 0.
    pub(crate) row: Option<u32>,
}

/// All findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<(Place, Finding)>,
    counts: BTreeMap<Rule, u64>,
}

impl Findings {
    /// Notes that the field at `place`, which holds `bytes`, breaks `rule`.
    pub(crate) fn field(
        &mut self,
        rule: Rule,
        (place, name): (Place, &str),
        field: Field,
        bytes: &[u8],
        expected: impl Into<String>,
    ) {
        self.add(rule, (place, name), Some(field.offset), field.name, || shown(field.of(bytes)), expected);
    }

    /// Notes it of anything with a place and a value.
    pub(crate) fn add(
        &mut self,
        rule: Rule,
        (place, name): (Place, &str),
        offset: Option<usize>,
        field: &'static str,
        value: impl FnOnce() -> String,
        expected: impl Into<String>,
    ) {
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count > u64::try_from(FINDINGS_MAX).unwrap_or(u64::MAX) {
            return;
        }
        let finding = Finding {
            severity: rule.severity(),
            rule,
            reason: rule.reason(),
            package: name.to_owned(),
            row: place.row,
            offset,
            field,
            value: value(),
            expected: expected.into(),
        };
        self.kept.push((place, finding));
    }

    /// Brings them into the order of packages, records and bytes.
    pub(crate) fn sort(&mut self) {
        self.kept.sort_by(|(a, one), (b, two)| (a, one.offset, one.rule).cmp(&(b, two.offset, two.rule)));
    }

    /// The findings that were kept, by package, record and byte; what is wrong with a package itself first.
    pub fn kept(&self) -> impl ExactSizeIterator<Item = &Finding> {
        self.kept.iter().map(|(_, finding)| finding)
    }

    /// How often each rule was broken.
    pub fn counts(&self) -> impl Iterator<Item = (Rule, u64)> {
        self.counts.iter().map(|(rule, count)| (*rule, *count))
    }

    /// How many findings there are of one severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        self.counts().filter(|(rule, _)| rule.severity() == severity).map(|(_, count)| count).sum()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

/// Bytes in hex, shortened.
pub(crate) fn shown(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES_MAX) {
        Some(start) if bytes.len() > SHOWN_BYTES_MAX => format!("{}…", hex::encode(start)),
        _ => hex::encode(bytes),
    }
}
