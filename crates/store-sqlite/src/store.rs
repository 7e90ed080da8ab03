//! Opening the database, and the trait: each method is one transaction around a function of its own module.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use tongclear_ledger::{Position, Transfer};
use tongclear_store::{
    AccountBalance, AuditRow, ClearingCommit, DenyListRow, IntakeTransaction, KeyGeneration, LedgerState,
    MissingPackages, PackageKey, PackageResult, PackageRow, QuarantineRow, RegistryVersion, RunFile, RunRow,
    SettlementCommit, Stamp, Statements, Store, StoreError, SuspendedItem, TerminalSpan, Versioned, WindowId,
    WindowRow, sql,
};
use tongclear_types::{BusinessDate, CardId, TerminalId, TerminalNumber};

use crate::intake::SqliteIntake;
use crate::read::Doing;
use crate::statements::SqliteStatements;
use crate::{audit, clearing, ledger, packages, registry, settlement, windows};

/// How long a writer waits for another one, of this process or of another, before it gives up with
/// [`StoreError::Database`]. The longest writer is the commit of a night, a few seconds.
pub const WAIT_FOR_WRITER: Duration = Duration::from_secs(60);

/// Rows that SQLite may read ahead of whoever converts them; sqlx's own 50 wakes a thread too often.
const ROWS_AHEAD: usize = 1_024;

/// Readers at the same time; more wait for one another.
const READERS_MAX: u32 = 4;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// The centre's relational store in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    path: PathBuf,
    /// One connection: writers of this process queue here instead of polling the file's lock.
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Makes the file, if it is not there yet, and its tables; a file that an interrupted creation left is
    /// completed.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be made or is not a database of ours.
    pub async fn create(path: impl AsRef<Path> + Send) -> Result<Self, StoreError> {
        Self::connect(path.as_ref(), true).await
    }

    /// Opens the file and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file is missing or empty, cannot be written, or is not a database of ours.
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self, StoreError> {
        Self::connect(path.as_ref(), false).await
    }

    async fn connect(path: &Path, create: bool) -> Result<Self, StoreError> {
        let doing = format!("opening {}", path.display());
        // SQLite says the same of a missing file, a folder and a file without permission.
        match std::fs::metadata(path) {
            Ok(found) if !found.is_file() => return Err("it is not a file").doing(&doing),
            Err(error) if !create => return Err(error).doing(&doing),
            _ => {}
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .row_buffer_size(ROWS_AHEAD)
            .busy_timeout(WAIT_FOR_WRITER);
        let pool = SqlitePoolOptions::new().acquire_timeout(WAIT_FOR_WRITER);
        let writer = pool.clone().max_connections(1).connect_with(options.clone()).await.doing(&doing)?;
        if !create && !has_tables(&writer).await.doing(&doing)? {
            return Err("it holds no centre: a backup may be missing, or the folder another one's")
                .doing(&doing);
        }
        MIGRATIONS
            .run(&writer)
            .await
            .doing(&format!("bringing the tables of {} up to date", path.display()))?;
        // Only once the writer has turned the file into a database can readers open it.
        let options = options.create_if_missing(false).pragma("query_only", "ON");
        let readers = pool.max_connections(READERS_MAX).connect_lazy_with(options);
        Ok(Self { path: path.to_owned(), writer, readers })
    }

    /// Where the file lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes all connections, which folds the write-ahead log into the file. Dropping the store is as safe,
    /// but leaves the log for the next one to open the file.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// One state of the database, whatever is written meanwhile.
    pub(crate) async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        const DOING: &str = "beginning to read";
        let mut transaction = self.readers.begin().await.doing(DOING)?;
        // The state is fixed by the first reading, not by the beginning.
        sqlx::query(sql::OPEN_WINDOW).fetch_optional(&mut *transaction).await.doing(DOING)?;
        Ok(transaction)
    }

    /// The only writer until commit or drop.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.doing("waiting to write")
    }
}

/// Whether migrations ever ran on the file; an empty one must not pass for a new centre beside a full vault.
async fn has_tables(pool: &SqlitePool) -> Result<bool, sqlx::Error> {
    let table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";
    Ok(sqlx::query(table).fetch_optional(pool).await?.is_some())
}

/// Commits what `$work` did with `$transaction`; an error rolls it back by dropping the transaction.
macro_rules! in_transaction {
    ($store:expr, |$transaction:ident| $work:expr) => {{
        let mut $transaction = $store.begin().await?;
        let done = $work.await?;
        $transaction.commit().await.doing("committing")?;
        Ok(done)
    }};
}

#[async_trait]
impl Store for SqliteStore {
    async fn latest_registry(&self) -> Result<Option<Versioned<RegistryVersion, String>>, StoreError> {
        registry::latest_registry(&self.readers).await
    }

    async fn registry(&self, version: RegistryVersion) -> Result<String, StoreError> {
        registry::registry(&self.readers, version).await
    }

    async fn add_registry(
        &self,
        previous: Option<RegistryVersion>,
        body: &str,
        stamp: &Stamp,
    ) -> Result<RegistryVersion, StoreError> {
        in_transaction!(self, |transaction| registry::add_registry(&mut transaction, previous, body, stamp))
    }

    async fn latest_key_ring(&self) -> Result<Option<Versioned<KeyGeneration, Vec<u8>>>, StoreError> {
        registry::latest_key_ring(&self.readers).await
    }

    async fn key_ring(&self, generation: KeyGeneration) -> Result<Vec<u8>, StoreError> {
        registry::key_ring(&self.readers, generation).await
    }

    async fn add_key_ring(
        &self,
        previous: Option<KeyGeneration>,
        sealed: &[u8],
        stamp: &Stamp,
    ) -> Result<KeyGeneration, StoreError> {
        in_transaction!(self, |transaction| registry::add_key_ring(&mut transaction, previous, sealed, stamp))
    }

    async fn deny_lists(&self) -> Result<Vec<DenyListRow>, StoreError> {
        registry::deny_lists(&self.readers).await
    }

    async fn add_deny_list(
        &self,
        row: &DenyListRow,
        approved: bool,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        in_transaction!(self, |transaction| registry::add_deny_list(&mut transaction, row, approved, stamp))
    }

    async fn windows(&self) -> Result<Vec<WindowRow>, StoreError> {
        windows::windows(&self.readers).await
    }

    async fn close_window(
        &self,
        open: WindowId,
        date: BusinessDate,
        stamp: &Stamp,
    ) -> Result<WindowRow, StoreError> {
        in_transaction!(self, |transaction| windows::close_window(&mut transaction, open, date, stamp))
    }

    async fn begin_intake(&self) -> Result<Box<dyn IntakeTransaction>, StoreError> {
        Ok(Box::new(SqliteIntake::new(self.begin().await?).await?))
    }

    async fn packages(&self, window: WindowId) -> Result<Vec<PackageRow>, StoreError> {
        packages::packages(&self.readers, window).await
    }

    async fn package(&self, key: PackageKey) -> Result<Option<PackageRow>, StoreError> {
        packages::package(&self.readers, key).await
    }

    async fn packages_spanning(
        &self,
        terminal: TerminalId,
        number: TerminalNumber,
    ) -> Result<Vec<PackageRow>, StoreError> {
        packages::packages_spanning(&self.readers, terminal, number).await
    }

    async fn terminal_spans(&self, window: WindowId) -> Result<Vec<(PackageKey, TerminalSpan)>, StoreError> {
        packages::terminal_spans(&self.readers, window).await
    }

    async fn missing_packages(&self) -> Result<Vec<MissingPackages>, StoreError> {
        packages::missing_packages(&self.readers).await
    }

    async fn quarantine(&self) -> Result<Vec<QuarantineRow>, StoreError> {
        packages::quarantine(&self.readers).await
    }

    async fn suspended_before(&self, window: WindowId) -> Result<Vec<SuspendedItem>, StoreError> {
        clearing::suspended_before(&self.readers, window).await
    }

    async fn suspended_in(&self, window: WindowId) -> Result<Vec<SuspendedItem>, StoreError> {
        clearing::suspended_in(&self.readers, window).await
    }

    async fn suspended_of_card(&self, card: CardId) -> Result<Vec<(WindowId, SuspendedItem)>, StoreError> {
        clearing::suspended_of_card(&self.readers, card).await
    }

    async fn commit_clearing(&self, commit: &ClearingCommit) -> Result<(), StoreError> {
        in_transaction!(self, |transaction| clearing::commit_clearing(&mut transaction, commit))
    }

    async fn run(&self, window: WindowId) -> Result<Option<RunRow>, StoreError> {
        clearing::run(&self.readers, window).await
    }

    async fn run_files(&self, window: WindowId) -> Result<Vec<RunFile>, StoreError> {
        clearing::run_files(&self.readers, window).await
    }

    async fn package_results(&self, window: WindowId) -> Result<Vec<PackageResult>, StoreError> {
        clearing::package_results(&self.readers, window).await
    }

    async fn transfers(&self, date: BusinessDate) -> Result<Vec<Transfer>, StoreError> {
        ledger::transfers(&self.readers, date).await
    }

    async fn balances(&self) -> Result<Vec<AccountBalance>, StoreError> {
        ledger::balances(&self.readers).await
    }

    async fn ledger(&self) -> Result<LedgerState, StoreError> {
        ledger::state(&mut *self.begin_read().await?).await
    }

    async fn commit_settlement(&self, commit: &SettlementCommit) -> Result<(), StoreError> {
        in_transaction!(self, |transaction| settlement::commit_settlement(&mut transaction, commit))
    }

    async fn positions(&self, window: WindowId) -> Result<Vec<Position>, StoreError> {
        settlement::positions(&self.readers, window).await
    }

    async fn read(&self) -> Result<Box<dyn Statements>, StoreError> {
        Ok(Box::new(SqliteStatements::new(self.begin_read().await?)))
    }

    async fn write(&self) -> Result<Box<dyn Statements>, StoreError> {
        Ok(Box::new(SqliteStatements::new(self.begin().await?)))
    }

    async fn audit_log(&self) -> Result<Vec<AuditRow>, StoreError> {
        audit::audit_log(&self.readers).await
    }
}
