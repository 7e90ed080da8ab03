//! Reading what intake decided.

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;
use tongclear_store::{
    MissingPackages, NewQuarantine, PackageKey, PackageRow, QuarantineRow, StoreError, WindowId, column, sql,
};
use tongclear_types::{PackageSequence, UnixMillis};

use crate::read::{all, cell, fen, number, text};

/// See [`tongclear_store::Store::packages`].
pub(crate) async fn packages(pool: &SqlitePool, window: WindowId) -> Result<Vec<PackageRow>, StoreError> {
    all(pool, sqlx::query(sql::PACKAGES).bind(window.0), "reading packages", package).await
}

fn package(row: &SqliteRow) -> Result<PackageRow, StoreError> {
    Ok(PackageRow {
        key: PackageKey {
            collector: text(row, "packages.collector")?,
            sequence: PackageSequence(number(row, "packages.sequence")?),
        },
        merchant: text(row, "packages.merchant")?,
        window: WindowId(cell(row, "packages.window_id")?),
        digest: column::digest("packages.digest", cell(row, "packages.digest")?)?,
        records: number(row, "packages.records")?,
        amount: fen(row, "packages.amount_fen")?,
        received_at: UnixMillis(cell(row, "packages.received_at")?),
    })
}

/// See [`tongclear_store::Store::missing_packages`].
pub(crate) async fn missing_packages(pool: &SqlitePool) -> Result<Vec<MissingPackages>, StoreError> {
    all(pool, sqlx::query(sql::MISSING_PACKAGES), "looking for missing packages", missing).await
}

fn missing(row: &SqliteRow) -> Result<MissingPackages, StoreError> {
    Ok(MissingPackages {
        collector: text(row, "packages.collector")?,
        first: PackageSequence(number(row, "packages.first_missing")?),
        last: PackageSequence(number(row, "packages.last_missing")?),
    })
}

/// See [`tongclear_store::Store::quarantine`].
pub(crate) async fn quarantine(pool: &SqlitePool) -> Result<Vec<QuarantineRow>, StoreError> {
    all(pool, sqlx::query(sql::QUARANTINE), "reading quarantine", quarantined).await
}

fn quarantined(row: &SqliteRow) -> Result<QuarantineRow, StoreError> {
    Ok(QuarantineRow {
        refused: NewQuarantine {
            digest: column::digest("quarantine.digest", cell(row, "quarantine.digest")?)?,
            bytes: number(row, "quarantine.size_bytes")?,
            source: cell(row, "quarantine.source")?,
            reason: cell(row, "quarantine.reason")?,
            field: cell(row, "quarantine.field")?,
            value: cell(row, "quarantine.value")?,
            expected: cell(row, "quarantine.expected")?,
            arrived_at: UnixMillis(cell(row, "quarantine.arrived_at")?),
        },
        arrivals: number(row, "quarantine.arrivals")?,
    })
}
