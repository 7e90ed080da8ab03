//! The audit log: an entry for each thing that was done, in the same transaction, and a chain over all of them.

use super::sample::{
    LOADED_AT, close_next, commit, date, deny_list, load, night, package, position, stamp, take_in,
};
use super::{Database, Tested, assert_conflict};
use crate::audit::{first_break, packages_digest, positions_digest};
use crate::{AuditEvent, SettlementCommit, Store, StoreError, WindowId};

/// Everything that was done, in order, with what it left behind.
pub async fn tells_what_was_done(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(store.audit_log().await?, []);
    load(&store).await?;
    store.add_deny_list(&deny_list(1, "0417", 7), true, &stamp(LOADED_AT)).await?;
    let (cleared, commit) = night(&store, "2026-11-22").await?;
    let settlement = SettlementCommit {
        window: WindowId(1),
        positions: vec![position("BUS00001", "2026-11-23")],
        stamp: stamp(LOADED_AT),
    };
    store.commit_settlement(&settlement).await?;

    let log = store.audit_log().await?;
    assert_eq!(first_break(&log), None);
    assert!(log.iter().all(|row| row.stamp.by.to_string() == "os:tester"));
    let events: Result<Vec<AuditEvent>, StoreError> = log.iter().map(|row| row.parsed()).collect();
    let packages =
        packages_digest(store.packages(WindowId(1)).await?.iter().map(|row| (row.key, row.digest)));
    let expected = [
        AuditEvent::registry(crate::RegistryVersion(1), "registry"),
        AuditEvent::keys(crate::KeyGeneration(1), b"keys"),
        AuditEvent::deny_list(&deny_list(1, "0417", 7), true),
        AuditEvent::close(&cleared, packages).expect("it is closed"),
        AuditEvent::run(&commit),
        AuditEvent::Settlement {
            window: WindowId(1),
            positions_sha256: positions_digest(&settlement.positions),
        },
    ];
    assert_eq!(events?, expected);
    Ok(())
}

/// What was refused or lost a race leaves no entry.
pub async fn tells_nothing_of_what_was_not_done(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    take_in(&store, &[package(1, "a1", 1)]).await?;
    let closed = close_next(&store, "2026-11-22").await?;
    let before = store.audit_log().await?;
    assert_conflict(store.add_registry(None, "late", &stamp(LOADED_AT)).await);
    assert_conflict(store.add_key_ring(None, b"late", &stamp(LOADED_AT)).await);
    assert_conflict(store.add_deny_list(&deny_list(3, "0417", 1), false, &stamp(LOADED_AT)).await);
    assert_conflict(store.close_window(WindowId(2), date("2026-11-22"), &stamp(LOADED_AT)).await);
    let mut early = commit(&closed, &[]);
    early.window = WindowId(2);
    assert_conflict(store.commit_clearing(&early).await);
    let settlement = SettlementCommit { window: WindowId(1), positions: Vec::new(), stamp: stamp(LOADED_AT) };
    assert_conflict(store.commit_settlement(&settlement).await);
    assert_eq!(store.audit_log().await?, before);
    Ok(())
}
