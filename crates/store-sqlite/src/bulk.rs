//! Multi-row inserts: many rows a statement, many statements a transaction.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use tongclear_store::StoreError;

use crate::read::Doing;

/// Most values in one statement. SQLite takes 32,766; beyond a few thousand nothing is gained, and a statement's
/// text and values stay well under a megabyte.
const VALUES_MAX: usize = 8_192;

/// The values of one row being bound, in the order of the statement's columns.
pub(crate) type Values<'a, 'b> = Separated<'a, Sqlite, &'b str>;

/// Inserts `rows` with as few statements as [`VALUES_MAX`] allows; `head` is the text up to `VALUES`.
pub(crate) async fn insert<T: Sync>(
    connection: &mut SqliteConnection,
    head: &str,
    columns: usize,
    rows: &[T],
    doing: &str,
    bind: impl Fn(&mut Values<'_, '_>, &T) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    for chunk in rows.chunks(VALUES_MAX / columns) {
        let mut refused = Ok(());
        let mut statement = QueryBuilder::<Sqlite>::new(head);
        statement.push_values(chunk, |mut values, row| {
            if refused.is_ok() {
                refused = bind(&mut values, row);
            }
        });
        refused?;
        statement.build().execute(&mut *connection).await.doing(doing)?;
    }
    Ok(())
}
