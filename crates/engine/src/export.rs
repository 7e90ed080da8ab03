//! Reading a cleared window back: every record with its disposition, in the order of the export.
//!
//! Each partition's file is sorted; a merge of all of them gives the order of the whole window. In memory are the
//! compressed files and one batch of rows a partition.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;
use tokio::runtime::Handle;
use tongclear_package::DetailRow;
use tongclear_store::WindowState;
use tongclear_types::{BusinessDate, IssuerId, Serial};

use crate::centre::ClosedWindow;
use crate::clearing::detail::{self, DetailWriter};
use crate::run_files::RunFiles;
use crate::vault::{detail_path, unpaid_path};
use crate::wanted::Wanted;
use crate::{Centre, EngineError, Progress, Stage};

/// The formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header line.
    Csv,
    /// Parquet, numbers as integers.
    Parquet,
}

/// The records of a cleared window that were not accepted, in no particular order.
///
/// # Errors
/// Faults of the vault; [`EngineError::Damaged`] when a file cannot be read.
pub async fn unpaid_rows(
    centre: &Centre,
    window: &ClosedWindow,
    partitions: u16,
) -> Result<Vec<DetailRow>, EngineError> {
    let unpaid = |file: &RunFiles, partition| {
        let path = unpaid_path(window.date(), partition);
        // Older versions wrote only the whole detail.
        if file.has(&path) { path } else { detail_path(window.date(), partition) }
    };
    Ok(of_each_partition(centre, window, partitions, unpaid, detail::unpaid).await?.concat())
}

/// What `read` makes of a file of every partition of a cleared window, in their order; as many files at a time as there
/// are processors.
pub(crate) async fn of_each_partition<T: Send + 'static>(
    centre: &Centre,
    window: &ClosedWindow,
    partitions: u16,
    path: impl Fn(&RunFiles, u16) -> Path,
    read: fn(Bytes) -> Result<T, String>,
) -> Result<Vec<T>, EngineError> {
    let files = Arc::new(RunFiles::of(centre, window.row.id).await?);
    let runtime = Handle::current();
    let at_once = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let reading = (0..partitions).map(|partition| {
        let path = path(&files, partition);
        let (files, vault, runtime) = (Arc::clone(&files), centre.vault.clone(), runtime.clone());
        // Decoding is work, so it gets a thread where nothing else waits.
        tokio::task::spawn_blocking(move || {
            let file = files.read(&vault, &runtime, &path)?;
            read(file).map_err(|reason| EngineError::Damaged { path: path.to_string(), reason })
        })
    });
    stream::iter(reading)
        .buffered(at_once)
        .map(|read| read.map_err(|error| EngineError::Internal(format!("reading detail: {error}")))?)
        .try_collect()
        .await
}

/// The records of one partition of a cleared window, sorted.
pub(crate) async fn partition_rows(
    centre: &Centre,
    files: &RunFiles,
    date: BusinessDate,
    partition: u16,
) -> Result<impl Iterator<Item = Result<DetailRow, EngineError>> + Send + 'static, EngineError> {
    let path = detail_path(date, partition);
    let file = files.get(&centre.vault, &path).await?;
    let damaged = move |reason| EngineError::Damaged { path: path.to_string(), reason };
    let rows = detail::read(file).map_err(&damaged)?;
    Ok(rows.map(move |row| row.map_err(&damaged)))
}

/// Refuses a window whose records have no dispositions yet.
///
/// # Errors
/// [`EngineError::Refused`].
pub fn require_cleared(window: &ClosedWindow) -> Result<(), EngineError> {
    if window.state() >= WindowState::Cleared {
        return Ok(());
    }
    let date = window.date();
    Err(EngineError::Refused(format!(
        "window {date} is {}; run `tongclear clear --window {date}` first",
        window.state()
    )))
}

/// Writes every record of the cleared window of `date`; returns how many.
///
/// # Errors
/// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of vault and `out`.
pub async fn export(
    centre: &Centre,
    date: BusinessDate,
    format: Format,
    out: &mut (dyn Write + Send),
    progress: &dyn Progress,
) -> Result<u64, EngineError> {
    Export::of(centre, date, &Wanted::everything()).await?.write(format, out, progress)
}

/// The wanted records of a cleared window, found and ready to be written.
pub struct Export {
    rows: Merge,
    /// Records of the window, wanted or not.
    transactions: u64,
}

impl Export {
    /// Finds the wanted records; in memory are the compressed files and one batch of rows a partition.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of the vault.
    pub async fn of(centre: &Centre, date: BusinessDate, wanted: &Wanted) -> Result<Self, EngineError> {
        let window = centre.window(date).await?;
        require_cleared(&window)?;
        let registry = Arc::new(centre.registry_as_of(window.snapshot.registry).await?);
        let files = RunFiles::of(centre, window.row.id).await?;
        let mut rows = Merge::default();
        for partition in wanted.partitions(&registry) {
            let all = partition_rows(centre, &files, date, partition).await?;
            let (wanted, registry) = (*wanted, Arc::clone(&registry));
            rows.add(Box::new(all.filter_map(move |row| match row {
                Ok(row) => wanted.of(row, &registry).map(Ok),
                Err(error) => Some(Err(error)),
            })))?;
        }
        Ok(Self { rows, transactions: window.row.transactions })
    }

    /// Writes them; returns how many there were.
    ///
    /// # Errors
    /// Faults of vault and `out`.
    pub fn write(
        self,
        format: Format,
        out: &mut (dyn Write + Send),
        progress: &dyn Progress,
    ) -> Result<u64, EngineError> {
        progress.begin(Stage::Export, self.transactions);
        let written = match format {
            Format::Csv => write_csv(self.rows, out, progress),
            Format::Parquet => write_parquet(self.rows, out, progress),
        };
        progress.end(Stage::Export);
        written
    }
}

fn unwritable(error: &dyn std::fmt::Display) -> EngineError {
    EngineError::Disk { doing: "writing", path: "the export".into(), reason: error.to_string() }
}

fn write_csv(merge: Merge, out: &mut dyn Write, progress: &dyn Progress) -> Result<u64, EngineError> {
    let mut csv = tongclear_package::DetailCsv::new(out).map_err(|error| unwritable(&error))?;
    let mut written = 0;
    for row in merge {
        csv.write(&row?).map_err(|error| unwritable(&error))?;
        written += 1;
        progress.advance(Stage::Export, 1);
    }
    csv.finish().map_err(|error| unwritable(&error))?;
    Ok(written)
}

fn write_parquet(
    merge: Merge,
    out: &mut (dyn Write + Send),
    progress: &dyn Progress,
) -> Result<u64, EngineError> {
    let mut parquet = DetailWriter::new(out).map_err(|error| unwritable(&error))?;
    let mut written = 0;
    for row in merge {
        parquet.write(&row?).map_err(|error| unwritable(&error))?;
        written += 1;
        progress.advance(Stage::Export, 1);
    }
    let out = parquet.finish().map_err(|error| unwritable(&error))?;
    out.flush().map_err(|error| unwritable(&error))?;
    Ok(written)
}

/// Merges sorted partitions into the order of the window.
#[derive(Default)]
struct Merge {
    heads: BinaryHeap<Reverse<Head>>,
    sources: Vec<Source>,
}

type Source = Box<dyn Iterator<Item = Result<DetailRow, EngineError>> + Send>;

/// The next row of one source.
struct Head {
    row: DetailRow,
    source: usize,
}

impl Head {
    /// A card's rows all come from one source, in order, so the card alone decides between sources.
    fn key(&self) -> (IssuerId, Serial, usize) {
        (self.row.issuer, self.row.serial, self.source)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Head {}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Merge {
    fn add(&mut self, mut source: Source) -> Result<(), EngineError> {
        if let Some(row) = source.next() {
            self.heads.push(Reverse(Head { row: row?, source: self.sources.len() }));
            self.sources.push(source);
        }
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = Result<DetailRow, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse(Head { row, source }) = self.heads.pop()?;
        match self.sources[source].next() {
            None => {}
            Some(Ok(row)) => self.heads.push(Reverse(Head { row, source })),
            Some(Err(error)) => {
                self.heads.clear();
                return Some(Err(error));
            }
        }
        Some(Ok(row))
    }
}
