//! The contract tests on PostgreSQL: one database each, all on one server.

use async_trait::async_trait;
use tongclear_store::StoreError;
use tongclear_store::contract::Database;
use tongclear_store_postgres::{Address, PostgresStore};
use tongclear_test_postgres::Cluster;

/// A database that goes with its server.
struct Temporary(Address);

impl Temporary {
    fn new() -> Self {
        Self(Cluster::shared().database().parse().expect("the URL of a database"))
    }
}

#[async_trait]
impl Database for Temporary {
    type Store = PostgresStore;

    async fn open(&self) -> Result<PostgresStore, StoreError> {
        PostgresStore::create(&self.0).await
    }
}

tongclear_store::store_contract_tests!(Temporary::new());
