//! Runs of reconciliation with card operators: their figures and the files they wrote. The items lie in the vault.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, MoneyError, OperatorCode, Tally};

use crate::audit::{AuditEvent, files_digest};
use crate::decode::Cells;
use crate::operator_files::{OperatorFileRow, add_in};
use crate::statements::{Row, find, note};
use crate::{Digest, RegistryVersion, RunFile, Stamp, Store, StoreError, column};

/// Age in days of the youngest and the oldest item of each bucket; the last has no end.
pub const AGE_BUCKETS: [(&str, u32); 5] =
    [("0-1", 1), ("2-3", 3), ("4-7", 7), ("8-30", 30), ("over_30", u32::MAX)];

/// What a run says of one side: opening + new − cleared = closing, in count and fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SideProof {
    /// Open items that the run before left.
    pub opening: Tally,
    /// Items that this run took in.
    pub new: Tally,
    /// Items that found their other side.
    pub cleared: Tally,
    /// Items that a decision closed.
    pub decided: Tally,
    /// Open items that this run leaves, counted apart from the others.
    pub closing: Tally,
}

impl SideProof {
    /// Whether opening + new = cleared + decided + closing.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn holds(&self) -> Result<bool, MoneyError> {
        let sum = |tallies: &[Tally]| {
            let mut sum = Tally::default();
            tallies.iter().try_for_each(|tally| sum.merge(tally)).map(|()| sum)
        };
        Ok(sum(&[self.opening, self.new])? == sum(&[self.cleared, self.decided, self.closing])?)
    }

    fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.opening.merge(&other.opening)?;
        self.new.merge(&other.new)?;
        self.cleared.merge(&other.cleared)?;
        self.decided.merge(&other.decided)?;
        self.closing.merge(&other.closing)
    }
}

/// Open items of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpenItems {
    /// All of them.
    pub all: Tally,
    /// Those that are past the operator's grace.
    pub breaks: Tally,
    /// By age, in the buckets of [`AGE_BUCKETS`].
    pub aging: [Tally; AGE_BUCKETS.len()],
}

impl OpenItems {
    fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.all.merge(&other.all)?;
        self.breaks.merge(&other.breaks)?;
        self.aging.iter_mut().zip(&other.aging).try_for_each(|(bucket, other)| bucket.merge(other))
    }
}

/// Pairs of a record and a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pairs {
    /// Our side.
    pub ours: Tally,
    /// The operator's.
    pub theirs: Tally,
}

impl Pairs {
    fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.ours.merge(&other.ours)?;
        self.theirs.merge(&other.theirs)
    }
}

/// What became of a file's lines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LineFigures {
    /// Transactions in the file.
    pub lines: u64,
    /// Those that became items.
    pub taken: Tally,
    /// Those that could not be.
    pub not_taken: u64,
    /// Those that stand in the file more than once.
    pub duplicate_lines: u64,
    /// Those that an earlier file had.
    pub repeated: u64,
}

/// A line that was not taken, or counts no second time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotTaken {
    /// Its number in the file, from 1; the header is line 1.
    pub line: u64,
    /// The field that is wrong, or `duplicate_line`, `repeated`.
    pub field: String,
    /// What stands there.
    pub value: String,
    /// What should.
    pub expected: String,
}

/// What a run comes to. Everything is ordered, so that equal figures have equal bytes as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReconciliationFigures {
    /// What became of the file's lines; none without a file.
    pub file: Option<LineFigures>,
    /// Pairs that agree.
    pub matched: Pairs,
    /// Pairs in which a field differs.
    pub mismatch: Pairs,
    /// Mismatches by field.
    pub fields: BTreeMap<String, u64>,
    /// What we accepted and the operator does not have (yet).
    pub ours_only: OpenItems,
    /// What the operator has and we never received or did not accept.
    pub theirs_only: OpenItems,
    /// Of the latter, what became of the record that we received, by `disposition` or `disposition:reason`.
    pub known: BTreeMap<String, Tally>,
    /// Opening + new − cleared = closing for our side.
    pub ours: SideProof,
    /// The same for the operator's.
    pub theirs: SideProof,
    /// First and last date (`YYYYMMDD`) of the lines in this run's pairs; none when there are none.
    pub paired_dates: Option<(String, String)>,
    /// Lines that are not items, in the order of the file; the first ones, when there are very many.
    pub not_taken: Vec<NotTaken>,
}

impl ReconciliationFigures {
    /// Adds the figures of another part of the same run, but not those of the file's lines as a whole.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        if let Some(more) = &other.file {
            let file = self.file.get_or_insert_default();
            file.lines += more.lines;
            file.taken.merge(&more.taken)?;
            file.not_taken += more.not_taken;
            file.duplicate_lines += more.duplicate_lines;
            file.repeated += more.repeated;
        }
        self.matched.merge(&other.matched)?;
        self.mismatch.merge(&other.mismatch)?;
        for (field, count) in &other.fields {
            *self.fields.entry(field.clone()).or_default() += count;
        }
        self.ours_only.merge(&other.ours_only)?;
        self.theirs_only.merge(&other.theirs_only)?;
        for (known, tally) in &other.known {
            self.known.entry(known.clone()).or_default().merge(tally)?;
        }
        self.ours.merge(&other.ours)?;
        self.theirs.merge(&other.theirs)?;
        self.paired_dates = match (self.paired_dates.take(), other.paired_dates.clone()) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.not_taken.extend(other.not_taken.iter().cloned());
        Ok(())
    }

    /// The first side whose proof line does not hold, in words.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn disagreement(&self) -> Result<Option<String>, MoneyError> {
        for (side, proof) in [("ours", &self.ours), ("theirs", &self.theirs)] {
            if !proof.holds()? {
                return Ok(Some(format!(
                    "{side}: opening + new - cleared - decided is not closing: {proof:?}"
                )));
            }
        }
        Ok(None)
    }
}

/// A committed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciliationRow {
    /// With whom.
    pub operator: OperatorCode,
    /// Its number among the operator's, from 1.
    pub run: u32,
    /// The day that the operator's file is for.
    pub business_date: BusinessDate,
    /// What ages are counted to; never earlier than in the run before.
    pub as_of: BusinessDate,
    /// The last window taken in so far.
    pub taken_through: Option<BusinessDate>,
    /// The registry whose grace and calendar count.
    pub registry: RegistryVersion,
    /// SHA-256 of the operator's file.
    pub file: Option<Digest>,
    /// Digest of the results.
    pub digest: Digest,
    /// [`ReconciliationFigures`] as JSON, as they were digested.
    pub figures_json: String,
}

impl ReconciliationRow {
    /// The figures.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when they are none of this version.
    pub fn figures(&self) -> Result<ReconciliationFigures, StoreError> {
        let json = &self.figures_json;
        serde_json::from_str(json)
            .map_err(|error| column::corrupt("reconciliations.figures_json", json, error))
    }
}

const RUNS: &str = "SELECT operator, run, business_date, as_of, taken_through, registry_version, file_digest, digest, figures_json \
    FROM reconciliations WHERE operator = $1 ORDER BY run";
const ALL_RUNS: &str = "SELECT operator, run, business_date, as_of, taken_through, registry_version, file_digest, digest, figures_json \
    FROM reconciliations ORDER BY operator, run";
const LAST: &str = "SELECT MAX(run) AS id FROM reconciliations WHERE operator = $1";
const ADD: &str = "INSERT INTO reconciliations (operator, run, business_date, as_of, taken_through, registry_version, file_digest, digest, \
    figures_json) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const ADD_FILE: &str =
    "INSERT INTO reconciliation_files (operator, run, path, digest) VALUES ($1, $2, $3, $4)";
const FILES: &str =
    "SELECT path, digest FROM reconciliation_files WHERE operator = $1 AND run = $2 ORDER BY path";

/// The runs with one operator, or with all, in order.
///
/// # Errors
/// Faults of the database.
pub async fn reconciliations(
    store: &dyn Store,
    operator: Option<OperatorCode>,
) -> Result<Vec<ReconciliationRow>, StoreError> {
    let mut transaction = store.read().await?;
    let rows = match operator {
        Some(operator) => transaction.rows(RUNS, &[operator.to_string().into()]).await?,
        None => transaction.rows(ALL_RUNS, &[]).await?,
    };
    rows.iter().map(run_row).collect()
}

/// The files that a run wrote, by path.
///
/// # Errors
/// Faults of the database.
pub async fn reconciliation_files(
    store: &dyn Store,
    operator: OperatorCode,
    run: u32,
) -> Result<Vec<RunFile>, StoreError> {
    let key = [operator.to_string().into(), i64::from(run).into()];
    let rows = store.read().await?.rows(FILES, &key).await?;
    rows.iter()
        .map(|row| {
            let cells: &dyn Cells = row;
            Ok(RunFile {
                path: cells.text("reconciliation_files.path")?.to_owned(),
                digest: cells.digest("reconciliation_files.digest")?,
            })
        })
        .collect()
}

/// Commits a run with the files it wrote, and the operator's file where it is new.
///
/// # Errors
/// [`StoreError::Conflict`] when `row` is not the operator's next run; faults of the database.
pub async fn commit_reconciliation(
    store: &dyn Store,
    row: &ReconciliationRow,
    files: &[RunFile],
    operator_file: Option<&OperatorFileRow>,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let operator = row.operator.to_string();
    let mut transaction = store.write().await?;
    let last = find(&mut *transaction, LAST, &[operator.clone().into()]).await?;
    let last = last.map_or(Ok(None), |row| Cells::integer_or_null(&row, "reconciliations.id"))?;
    if last.unwrap_or(0) + 1 != i64::from(row.run) {
        return Err(StoreError::Conflict {
            what: format!("run {} with operator {operator} is not the next one", row.run),
        });
    }
    if let Some(file) = operator_file {
        add_in(&mut *transaction, file, stamp).await?;
    }
    let values = [
        operator.clone().into(),
        i64::from(row.run).into(),
        row.business_date.to_string().into(),
        row.as_of.to_string().into(),
        row.taken_through.map(|date| date.to_string()).into(),
        row.registry.0.into(),
        row.file.map(|digest| digest.to_string()).into(),
        row.digest.to_string().into(),
        row.figures_json.clone().into(),
    ];
    transaction.run(ADD, &values).await?;
    for file in files {
        let key = [
            operator.clone().into(),
            i64::from(row.run).into(),
            file.path.clone().into(),
            file.digest.to_string().into(),
        ];
        transaction.run(ADD_FILE, &key).await?;
    }
    note(&mut *transaction, stamp, &reconciled(row, files)).await?;
    transaction.commit().await
}

/// What the audit log says of a run.
#[must_use]
pub fn reconciled(row: &ReconciliationRow, files: &[RunFile]) -> AuditEvent {
    AuditEvent::Reconciliation {
        operator: row.operator,
        run: row.run,
        date: row.business_date,
        file: row.file,
        digest: row.digest,
        files_sha256: files_digest(files),
    }
}

fn run_row(row: &Row) -> Result<ReconciliationRow, StoreError> {
    let cells: &dyn Cells = row;
    let file = cells.text_or_null("reconciliations.file_digest")?;
    let file = file.map(|digest| column::digest("reconciliations.file_digest", digest));
    Ok(ReconciliationRow {
        operator: cells.id("reconciliations.operator")?,
        run: cells.number("reconciliations.run")?,
        business_date: cells.id("reconciliations.business_date")?,
        as_of: cells.id("reconciliations.as_of")?,
        taken_through: cells.id_or_null("reconciliations.taken_through")?,
        registry: RegistryVersion(cells.integer("reconciliations.registry_version")?),
        file: file.transpose()?,
        digest: cells.digest("reconciliations.digest")?,
        figures_json: cells.text("reconciliations.figures_json")?.to_owned(),
    })
}
