//! The audit log: the next entry, inside the transaction of what it tells of.

use sqlx::{PgConnection, PgPool};
use tongclear_store::{AuditEvent, AuditRow, Stamp, StoreError, decode, sql};

use crate::read::{Doing, Found, all};

/// Appends what happened.
pub(crate) async fn append(
    connection: &mut PgConnection,
    stamp: &Stamp,
    event: &AuditEvent,
) -> Result<(), StoreError> {
    const DOING: &str = "writing the audit log";
    let last = sqlx::query(sql::LAST_AUDIT).fetch_optional(&mut *connection).await.doing(DOING)?;
    let last = last.as_ref().map(|row| decode::audit_end(&Found(row))).transpose()?;
    let row = AuditRow::after(last, stamp, event)?;
    let query = sqlx::query(sql::ADD_AUDIT)
        .bind(row.entry)
        .bind(row.stamp.at.0)
        .bind(row.stamp.by.to_string())
        .bind(row.event)
        .bind(row.previous.to_string())
        .bind(row.hash.to_string());
    query.execute(connection).await.doing(DOING)?;
    Ok(())
}

/// See [`tongclear_store::Store::audit_log`].
pub(crate) async fn audit_log(pool: &PgPool) -> Result<Vec<AuditRow>, StoreError> {
    all(pool, sqlx::query(sql::AUDIT_LOG), "reading the audit log", decode::audit).await
}
