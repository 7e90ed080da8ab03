//! Rows as plain values: a snapshot to read them from, and a new store to fill with them.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Sqlite, Transaction};
use tongclear_store::portable::{FORGET_FIRST_WINDOW, HOLDS_MORE, Kind, Table, Value};
use tongclear_store::{Import, Portable, Snapshot, StoreError};

use crate::bulk;
use crate::read::{Doing, cell};
use crate::store::SqliteStore;

#[async_trait]
impl Portable for SqliteStore {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(SqliteSnapshot(self.begin_read().await?)))
    }

    async fn import(&self) -> Result<Box<dyn Import>, StoreError> {
        const DOING: &str = "looking whether the database is new";
        let mut transaction = self.begin().await?;
        if sqlx::query(HOLDS_MORE).fetch_optional(&mut *transaction).await.doing(DOING)?.is_some() {
            return Err(StoreError::Conflict { what: "the database (it is not new)".to_owned() });
        }
        sqlx::query(FORGET_FIRST_WINDOW).execute(&mut *transaction).await.doing(DOING)?;
        Ok(Box::new(SqliteImport(transaction)))
    }
}

struct SqliteSnapshot(Transaction<'static, Sqlite>);

#[async_trait]
impl Snapshot for SqliteSnapshot {
    async fn rows(
        &mut self,
        table: &'static Table,
        last: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut query = sqlx::query(AssertSqlSafe(table.select(last.is_some())));
        for value in last.iter().flat_map(|last| &last[..table.key_columns]) {
            query = bound(query, value.clone());
        }
        let doing = format!("reading table {}", table.name);
        let rows = query.fetch_all(&mut *self.0).await.doing(&doing)?;
        rows.iter().map(|row| values(table, row)).collect()
    }
}

/// A statement with its arguments.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The statement with one more argument.
pub(crate) fn bound(query: Query<'_>, value: Value) -> Query<'_> {
    match value {
        Value::Integer(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    }
}

fn values(table: &'static Table, row: &SqliteRow) -> Result<Vec<Value>, StoreError> {
    let value = |(name, kind): &(&'static str, Kind)| {
        Ok(match kind {
            Kind::Integer => Value::Integer(cell(row, name)?),
            Kind::Text => Value::Text(cell(row, name)?),
            Kind::Bytes => Value::Bytes(cell(row, name)?),
        })
    };
    table.columns.iter().map(value).collect()
}

struct SqliteImport(Transaction<'static, Sqlite>);

#[async_trait]
impl Import for SqliteImport {
    async fn add(&mut self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let (head, doing) = (table.insert(), format!("filling table {}", table.name));
        bulk::insert(&mut self.0, &head, table.columns.len(), &rows, &doing, |values, row| {
            for value in row {
                match value.clone() {
                    Value::Integer(value) => values.push_bind(value),
                    Value::Text(value) => values.push_bind(value),
                    Value::Bytes(value) => values.push_bind(value),
                };
            }
            Ok(())
        })
        .await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.0.commit().await.doing("committing an import")
    }
}
