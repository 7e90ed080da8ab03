//! Sealing: paid taps become packages, each once, in the order of (terminal, terminal number).

use std::fs;
use std::path::{Path, PathBuf};

use tongclear_package::{PackageHeaderFields, file_name, write_package};
use tongclear_types::{PackageSequence, TransactionRecord};

use crate::journal::{PackageState, StoredPackage, TapId};
use crate::{Terminal, TerminalError};

/// A package that was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Sealed {
    /// Its number.
    pub sequence: PackageSequence,
    /// How many records.
    pub records: usize,
    /// Their sum, fen.
    pub amount_fen: u64,
}

impl Terminal {
    /// Whether a package is due: enough records wait, or one waits long enough.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn is_package_due(&self) -> Result<bool, TerminalError> {
        let rules = &self.config.packages;
        let oldest = self.journal.ages()?.1;
        let age_ms = oldest.map_or(0, |oldest| self.now_ms().saturating_sub(oldest));
        let is_old = oldest.is_some() && age_ms >= i64::from(rules.minutes_max) * 60_000;
        Ok(is_old || self.journal.counts()?.waiting >= rules.records_max.into())
    }

    /// Seals what waits, at most `records_max` records; none when nothing waits.
    ///
    /// # Errors
    /// A fault of the disk: nothing was sealed then.
    pub fn seal(&mut self) -> Result<Option<Sealed>, TerminalError> {
        let taps = self.journal.waiting(self.config.packages.records_max)?;
        if taps.is_empty() {
            return Ok(None);
        }
        let (last, previous_seal) = self.journal.last_package()?.unwrap_or((0, [0; 8]));
        let sequence = PackageSequence(last + 1);
        let fields = PackageHeaderFields {
            merchant: self.config.terminal.merchant,
            collector: self.config.terminal.collector,
            sequence,
            created_at_unix_s: u64::try_from(self.now_ms() / 1_000).unwrap_or_default(),
            seal_key_version: self.config.packages.seal_version,
            previous_seal,
        };
        let records: Vec<TransactionRecord> = taps.iter().map(|tap| tap.record).collect();
        let ids: Vec<TapId> = taps.iter().map(|tap| tap.id).collect();
        let bytes = write_package(&fields, &records, &self.seal);
        let amount_fen = records.iter().map(|record| u64::from(record.amount_fen)).sum();
        let package = StoredPackage { sequence: sequence.0, bytes };
        self.journal.keep_package(&package, &ids, amount_fen, self.now_ms())?;
        Ok(Some(Sealed { sequence, records: ids.len(), amount_fen }))
    }

    /// Copies every package that the centre has not answered into `folder`, for whoever carries them by hand.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn copy_packages(&self, folder: &Path) -> Result<Vec<PathBuf>, TerminalError> {
        fs::create_dir_all(folder).map_err(TerminalError::io(folder))?;
        let states = [PackageState::Sealed, PackageState::Received, PackageState::Quarantined];
        let mut paths = Vec::new();
        for package in self.journal.packages_in(&states)? {
            let path =
                folder.join(file_name(self.config.terminal.collector, PackageSequence(package.sequence)));
            crate::files::write_whole(&path, &package.bytes)?;
            paths.push(path);
        }
        Ok(paths)
    }
}
