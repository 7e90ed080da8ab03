//! Settlement: positions are fixed once, and everything outlives the process.

use super::sample::{
    SETTLED_AT, close_next, date, load, night, package, position, quarantined, stamp, take_in,
};
use super::{Database, Tested, assert_conflict};
use crate::{SettlementCommit, Store, WindowId, WindowState};

fn settlement(window: i64) -> SettlementCommit {
    let positions = vec![
        position("BUS00001", "2026-11-23"),
        position("BUS00001", "2026-11-24"),
        position("GOV00001", "2026-11-23"),
    ];
    SettlementCommit { window: WindowId(window), positions, stamp: stamp(SETTLED_AT) }
}

/// Positions are read back by participant and value date, and the window is settled.
pub async fn fixes_positions(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    night(&store, "2026-11-22").await?;
    assert_eq!(store.positions(WindowId(1)).await?, []);
    let SettlementCommit { window, positions, stamp } = settlement(1);
    let backwards: Vec<_> = positions.iter().rev().cloned().collect();
    store.commit_settlement(&SettlementCommit { window, positions: backwards, stamp }).await?;
    assert_eq!(store.positions(window).await?, positions);
    assert_eq!(store.windows().await?[0].state, WindowState::Settled);
    Ok(())
}

/// A window that is open, closed, settled or not there is not settled; nothing changes.
pub async fn settles_only_cleared_windows(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    night(&store, "2026-11-22").await?;
    close_next(&store, "2026-11-23").await?;
    store.commit_settlement(&settlement(1)).await?;
    let before = (store.windows().await?, store.positions(WindowId(1)).await?);
    for window in [0, 1, 2, 3, 4] {
        assert_conflict(store.commit_settlement(&settlement(window)).await);
    }
    assert_eq!((store.windows().await?, store.positions(WindowId(1)).await?), before);
    assert_eq!(store.positions(WindowId(2)).await?, []);
    Ok(())
}

/// Whoever opens the database next finds all that was done.
pub async fn survives_reopening(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    night(&store, "2026-11-22").await?;
    store.commit_settlement(&settlement(1)).await?;
    take_in(&store, &[package(2, "b1", 2)]).await?;
    let mut batch = store.begin_intake().await?;
    batch.quarantine(&quarantined(1)).await?;
    batch.commit().await?;
    let before = everything(&store).await?;
    drop(store);
    assert_eq!(everything(&database.open().await?).await?, before);
    Ok(())
}

/// All that can be read, as one text.
async fn everything(store: &impl Store) -> Result<String, crate::StoreError> {
    let windows = store.windows().await?;
    let mut text = format!("{:?}\n{:?}\n", store.latest_registry().await?, store.latest_key_ring().await?);
    text += &format!("{:?}\n{windows:?}\n", store.deny_lists().await?);
    text += &format!("{:?}\n{:?}\n", store.missing_packages().await?, store.quarantine().await?);
    text += &format!("{:?}\n", store.balances().await?);
    text += &format!("{:?}\n", store.transfers(date("2026-11-22")).await?);
    for window in windows {
        let (packages, run) = (store.packages(window.id).await?, store.run(window.id).await?);
        let results = store.package_results(window.id).await?;
        let positions = store.positions(window.id).await?;
        let suspended = store.suspended_before(window.id).await?;
        text += &format!("{packages:?}\n{run:?}\n{results:?}\n{positions:?}\n{suspended:?}\n");
    }
    Ok(text)
}
