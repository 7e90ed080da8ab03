//! Rows to values, and sqlx's errors to the store's.

use std::fmt::Display;

use futures::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Row, Sqlite, SqliteExecutor, Type};
use tongclear_store::decode::Cells;
use tongclear_store::{StoreError, column};

/// A statement with its arguments.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// Adds what was being done to a fault of the database.
pub(crate) trait Doing<T> {
    /// The fault as the store reports it; `doing` reads like `reading windows`.
    fn doing(self, doing: &str) -> Result<T, StoreError>;
}

impl<T, E: Display> Doing<T> for Result<T, E> {
    fn doing(self, doing: &str) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::Database { doing: doing.to_owned(), reason: error.to_string() })
    }
}

/// Every row of `query`, converted one by one as it comes, so that only the result is held.
pub(crate) async fn all<'c, T: Send>(
    database: impl SqliteExecutor<'c>,
    query: Query<'_>,
    doing: &str,
    convert: fn(&dyn Cells) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = query.fetch(database);
    let mut values = Vec::new();
    while let Some(row) = rows.try_next().await.doing(doing)? {
        values.push(convert(&Found(&row))?);
    }
    Ok(values)
}

/// A cell of `table.column`; the result's column has the name behind the dot.
pub(crate) fn cell<'r, T>(row: &'r SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    let (_, name) = column.rsplit_once('.').unwrap_or(("", column));
    row.try_get(name).map_err(|error| column::corrupt(column, "what cannot be read", error))
}

/// A row as every store's rows are read.
pub(crate) struct Found<'r>(pub(crate) &'r SqliteRow);

impl Cells for Found<'_> {
    fn integer(&self, column: &'static str) -> Result<i64, StoreError> {
        cell(self.0, column)
    }

    fn integer_or_null(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        cell(self.0, column)
    }

    fn text(&self, column: &'static str) -> Result<&str, StoreError> {
        cell(self.0, column)
    }

    fn text_or_null(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        cell(self.0, column)
    }
}
