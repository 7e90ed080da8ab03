//! Opening the database, and the trait: each method is one transaction around a function of its own module.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres, Transaction};
use tongclear_ledger::{Position, Transfer};
use tongclear_store::{
    AccountBalance, AuditRow, ClearingCommit, DenyListRow, IntakeTransaction, KeyGeneration, LedgerState,
    MissingPackages, PackageKey, PackageResult, PackageRow, QuarantineRow, RegistryVersion, RunFile, RunRow,
    SettlementCommit, Stamp, Statements, Store, StoreError, SuspendedItem, TerminalSpan, Versioned, WindowId,
    WindowRow,
};
use tongclear_types::{BusinessDate, CardId, TerminalId, TerminalNumber};

use crate::address::Address;
use crate::intake::PostgresIntake;
use crate::read::{Doing, fault};
use crate::statements::PostgresStatements;
use crate::{audit, clearing, ledger, packages, registry, settlement, windows};

/// How long a writer waits for another one, of this process or of another, before it gives up with
/// [`StoreError::Database`]. The longest writer is the commit of a night, a few seconds.
pub const WAIT_FOR_WRITER: Duration = Duration::from_secs(60);

/// How long a server that does not answer is waited for: long enough for one that is being restarted, short enough
/// for whoever sits in front of the screen.
pub const WAIT_FOR_SERVER: Duration = Duration::from_secs(10);

/// Connections of this process that write or wait for their turn; one is enough for a command.
const WRITERS_MAX: u32 = 8;

/// Readers at the same time; more wait for one another.
const READERS_MAX: u32 = 4;

/// What writers hold from their first statement to their commit: an advisory lock of the database under a number
/// that spells `tongclea`.
const WRITERS_LOCK: i64 = i64::from_be_bytes(*b"tongclea");

/// Each statement must see what was committed before the lock was granted, whatever the server's default is.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A reader of several statements sees one state.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// milliseconds: bounds every wait for a lock, and lifts a `synchronous_commit` that reports what is not on disk yet.
/// `remote_apply` waits for more than `on` does and stays.
const WRITER_SETTINGS: &str = "SELECT set_config('lock_timeout', $1, TRUE), set_config('synchronous_commit', \
    CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, TRUE)";

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// The centre's relational store in one PostgreSQL database.
#[derive(Clone)]
pub struct PostgresStore {
    address: Address,
    wait_for_writer: Duration,
    /// Apart from the readers, so that writers waiting for their turn never keep the one whose turn it is from
    /// reading.
    writers: PgPool,
    readers: PgPool,
}

/// What lies in a database before we touch it.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Centre,
    /// The name of a table that is not ours.
    Others(String),
}

impl PostgresStore {
    /// Makes the tables in an empty database; a creation that was interrupted is completed.
    ///
    /// # Errors
    /// [`StoreError::Database`] when server or database cannot be reached, or when it holds tables of others.
    pub async fn create(address: &Address) -> Result<Self, StoreError> {
        Self::connect(address, true).await
    }

    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Database`] when server or database cannot be reached, or when it holds no centre.
    pub async fn open(address: &Address) -> Result<Self, StoreError> {
        Self::connect(address, false).await
    }

    /// Whether the database holds a centre's tables.
    ///
    /// # Errors
    /// [`StoreError::Database`] when server or database cannot be reached.
    pub async fn holds_centre(address: &Address) -> Result<bool, StoreError> {
        let doing = format!("opening {address}");
        let mut connection = reach(address, &doing).await?;
        let found = look(&mut connection).await.doing(&doing)?;
        connection.close().await.doing(&doing)?;
        Ok(found == Found::Centre)
    }

    async fn connect(address: &Address, create: bool) -> Result<Self, StoreError> {
        let doing = format!("opening {address}");
        let mut connection = reach(address, &doing).await?;
        match look(&mut connection).await.doing(&doing)? {
            Found::Centre => {}
            Found::Nothing if create => {}
            Found::Nothing => {
                let hint = "it holds no centre; `tongclear init` makes one, and a backup may be missing";
                return Err(fault(&doing, hint));
            }
            Found::Others(table) => {
                let hint = format!(
                    "it holds no centre but other tables ({table}): a centre needs a database of its own"
                );
                return Err(fault(&doing, hint));
            }
        }
        connection.close().await.doing(&doing)?;
        let pool = PgPoolOptions::new().acquire_timeout(WAIT_FOR_SERVER);
        let writers = pool.clone().max_connections(WRITERS_MAX).connect_lazy_with(address.options());
        let migrating = format!("bringing the tables of {address} up to date");
        MIGRATIONS.run(&writers).await.map_err(|error| fault(&migrating, error))?;
        Ok(Self {
            address: address.clone(),
            wait_for_writer: WAIT_FOR_WRITER,
            writers,
            readers: pool.max_connections(READERS_MAX).connect_lazy_with(address.options()),
        })
    }

    /// Waits for other writers at most `wait`, and no longer [`WAIT_FOR_WRITER`].
    #[must_use]
    pub fn with_wait_for_writer(self, wait: Duration) -> Self {
        Self { wait_for_writer: wait, ..self }
    }

    /// Where the database is.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Closes all connections. Dropping the store is as safe, but leaves it to the server to notice.
    pub async fn close(self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    /// One state of the database, whatever is written meanwhile.
    pub(crate) async fn begin_read(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        const DOING: &str = "beginning to read";
        let mut transaction = self.readers.begin_with(BEGIN_READ).await.doing(DOING)?;
        // The state is fixed by the first reading, not by the beginning.
        sqlx::query("SELECT 1").execute(&mut *transaction).await.doing(DOING)?;
        Ok(transaction)
    }

    /// The only writer until commit or drop.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        const DOING: &str = "waiting to write";
        let mut transaction = self.writers.begin_with(BEGIN).await.doing(DOING)?;
        let settings = sqlx::query(WRITER_SETTINGS).bind(self.wait_for_writer.as_millis().to_string());
        settings.execute(&mut *transaction).await.doing(DOING)?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITERS_LOCK);
        lock.execute(&mut *transaction).await.doing(DOING)?;
        Ok(transaction)
    }
}

/// Where it is, and nothing of how to get in.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("address", &self.address).finish_non_exhaustive()
    }
}

/// One connection, at once or not at all: a command should say within seconds that there is no server.
async fn reach(address: &Address, doing: &str) -> Result<PgConnection, StoreError> {
    match tokio::time::timeout(WAIT_FOR_SERVER, address.options().connect()).await {
        Ok(connected) => connected.doing(doing),
        Err(_) => {
            Err(fault(doing, format!("the server does not answer within {} s", WAIT_FOR_SERVER.as_secs())))
        }
    }
}

/// What the database holds where unqualified names are made: our tables, nothing, or those of others.
async fn look(connection: &mut PgConnection) -> Result<Found, sqlx::Error> {
    let ours = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
    if sqlx::query_scalar(ours).fetch_one(&mut *connection).await? {
        return Ok(Found::Centre);
    }
    let other = "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename LIMIT 1";
    let other = sqlx::query_scalar(other).fetch_optional(connection).await?;
    Ok(other.map_or(Found::Nothing, Found::Others))
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
impl Store for PostgresStore {
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
        Ok(Box::new(PostgresIntake::new(self.begin().await?).await?))
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
        Ok(Box::new(PostgresStatements::new(self.begin_read().await?)))
    }

    async fn write(&self) -> Result<Box<dyn Statements>, StoreError> {
        Ok(Box::new(PostgresStatements::new(self.begin().await?)))
    }

    async fn audit_log(&self) -> Result<Vec<AuditRow>, StoreError> {
        audit::audit_log(&self.readers).await
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn administrators_are_told_the_number_of_the_lock() {
        let page = include_str!("../../../docs/postgres.md");
        assert_eq!(page.matches(&super::WRITERS_LOCK.to_string()).count(), 2);
    }
}
