//! Reading what intake decided.

use sqlx::PgPool;
use tongclear_store::{
    MissingPackages, PackageKey, PackageRow, QuarantineRow, StoreError, TerminalSpan, WindowId, decode, sql,
};
use tongclear_types::{TerminalId, TerminalNumber};

use crate::read::{Doing, Found, all};

/// See [`tongclear_store::Store::packages`].
pub(crate) async fn packages(pool: &PgPool, window: WindowId) -> Result<Vec<PackageRow>, StoreError> {
    all(pool, sqlx::query(sql::PACKAGES).bind(window.0), "reading packages", decode::package).await
}

/// See [`tongclear_store::Store::package`].
pub(crate) async fn package(pool: &PgPool, key: PackageKey) -> Result<Option<PackageRow>, StoreError> {
    let query = sqlx::query(sql::PACKAGE).bind(key.collector.to_string()).bind(i64::from(key.sequence.0));
    let row = query.fetch_optional(pool).await.doing("reading a package")?;
    row.as_ref().map(|row| decode::package(&Found(row))).transpose()
}

/// See [`tongclear_store::Store::packages_spanning`].
pub(crate) async fn packages_spanning(
    pool: &PgPool,
    terminal: TerminalId,
    terminal_number: TerminalNumber,
) -> Result<Vec<PackageRow>, StoreError> {
    let query =
        sqlx::query(sql::PACKAGES_SPANNING).bind(terminal.to_string()).bind(i64::from(terminal_number.0));
    all(pool, query, "looking for packages of a terminal", decode::package).await
}

/// See [`tongclear_store::Store::terminal_spans`].
pub(crate) async fn terminal_spans(
    pool: &PgPool,
    window: WindowId,
) -> Result<Vec<(PackageKey, TerminalSpan)>, StoreError> {
    all(
        pool,
        sqlx::query(sql::TERMINAL_SPANS).bind(window.0),
        "reading terminals of packages",
        decode::terminal_span,
    )
    .await
}

/// See [`tongclear_store::Store::missing_packages`].
pub(crate) async fn missing_packages(pool: &PgPool) -> Result<Vec<MissingPackages>, StoreError> {
    all(pool, sqlx::query(sql::MISSING_PACKAGES), "looking for missing packages", decode::missing_packages)
        .await
}

/// See [`tongclear_store::Store::quarantine`].
pub(crate) async fn quarantine(pool: &PgPool) -> Result<Vec<QuarantineRow>, StoreError> {
    all(pool, sqlx::query(sql::QUARANTINE), "reading quarantine", decode::quarantined).await
}
