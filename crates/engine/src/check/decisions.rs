//! Decisions against the log and the proposals that were approved: one that was changed, added, taken away, or moved to another
//! window, and one that its approver proposed.

use std::collections::BTreeMap;

use tongclear_access::ProposalState;
use tongclear_store::decisions::{Decision, StoredDecision, stored_decisions};
use tongclear_store::four_eyes::{ProposalRow, proposals};
use tongclear_store::{AuditEvent, AuditRow, Digest};

use super::finding::{FindingKind, Findings};
use crate::{Centre, EngineError};

const KIND: FindingKind = FindingKind::Decision;

/// Holds the table of decisions against the log, and against the proposals.
pub(super) async fn check(
    centre: &Centre,
    log: &[AuditRow],
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let store = &*centre.store;
    let stored = stored_decisions(store).await?;
    let proposals: BTreeMap<i64, ProposalRow> =
        proposals(store).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut told = told(log);
    for row in &stored {
        let subject = format!("decision {}", row.id);
        match told.remove(&row.id) {
            Some(told) => drop(findings.same(KIND, None, subject, told, now(row))),
            None => findings.add(KIND, None, subject, "an entry of the audit log", now(row)),
        }
        columns(row, findings);
        approved(row, &proposals, findings);
    }
    for (id, told) in told {
        findings.add(KIND, None, format!("decision {id}"), told, "nothing");
    }
    Ok(())
}

/// What the log says of each decision.
fn told(log: &[AuditRow]) -> BTreeMap<i64, String> {
    let mut state = BTreeMap::new();
    for row in log {
        if let Ok(AuditEvent::Decision { id, window, registry, reference, origin, sha256, proposal }) =
            row.parsed()
        {
            let by = row.stamp.by.to_string();
            let told =
                words(origin.name(), reference.as_str(), [window.0, registry.0], sha256, proposal, &by);
            state.insert(id, told);
        }
    }
    state
}

/// What the table says of one.
fn now(row: &StoredDecision) -> String {
    let sha256 = Digest::of(row.body.as_bytes());
    words(&row.origin, &row.reference, [row.window, row.registry], sha256, row.proposal, &row.by)
}

fn words(
    origin: &str,
    reference: &str,
    [window, registry]: [i64; 2],
    sha256: Digest,
    proposal: Option<i64>,
    by: &str,
) -> String {
    let proposal = proposal.map_or_else(|| "no proposal".to_owned(), |id| format!("proposal {id}"));
    format!(
        "{origin} {reference} in window {window} under registry {registry}, {proposal}, {sha256}, by {by}"
    )
}

/// The columns by which decisions are found say what the decision itself says.
fn columns(row: &StoredDecision, findings: &mut Findings) {
    let subject = format!("decision {}: its columns", row.id);
    let found = format!("{} {} {}", row.action, row.origin, row.reference);
    match Decision::parse(&row.body) {
        Ok(decision) => {
            let (what, origin) = (decision.resolution, decision.subject.origin());
            let expected = format!("{what} {origin} {}", decision.subject.reference());
            findings.same(KIND, None, subject, expected, found);
        }
        Err(error) => findings.add(KIND, None, subject, "a decision", error),
    }
}

/// What moves money is what one person proposed and another approved.
fn approved(row: &StoredDecision, proposals: &BTreeMap<i64, ProposalRow>, findings: &mut Findings) {
    let Some(id) = row.proposal else { return };
    let subject = |what: &str| format!("decision {}: {what}", row.id);
    let Some(proposal) = proposals.get(&id) else {
        findings.add(KIND, None, subject("its proposal"), format!("proposal {id}"), "none");
        return;
    };
    let sha256 = Digest::of(row.body.as_bytes());
    findings.same(KIND, None, subject("what was approved"), proposal.body_sha256, sha256);
    let state = ProposalState::Applied;
    findings.same(KIND, None, subject("its proposal"), state.to_string(), proposal.state.to_string());
    if proposal.proposed_by.to_string() == row.by {
        findings.add(KIND, None, subject("who approved it"), "somebody else than proposed it", &row.by);
    }
}
