//! Decisions: two people, one window, once; what moves nothing needs nobody else.

use tongclear_access::{ProposalKind, ProposalState};
use tongclear_ledger::{Resolution, Transfer};
use tongclear_types::Fen;

use super::sample::{
    CLEARED_AT, CLOSED_AT, LOADED_AT, by, close_next, date, decide, decision, digest, load, merchant, told,
};
use super::{Database, Tested, assert_conflict};
use crate::decisions::{
    BreakFigures, Decision, DecisionRow, LinePlace, RecordPlace, Subject, approve_decision, decision_of,
    decisions, decisions_about, decisions_of_window, keep_pending, propose_decision, waiting,
};
use crate::{AuditEvent, RegistryVersion, Store, StoreError, WindowId, four_eyes};

const WANG: &str = "user:wang";
const LI: &str = "user:li";

async fn proposed(store: &impl Store, what: &Decision) -> Result<i64, StoreError> {
    propose_decision(store, what, "words", &by(WANG, LOADED_AT)).await
}

async fn approved(store: &impl Store, id: i64) -> Result<DecisionRow, StoreError> {
    approve_decision(store, id, Some("seen"), &by(LI, CLEARED_AT)).await
}

fn event(row: &DecisionRow) -> AuditEvent {
    let (reference, origin) = (row.decision.subject.reference(), row.decision.subject.origin());
    let DecisionRow { id, window, registry, sha256, proposal, .. } = *row;
    AuditEvent::Decision { id, window, registry, reference, origin, sha256, proposal }
}

/// Proposal, approval and decision are told of; the decision belongs to the window that is open when it is approved.
pub async fn take_two_people_and_one_window(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let what = decision(3, Resolution::Split { pay_fen: Fen::from(70), refuse_fen: Fen::from(30) });
    let unready = proposed(&store, &what).await?;
    assert_conflict(approved(&store, unready).await.map(drop));
    four_eyes::decide(&store, unready, ProposalState::Withdrawn, None, &by(WANG, LOADED_AT)).await?;
    load(&store).await?;
    let id = proposed(&store, &what).await?;
    assert_eq!(waiting(&store).await?, [(id, what.clone())]);
    assert_eq!(decisions(&store).await?, []);
    close_next(&store, "2026-11-22").await?;
    let before = store.audit_log().await?.len();
    assert_conflict(approve_decision(&store, id, None, &by(WANG, CLOSED_AT)).await.map(drop));
    let row = approved(&store, id).await?;
    let expected = DecisionRow {
        id: 1,
        window: WindowId(2),
        registry: RegistryVersion(1),
        decision: what,
        sha256: row.sha256,
        proposal: Some(id),
        by: LI.parse().expect("an actor"),
        at: CLEARED_AT,
    };
    assert_eq!(row, expected);
    assert_eq!(waiting(&store).await?, []);
    let proposal = four_eyes::proposal(&store, id).await?.expect("it was proposed");
    assert_eq!((proposal.state, proposal.body_sha256), (ProposalState::Applied, row.sha256));
    assert_eq!(decision_of(&proposal.body)?, row.decision);
    let of_proposal =
        |state| AuditEvent::Proposal { id, kind: ProposalKind::Decision, state, sha256: row.sha256 };
    let events = [of_proposal(ProposalState::Approved), event(&row), of_proposal(ProposalState::Applied)];
    assert_eq!(told(&store, before).await?, events);
    assert_eq!(decisions_of_window(&store, WindowId(1)).await?, []);
    close_next(&store, "2026-11-23").await?;
    assert_eq!(decisions_of_window(&store, WindowId(2)).await?, std::slice::from_ref(&row));
    assert_eq!(decisions_about(&store, row.decision.subject.reference()).await?, std::slice::from_ref(&row));
    assert_eq!(decisions(&store).await?, [row]);
    Ok(())
}

/// What is decided, or waits to be, is not decided once more; as a break the same record is another matter.
pub async fn are_taken_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (pay, refuse) = (decision(1, Resolution::Pay), decision(1, Resolution::Refuse));
    let first = proposed(&store, &pay).await?;
    assert_conflict(proposed(&store, &refuse).await.map(drop));
    assert_conflict(
        keep_pending(&store, &decision(1, Resolution::Keep), &by(WANG, LOADED_AT)).await.map(drop),
    );
    four_eyes::decide(&store, first, ProposalState::Refused, None, &by(LI, LOADED_AT)).await?;
    assert_conflict(approved(&store, first).await.map(drop));
    let second = proposed(&store, &refuse).await?;
    approved(&store, second).await?;
    assert_conflict(approved(&store, second).await.map(drop));
    assert_conflict(proposed(&store, &pay).await.map(drop));
    let Subject::Suspended { record } = pay.subject else { panic!("a suspended record") };
    let of = BreakFigures {
        merchant: merchant("BUS00001"),
        operator: "0417".parse().expect("an operator"),
        chain: tongclear_types::Chain::Purchase,
        date: date("2026-11-22").civil(),
        amount_fen: 200,
        list_price_fen: 200,
    };
    let file = LinePlace { operator: of.operator, file_sha256: digest(7), line: 2 };
    let other = RecordPlace { row: 9, ..record };
    for (subject, reference) in [
        (Subject::OursOnly { record, of }, "6510000000a1-1-1"),
        (Subject::TheirsOnly { line: file, of }, "0417-0707070707070707-2"),
        (Subject::Mismatch { record: other, line: file, of, theirs_fen: 190 }, "6510000000a1-1-9"),
    ] {
        let what = Decision { subject, ..refuse.clone() };
        let id = proposed(&store, &what).await?;
        let row = approved(&store, id).await?;
        assert_eq!(row.decision.subject.reference().as_str(), reference);
        assert_eq!(decisions_about(&store, subject.reference()).await?.pop(), Some(row));
        assert_conflict(proposed(&store, &what).await.map(drop));
    }
    let (wang, body) = (by(WANG, LOADED_AT), b"{}".to_vec());
    let keys = four_eyes::propose(&store, ProposalKind::Keys, "keys", body, digest(1), &wang).await?;
    assert_conflict(approved(&store, keys).await.map(drop));
    Ok(())
}

/// What moves nothing is kept without a proposal, as often as it is said; nothing else is.
pub async fn that_move_nothing_take_effect_at_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let keep = decision(2, Resolution::Keep);
    let before = store.audit_log().await?.len();
    let rows = [
        keep_pending(&store, &keep, &by(WANG, LOADED_AT)).await?,
        keep_pending(&store, &keep, &by(LI, CLOSED_AT)).await?,
    ];
    assert_eq!(told(&store, before).await?, rows.each_ref().map(event));
    assert_eq!(
        rows.each_ref().map(|row| (row.id, row.window, row.proposal)),
        [(1, WindowId(1), None), (2, WindowId(1), None)]
    );
    assert_conflict(
        keep_pending(&store, &decision(2, Resolution::Pay), &by(WANG, LOADED_AT)).await.map(drop),
    );
    let pay = proposed(&store, &decision(2, Resolution::Pay)).await?;
    approved(&store, pay).await?;
    assert_eq!(decisions(&store).await?.len(), 3);
    Ok(())
}

/// A decision is for ever.
pub async fn never_change(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    decide(&store).await?;
    let before = decisions(&store).await?;
    for statement in
        ["UPDATE decisions SET window_id = 1", "DELETE FROM decisions", "UPDATE decisions SET body = '{}'"]
    {
        let mut transaction = store.write().await?;
        assert!(transaction.run(statement, &[]).await.is_err(), "{statement}");
        drop(transaction);
    }
    assert_eq!(decisions(&store).await?, before);
    let none: [Transfer; 0] = [];
    assert_eq!(store.transfers(date("2026-11-22")).await?, none, "the run posts, not the decision");
    Ok(())
}
