//! The audit log: an entry for each thing that was done, in the same transaction, and a chain over all of them.

use tongclear_access::{Attempts, ProposalKind, ProposalState, Role};

use super::portable::everything;
use super::sample::{
    CLOSED_AT, LOADED_AT, access, by, certificate, close_next, commit, date, deny_list, digest, load, night,
    operator_file, package, position, stamp, take_in, user,
};
use super::{Database, Tested, assert_conflict};
use crate::audit::{Change, first_break, packages_digest, positions_digest};
use crate::operator_files::add_operator_file;
use crate::people::{
    add_certificates, add_token, add_user, change_user, note_attempt, revoke_certificate, revoke_token,
};
use crate::webhooks::{add_webhook, remove_webhook};
use crate::{
    AuditEvent, Portable as _, SettlementCommit, Store, StoreError, WindowId, four_eyes, people, sql,
};

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

/// A change of a small table and its entry are one: when the log takes no more entries, nothing changes any more.
pub async fn tells_of_every_change_or_nothing_changes(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let stamp = stamp(LOADED_AT);
    access(&store).await?;
    let sha256 = digest(1);
    let approved = four_eyes::propose(&store, ProposalKind::Keys, "keys", vec![1], sha256, &stamp).await?;
    let li = by("user:li", LOADED_AT);
    let approved = four_eyes::decide(&store, approved, ProposalState::Approved, None, &li).await?;
    fill_up(&store).await?;

    let before = everything(&mut *store.snapshot().await?).await?;
    let wang = people::user(&store, &user("wang", Role::Clerk).name).await?.expect("it is in the sample");
    let lock = Attempts { failures: 5, locked_until: Some(CLOSED_AT) };
    let (withdrawn, kind) = (ProposalState::Withdrawn, ProposalKind::Keys);
    let file = operator_file("0417", "2026-11-23", 1);
    let changes = [
        add_user(&store, &user("late", Role::Viewer), &stamp).await,
        change_user(&store, &wang, Change::Role, &stamp).await,
        note_attempt(&store, &wang, lock, &stamp).await,
        add_token(&store, &wang.name, "late", digest(2), CLOSED_AT, &stamp).await.map(drop),
        revoke_token(&store, 2, &stamp).await.map(drop),
        add_certificates(&store, &[certificate("0c", "a1")], &stamp).await,
        revoke_certificate(&store, "0b", &stamp).await.map(drop),
        four_eyes::require(&store, kind, true, &stamp).await.map(drop),
        four_eyes::require(&store, ProposalKind::Registry, false, &stamp).await.map(drop),
        four_eyes::propose(&store, kind, "late", vec![2], sha256, &stamp).await.map(drop),
        four_eyes::decide(&store, 2, withdrawn, None, &stamp).await.map(drop),
        four_eyes::applied(&store, &approved, &stamp).await,
        add_webhook(&store, "https://late.example", b"", None, &stamp).await.map(drop),
        remove_webhook(&store, 1, &stamp).await.map(drop),
        add_operator_file(&store, &file, &stamp).await.map(drop),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert!(matches!(change, Err(StoreError::Corrupt { .. })), "change {at}: {change:?}");
    }
    assert_eq!(everything(&mut *store.snapshot().await?).await?, before);
    Ok(())
}

/// Writes the last entry that the log can have: from here on nothing can be told.
pub(super) async fn fill_up(store: &impl Store) -> Tested {
    let mut last = store.write().await?;
    let (hash, full) = (digest(0xff).to_string(), i64::MAX.into());
    let values = [full, 0.into(), "os:tester".into(), "{}".into(), hash.clone().into(), hash.into()];
    last.run(sql::ADD_AUDIT, &values).await?;
    last.commit().await
}
