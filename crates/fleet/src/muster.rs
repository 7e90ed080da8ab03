//! Who will play: the collectors whose packages are in the folder, each with its files and its certificate.
//!
//! Files that do not end in `.ctp` are passed over; one that does and is not named as a package is an error, since
//! leaving it out would lose it. Links to folders are not followed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tongclear_package::{PackageView, file_name};
use tongclear_types::{CollectorId, PackageSequence};

use crate::error::FleetError;
use crate::plan::Plan;
use crate::tls::{self, Identity};

/// What the name of a package ends in.
const EXTENSION: &str = "ctp";

/// A collection site.
#[derive(Debug)]
pub(crate) struct Site {
    /// The collector.
    pub(crate) collector: CollectorId,
    /// Its package files in the order of sequence.
    pub(crate) files: Vec<PathBuf>,
    /// Its certificate; none over plain HTTP.
    pub(crate) identity: Option<Identity>,
}

/// A package ready to be sent.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// The name of its file.
    pub(crate) file: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// Their SHA-256, lower-case hex.
    pub(crate) sha256: String,
    /// Its records; 0 when the bytes are not in order, which is for the centre to judge.
    pub(crate) records: u32,
}

impl Parcel {
    /// Reads a package file.
    ///
    /// # Errors
    /// [`FleetError::Io`] when it cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self, FleetError> {
        let bytes = fs::read(path).map_err(|source| FleetError::Io { path: path.to_owned(), source })?;
        Ok(Self {
            file: name_of(path),
            sha256: hex::encode(Sha256::digest(&bytes)),
            records: PackageView::reopen(&bytes).map_or(0, |view| view.header().record_count),
            bytes: bytes.into(),
        })
    }
}

/// The sites of a plan, by collector. With `tls`, each has its certificate.
///
/// # Errors
/// [`FleetError::Plan`] when the folder has no package or one with a strange name, and the errors of reading folders
/// and certificates.
pub(crate) fn muster(plan: &Plan, tls: bool) -> Result<Vec<Site>, FleetError> {
    let mut sites: BTreeMap<CollectorId, Vec<(PackageSequence, PathBuf)>> = BTreeMap::new();
    for path in packages(&plan.packages)? {
        let (collector, sequence) = parse_name(&name_of(&path)).ok_or_else(|| {
            FleetError::plan("packages", path.display(), "<collector, 12 hex>-<sequence, 10 digits>.ctp")
        })?;
        sites.entry(collector).or_default().push((sequence, path));
    }
    if sites.is_empty() {
        return Err(FleetError::plan(
            "packages",
            plan.packages.display(),
            "a folder with .ctp files below it",
        ));
    }
    let roots = tls.then(|| tls::roots(&plan.certificates)).transpose()?;
    sites
        .into_iter()
        .take(plan.collectors.unwrap_or(usize::MAX))
        .map(|(collector, mut files)| {
            files.sort_unstable();
            let identity = match &roots {
                Some(roots) => Some(Identity::load(&plan.certificates, collector, roots.clone())?),
                None => None,
            };
            Ok(Site { collector, files: files.into_iter().map(|(_, path)| path).collect(), identity })
        })
        .collect()
}

/// The package files below a folder.
fn packages(folder: &Path) -> Result<Vec<PathBuf>, FleetError> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let unreadable = |source| FleetError::Io { path: folder.clone(), source };
        for entry in folder.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|found| found == EXTENSION) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// The last part of a path, for people.
fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// What the name of a package says; none when it is not exactly as collectors write it.
fn parse_name(name: &str) -> Option<(CollectorId, PackageSequence)> {
    let (collector, sequence) = name.strip_suffix(".ctp")?.split_once('-')?;
    let (collector, sequence) = (collector.parse().ok()?, PackageSequence(sequence.parse().ok()?));
    (file_name(collector, sequence) == name).then_some((collector, sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_only_as_collectors_write_them() {
        for (name, expected) in [
            ("6510000000f1-0000000007.ctp", Some(7)),
            ("6510000000f1-4294967295.ctp", Some(u32::MAX)),
            ("6510000000f1-4294967296.ctp", None),
            ("6510000000F1-0000000007.ctp", None),
            ("6510000000f1-7.ctp", None),
            ("6510000000f1-+000000007.ctp", None),
            ("6510000000-0000000007.ctp", None),
            ("6510000000f1-0000000007.ctp.part", None),
            ("6510000000f1.ctp", None),
        ] {
            assert_eq!(parse_name(name).map(|(_, sequence)| sequence.0), expected, "{name}");
        }
    }
}
