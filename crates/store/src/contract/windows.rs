//! Windows: exactly one is open, dates ascend, a close fixes what the window is judged against.

use tongclear_types::Fen;

use super::sample::{CLOSED_AT, LOADED_AT, close_next, date, deny_list, load, stamp};
use super::{Database, Tested, assert_conflict};
use crate::{
    DenyListId, KeyGeneration, RegistryVersion, Store, WindowId, WindowRow, WindowSnapshot, WindowState,
};

/// A new database has window 1, open and empty.
pub async fn opens_the_first_window(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(store.windows().await?, [empty(1, WindowState::Open, None)]);
    Ok(())
}

/// A close returns the closed window, as the list shows it from then on, and opens the next.
pub async fn closes_and_opens_the_next(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let closed = store.close_window(WindowId(1), date("2026-11-22"), &stamp(CLOSED_AT)).await?;
    let snapshot = WindowSnapshot {
        date: date("2026-11-22"),
        registry: RegistryVersion(1),
        keys: KeyGeneration(1),
        deny_lists: None,
        closed_at: CLOSED_AT,
    };
    assert_eq!(closed, empty(1, WindowState::Closed, Some(snapshot)));
    assert_eq!(store.windows().await?, [closed, empty(2, WindowState::Open, None)]);
    Ok(())
}

/// A window keeps the registry, key ring and lists of its close, whatever is loaded afterwards.
pub async fn takes_its_snapshot_at_the_close(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    store.add_deny_list(&deny_list(1, "0417", 1), false, &stamp(LOADED_AT)).await?;
    let first = close_next(&store, "2026-11-22").await?;
    store.add_registry(Some(RegistryVersion(1)), "second", &stamp(LOADED_AT)).await?;
    store.add_key_ring(Some(KeyGeneration(1)), b"second", &stamp(LOADED_AT)).await?;
    store.add_deny_list(&deny_list(2, "0417", 2), false, &stamp(LOADED_AT)).await?;
    let second = close_next(&store, "2026-11-23").await?;

    let judged_against = |row: WindowRow| row.snapshot.map(|it| (it.registry.0, it.keys.0, it.deny_lists));
    assert_eq!(judged_against(first), Some((1, 1, Some(DenyListId(1)))));
    assert_eq!(judged_against(second), Some((2, 2, Some(DenyListId(2)))));
    assert_eq!(store.windows().await?[..2], [first, second]);
    Ok(())
}

/// A window that is closed already, or not there yet, cannot be closed; nothing changes.
pub async fn closes_only_the_open_window(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    close_next(&store, "2026-11-22").await?;
    let before = store.windows().await?;
    for id in [0, 1, 3] {
        assert_conflict(store.close_window(WindowId(id), date("2026-11-23"), &stamp(CLOSED_AT)).await);
    }
    assert_eq!(store.windows().await?, before);
    Ok(())
}

/// A date that is not after every earlier window's is refused.
pub async fn dates_ascend(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    close_next(&store, "2026-11-22").await?;
    for earlier in ["2026-11-22", "2026-11-21", "2000-01-01"] {
        assert_conflict(store.close_window(WindowId(2), date(earlier), &stamp(CLOSED_AT)).await);
    }
    close_next(&store, "2026-12-31").await?;
    assert_eq!(store.windows().await?.len(), 3);
    Ok(())
}

/// Without a registry or a key ring there is nothing to judge a window against.
pub async fn does_not_close_without_registry_or_keys(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let closed_at = stamp(CLOSED_AT);
    let close = || store.close_window(WindowId(1), date("2026-11-22"), &closed_at);
    assert_conflict(close().await);
    store.add_registry(None, "registry", &stamp(LOADED_AT)).await?;
    assert_conflict(close().await);
    assert_eq!(store.windows().await?, [empty(1, WindowState::Open, None)]);
    store.add_key_ring(None, b"keys", &stamp(LOADED_AT)).await?;
    let closed = close().await?;
    assert_eq!(closed.snapshot.map(|snapshot| snapshot.closed_at), Some(CLOSED_AT));
    Ok(())
}

fn empty(id: i64, state: WindowState, snapshot: Option<WindowSnapshot>) -> WindowRow {
    WindowRow { id: WindowId(id), state, snapshot, packages: 0, transactions: 0, amount: Fen::ZERO }
}
