//! Rows to values, and sqlx's errors to the store's.

use std::fmt::Display;
use std::str::FromStr;

use futures::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Row, Sqlite, SqliteExecutor, Type};
use tongclear_store::{StoreError, column};
use tongclear_types::Fen;

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
    convert: fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = query.fetch(database);
    let mut values = Vec::new();
    while let Some(row) = rows.try_next().await.doing(doing)? {
        values.push(convert(&row)?);
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

/// A cell that holds an id, a code or a date as text.
pub(crate) fn text<T>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: FromStr<Err: Display>,
{
    column::parsed(column, cell(row, column)?)
}

/// A cell that holds an id, a code or a date as text, or nothing.
pub(crate) fn optional<T>(row: &SqliteRow, column: &'static str) -> Result<Option<T>, StoreError>
where
    T: FromStr<Err: Display>,
{
    cell::<Option<&str>>(row, column)?.map(|text| column::parsed(column, text)).transpose()
}

/// A cell that holds a count or a number.
pub(crate) fn number<T>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: TryFrom<i64, Error: Display>,
{
    column::narrow(column, cell(row, column)?)
}

/// A cell that holds fen.
pub(crate) fn fen(row: &SqliteRow, column: &'static str) -> Result<Fen, StoreError> {
    column::fen(column, cell(row, column)?)
}
