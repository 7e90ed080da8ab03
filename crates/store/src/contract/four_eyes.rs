//! Four eyes: what one proposed another decides, once, and it takes effect once.

use futures::future::join;
use tongclear_access::{ProposalKind, ProposalState};

use super::sample::{CLOSED_AT, LOADED_AT, RECEIVED_AT, SETTLED_AT, by, stamp, told};
use super::{Database, Tested, assert_conflict};
use crate::four_eyes::{
    Decided, ProposalRow, applied, decide, proposal, proposals, propose, require, required,
};
use crate::{AuditEvent, Digest, Store, StoreError};

const WANG: &str = "user:wang";
const LI: &str = "user:li";
const DECISIONS: [ProposalState; 3] =
    [ProposalState::Approved, ProposalState::Refused, ProposalState::Withdrawn];

/// A proposal by Wang; its number.
async fn proposed(store: &impl Store) -> Result<i64, StoreError> {
    let sha256 = Digest::of(b"body");
    propose(store, ProposalKind::Keys, "keys", b"body".to_vec(), sha256, &by(WANG, LOADED_AT)).await
}

/// Who may bring a proposal of Wang's into that state.
const fn decider(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Withdrawn => WANG,
        _ => LI,
    }
}

fn event(id: i64, state: ProposalState) -> AuditEvent {
    AuditEvent::Proposal { id, kind: ProposalKind::Keys, state, sha256: Digest::of(b"body") }
}

/// A kind is required or not, however often that is said; only what is new is told.
pub async fn requires_and_releases_kinds(database: &impl Database) -> Tested {
    use ProposalKind::{DenyList, Keys, Payout, Registry};
    let store = database.open().await?;
    assert_eq!(required(&store).await?, []);
    #[rustfmt::skip]
    let table: &[(ProposalKind, bool, bool, &[ProposalKind])] = &[
        (Keys,     false, false, &[]),
        (Registry, true,  true,  &[Registry]),
        (Registry, true,  false, &[Registry]),
        (DenyList, true,  true,  &[DenyList, Registry]),
        (Payout,   false, false, &[DenyList, Registry]),
        (Registry, false, true,  &[DenyList]),
        (Registry, false, false, &[DenyList]),
        (Registry, true,  true,  &[DenyList, Registry]),
    ];
    for (kind, demand, new, then) in table {
        let before = store.audit_log().await?.len();
        assert_eq!(require(&store, *kind, *demand, &stamp(LOADED_AT)).await?, *new, "{kind} {demand}");
        assert_eq!(required(&store).await?, *then);
        let entry = AuditEvent::FourEyes { kind: *kind, required: *demand };
        assert_eq!(told(&store, before).await?, vec![entry; usize::from(*new)]);
    }
    for kind in ProposalKind::ALL {
        require(&store, *kind, true, &stamp(LOADED_AT)).await?;
    }
    assert_eq!(required(&store).await?.len(), ProposalKind::ALL.len());
    Ok(())
}

/// Proposals of every kind are numbered from 1 and come back as they went in, byte for byte.
pub async fn numbers_proposals_from_one(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(proposals(&store).await?, []);
    let mut all = Vec::new();
    for (id, kind) in (1..).zip(ProposalKind::ALL) {
        let body: Vec<u8> = (0..=u8::MAX).collect();
        let sha256 = Digest::of(kind.name().as_bytes());
        let at = by(WANG, RECEIVED_AT);
        assert_eq!(propose(&store, *kind, kind.zh(), body.clone(), sha256, &at).await?, id);
        all.push(ProposalRow {
            id,
            kind: *kind,
            subject: kind.zh().to_owned(),
            body,
            body_sha256: sha256,
            state: ProposalState::Open,
            proposed_by: at.by,
            proposed_at: at.at,
            decided: None,
        });
    }
    assert_eq!(proposals(&store).await?, all);
    assert_eq!(proposal(&store, 2).await?.as_ref(), Some(&all[1]));
    assert_eq!(proposal(&store, 0).await?, None);
    let events = all.iter().map(|it| AuditEvent::Proposal {
        id: it.id,
        kind: it.kind,
        state: ProposalState::Open,
        sha256: it.body_sha256,
    });
    assert_eq!(told(&store, 0).await?, events.collect::<Vec<_>>());
    Ok(())
}

/// Nobody decides their own proposal or takes back another's, and nothing takes effect undecided; not even a statement
/// past all rules makes one person two.
pub async fn takes_two_people(database: &impl Database) -> Tested {
    const BY_ITSELF: &str =
        "UPDATE proposals SET state = 'approved', decided_by = proposed_by, decided_at = $1";
    let store = database.open().await?;
    let id = proposed(&store).await?;
    let before = (proposals(&store).await?, store.audit_log().await?);
    let forbidden = [
        (id, ProposalState::Approved, WANG),
        (id, ProposalState::Refused, WANG),
        (id, ProposalState::Withdrawn, LI),
        (id, ProposalState::Open, WANG),
        (id, ProposalState::Open, LI),
        (id, ProposalState::Applied, WANG),
        (id, ProposalState::Applied, LI),
        (id + 1, ProposalState::Approved, LI),
    ];
    for (id, state, who) in forbidden {
        assert_conflict(decide(&store, id, state, None, &by(who, RECEIVED_AT)).await);
    }
    let mut transaction = store.write().await?;
    let raw = transaction.run(BY_ITSELF, &[RECEIVED_AT.0.into()]).await;
    assert!(matches!(raw, Err(StoreError::Database { .. })), "{raw:?}");
    drop(transaction);
    assert_eq!((proposals(&store).await?, store.audit_log().await?), before);
    Ok(())
}

/// A decision stands: it is returned, kept with who, when and their words, told once, and followed by no other.
pub async fn decides_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    for (state, said) in DECISIONS.into_iter().zip([Some("同意"), Some(""), None]) {
        let id = proposed(&store).await?;
        let open = proposal(&store, id).await?.expect("it was just made");
        let told_before = store.audit_log().await?.len();
        let stamp = by(decider(state), RECEIVED_AT);
        let returned = decide(&store, id, state, said, &stamp).await?;
        let decision = Decided { by: stamp.by, at: stamp.at, note: said.map(str::to_owned) };
        let decided = ProposalRow { state, decided: Some(decision), ..open };
        assert_eq!(returned, decided);
        // What was approved but cannot take effect may be withdrawn: tried in the next test.
        for again in DECISIONS.into_iter().filter(|again| state.step_to(*again).is_err()) {
            let late = by(decider(again), CLOSED_AT);
            assert_conflict(decide(&store, id, again, Some("late"), &late).await);
        }
        assert_eq!(proposal(&store, id).await?, Some(decided));
        assert_eq!(told(&store, told_before).await?, [event(id, state)]);
    }
    Ok(())
}

/// Its proposer takes back what was approved and cannot take effect; once it has, it stays.
pub async fn withdraws_what_cannot_take_effect(database: &impl Database) -> Tested {
    let store = database.open().await?;
    for takes_effect in [false, true] {
        let id = proposed(&store).await?;
        let approved = decide(&store, id, ProposalState::Approved, None, &by(LI, RECEIVED_AT)).await?;
        if takes_effect {
            applied(&store, &approved, &by(LI, RECEIVED_AT)).await?;
        }
        let stamp = by(decider(ProposalState::Withdrawn), CLOSED_AT);
        let withdrawn = decide(&store, id, ProposalState::Withdrawn, None, &stamp).await;
        assert_eq!(withdrawn.is_ok(), !takes_effect, "{withdrawn:?}");
    }
    Ok(())
}

/// Of two who decide at the same time one has decided, and the other learns of it.
pub async fn decides_for_one_of_two(database: &impl Database) -> Tested {
    let (here, there) = (database.open().await?, database.open().await?);
    let id = proposed(&here).await?;
    let (li, zhao) = (by(LI, RECEIVED_AT), by("user:zhao", RECEIVED_AT));
    let (approved, refused) = join(
        decide(&here, id, ProposalState::Approved, None, &li),
        decide(&there, id, ProposalState::Refused, None, &zhao),
    )
    .await;
    let (won, lost) = if approved.is_ok() { (approved, refused) } else { (refused, approved) };
    assert_conflict(lost);
    let won = won?;
    assert_eq!(told(&here, 1).await?, [event(id, won.state)]);
    assert_eq!(proposal(&here, id).await?, Some(won));
    Ok(())
}

/// What was approved takes effect once, and stays decided by whom it was; nothing else takes effect.
pub async fn applies_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let mut rows = vec![proposal(&store, proposed(&store).await?).await?.expect("it was just made")];
    for state in DECISIONS {
        let id = proposed(&store).await?;
        rows.push(decide(&store, id, state, None, &by(decider(state), RECEIVED_AT)).await?);
    }
    let before = store.audit_log().await?.len();
    for row in rows.iter().chain(&rows) {
        applied(&store, row, &by(LI, SETTLED_AT)).await?;
    }
    let now = rows.iter().cloned().map(|row| match row.state {
        ProposalState::Approved => ProposalRow { state: ProposalState::Applied, ..row },
        _ => row,
    });
    assert_eq!(proposals(&store).await?, now.collect::<Vec<_>>());
    assert_eq!(told(&store, before).await?, [event(2, ProposalState::Applied)]);
    for again in DECISIONS {
        assert_conflict(decide(&store, 2, again, None, &by(decider(again), SETTLED_AT)).await);
    }
    Ok(())
}
