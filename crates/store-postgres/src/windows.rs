//! Windows: listing them, and the close that fixes what one is judged against.

use sqlx::{PgConnection, PgPool};
use tongclear_store::audit::packages_digest;
use tongclear_store::{AuditEvent, Stamp, StoreError, WindowId, WindowRow, column, decode, sql};
use tongclear_types::BusinessDate;

use crate::audit;
use crate::read::{Doing, Found, all};
use crate::registry::{latest_deny_list, latest_key_generation, latest_registry_version};

/// See [`tongclear_store::Store::windows`].
pub(crate) async fn windows(pool: &PgPool) -> Result<Vec<WindowRow>, StoreError> {
    all(pool, sqlx::query(sql::WINDOWS), "reading windows", decode::window).await
}

/// The open window, seen from inside a transaction.
pub(crate) async fn open_window(connection: &mut PgConnection) -> Result<WindowId, StoreError> {
    let id = sqlx::query_scalar(sql::OPEN_WINDOW).fetch_optional(connection).await;
    let id = id.doing("reading the open window")?;
    id.map(WindowId).ok_or_else(|| column::corrupt("windows.state", "no row", "there is no open window"))
}

/// See [`tongclear_store::Store::close_window`].
pub(crate) async fn close_window(
    connection: &mut PgConnection,
    open: WindowId,
    date: BusinessDate,
    stamp: &Stamp,
) -> Result<WindowRow, StoreError> {
    let conflict = |what: String| Err(StoreError::Conflict { what });
    if open_window(connection).await? != open {
        return conflict(format!("window {open}"));
    }
    let latest = sqlx::query_scalar::<_, Option<String>>(sql::LATEST_BUSINESS_DATE);
    let latest = latest.fetch_one(&mut *connection).await.doing("reading the last business date")?;
    if let Some(latest) = latest
        && column::parsed::<BusinessDate>("windows.business_date", &latest)? >= date
    {
        return conflict(format!("the last window's date ({latest}; {date} does not follow it)"));
    }
    let Some(registry) = latest_registry_version(connection).await? else {
        return conflict("the registry (there is none)".to_owned());
    };
    let Some(keys) = latest_key_generation(connection).await? else {
        return conflict("the key ring (there is none)".to_owned());
    };
    let deny_lists = latest_deny_list(connection).await?;

    // From here on it must succeed: this transaction is the only writer.
    let doing = format!("closing window {open} as {date}");
    let close = sqlx::query(sql::CLOSE_WINDOW)
        .bind(open.0)
        .bind(date.to_string())
        .bind(registry.0)
        .bind(keys.0)
        .bind(deny_lists.map(|id| id.0))
        .bind(stamp.at.0);
    close.execute(&mut *connection).await.doing(&doing)?;
    sqlx::query(sql::ADD_OPEN_WINDOW).bind(open.0 + 1).execute(&mut *connection).await.doing(&doing)?;
    let row = sqlx::query(sql::WINDOW).bind(open.0).fetch_one(&mut *connection).await.doing(&doing)?;
    let closed = decode::window(&Found(&row))?;
    let packages = sqlx::query(sql::PACKAGE_DIGESTS).bind(open.0);
    let packages = all(&mut *connection, packages, &doing, decode::package_digest).await?;
    if let Some(event) = AuditEvent::close(&closed, packages_digest(packages)) {
        audit::append(connection, stamp, &event).await?;
    }
    Ok(closed)
}
