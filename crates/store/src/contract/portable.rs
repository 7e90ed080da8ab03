//! Carrying a store: everything arrives, as it was at one moment, and only in a store that is new.

use tongclear_access::Role;

use super::sample::{
    LOADED_AT, access, decide, deny_list, load, night, package, position, quarantined, reconciliation,
    reconciliation_file, stamp, take_in, user,
};
use super::{Database, Tested, assert_conflict};
use crate::people::add_user;
use crate::portable::{Portable, Snapshot, TABLES, Value, carry};
use crate::reconciliations::{ReconciliationRow, commit_reconciliation};
use crate::{SettlementCommit, Store, StoreError, WindowId};

/// A store with a row in every table.
async fn fill(store: &impl Store) -> Tested {
    load(store).await?;
    store.add_deny_list(&deny_list(1, "0417", 7), true, &stamp(LOADED_AT)).await?;
    night(store, "2026-11-22").await?;
    let positions = vec![position("BUS00001", "2026-11-23")];
    store
        .commit_settlement(&SettlementCommit { window: WindowId(1), positions, stamp: stamp(LOADED_AT) })
        .await?;
    take_in(store, &[package(2, "b1", 1)]).await?;
    let mut batch = store.begin_intake().await?;
    batch.quarantine(&quarantined(9)).await?;
    batch.commit().await?;
    for (run, file) in [(1, Some(8)), (2, None)] {
        let row = reconciliation("0417", run, "2026-11-22", file);
        let row = ReconciliationRow { taken_through: row.taken_through.filter(|_| run > 1), ..row };
        let files = [reconciliation_file(&row, "open-00.parquet", 1)];
        commit_reconciliation(store, &row, &files, None, &stamp(LOADED_AT)).await?;
    }
    super::payouts::fill(store).await?;
    access(store).await?;
    decide(store).await
}

/// Every row of every table.
pub(super) async fn everything(snapshot: &mut dyn Snapshot) -> Result<Vec<Vec<Vec<Value>>>, StoreError> {
    let mut tables = Vec::new();
    for table in TABLES {
        let mut rows = Vec::new();
        loop {
            let last = rows.last().cloned();
            let next: Vec<Vec<Value>> = snapshot.rows(table, last.as_deref()).await?;
            if next.is_empty() {
                break;
            }
            rows.extend(next);
        }
        tables.push(rows);
    }
    Ok(tables)
}

/// Every row of every table arrives in another store, which then goes on like the first.
pub async fn carries_everything(database: &impl Database, other: &impl Database) -> Tested {
    let (from, to) = (database.open().await?, other.open().await?);
    fill(&from).await?;
    let before = everything(&mut *from.snapshot().await?).await?;
    let empty: Vec<_> = TABLES.iter().zip(&before).filter(|(_, rows)| rows.is_empty()).collect();
    assert!(empty.is_empty(), "nothing to carry in {empty:?}");
    let mut watched = 0;
    let carried = carry(&mut *from.snapshot().await?, &to, |_, rows| watched += rows as u64).await?;
    assert_eq!(carried, before.iter().map(|rows| rows.len() as u64).sum::<u64>());
    assert_eq!(carried, watched);
    assert_eq!(everything(&mut *to.snapshot().await?).await?, before);
    assert_eq!(to.audit_log().await?, from.audit_log().await?);
    // The sample's payout is of 23 November.
    night(&to, "2026-11-24").await?;
    Ok(())
}

/// A snapshot stays as it was, whatever is written after it was taken.
pub async fn a_snapshot_stands_still(database: &impl Database) -> Tested {
    let store = database.open().await?;
    fill(&store).await?;
    let before = everything(&mut *store.snapshot().await?).await?;
    let mut snapshot = store.snapshot().await?;
    take_in(&store, &[package(2, "b1", 2)]).await?;
    night(&store, "2026-11-24").await?;
    add_user(&store, &user("late", Role::Viewer), &stamp(LOADED_AT)).await?;
    assert_eq!(everything(&mut *snapshot).await?, before);
    drop(snapshot);
    assert_ne!(everything(&mut *store.snapshot().await?).await?, before);
    Ok(())
}

/// A store that holds anything is not filled, and an import that is dropped leaves a new store.
pub async fn fills_only_a_new_store(database: &impl Database) -> Tested {
    let store = database.open().await?;
    drop(store.import().await?);
    load(&store).await?;
    assert_conflict(store.import().await.map(drop));
    let windows = store.windows().await?;
    assert_eq!(windows.len(), 1, "the open window is still there");
    Ok(())
}
