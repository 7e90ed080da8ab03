//! A cleared window's records for whoever makes documents of them: every row once, and the accepted ones as they were sent.
//!
//! In memory are one partition's batch of rows or one package at a time, and a bit for each record that is looked up again.

use std::collections::BTreeMap;

use tongclear_package::{DetailRow, PackageView};
use tongclear_store::PackageKey;
use tongclear_types::{MerchantCode, TransactionRecord};

use crate::export::{partition_rows, require_cleared};
use crate::run_files::RunFiles;
use crate::vault::package_path;
use crate::{Centre, ClosedWindow, EngineError};

/// Records by package and row.
#[derive(Debug, Clone, Default)]
pub struct RecordSet(BTreeMap<PackageKey, Vec<u64>>);

impl RecordSet {
    /// Takes a record in.
    pub fn insert(&mut self, row: &DetailRow) {
        let key = PackageKey { collector: row.collector, sequence: row.package_sequence };
        let (word, bit) = place(row.row);
        let words = self.0.entry(key).or_default();
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        words[word] |= bit;
    }

    /// The rows of a package that are in it.
    fn of(&self, key: &PackageKey) -> Option<&[u64]> {
        self.0.get(key).map(Vec::as_slice)
    }
}

/// Where a row's bit lies.
const fn place(row: u32) -> (usize, u64) {
    // A row is below a package's limit of a million, which every machine can address.
    ((row / u64::BITS) as usize, 1 << (row % u64::BITS))
}

/// Shows `each` every record of a cleared window with its disposition, partition by partition, within one as in the export.
///
/// # Errors
/// [`EngineError::Refused`] when the window is not cleared; faults of the vault; what `each` answers.
pub async fn each_row(
    centre: &Centre,
    window: &ClosedWindow,
    mut each: impl FnMut(DetailRow) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    require_cleared(window)?;
    let partitions = centre.registry_as_of(window.snapshot.registry).await?.centre.card_partitions;
    let files = RunFiles::of(centre, window.row.id).await?;
    for partition in 0..partitions {
        for row in partition_rows(centre, &files, window.date(), partition).await? {
            each(row?)?;
        }
    }
    Ok(())
}

/// Shows `each` the records of `wanted` as they were sent, package by package.
///
/// # Errors
/// Faults of store and vault; [`EngineError::Damaged`] when a package is not what was taken in; what `each` answers.
pub async fn each_record(
    centre: &Centre,
    window: &ClosedWindow,
    wanted: &RecordSet,
    mut each: impl FnMut(MerchantCode, &TransactionRecord) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    for package in centre.store.packages(window.row.id).await? {
        let Some(rows) = wanted.of(&package.key) else { continue };
        let path = package_path(package.merchant, package.key);
        let bytes = centre.vault.get_verified(&path, &package.digest).await?;
        let view = PackageView::reopen(&bytes).map_err(|refusal| EngineError::Damaged {
            path: path.to_string(),
            reason: refusal.to_string(),
        })?;
        for (row, record) in (0..).zip(view.records()) {
            let (word, bit) = place(row);
            if rows.get(word).is_some_and(|bits| bits & bit != 0) {
                each(package.merchant, &record)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_bit_of_its_own() {
        let places = [0, 1, 63, 64, 65, 127, 128, 999_999].map(place);
        assert_eq!(places[..4], [(0, 1), (0, 2), (0, 1 << 63), (1, 1)]);
        let distinct: std::collections::BTreeSet<_> = places.into_iter().collect();
        assert_eq!(distinct.len(), places.len());
    }
}
