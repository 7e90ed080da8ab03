//! One transaction as plain statements: cells come back as the kind they have.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, Sqlite, Transaction, TypeInfo as _, ValueRef as _};
use tongclear_store::portable::Value;
use tongclear_store::statements::{Row, Statements, doing};
use tongclear_store::{StoreError, column};

use crate::portable::bound;
use crate::read::Doing;

/// A transaction of the writer or of a reader.
pub(crate) struct SqliteStatements {
    transaction: Transaction<'static, Sqlite>,
    /// A statement failed: the transaction can only be dropped, as it would be on any database.
    failed: bool,
}

impl SqliteStatements {
    pub(crate) const fn new(transaction: Transaction<'static, Sqlite>) -> Self {
        Self { transaction, failed: false }
    }

    /// Remembers whether a statement went wrong.
    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.failed |= result.is_err();
        result
    }
}

#[async_trait]
impl Statements for SqliteStatements {
    async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let query = values.iter().cloned().fold(sqlx::query(sql), bound);
        let rows = query.fetch_all(&mut *self.transaction).await.doing(&doing(sql));
        self.note(rows)?.iter().map(row).collect()
    }

    async fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        let query = values.iter().cloned().fold(sqlx::query(sql), bound);
        let done = query.execute(&mut *self.transaction).await.doing(&doing(sql));
        Ok(self.note(done)?.rows_affected())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        const DOING: &str = "committing";
        if self.failed {
            return Err("a statement of it failed; nothing was written").doing(DOING);
        }
        self.transaction.commit().await.doing(DOING)
    }
}

fn row(row: &SqliteRow) -> Result<Row, StoreError> {
    let cells = row.columns().iter().map(|column| {
        let unreadable = |error| column::corrupt("a result", column.name(), error);
        let at = column.ordinal();
        let raw = row.try_get_raw(at).map_err(unreadable)?;
        let value = match raw.type_info().name() {
            _ if raw.is_null() => Value::Text(None),
            "INTEGER" => Value::Integer(row.try_get(at).map_err(unreadable)?),
            "BLOB" => Value::Bytes(row.try_get(at).map_err(unreadable)?),
            _ => Value::Text(row.try_get(at).map_err(unreadable)?),
        };
        Ok((column.name().to_owned(), value))
    });
    cells.collect::<Result<_, StoreError>>().map(Row::new)
}
