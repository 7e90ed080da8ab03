//! What needs two people, and what waits for the second one.

use tongclear_access::{ProposalKind, ProposalState};
use tongclear_types::UnixMillis;

use crate::audit::AuditEvent;
use crate::decode::Cells;
use crate::statements::{Row, find, next, note};
use crate::{Actor, Digest, Stamp, Statements, Store, StoreError};

/// A change that waits for, or had, its second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// Its number, from 1.
    pub id: i64,
    /// What kind of change.
    pub kind: ProposalKind,
    /// What it changes, in words.
    pub subject: String,
    /// What takes effect; sealed when it holds keys.
    pub body: Vec<u8>,
    /// SHA-256 of what takes effect, in the clear.
    pub body_sha256: Digest,
    /// How far it has come.
    pub state: ProposalState,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// When.
    pub proposed_at: UnixMillis,
    /// Who decided, when, and what they said.
    pub decided: Option<Decided>,
}

/// A decision on a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: UnixMillis,
    /// Their words.
    pub note: Option<String>,
}

const REQUIRED: &str = "SELECT kind FROM four_eyes ORDER BY kind";
const REQUIRE: &str = "INSERT INTO four_eyes (kind, since) VALUES ($1, $2) ON CONFLICT (kind) DO NOTHING";
const RELEASE: &str = "DELETE FROM four_eyes WHERE kind = $1";
const PROPOSALS: &str = "SELECT id, kind, subject, body, body_sha256, state, proposed_by, proposed_at, decided_by, \
    decided_at, note FROM proposals ORDER BY id";
const PROPOSAL: &str = "SELECT id, kind, subject, body, body_sha256, state, proposed_by, proposed_at, decided_by, \
    decided_at, note FROM proposals WHERE id = $1";
const LAST: &str = "SELECT id FROM proposals ORDER BY id DESC LIMIT 1";
const ADD: &str = "INSERT INTO proposals (id, kind, subject, body, body_sha256, state, proposed_by, proposed_at) \
    VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)";
const DECIDE: &str = "UPDATE proposals SET state = $2, decided_by = $3, decided_at = $4, note = $5 \
    WHERE id = $1 AND state = 'open'";
const WITHDRAW: &str = "UPDATE proposals SET state = $2, decided_by = $3, decided_at = $4, note = $5 \
    WHERE id = $1 AND state IN ('open', 'approved')";
const APPLIED: &str = "UPDATE proposals SET state = 'applied' WHERE id = $1 AND state = 'approved'";

/// The kinds that need two people.
///
/// # Errors
/// Faults of the database.
pub async fn required(store: &dyn Store) -> Result<Vec<ProposalKind>, StoreError> {
    let rows = store.read().await?.rows(REQUIRED, &[]).await?;
    rows.iter().map(|row| (row as &dyn Cells).id("four_eyes.kind")).collect()
}

/// Demands two people for a kind, or no longer; says whether that is new.
///
/// # Errors
/// Faults of the database.
pub async fn require(
    store: &dyn Store,
    kind: ProposalKind,
    required: bool,
    stamp: &Stamp,
) -> Result<bool, StoreError> {
    let mut transaction = store.write().await?;
    let touched = match required {
        true => transaction.run(REQUIRE, &[kind.name().into(), stamp.at.0.into()]).await?,
        false => transaction.run(RELEASE, &[kind.name().into()]).await?,
    };
    if touched == 0 {
        return Ok(false);
    }
    note(&mut *transaction, stamp, &AuditEvent::FourEyes { kind, required }).await?;
    transaction.commit().await?;
    Ok(true)
}

/// All proposals, by number.
///
/// # Errors
/// Faults of the database.
pub async fn proposals(store: &dyn Store) -> Result<Vec<ProposalRow>, StoreError> {
    store.read().await?.rows(PROPOSALS, &[]).await?.iter().map(proposal_row).collect()
}

/// The proposal of that number.
///
/// # Errors
/// Faults of the database.
pub async fn proposal(store: &dyn Store, id: i64) -> Result<Option<ProposalRow>, StoreError> {
    let row = find(&mut *store.read().await?, PROPOSAL, &[id.into()]).await?;
    row.as_ref().map(proposal_row).transpose()
}

/// Keeps a proposal by whoever `stamp` names; returns its number.
///
/// # Errors
/// Faults of the database.
pub async fn propose(
    store: &dyn Store,
    kind: ProposalKind,
    subject: &str,
    body: Vec<u8>,
    body_sha256: Digest,
    stamp: &Stamp,
) -> Result<i64, StoreError> {
    let mut transaction = store.write().await?;
    let id = propose_within(&mut *transaction, kind, subject, body, body_sha256, stamp).await?;
    transaction.commit().await?;
    Ok(id)
}

/// As [`propose`], inside the transaction that has looked whether it may be.
pub(crate) async fn propose_within(
    transaction: &mut dyn Statements,
    kind: ProposalKind,
    subject: &str,
    body: Vec<u8>,
    body_sha256: Digest,
    stamp: &Stamp,
) -> Result<i64, StoreError> {
    let id = next(&mut *transaction, LAST).await?;
    let values = [
        id.into(),
        kind.name().into(),
        subject.into(),
        body.into(),
        body_sha256.to_string().into(),
        stamp.by.to_string().into(),
        stamp.at.0.into(),
    ];
    transaction.run(ADD, &values).await?;
    let event = AuditEvent::Proposal { id, kind, state: ProposalState::Open, sha256: body_sha256 };
    note(transaction, stamp, &event).await?;
    Ok(id)
}

/// Decides an open proposal as whoever `stamp` names: approves, refuses or withdraws it.
///
/// # Errors
/// [`StoreError::Conflict`] when it is no longer open, or not by somebody else; only its own proposer withdraws one.
/// The same for a `state` that is no decision: what takes effect without one would need but one person.
pub async fn decide(
    store: &dyn Store,
    id: i64,
    state: ProposalState,
    said: Option<&str>,
    stamp: &Stamp,
) -> Result<ProposalRow, StoreError> {
    let mut transaction = store.write().await?;
    let proposal = decide_within(&mut *transaction, id, state, said, stamp).await?;
    transaction.commit().await?;
    Ok(proposal)
}

/// As [`decide`], inside the transaction in which more happens.
pub(crate) async fn decide_within(
    transaction: &mut dyn Statements,
    id: i64,
    state: ProposalState,
    said: Option<&str>,
    stamp: &Stamp,
) -> Result<ProposalRow, StoreError> {
    let conflict = |why: &str| StoreError::Conflict { what: format!("proposal {id} ({why})") };
    let found = find(&mut *transaction, PROPOSAL, &[id.into()]).await?;
    let mut proposal =
        found.as_ref().map(proposal_row).transpose()?.ok_or_else(|| conflict("there is none"))?;
    let own = proposal.proposed_by == stamp.by;
    match state {
        ProposalState::Approved | ProposalState::Refused if own => {
            return Err(conflict("its own proposer cannot decide it"));
        }
        ProposalState::Withdrawn if !own => return Err(conflict("only its proposer withdraws it")),
        ProposalState::Open | ProposalState::Applied => {
            return Err(conflict(&format!("{state} is not a decision")));
        }
        ProposalState::Approved | ProposalState::Refused | ProposalState::Withdrawn => {}
    }
    let values = [
        id.into(),
        state.name().into(),
        stamp.by.to_string().into(),
        stamp.at.0.into(),
        said.map(str::to_owned).into(),
    ];
    // One that was approved but cannot take effect any more is taken back as well.
    let statement = if state == ProposalState::Withdrawn { WITHDRAW } else { DECIDE };
    if transaction.run(statement, &values).await? == 0 {
        return Err(conflict("it is not open any more"));
    }
    let event = AuditEvent::Proposal { id, kind: proposal.kind, state, sha256: proposal.body_sha256 };
    note(transaction, stamp, &event).await?;
    proposal.state = state;
    proposal.decided = Some(Decided { by: stamp.by.clone(), at: stamp.at, note: said.map(str::to_owned) });
    Ok(proposal)
}

/// Notes that an approved proposal has taken effect; once.
///
/// # Errors
/// Faults of the database.
pub async fn applied(store: &dyn Store, proposal: &ProposalRow, stamp: &Stamp) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    applied_within(&mut *transaction, proposal, stamp).await?;
    transaction.commit().await
}

/// As [`applied`], inside the transaction in which it takes effect.
pub(crate) async fn applied_within(
    transaction: &mut dyn Statements,
    proposal: &ProposalRow,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    if transaction.run(APPLIED, &[proposal.id.into()]).await? > 0 {
        let event = AuditEvent::Proposal {
            id: proposal.id,
            kind: proposal.kind,
            state: ProposalState::Applied,
            sha256: proposal.body_sha256,
        };
        note(transaction, stamp, &event).await?;
    }
    Ok(())
}

fn proposal_row(row: &Row) -> Result<ProposalRow, StoreError> {
    let cells: &dyn Cells = row;
    let by: Option<Actor> = cells.id_or_null("proposals.decided_by")?;
    let at = cells.integer_or_null("proposals.decided_at")?.map(UnixMillis);
    let note = cells.text_or_null("proposals.note")?.map(str::to_owned);
    Ok(ProposalRow {
        id: cells.integer("proposals.id")?,
        kind: cells.id("proposals.kind")?,
        subject: cells.text("proposals.subject")?.to_owned(),
        body: row.blob("proposals.body")?.to_vec(),
        body_sha256: cells.digest("proposals.body_sha256")?,
        state: cells.id("proposals.state")?,
        proposed_by: cells.id("proposals.proposed_by")?,
        proposed_at: cells.moment("proposals.proposed_at")?,
        decided: by.zip(at).map(|(by, at)| Decided { by, at, note }),
    })
}
