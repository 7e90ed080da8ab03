//! Reading what intake decided.

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;
use tongclear_store::{
    MissingPackages, NewQuarantine, PackageKey, PackageRow, QuarantineRow, StoreError, TerminalSpan,
    WindowId, column, sql,
};
use tongclear_types::{PackageSequence, TerminalId, TerminalNumber, UnixMillis};

use crate::read::{Doing, all, cell, fen, number, text};

/// See [`tongclear_store::Store::packages`].
pub(crate) async fn packages(pool: &SqlitePool, window: WindowId) -> Result<Vec<PackageRow>, StoreError> {
    all(pool, sqlx::query(sql::PACKAGES).bind(window.0), "reading packages", read).await
}

/// See [`tongclear_store::Store::package`].
pub(crate) async fn package(pool: &SqlitePool, key: PackageKey) -> Result<Option<PackageRow>, StoreError> {
    let query = sqlx::query(sql::PACKAGE).bind(key.collector.to_string()).bind(i64::from(key.sequence.0));
    let row = query.fetch_optional(pool).await.doing("reading a package")?;
    row.as_ref().map(read).transpose()
}

/// See [`tongclear_store::Store::packages_spanning`].
pub(crate) async fn packages_spanning(
    pool: &SqlitePool,
    terminal: TerminalId,
    terminal_number: TerminalNumber,
) -> Result<Vec<PackageRow>, StoreError> {
    let query =
        sqlx::query(sql::PACKAGES_SPANNING).bind(terminal.to_string()).bind(i64::from(terminal_number.0));
    all(pool, query, "looking for packages of a terminal", read).await
}

/// See [`tongclear_store::Store::terminal_spans`].
pub(crate) async fn terminal_spans(
    pool: &SqlitePool,
    window: WindowId,
) -> Result<Vec<(PackageKey, TerminalSpan)>, StoreError> {
    all(pool, sqlx::query(sql::TERMINAL_SPANS).bind(window.0), "reading terminals of packages", span).await
}

fn span(row: &SqliteRow) -> Result<(PackageKey, TerminalSpan), StoreError> {
    let span = TerminalSpan {
        terminal: text(row, "package_terminals.terminal")?,
        first: TerminalNumber(number(row, "package_terminals.first_number")?),
        last: TerminalNumber(number(row, "package_terminals.last_number")?),
        records: number(row, "package_terminals.records")?,
    };
    Ok((package_key(row)?, span))
}

/// The columns that name a package.
pub(crate) fn package_key(row: &SqliteRow) -> Result<PackageKey, StoreError> {
    Ok(PackageKey {
        collector: text(row, "packages.collector")?,
        sequence: PackageSequence(number(row, "packages.sequence")?),
    })
}

fn read(row: &SqliteRow) -> Result<PackageRow, StoreError> {
    Ok(PackageRow {
        key: package_key(row)?,
        merchant: text(row, "packages.merchant")?,
        window: WindowId(cell(row, "packages.window_id")?),
        digest: column::digest("packages.digest", cell(row, "packages.digest")?)?,
        seal: column::bytes("packages.seal", cell(row, "packages.seal")?)?,
        previous_seal: column::bytes("packages.previous_seal", cell(row, "packages.previous_seal")?)?,
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
