//! What a run made, in numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use tongclear_types::{Disposition, Fen};

use crate::outbox::Row;

/// What a run made; the maps list what is not zero, in the order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Packages, empty ones included.
    pub packages: u64,
    /// Records.
    pub transactions: u64,
    /// Sum of the records' amounts, fen.
    pub amount_fen: Fen,
    /// Anomalies made, by kind (the names of [`crate::Anomaly`]).
    pub anomalies: BTreeMap<&'static str, u64>,
    /// Records by the disposition they must get.
    pub dispositions: BTreeMap<&'static str, u64>,
    /// Suspended and rejected records by the reason they must get.
    pub reasons: BTreeMap<&'static str, u64>,
    /// Accepted records by the flags they must get.
    pub flags: BTreeMap<&'static str, u64>,
    /// Lines in the books of the card operators.
    pub operator_lines: u64,
    /// What is wrong with those books and with when they arrive, by kind.
    pub operator_anomalies: BTreeMap<&'static str, u64>,
    /// Where everything is.
    pub paths: Paths,
}

/// Where a run wrote what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Paths {
    /// Folder with `registry.toml` and `terminals.csv`.
    pub registry: PathBuf,
    /// The keys.
    pub keys: PathBuf,
    /// Folder with the deny lists; in the order of their names they can be loaded.
    pub lists: PathBuf,
    /// Folder with one folder of packages a window.
    pub packages: PathBuf,
    /// Folder with one file a card operator and day, when each arrives, and what must become of each line.
    pub operators: PathBuf,
    /// What must become of each record.
    pub truth: PathBuf,
}

impl Paths {
    /// The paths below `out`.
    pub(crate) fn below(out: &std::path::Path) -> Self {
        Self {
            registry: out.join("registry"),
            keys: out.join("keys.toml"),
            lists: out.join("lists"),
            packages: out.join("packages"),
            operators: out.join("operators"),
            truth: out.join("truth.csv"),
        }
    }
}

/// Counts by disposition, reason and flag.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    dispositions: BTreeMap<&'static str, u64>,
    reasons: BTreeMap<&'static str, u64>,
    flags: BTreeMap<&'static str, u64>,
    accepted: u64,
}

impl Tally {
    /// Counts a record.
    pub(crate) fn count(&mut self, row: &Row) {
        let verdict = row.verdict;
        if verdict.disposition() == Disposition::Accepted {
            self.accepted += 1;
        } else {
            *self.dispositions.entry(verdict.disposition().name()).or_default() += 1;
        }
        if let Some(reason) = verdict.reason() {
            *self.reasons.entry(reason.name()).or_default() += 1;
        }
        for flag in verdict.flags().iter() {
            *self.flags.entry(flag.name()).or_default() += 1;
        }
    }

    /// Puts the counts into the summary.
    pub(crate) fn into_summary(mut self, summary: &mut Summary) {
        if self.accepted > 0 {
            self.dispositions.insert(Disposition::Accepted.name(), self.accepted);
        }
        summary.dispositions = self.dispositions;
        summary.reasons = self.reasons;
        summary.flags = self.flags;
    }
}
