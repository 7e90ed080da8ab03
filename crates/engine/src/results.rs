//! Result files (`package.md`): what each collector is told about its packages of a window.
//!
//! They are a function of what the clearing run committed: the tallies of each package in the store and the rows
//! of the detail that were not accepted. So they can be written again at any time, with the same bytes.
//!
//! **Invariant:** no file is written whose lines do not add up to the tallies that the run committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tongclear_package::{DetailRow, NotAccepted, PackageResult, ResultFile, Tally, UnpaidRecord};
use tongclear_store::{PackageKey, cut};
use tongclear_types::{BusinessDate, CollectorId, Disposition, Fen};

use crate::centre::ClosedWindow;
use crate::export::require_cleared;
use crate::vault::{result_path, results_folder};
use crate::{Centre, EngineError, Progress, Stage};

/// Small files that are made durable at the same time: more only wait for each other's folder.
pub const WRITES_AT_ONCE: usize = 4;

/// What the store knows of one collector's packages in a window, and whether its file is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorResults {
    /// Whose packages.
    pub collector: CollectorId,
    /// Where its file lies.
    pub path: PathBuf,
    /// Whether the file is there: it is not before the night has come so far, or when it was lost.
    pub present: bool,
    /// Packages.
    pub packages: u64,
    /// Their records, one tally a disposition in the order of [`Disposition::ALL`].
    pub tallies: [tongclear_store::Tally; Disposition::ALL.len()],
}

/// A result file as it lies in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    /// Where.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Bytes,
    /// What they say.
    pub file: ResultFile,
}

/// The collectors with packages in a cleared window, in order.
///
/// # Errors
/// [`EngineError::Refused`] when the window is not cleared; faults of store and vault.
pub async fn list(centre: &Centre, window: &ClosedWindow) -> Result<Vec<CollectorResults>, EngineError> {
    require_cleared(window)?;
    let date = window.date();
    let there = present(centre, date).await?;
    let mut found: Vec<CollectorResults> = Vec::new();
    for result in centre.store.package_results(window.row.id).await? {
        let collector = result.key.collector;
        if found.last().is_none_or(|last| last.collector != collector) {
            let path = result_path(date, collector);
            found.push(CollectorResults {
                collector,
                present: there.contains(path.as_ref()),
                path: centre.vault.display(&path),
                packages: 0,
                tallies: Default::default(),
            });
        }
        let last = found.last_mut().expect("one was pushed");
        last.packages += 1;
        for (sum, tally) in last.tallies.iter_mut().zip(&result.tallies) {
            sum.merge(tally)?;
        }
    }
    Ok(found)
}

/// Whether every collector of a cleared window has its file.
///
/// # Errors
/// Faults of store and vault.
pub async fn complete(centre: &Centre, window: &ClosedWindow) -> Result<bool, EngineError> {
    let there = present(centre, window.date()).await?;
    let packages = centre.store.packages(window.row.id).await?;
    Ok(packages.iter().all(|it| there.contains(result_path(window.date(), it.key.collector).as_ref())))
}

/// Whether a collector has a file of that window.
///
/// # Errors
/// Faults of the vault.
pub async fn exists(
    centre: &Centre,
    date: BusinessDate,
    collector: CollectorId,
) -> Result<bool, EngineError> {
    centre.vault.exists(&result_path(date, collector)).await
}

/// The files of a window that are there, by path.
async fn present(centre: &Centre, date: BusinessDate) -> Result<BTreeSet<String>, EngineError> {
    Ok(centre.vault.list(&results_folder(date)).await?.into_iter().map(|path| path.to_string()).collect())
}

/// Writes the file of every collector of a cleared window; those that are there are replaced by the same bytes.
/// `unpaid` are the window's records that were not accepted. Returns how many files there are.
///
/// # Errors
/// [`EngineError::CheckFailed`] when detail and store disagree, before any file is written; faults of store and
/// vault.
pub async fn write(
    centre: &Centre,
    window: &ClosedWindow,
    unpaid: &[DetailRow],
    progress: &dyn Progress,
) -> Result<u64, EngineError> {
    let results = centre.store.package_results(window.row.id).await?;
    let files = files(&results, unpaid)
        .map_err(|figures| EngineError::CheckFailed(format!("window {}: {figures}", window.date())))?;
    let count = u64::try_from(files.len()).unwrap_or(u64::MAX);
    progress.begin(Stage::Results, count);
    let writing = files.into_iter().map(|(collector, file)| async move {
        centre.vault.put(&result_path(window.date(), collector), file.to_bytes()).await?;
        cut::pass("results.file_written");
        progress.advance(Stage::Results, 1);
        Ok::<_, EngineError>(())
    });
    let written = stream::iter(writing).buffer_unordered(WRITES_AT_ONCE).try_collect::<()>().await;
    progress.end(Stage::Results);
    written.map(|()| count)
}

/// Reads a collector's file of a cleared window and holds it against what the store says of its packages.
///
/// # Errors
/// [`EngineError::Refused`] when the window is not cleared or the collector has no packages in it;
/// [`EngineError::Damaged`] when the file is not there or not the one that was written; faults of store and vault.
pub async fn read(
    centre: &Centre,
    window: &ClosedWindow,
    collector: CollectorId,
) -> Result<StoredResult, EngineError> {
    require_cleared(window)?;
    let date = window.date();
    let mut results = centre.store.package_results(window.row.id).await?;
    results.retain(|result| result.key.collector == collector);
    if results.is_empty() {
        return Err(EngineError::Refused(format!(
            "collector {collector} has no packages in window {date}; see `tongclear result list --window {date}`"
        )));
    }
    let path = result_path(date, collector);
    let again = format!("`tongclear result write --window {date}` writes it again");
    let damaged =
        |reason: &str| EngineError::Damaged { path: path.to_string(), reason: format!("{reason}; {again}") };
    if !centre.vault.exists(&path).await? {
        return Err(damaged("it is not there"));
    }
    let bytes = centre.vault.get(&path).await?;
    let file = ResultFile::parse(&bytes).map_err(|error| damaged(&error.to_string()))?;
    let same = file.packages.len() == results.len()
        && file.packages.iter().zip(&results).all(|(it, result)| {
            it.collector == result.key.collector
                && it.sequence == result.key.sequence
                && narrow(&result.tallies).is_some_and(|tallies| tallies == in_order(it))
        });
    if !same {
        return Err(damaged("it does not say what the run committed"));
    }
    Ok(StoredResult { path: centre.vault.display(&path), bytes, file })
}

/// The files of a window, from what became of each package and the records that were not accepted, in any order.
///
/// The error names the first package whose records do not add up to its tallies.
fn files(
    results: &[tongclear_store::PackageResult],
    unpaid: &[DetailRow],
) -> Result<BTreeMap<CollectorId, ResultFile>, String> {
    let mut by_package: BTreeMap<PackageKey, Vec<&DetailRow>> = BTreeMap::new();
    for row in unpaid {
        let key = PackageKey { collector: row.collector, sequence: row.package_sequence };
        by_package.entry(key).or_default().push(row);
    }
    let mut files: BTreeMap<CollectorId, ResultFile> = BTreeMap::new();
    for result in results {
        let package = package(result, by_package.remove(&result.key).unwrap_or_default())?;
        files.entry(result.key.collector).or_default().packages.push(package);
    }
    if let Some(key) = by_package.keys().next() {
        let PackageKey { collector, sequence } = key;
        return Err(format!(
            "the detail has records of package {sequence} of collector {collector}, the run has not"
        ));
    }
    for file in files.values_mut() {
        file.packages.sort_unstable_by_key(|package| package.sequence);
    }
    Ok(files)
}

fn package(
    result: &tongclear_store::PackageResult,
    mut rows: Vec<&DetailRow>,
) -> Result<PackageResult, String> {
    rows.sort_unstable_by_key(|row| row.row);
    let PackageKey { collector, sequence } = result.key;
    let disagrees = || format!("package {sequence} of collector {collector}: run and detail disagree");
    let [accepted, duplicate, suspended, rejected] = narrow(&result.tallies).ok_or_else(disagrees)?;
    let unpaid = rows
        .iter()
        .map(|row| {
            Some(UnpaidRecord {
                row: row.row,
                terminal: row.terminal,
                terminal_number: row.terminal_number,
                outcome: NotAccepted::from_verdict(row.verdict)?,
            })
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(disagrees)?;
    let package = PackageResult { collector, sequence, accepted, duplicate, suspended, rejected, unpaid };
    let sum = Fen::try_sum(rows.iter().map(|row| Fen::from(row.amount_fen)));
    let tallied = Fen::try_sum([duplicate, suspended, rejected].map(|tally| tally.amount));
    if package.adds_up() && sum == tallied { Ok(package) } else { Err(disagrees()) }
}

/// The tallies of a package, which has fewer than 2^32 records.
fn narrow(tallies: &[tongclear_store::Tally; 4]) -> Option<[Tally; 4]> {
    let mut narrow = [Tally::default(); 4];
    for (narrow, tally) in narrow.iter_mut().zip(tallies) {
        *narrow = Tally { count: tally.count.try_into().ok()?, amount: tally.amount_fen };
    }
    Some(narrow)
}

const fn in_order(package: &PackageResult) -> [Tally; 4] {
    [package.accepted, package.duplicate, package.suspended, package.rejected]
}

#[cfg(test)]
#[path = "results_tests.rs"]
mod tests;
