//! What an examination found, for people and programs.

use std::collections::BTreeMap;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;
use tongclear_types::{CollectorId, MerchantCode, PackageSequence};

use crate::coverage::Covered;
use crate::finding::Findings;
use crate::rule::Rule;

/// The columns of `failures.csv`.
pub const FAILURE_COLUMNS: [&str; 9] =
    ["severity", "rule", "reason", "package", "row", "offset", "field", "value", "expected"];

/// A package that was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExaminedPackage {
    /// Its file.
    pub name: String,
    /// The collector that its header names; none without a header.
    pub collector: Option<CollectorId>,
    /// The merchant that its header names, if that has the form of one.
    pub merchant: Option<MerchantCode>,
    /// Its number; none without a header.
    pub sequence: Option<PackageSequence>,
    /// Records that could be read.
    pub records: u64,
    /// The sum of their amounts, fen.
    pub amount_fen: u64,
    /// SHA-256 of all its bytes, hex.
    pub sha256: String,
}

impl ExaminedPackage {
    /// The file's name without its folder: whoever holds a certificate keeps the packages elsewhere.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or_default()
    }
}

/// What was counted over all packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Packages, each once.
    pub packages: u64,
    /// Files that hold the same bytes as another one, and were not looked at again.
    pub repeated: u64,
    /// Records that could be read.
    pub records: u64,
    /// The sum of their amounts, fen.
    pub amount_fen: u64,
    /// Different terminals.
    pub terminals: u64,
    /// Different cards.
    pub cards: u64,
}

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The packages, by collector and sequence; those without a header last.
    pub packages: Vec<ExaminedPackage>,
    /// Totals.
    pub counts: Counts,
    /// What is wrong.
    pub findings: Findings,
    /// What there was to see.
    pub coverage: Vec<Covered>,
    /// Rules that could not be checked because there were no keys.
    pub unchecked: Vec<Rule>,
}

impl Report {
    /// Whether a certificate may be given: every rule was checked and none is broken, be it an error or an advice,
    /// and there was enough to see.
    #[must_use]
    pub fn is_certified(&self) -> bool {
        self.findings.is_empty()
            && self.unchecked.is_empty()
            && self.coverage.iter().all(Covered::is_met)
            && self.packages.iter().all(|package| package.collector.is_some())
    }

    /// Packages by collector: merchant, first and last sequence, packages and records.
    #[must_use]
    pub fn collectors(&self) -> Vec<ExaminedCollector> {
        let mut collectors: BTreeMap<CollectorId, ExaminedCollector> = BTreeMap::new();
        for package in &self.packages {
            let (Some(collector), Some(sequence)) = (package.collector, package.sequence) else { continue };
            let entry = collectors.entry(collector).or_insert(ExaminedCollector {
                collector,
                merchant: package.merchant,
                first_sequence: sequence,
                last_sequence: sequence,
                packages: 0,
                records: 0,
            });
            entry.first_sequence = entry.first_sequence.min(sequence);
            entry.last_sequence = entry.last_sequence.max(sequence);
            entry.packages += 1;
            entry.records += package.records;
        }
        collectors.into_values().collect()
    }

    /// `failures.csv`: every finding that was kept, then the demands that are not met; UTF-8, CRLF.
    ///
    /// # Panics
    /// Never: lines go to memory.
    #[must_use]
    pub fn failures_csv(&self) -> Vec<u8> {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
        let mut put = |line: [&str; 9]| writer.write_record(line).expect("lines go to memory");
        put(FAILURE_COLUMNS);
        for finding in self.findings.kept() {
            let number = |number: Option<String>| number.unwrap_or_default();
            put([
                finding.severity.name(),
                finding.rule.name(),
                finding.reason.unwrap_or_default(),
                &finding.package,
                &number(finding.row.map(|row| row.to_string())),
                &number(finding.offset.map(|offset| offset.to_string())),
                finding.field,
                &finding.value,
                &finding.expected,
            ]);
        }
        for covered in self.coverage.iter().filter(|covered| !covered.is_met()) {
            let (found, needed) = (covered.found.to_string(), format!("{} or more", covered.needed));
            put(["coverage", covered.demand.name(), "", "", "", "", "", &found, &needed]);
        }
        for rule in &self.unchecked {
            put(["unchecked", rule.name(), "", "", "", "", "", "", "keys"]);
        }
        writer.into_inner().expect("lines go to memory")
    }
}

/// The packages of one collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExaminedCollector {
    /// The collector.
    pub collector: CollectorId,
    /// Its merchant.
    pub merchant: Option<MerchantCode>,
    /// The lowest sequence.
    pub first_sequence: PackageSequence,
    /// The highest sequence.
    pub last_sequence: PackageSequence,
    /// How many packages.
    pub packages: u64,
    /// How many records.
    pub records: u64,
}
