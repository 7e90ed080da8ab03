//! Runs of reconciliation: numbered for each operator, each committed whole or not at all, a file counted once.

use tongclear_ledger::Participant;

use super::audit::fill_up;
use super::portable::everything;
use super::sample::{
    CLEARED_AT, LOADED_AT, date, digest, load, operator_file, reconciliation, reconciliation_file, stamp,
    told,
};
use super::{Database, Tested, assert_conflict};
use crate::operator_files::{OperatorFileRow, operator_files};
use crate::reconciliations::{
    ReconciliationRow, commit_reconciliation, reconciled, reconciliation_files, reconciliations,
};
use crate::{AuditEvent, Portable as _, Store, StoreError};

/// The operator's file that `row` took in.
fn file_of(row: &ReconciliationRow, byte: u8) -> OperatorFileRow {
    let of = operator_file(&row.operator.to_string(), &row.business_date.to_string(), byte);
    assert_eq!(row.file, Some(of.sha256));
    of
}

/// Runs of two operators come in any order and are listed by operator and number, as they were committed; the operator's
/// file comes with the run that takes it in, and is told once.
pub async fn are_listed_in_order(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let before = store.audit_log().await?.len();
    let (own, other) = ("0417", "0028");
    let bare = ReconciliationRow {
        taken_through: None,
        as_of: date("2026-11-24"),
        ..reconciliation(own, 2, "2026-11-23", None)
    };
    let first = reconciliation(own, 1, "2026-11-22", Some(1));
    let runs = [first.clone(), reconciliation(other, 1, "2026-11-22", Some(1)), bare.clone()];
    let mut expected = Vec::new();
    for row in &runs {
        let files =
            [reconciliation_file(row, "pairs-01.parquet", 2), reconciliation_file(row, "open-00.parquet", 1)];
        let file = row.file.map(|_| file_of(row, 1));
        commit_reconciliation(&store, row, &files, file.as_ref(), &stamp(CLEARED_AT)).await?;
        expected.extend(file.map(|file| AuditEvent::OperatorFile {
            operator: file.operator,
            date: file.business_date,
            sha256: file.sha256,
            lines: file.lines,
            amount_fen: file.amount_fen,
        }));
        expected.push(reconciled(row, &files));
        let [pairs, open] = files;
        assert_eq!(reconciliation_files(&store, row.operator, row.run).await?, [open, pairs]);
    }
    let [_, others, _] = runs;
    assert_eq!(reconciliations(&store, None).await?, [others.clone(), first.clone(), bare.clone()]);
    assert_eq!(reconciliations(&store, Some(first.operator)).await?, [first.clone(), bare]);
    assert_eq!(reconciliations(&store, Some(others.operator)).await?, [others]);
    let nobody = "0001".parse().expect("an operator");
    assert_eq!(reconciliations(&store, Some(nobody)).await?, []);
    assert_eq!(reconciliation_files(&store, first.operator, 3).await?, []);
    assert_eq!(told(&store, before).await?, expected);
    let of = Some(Participant::Operator(first.operator));
    let received = OperatorFileRow { received_at: CLEARED_AT, ..file_of(&first, 1) };
    assert_eq!(operator_files(&store, of).await?, [received]);
    Ok(())
}

/// A run that is not the operator's next one, and one whose file an earlier run has, change nothing.
pub async fn follow_one_another(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let first = reconciliation("0417", 1, "2026-11-22", Some(1));
    for run in [2, 3] {
        let early = reconciliation("0417", run, "2026-11-22", None);
        assert_conflict(commit_reconciliation(&store, &early, &[], None, &stamp(CLEARED_AT)).await);
    }
    commit_reconciliation(&store, &first, &[], Some(&file_of(&first, 1)), &stamp(CLEARED_AT)).await?;
    let before = everything(&mut *store.snapshot().await?).await?;
    for run in [1, 3] {
        let row = reconciliation("0417", run, "2026-11-23", Some(9));
        let files = [reconciliation_file(&row, "open-00.parquet", 1)];
        let committed =
            commit_reconciliation(&store, &row, &files, Some(&file_of(&row, 9)), &stamp(CLEARED_AT)).await;
        assert_conflict(committed);
    }
    // The same bytes for another day: the caller has looked, and somebody else was faster.
    let again = reconciliation("0417", 2, "2026-11-23", Some(1));
    let refused =
        commit_reconciliation(&store, &again, &[], Some(&file_of(&again, 1)), &stamp(CLEARED_AT)).await;
    assert!(refused.is_err(), "a file counts twice");
    assert_eq!(everything(&mut *store.snapshot().await?).await?, before);
    // The same bytes from another operator are another file.
    let other = reconciliation("0028", 1, "2026-11-22", Some(1));
    commit_reconciliation(&store, &other, &[], Some(&file_of(&other, 1)), &stamp(CLEARED_AT)).await
}

/// A run whose files, registry or entry in the log cannot be kept leaves nothing behind.
pub async fn commit_all_or_nothing(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let row = reconciliation("0417", 1, "2026-11-22", Some(1));
    let file = file_of(&row, 1);
    let once = reconciliation_file(&row, "open-00.parquet", 1);
    let twice = [once.clone(), once.clone()];
    let unknown = ReconciliationRow { registry: crate::RegistryVersion(99), ..row.clone() };
    let before = everything(&mut *store.snapshot().await?).await?;
    for (row, files) in [(&row, &twice[..]), (&unknown, &twice[..1])] {
        let committed = commit_reconciliation(&store, row, files, Some(&file), &stamp(CLEARED_AT)).await;
        assert!(committed.is_err(), "{row:?} {files:?}");
        assert_eq!(everything(&mut *store.snapshot().await?).await?, before);
    }
    commit_reconciliation(&store, &row, &[once], Some(&file), &stamp(CLEARED_AT)).await?;
    fill_up(&store).await?;
    let before = everything(&mut *store.snapshot().await?).await?;
    let next = ReconciliationRow { digest: digest(7), ..reconciliation("0417", 2, "2026-11-23", None) };
    let untold = commit_reconciliation(&store, &next, &[], None, &stamp(LOADED_AT)).await;
    assert!(matches!(untold, Err(StoreError::Corrupt { .. })), "{untold:?}");
    assert_eq!(everything(&mut *store.snapshot().await?).await?, before);
    Ok(())
}
