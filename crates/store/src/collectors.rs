//! What the packages say of their collectors: when they were last heard of, in which windows, and what is missing.

use tongclear_types::{CollectorId, UnixMillis};

use crate::decode::{self, Cells};
use crate::{MissingPackages, Store, StoreError, WindowId};

const LAST_HEARD: &str =
    "SELECT collector, MAX(received_at) AS received_at FROM packages GROUP BY collector ORDER BY collector";

const MISSING_OF: &str = "SELECT collector, previous + 1 AS first_missing, sequence - 1 AS last_missing \
    FROM (SELECT collector, sequence, COALESCE(LAG(sequence) OVER (ORDER BY sequence), 0) AS previous \
          FROM packages WHERE collector = $1) AS numbered \
    WHERE sequence > previous + 1 ORDER BY sequence";
const WINDOWS_OF: &str = "SELECT DISTINCT window_id FROM packages WHERE collector = $1 ORDER BY window_id";

/// When the last package of each collector was accepted, by collector.
///
/// # Errors
/// Faults of the database.
pub async fn last_heard(store: &dyn Store) -> Result<Vec<(CollectorId, UnixMillis)>, StoreError> {
    let rows = store.read().await?.rows(LAST_HEARD, &[]).await?;
    let heard =
        |cells: &dyn Cells| Ok((cells.id("packages.collector")?, cells.moment("packages.received_at")?));
    rows.iter().map(|row| heard(row)).collect()
}

/// The gaps in a collector's sequences.
///
/// # Errors
/// Faults of the database.
pub async fn missing_of(
    store: &dyn Store,
    collector: CollectorId,
) -> Result<Vec<MissingPackages>, StoreError> {
    let rows = store.read().await?.rows(MISSING_OF, &[collector.to_string().into()]).await?;
    rows.iter().map(|row| decode::missing_packages(row)).collect()
}

/// The windows with packages of a collector, in order.
///
/// # Errors
/// Faults of the database.
pub async fn windows_of(store: &dyn Store, collector: CollectorId) -> Result<Vec<WindowId>, StoreError> {
    let rows = store.read().await?.rows(WINDOWS_OF, &[collector.to_string().into()]).await?;
    rows.iter().map(|row| Cells::integer(row, "packages.window_id").map(WindowId)).collect()
}
