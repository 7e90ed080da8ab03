//! Decisions about suspended records and breaks: always two people where money moves, whatever the centre's own setting says.

use tongclear_access::Action;
use tongclear_engine::{Centre, disputes};
use tongclear_ledger::{Reference, Resolution};
use tongclear_store::Digest;
use tongclear_store::decisions::{
    Decision, DecisionRow, approve_decision, decision_of, keep_pending, propose_decision,
};
use tongclear_store::four_eyes::ProposalRow;

use crate::acting::in_the_way;
use crate::{Acting, DeskError};

/// What became of a decision.
#[derive(Debug)]
pub enum Decided {
    /// It moves nothing and is kept.
    Kept(Box<DecisionRow>),
    /// It waits for another person under this number.
    Waits(i64),
}

/// Decides about the original that `reference` names: what moves nothing is kept at once, anything else is proposed.
///
/// # Errors
/// [`DeskError::Forbidden`] when the role does not cover it or, where money moves, has no name; [`DeskError::Refused`] when there
/// is nothing to decide, or it is decided or waits already; faults of store and vault.
pub async fn decide(
    centre: &Centre,
    who: &Acting,
    reference: Reference,
    resolution: Resolution,
    reason: &str,
    evidence: Option<&str>,
) -> Result<Decided, DeskError> {
    if resolution.is_final() {
        who.demand_named(Action::Propose)?;
    } else {
        who.demand(Action::Propose)?;
    }
    let centre = who.at(centre);
    let subject = disputes::subject_of(&centre, reference).await?;
    let (reason, evidence) = (reason.to_owned(), evidence.map(str::to_owned));
    let decision = Decision { subject, resolution, reason, evidence };
    let words = disputes::examine(&centre, &decision).await?;
    let (store, stamp) = (&*centre.store, centre.stamp());
    if resolution.is_final() {
        let id = propose_decision(store, &decision, &words, &stamp).await.map_err(in_the_way)?;
        return Ok(Decided::Waits(id));
    }
    let row = keep_pending(store, &decision, &stamp).await.map_err(in_the_way)?;
    Ok(Decided::Kept(Box::new(row)))
}

/// Lets the open proposal of a decision take effect: approval and decision are one transaction, so nothing of it is ever half
/// done.
pub(crate) async fn approve(
    centre: &Centre,
    proposal: &ProposalRow,
    note: Option<&str>,
) -> Result<DecisionRow, DeskError> {
    if Digest::of(&proposal.body) != proposal.body_sha256 {
        let what = format!("proposal {}: what it holds is not what was proposed", proposal.id);
        return Err(DeskError::internal(what));
    }
    disputes::examine(centre, &decision_of(&proposal.body)?).await?;
    approve_decision(&*centre.store, proposal.id, note, &centre.stamp()).await.map_err(in_the_way)
}
