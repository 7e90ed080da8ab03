//! When collectors were last heard of.

use tongclear_types::{CollectorId, UnixMillis};

use crate::decode::Cells;
use crate::{Store, StoreError};

const LAST_HEARD: &str =
    "SELECT collector, MAX(received_at) AS received_at FROM packages GROUP BY collector ORDER BY collector";

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
