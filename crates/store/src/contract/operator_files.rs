//! Files of card operators: each arrives once, and is seen by its operator.

use tongclear_ledger::Participant;

use super::sample::{LOADED_AT, RECEIVED_AT, by, merchant, operator_file, stamp, told};
use super::{Database, Tested};
use crate::operator_files::{OperatorFileRow, add_operator_file, operator_files};
use crate::{AuditEvent, Store, StoreError};

fn event(row: &OperatorFileRow) -> AuditEvent {
    AuditEvent::OperatorFile {
        operator: row.operator,
        date: row.business_date,
        sha256: row.sha256,
        lines: row.lines,
        amount_fen: row.amount_fen,
    }
}

/// The same bytes for the same operator and day are new once, whoever brings them again; the stamp says who brought them and
/// when.
pub async fn arrive_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let first = operator_file("0417", "2026-11-22", 1);
    let others = [
        operator_file("0417", "2026-11-22", 2),
        operator_file("0417", "2026-11-23", 1),
        operator_file("0028", "2026-11-22", 1),
    ];
    let claimed = OperatorFileRow { received_at: LOADED_AT, ..first.clone() };
    assert!(add_operator_file(&store, &claimed, &stamp(RECEIVED_AT)).await?);
    assert!(!add_operator_file(&store, &first, &by("user:li", LOADED_AT)).await?);
    for row in &others {
        assert!(add_operator_file(&store, row, &stamp(RECEIVED_AT)).await?);
        assert!(!add_operator_file(&store, row, &stamp(RECEIVED_AT)).await?);
    }
    let too_large = OperatorFileRow { bytes: u64::MAX, ..operator_file("0417", "2026-11-22", 9) };
    let refused = add_operator_file(&store, &too_large, &stamp(RECEIVED_AT)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    let [second, third, fourth] = others.clone();
    assert_eq!(operator_files(&store, None).await?, [fourth, first.clone(), second, third]);
    let events: Vec<_> = std::iter::once(&first).chain(&others).map(event).collect();
    assert_eq!(told(&store, 0).await?, events);
    Ok(())
}

/// An operator sees its own files by day and arrival; who is no operator sees none.
pub async fn are_listed_for_their_operator(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let (own, other) = ("0417", "0028");
    let early = OperatorFileRow { received_at: LOADED_AT, ..operator_file(own, "2026-11-22", 9) };
    let all = [
        operator_file(other, "2026-11-22", 1),
        early,
        operator_file(own, "2026-11-22", 2),
        operator_file(own, "2026-11-22", 3),
        operator_file(own, "2026-11-23", 1),
    ];
    for row in all.iter().rev() {
        add_operator_file(&store, row, &stamp(row.received_at)).await?;
    }
    let operator = |code: &str| Participant::Operator(code.parse().expect("an operator"));
    assert_eq!(operator_files(&store, None).await?, all);
    assert_eq!(operator_files(&store, Some(operator(own))).await?, all[1..]);
    assert_eq!(operator_files(&store, Some(operator(other))).await?, all[..1]);
    let bus = merchant("BUS00001");
    let nobodys =
        [operator("0001"), Participant::Merchant(bus), Participant::Sponsor(bus), Participant::Centre];
    for participant in nobodys {
        assert_eq!(operator_files(&store, Some(participant)).await?, [], "{participant}");
    }
    assert_eq!(store.audit_log().await?.len(), all.len());
    Ok(())
}
