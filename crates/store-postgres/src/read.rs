//! Rows to values, and sqlx's errors to the store's.

use std::fmt::Display;

use futures::TryStreamExt;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Decode, PgExecutor, Postgres, Row, Type};
use tongclear_store::decode::Cells;
use tongclear_store::{StoreError, column};

use crate::store::WAIT_FOR_SERVER;

/// The SQLSTATE of a lock that was not granted within `lock_timeout`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A statement with its arguments.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// Adds what was being done to a fault of the database.
pub(crate) trait Doing<T> {
    /// The fault as the store reports it; `doing` reads like `reading windows`.
    fn doing(self, doing: &str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, doing: &str) -> Result<T, StoreError> {
        self.map_err(|error| fault(doing, said(&error)))
    }
}

/// A fault with its own words.
pub(crate) fn fault(doing: &str, reason: impl Display) -> StoreError {
    StoreError::Database { doing: doing.to_owned(), reason: reason.to_string() }
}

/// What an operator should read; none of it ever holds a password.
fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(said) if said.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
            format!("{}: someone else has kept the lock all the while", said.message())
        }
        sqlx::Error::Database(said) => said.message().to_owned(),
        sqlx::Error::PoolTimedOut => format!(
            "no connection within {} s: the server does not answer, or all connections are in use",
            WAIT_FOR_SERVER.as_secs()
        ),
        sqlx::Error::Io(reason) => format!("the server cannot be reached: {reason}"),
        other => other.to_string(),
    }
}

/// Every row of `query`, converted one by one as it comes, so that only the result is held.
pub(crate) async fn all<'c, T: Send>(
    database: impl PgExecutor<'c>,
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
pub(crate) fn cell<'r, T>(row: &'r PgRow, column: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
{
    let (_, name) = column.rsplit_once('.').unwrap_or(("", column));
    row.try_get(name).map_err(|error| column::corrupt(column, "what cannot be read", error))
}

/// A row as every store's rows are read.
pub(crate) struct Found<'r>(pub(crate) &'r PgRow);

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
