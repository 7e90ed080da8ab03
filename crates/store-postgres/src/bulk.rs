//! Multi-row inserts: many rows a statement, many statements a transaction.

use sqlx::query_builder::Separated;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use tongclear_store::StoreError;

use crate::read::Doing;

/// Most values in one statement. PostgreSQL takes 65,535; beyond a few thousand nothing is gained, and a statement's
/// text and values stay well under a megabyte.
const VALUES_MAX: usize = 8_192;

/// The values of one row being bound, in the order of the statement's columns.
pub(crate) type Values<'a, 'b> = Separated<'a, Postgres, &'b str>;

/// Inserts `rows` with as few statements as [`VALUES_MAX`] allows; `head` is the text up to `VALUES`.
pub(crate) async fn insert<T: Sync>(
    connection: &mut PgConnection,
    head: &str,
    columns: usize,
    rows: &[T],
    doing: &str,
    bind: impl Fn(&mut Values<'_, '_>, &T) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    for chunk in rows.chunks(VALUES_MAX / columns) {
        let mut refused = Ok(());
        let mut statement = QueryBuilder::<Postgres>::new(head);
        statement.push_values(chunk, |mut values, row| {
            if refused.is_ok() {
                refused = bind(&mut values, row);
            }
        });
        refused?;
        // Every length of a last chunk is another text: not worth keeping prepared on the server.
        statement.build().persistent(false).execute(&mut *connection).await.doing(doing)?;
    }
    Ok(())
}
