//! The contract tests on SQLite: one file each.

use async_trait::async_trait;
use tempfile::TempDir;
use tongclear_store::StoreError;
use tongclear_store::contract::Database;
use tongclear_store_sqlite::SqliteStore;

/// A database file in a folder that goes away with it.
struct TemporaryFile(TempDir);

impl TemporaryFile {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }
}

#[async_trait]
impl Database for TemporaryFile {
    type Store = SqliteStore;

    async fn open(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::create(self.0.path().join("centre.db")).await
    }
}

tongclear_store::store_contract_tests!(TemporaryFile::new());
