//! A batch of intake: one transaction that holds the writers' lock from beginning to commit.

use async_trait::async_trait;
use sqlx::{Postgres, Transaction};
use tongclear_store::{
    Digest, IntakeTransaction, NewPackage, NewQuarantine, PackageKey, SequenceNeighbours, StoreError, Taken,
    WindowId, column, decode, sql,
};

use crate::bulk;
use crate::read::{Doing, Found, fault};
use crate::windows::open_window;

/// The transaction of one batch; sqlx rolls it back when it is dropped.
pub(crate) struct PostgresIntake {
    transaction: Transaction<'static, Postgres>,
    window: WindowId,
    counted: Taken,
    /// A step failed, perhaps half done: the batch can only be dropped, as it would be on any database.
    failed: bool,
}

impl PostgresIntake {
    /// Wraps a transaction that is the only writer.
    pub(crate) async fn new(mut transaction: Transaction<'static, Postgres>) -> Result<Self, StoreError> {
        let window = open_window(&mut transaction).await?;
        Ok(Self { transaction, window, counted: Taken::default(), failed: false })
    }

    /// Remembers whether a step went wrong.
    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.failed |= result.is_err();
        result
    }

    async fn read_neighbours(&mut self, key: PackageKey) -> Result<SequenceNeighbours, StoreError> {
        let sequence = i64::from(key.sequence.0);
        let query = sqlx::query(sql::NEIGHBOURS)
            .bind(key.collector.to_string())
            .bind(sequence - 1)
            .bind(sequence + 1);
        let rows = query.fetch_all(&mut *self.transaction).await.doing("reading a package's neighbours")?;
        let mut neighbours = SequenceNeighbours::default();
        for row in &rows {
            decode::neighbour(&Found(row), key.sequence, &mut neighbours)?;
        }
        Ok(neighbours)
    }

    async fn write_package(&mut self, package: &NewPackage) -> Result<(), StoreError> {
        let PackageKey { collector, sequence } = package.key;
        if package.window != self.window {
            return Err(StoreError::Conflict { what: format!("the open window ({})", self.window) });
        }
        let counted = self.counted.with(package)?;
        let doing = format!("accepting package {collector}-{sequence}");
        let query = sqlx::query(sql::ADD_PACKAGE)
            .bind(collector.to_string())
            .bind(i64::from(sequence.0))
            .bind(package.merchant.to_string())
            .bind(package.window.0)
            .bind(package.digest.to_string())
            .bind(column::hex(&package.seal))
            .bind(column::hex(&package.previous_seal))
            .bind(i64::from(package.records))
            .bind(package.amount.get())
            .bind(package.received_at.0);
        query.execute(&mut *self.transaction).await.map_err(|error| match error {
            sqlx::Error::Database(said) if said.is_unique_violation() => {
                StoreError::Conflict { what: format!("package {collector}-{sequence}") }
            }
            error => fault(&doing, error),
        })?;
        bulk::insert(
            &mut self.transaction,
            sql::ADD_PACKAGE_TERMINALS,
            6,
            &package.terminals,
            &doing,
            |values, span| {
                values
                    .push_bind(collector.to_string())
                    .push_bind(i64::from(sequence.0))
                    .push_bind(span.terminal.to_string())
                    .push_bind(i64::from(span.first.0))
                    .push_bind(i64::from(span.last.0))
                    .push_bind(i64::from(span.records));
                Ok(())
            },
        )
        .await?;
        self.counted = counted;
        Ok(())
    }

    async fn write_quarantine(&mut self, refused: &NewQuarantine) -> Result<(), StoreError> {
        let query = sqlx::query(sql::ADD_QUARANTINE)
            .bind(refused.digest.to_string())
            .bind(column::stored("quarantine.size_bytes", refused.bytes)?)
            .bind(&refused.source)
            .bind(&refused.reason)
            .bind(&refused.field)
            .bind(&refused.value)
            .bind(&refused.expected)
            .bind(refused.arrived_at.0);
        query.execute(&mut *self.transaction).await.doing("quarantining bytes")?;
        Ok(())
    }

    async fn delete_quarantined(&mut self, digest: &Digest) -> Result<(), StoreError> {
        let query = sqlx::query(sql::RELEASE_QUARANTINED).bind(digest.to_string());
        query.execute(&mut *self.transaction).await.doing("releasing quarantined bytes")?;
        Ok(())
    }
}

#[async_trait]
impl IntakeTransaction for PostgresIntake {
    fn open_window(&self) -> WindowId {
        self.window
    }

    async fn neighbours(&mut self, key: PackageKey) -> Result<SequenceNeighbours, StoreError> {
        let result = self.read_neighbours(key).await;
        self.note(result)
    }

    async fn accept(&mut self, package: &NewPackage) -> Result<(), StoreError> {
        let result = self.write_package(package).await;
        self.note(result)
    }

    async fn quarantine(&mut self, refused: &NewQuarantine) -> Result<(), StoreError> {
        let result = self.write_quarantine(refused).await;
        self.note(result)
    }

    async fn release_quarantined(&mut self, digest: &Digest) -> Result<(), StoreError> {
        let result = self.delete_quarantined(digest).await;
        self.note(result)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        const DOING: &str = "committing a batch of intake";
        if self.failed {
            return Err(fault(DOING, "a step of it failed; nothing was written"));
        }
        if self.counted.packages > 0 {
            let query = sqlx::query(sql::COUNT_INTAKE)
                .bind(self.window.0)
                .bind(column::stored("windows.packages", self.counted.packages)?)
                .bind(column::stored("windows.transactions", self.counted.transactions)?)
                .bind(self.counted.amount.get());
            query.execute(&mut *self.transaction).await.doing(DOING)?;
        }
        self.transaction.commit().await.doing(DOING)
    }
}
