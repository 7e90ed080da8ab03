//! The vault: files that are written once and never changed, behind `object_store`.
//!
//! ```text
//! packages/<merchant>/<collector>/<sequence>.ctp    exactly the bytes received
//! quarantine/<sha-256>.bin                          what intake refused
//! lists/<operator>/<version>-<sha-256>.txt          deny lists as they were loaded
//! windows/<window>/part-NN.parquet                  every record with its disposition, sorted by card
//! unpaid/<window>/part-NN.parquet                   those of them that were not accepted, once more
//! cards/<window>/part-NN.parquet                    card state after the window
//! terminals/<window>.parquet                        accepted number ranges per terminal after the window
//! proofs/<window>.parquet                           sections of the window's proof
//! continuity/<window>.parquet                       items open after the window or closed in it
//! seen/<window>.parquet                             sequences and numbers seen, per device, after the window
//! quality/<window>.parquet                          what each device delivered in the window
//! operators/<operator>/<date>-<sha-256>.csv         what card operators sent, as it arrived
//! reconciliation/<operator>/<run>/pairs-NN.parquet  what found its other side, and open-NN.parquet what waits for it
//! reports/<window>/…                                summary, statements and root
//! results/<window>/<collector>.csv                  what each collector is told about its packages
//! payouts/<value date>/pain.001.xml                 the order that the bank was sent
//! bank/<sha-256>.xml                                what the bank sent, as it arrived
//! ```
//! **Invariant:** a file is durable (written, synced, renamed into place) when `put` returns.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path as DiskPath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tongclear_store::{Digest, PackageKey};
use tongclear_types::{BusinessDate, CollectorId, MerchantCode, OperatorCode};

use crate::EngineError;

/// Parts of a file that may be under way at once.
const PARTS_WAITING: usize = 4;

/// The centre's files.
#[derive(Debug, Clone)]
pub struct Vault {
    store: Arc<dyn ObjectStore>,
    root: PathBuf,
    /// The store once more, when it is a folder of this machine.
    folder: Option<Arc<LocalFileSystem>>,
}

impl Vault {
    /// The vault in a local folder, which must exist.
    ///
    /// # Errors
    /// [`EngineError::Vault`] when the folder cannot be opened.
    pub fn local(root: &DiskPath) -> Result<Self, EngineError> {
        let store = LocalFileSystem::new_with_prefix(root)
            .map_err(|error| fault("opening", &root.display(), &error))?
            .with_fsync(true);
        Ok(Self::folder(store, root))
    }

    /// The vault in a bucket of S3 or of what speaks like it; all names begin with `prefix`. Endpoint, region and
    /// credentials are those of the environment (`AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP`), as Amazon's own tools take them.
    ///
    /// # Errors
    /// [`EngineError::Vault`] when the environment does not say enough.
    pub fn s3(bucket: &str, prefix: &str) -> Result<Self, EngineError> {
        let url =
            if prefix.is_empty() { format!("s3://{bucket}") } else { format!("s3://{bucket}/{prefix}") };
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build();
        let store = store.map_err(|error| fault("opening", &url, &error))?;
        let store = PrefixStore::new(store, prefix);
        Ok(Self { store: Arc::new(store), root: PathBuf::from(url), folder: None })
    }

    /// A vault for files that need not outlive the program, in a folder that must exist: nothing waits for the disk.
    ///
    /// # Errors
    /// [`EngineError::Vault`] when the folder cannot be opened.
    pub fn scratch(root: &DiskPath) -> Result<Self, EngineError> {
        let store = LocalFileSystem::new_with_prefix(root)
            .map_err(|error| fault("opening", &root.display(), &error))?;
        Ok(Self::folder(store, root))
    }

    fn folder(store: LocalFileSystem, root: &DiskPath) -> Self {
        let store = Arc::new(store);
        Self { folder: Some(Arc::clone(&store)), store, root: root.to_owned() }
    }

    /// Where `path` lies for people, such as `/data/vault/reports/2026-11-22`.
    #[must_use]
    pub fn display(&self, path: &Path) -> PathBuf {
        self.root.join(path.as_ref())
    }

    /// Writes a file whole; it is durable when this returns, and replaces one of the same name.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn put(&self, path: &Path, body: impl Into<PutPayload> + Send) -> Result<(), EngineError> {
        self.store.put(path, body.into()).await.map_err(|error| fault("writing", path, &error))?;
        Ok(())
    }

    /// Copies a file of any size from disk into the vault, without holding it in memory; returns the digest of
    /// what was copied.
    ///
    /// # Errors
    /// [`EngineError::Disk`] for the source, [`EngineError::Vault`] for the vault.
    pub async fn put_file(&self, path: &Path, source: &DiskPath) -> Result<Digest, EngineError> {
        const PART_BYTES: u64 = 8 << 20;
        let mut file = File::open(source).map_err(|error| EngineError::reading(source, &error))?;
        let mut digest = HashWriter::default();
        let upload = self.store.put_multipart(path).await.map_err(|error| fault("writing", path, &error))?;
        let mut upload = WriteMultipart::new(upload);
        loop {
            let mut part = Vec::new();
            let read = file
                .by_ref()
                .take(PART_BYTES)
                .read_to_end(&mut part)
                .map_err(|error| EngineError::reading(source, &error))?;
            digest.update(&part);
            if read == 0 {
                break;
            }
            upload.wait_for_capacity(PARTS_WAITING).await.map_err(|error| fault("writing", path, &error))?;
            upload.put(part.into());
        }
        upload.finish().await.map_err(|error| fault("writing", path, &error))?;
        Ok(digest.finish())
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn get(&self, path: &Path) -> Result<Bytes, EngineError> {
        let fetch = async { self.store.get(path).await?.bytes().await };
        fetch.await.map_err(|error| fault("reading", path, &error))
    }

    /// Reads a file whole and holds it against the digest under which it was recorded.
    ///
    /// # Errors
    /// [`EngineError::Vault`]; [`EngineError::Damaged`] when it is not the file that was recorded.
    pub async fn get_verified(&self, path: &Path, recorded: &Digest) -> Result<Bytes, EngineError> {
        let bytes = self.get(path).await?;
        verify(path, &bytes, recorded)?;
        Ok(bytes)
    }

    /// As [`Vault::get_verified`], into a buffer that is used again, for threads outside `runtime`: a folder's file is
    /// read right there.
    ///
    /// # Errors
    /// As [`Vault::get_verified`].
    pub(crate) fn read_verified(
        &self,
        runtime: &Handle,
        path: &Path,
        recorded: &Digest,
        buffer: &mut Vec<u8>,
    ) -> Result<(), EngineError> {
        buffer.clear();
        match &self.folder {
            Some(folder) => {
                let reading = |error: &dyn std::fmt::Display| fault("reading", path, error);
                let place = folder.path_to_filesystem(path).map_err(|error| reading(&error))?;
                let mut file = File::open(place).map_err(|error| reading(&error))?;
                file.read_to_end(buffer).map_err(|error| reading(&error))?;
            }
            None => buffer.extend_from_slice(&runtime.block_on(self.get(path))?),
        }
        verify(path, buffer, recorded)
    }

    /// Reads a file whole, if it is there.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn find(&self, path: &Path) -> Result<Option<Bytes>, EngineError> {
        let fetch = async { self.store.get(path).await?.bytes().await };
        match fetch.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault("reading", path, &error)),
        }
    }

    /// SHA-256 of a file of any size, if it is there, without holding it in memory.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn digest_of(&self, path: &Path) -> Result<Option<Digest>, EngineError> {
        let found = match self.store.get(path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(fault("reading", path, &error)),
        };
        let mut digest = HashWriter::default();
        let mut parts = found.into_stream();
        while let Some(part) = parts.try_next().await.map_err(|error| fault("reading", path, &error))? {
            digest.update(&part);
        }
        Ok(Some(digest.finish()))
    }

    /// Copies a file of any size into another vault, if it is there, without holding it in memory; returns the digest
    /// and the length of what was copied.
    ///
    /// # Errors
    /// [`EngineError::Vault`] for either vault.
    pub async fn copy_to(&self, path: &Path, to: &Self) -> Result<Option<(Digest, u64)>, EngineError> {
        let found = match self.store.get(path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(fault("reading", path, &error)),
        };
        let writing = |error| fault("writing", path, &error);
        let mut upload = WriteMultipart::new(to.store.put_multipart(path).await.map_err(writing)?);
        let (mut digest, mut copied) = (HashWriter::default(), 0);
        let mut parts = found.into_stream();
        while let Some(part) = parts.try_next().await.map_err(|error| fault("reading", path, &error))? {
            digest.update(&part);
            copied += part.len() as u64;
            upload.wait_for_capacity(PARTS_WAITING).await.map_err(writing)?;
            upload.put(part);
        }
        upload.finish().await.map_err(writing)?;
        Ok(Some((digest.finish(), copied)))
    }

    /// The files below `folder`, by path; none when there is no such folder.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn list(&self, folder: &Path) -> Result<Vec<Path>, EngineError> {
        let listing = self.store.list(Some(folder)).map_ok(|file| file.location).try_collect::<Vec<_>>();
        let mut files = listing.await.map_err(|error| fault("listing", folder, &error))?;
        files.sort_unstable();
        Ok(files)
    }

    /// Whether it holds no file at all.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn is_empty(&self) -> Result<bool, EngineError> {
        let first = self.store.list(None).try_next().await;
        Ok(first.map_err(|error| fault("listing", &self.root.display(), &error))?.is_none())
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// [`EngineError::Vault`] when that cannot be told.
    pub async fn exists(&self, path: &Path) -> Result<bool, EngineError> {
        match self.store.head(path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(fault("looking for", path, &error)),
        }
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// [`EngineError::Vault`].
    pub async fn remove(&self, path: &Path) -> Result<(), EngineError> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault("removing", path, &error)),
        }
    }
}

/// SHA-256 of what goes by.
#[derive(Default)]
pub(crate) struct HashWriter(Sha256);

impl HashWriter {
    /// A digest that begins with `bytes`.
    pub(crate) fn after(bytes: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(bytes))
    }

    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl std::io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Holds a file against the digest under which it was recorded.
fn verify(path: &Path, bytes: &[u8], recorded: &Digest) -> Result<(), EngineError> {
    if Digest::of(bytes) == *recorded {
        return Ok(());
    }
    let reason = "its SHA-256 is not the one that was recorded".to_owned();
    Err(EngineError::Damaged { path: path.to_string(), reason })
}

fn fault(doing: &'static str, path: &dyn std::fmt::Display, error: &dyn std::fmt::Display) -> EngineError {
    EngineError::Vault { doing, path: path.to_string(), reason: error.to_string() }
}

/// Where a card operator's file lies, as it arrived.
#[must_use]
pub fn operator_file_path(operator: OperatorCode, date: BusinessDate, digest: &Digest) -> Path {
    Path::from(format!("operators/{operator}/{date}-{digest}.csv"))
}

/// Where the pairs lie that a run of reconciliation found in one card partition; `run` is the name of its folder.
#[must_use]
pub(crate) fn pairs_path(operator: OperatorCode, run: &str, partition: u16) -> Path {
    Path::from(format!("reconciliation/{operator}/{run}/pairs-{partition:02}.parquet"))
}

/// Where the items lie that a run of reconciliation left open in one card partition.
#[must_use]
pub(crate) fn open_items_path(operator: OperatorCode, run: &str, partition: u16) -> Path {
    Path::from(format!("reconciliation/{operator}/{run}/open-{partition:02}.parquet"))
}

/// Where the order of a payout lies.
#[must_use]
pub(crate) fn payout_path(value_date: BusinessDate) -> Path {
    Path::from(format!("payouts/{value_date}/pain.001.xml"))
}

/// Where a file of the bank lies, as it arrived.
#[must_use]
pub(crate) fn bank_file_path(digest: &Digest) -> Path {
    Path::from(format!("bank/{digest}.xml"))
}

/// Where an accepted package lies.
#[must_use]
pub(crate) fn package_path(merchant: MerchantCode, key: PackageKey) -> Path {
    Path::from(format!("packages/{merchant}/{}/{:010}.ctp", key.collector, key.sequence.0))
}

/// Where refused bytes lie.
#[must_use]
pub(crate) fn quarantine_path(digest: &Digest) -> Path {
    Path::from(format!("quarantine/{digest}.bin"))
}

/// Where a deny list lies; its digest is part of the name, so two lists of one version never meet.
#[must_use]
pub fn deny_list_path(operator: OperatorCode, version: u32, digest: &Digest) -> Path {
    Path::from(format!("lists/{operator}/{version}-{digest}.txt"))
}

/// Where the cleared records of one card partition lie.
#[must_use]
pub(crate) fn detail_path(window: BusinessDate, partition: u16) -> Path {
    Path::from(format!("windows/{window}/part-{partition:02}.parquet"))
}

/// Where the records of one card partition lie that were not accepted.
#[must_use]
pub(crate) fn unpaid_path(window: BusinessDate, partition: u16) -> Path {
    Path::from(format!("unpaid/{window}/part-{partition:02}.parquet"))
}

/// Where the card state of one partition after a window lies.
#[must_use]
pub(crate) fn cards_path(window: BusinessDate, partition: u16) -> Path {
    Path::from(format!("cards/{window}/part-{partition:02}.parquet"))
}

/// Where the accepted number ranges after a window lie.
#[must_use]
pub(crate) fn terminals_path(window: BusinessDate) -> Path {
    Path::from(format!("terminals/{window}.parquet"))
}

/// Where the sections of a window's proof lie.
#[must_use]
pub(crate) fn proofs_path(window: BusinessDate) -> Path {
    Path::from(format!("proofs/{window}.parquet"))
}

/// Where the continuity items of a window lie.
#[must_use]
pub(crate) fn continuity_path(window: BusinessDate) -> Path {
    Path::from(format!("continuity/{window}.parquet"))
}

/// Where the sequences and numbers seen up to a window lie.
#[must_use]
pub(crate) fn seen_path(window: BusinessDate) -> Path {
    Path::from(format!("seen/{window}.parquet"))
}

/// Where what each device delivered in a window lies.
#[must_use]
pub(crate) fn quality_path(window: BusinessDate) -> Path {
    Path::from(format!("quality/{window}.parquet"))
}

/// Where a report of a window lies.
#[must_use]
pub fn report_path(window: BusinessDate, name: &str) -> Path {
    Path::from(format!("reports/{window}/{name}"))
}

/// Where the result files of a window lie.
#[must_use]
pub(crate) fn results_folder(window: BusinessDate) -> Path {
    Path::from(format!("results/{window}"))
}

/// Where a collector's result file of a window lies.
#[must_use]
pub(crate) fn result_path(window: BusinessDate, collector: CollectorId) -> Path {
    Path::from(format!("results/{window}/{collector}.csv"))
}
