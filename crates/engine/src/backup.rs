//! Copies of a whole centre: backup while work goes on, restore into a new place, moving to another database.
//!
//! A backup is a centre again: a SQLite file with every row of one moment, whatever database they came from, and a
//! vault with every file that those rows name. Files are written before the rows that name them and never change, so
//! the rows of one moment find their files however long the copying takes.

use object_store::path::Path;
use serde::{Deserialize, Serialize};
use tongclear_store::operator_files::operator_files;
use tongclear_store::portable::carry;
use tongclear_store::reconciliations::{reconciliation_files, reconciliations};
use tongclear_store::{Digest, Store, WindowState};
use tongclear_types::UnixMillis;

use crate::centre::closed_windows;
use crate::vault::{deny_list_path, operator_file_path, package_path, quarantine_path};
use crate::{Centre, EngineError, Progress, Stage, Vault};

/// What lies beside a backup when it is whole; a folder without it was interrupted.
pub const MANIFEST: &str = "backup.json";

/// The layout of backups that this version writes and reads.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The layout of the backup.
    pub format: u32,
    /// When it was begun.
    pub begun_at: UnixMillis,
    /// Rows in its database.
    pub rows: u64,
    /// Files in its vault.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Windows, the open one included.
    pub windows: u64,
    /// The hash of the last audit entry.
    pub audit_head: Option<Digest>,
    /// Files that were not what the database says of them, copied as they are.
    pub damaged: Vec<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`EngineError::Refused`] naming what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, EngineError> {
        let refuse = |why: String| EngineError::Refused(format!("{MANIFEST}: {why}"));
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| refuse(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(refuse(format!("format is {}, this version reads {FORMAT}", manifest.format)));
        }
        Ok(manifest)
    }
}

/// Copies `from` as it is at one moment into the new store `store` and into `vault`: the rows first, then every file that
/// they name.
///
/// # Errors
/// [`tongclear_store::StoreError::Conflict`] when `store` is not new; faults of either side.
pub async fn backup(
    from: &Centre,
    store: &dyn Store,
    vault: &Vault,
    progress: &dyn Progress,
) -> Result<Manifest, EngineError> {
    let begun_at = from.clock.now();
    let rows = move_rows(from, store, progress).await?;
    let files = copy_files(from, store, vault, progress).await?;
    manifest(begun_at, rows, files, store).await
}

/// Copies a backup, which nobody writes to, into a new centre: the files first, so that what was interrupted is simply
/// begun again, and a store that is not new any more belongs to a centre that is whole.
///
/// # Errors
/// As [`backup`].
pub async fn restore(
    from: &Centre,
    store: &dyn Store,
    vault: &Vault,
    progress: &dyn Progress,
) -> Result<Manifest, EngineError> {
    let begun_at = from.clock.now();
    let files = copy_files(from, &*from.store, vault, progress).await?;
    let rows = move_rows(from, store, progress).await?;
    manifest(begun_at, rows, files, store).await
}

async fn manifest(
    begun_at: UnixMillis,
    rows: u64,
    copied: Copied,
    store: &dyn Store,
) -> Result<Manifest, EngineError> {
    let Copied { files, bytes, damaged } = copied;
    Ok(Manifest {
        format: FORMAT,
        begun_at,
        rows,
        files,
        bytes,
        windows: store.windows().await?.len() as u64,
        audit_head: store.audit_log().await?.last().map(|row| row.hash),
        damaged,
    })
}

/// What was copied of a vault.
#[derive(Debug, Default)]
struct Copied {
    files: u64,
    bytes: u64,
    /// Files that were not what the database says of them.
    damaged: Vec<String>,
}

/// Copies every file that the rows of `names` name.
async fn copy_files(
    from: &Centre,
    names: &dyn Store,
    vault: &Vault,
    progress: &dyn Progress,
) -> Result<Copied, EngineError> {
    let mut copier = Copier { from, to: vault, progress, copied: Copied::default() };
    let windows = names.windows().await?;
    progress.begin(Stage::CopyFiles, 0);
    for window in &windows {
        for package in names.packages(window.id).await? {
            copier.file(&package_path(package.merchant, package.key), &package.digest).await?;
        }
        for file in names.run_files(window.id).await? {
            copier.file(&Path::from(file.path), &file.digest).await?;
        }
    }
    for list in names.deny_lists().await? {
        copier.file(&deny_list_path(list.operator, list.version, &list.digest), &list.digest).await?;
    }
    for row in operator_files(names, None).await? {
        let path = operator_file_path(row.operator, row.business_date, &row.sha256);
        copier.large_file(&path, &row.sha256).await?;
    }
    for row in reconciliations(names, None).await? {
        for file in reconciliation_files(names, row.operator, row.run).await? {
            copier.file(&Path::from(file.path), &file.digest).await?;
        }
    }
    for row in names.quarantine().await? {
        copier.quarantined(&row.refused.digest).await?;
    }
    for window in closed_windows(&windows).filter(|window| window.state() >= WindowState::Cleared) {
        for folder in ["reports", "results"] {
            copier.folder(&Path::from(format!("{folder}/{}", window.date()))).await?;
        }
    }
    progress.end(Stage::CopyFiles);
    Ok(copier.copied)
}

/// Carries every row of `from` as it is at one moment into the new store `to`; returns how many.
///
/// # Errors
/// As [`backup`].
pub async fn move_rows(from: &Centre, to: &dyn Store, progress: &dyn Progress) -> Result<u64, EngineError> {
    progress.begin(Stage::CopyRows, 0);
    let mut snapshot = from.store.snapshot().await?;
    let watch = |_: &tongclear_store::portable::Table, rows: usize| {
        progress.advance(Stage::CopyRows, rows as u64);
    };
    let rows = carry(&mut *snapshot, to, watch).await?;
    progress.end(Stage::CopyRows);
    Ok(rows)
}

struct Copier<'a> {
    from: &'a Centre,
    to: &'a Vault,
    progress: &'a dyn Progress,
    copied: Copied,
}

impl Copier<'_> {
    /// Copies a file that the database describes, and notes it when it is not what is said of it.
    async fn file(&mut self, path: &Path, recorded: &Digest) -> Result<(), EngineError> {
        match self.from.vault.find(path).await? {
            None => self.copied.damaged.push(format!("{path} (missing)")),
            Some(bytes) => {
                if Digest::of(&bytes) != *recorded {
                    self.copied.damaged.push(path.to_string());
                }
                self.put(path, bytes).await?;
            }
        }
        Ok(())
    }

    /// The same for a file that may be too long for memory.
    async fn large_file(&mut self, path: &Path, recorded: &Digest) -> Result<(), EngineError> {
        match self.from.vault.copy_to(path, self.to).await? {
            None => self.copied.damaged.push(format!("{path} (missing)")),
            Some((copied, bytes)) => {
                if copied != *recorded {
                    self.copied.damaged.push(path.to_string());
                }
                self.count(bytes);
            }
        }
        Ok(())
    }

    /// Copies quarantined bytes, which may be too long for memory; accepted since the rows were read, they lie in the
    /// vault as a package.
    async fn quarantined(&mut self, digest: &Digest) -> Result<(), EngineError> {
        let path = quarantine_path(digest);
        if let Some((copied, bytes)) = self.from.vault.copy_to(&path, self.to).await? {
            if copied != *digest {
                self.copied.damaged.push(path.to_string());
            }
            self.count(bytes);
            return Ok(());
        }
        for window in self.from.store.windows().await?.iter().rev() {
            let packages = self.from.store.packages(window.id).await?;
            if let Some(package) = packages.iter().find(|package| package.digest == *digest) {
                let accepted = package_path(package.merchant, package.key);
                let bytes = self.from.vault.get_verified(&accepted, digest).await?;
                return self.put(&path, bytes).await;
            }
        }
        self.copied.damaged.push(format!("{path} (missing)"));
        Ok(())
    }

    /// Copies a folder of reports, which can be written anew at any time.
    async fn folder(&mut self, folder: &Path) -> Result<(), EngineError> {
        for path in self.from.vault.list(folder).await? {
            if let Some(bytes) = self.from.vault.find(&path).await? {
                self.put(&path, bytes).await?;
            }
        }
        Ok(())
    }

    async fn put(&mut self, path: &Path, bytes: bytes::Bytes) -> Result<(), EngineError> {
        self.count(bytes.len() as u64);
        self.to.put(path, bytes).await
    }

    fn count(&mut self, bytes: u64) {
        self.copied.files += 1;
        self.copied.bytes += bytes;
        self.progress.advance(Stage::CopyFiles, 1);
    }
}
