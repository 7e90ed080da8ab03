//! Decisions about suspended records and breaks: what somebody proposed and somebody else approved, bound to the window that
//! was open then, whose run carries them out.
//!
//! **Invariant:** approval, decision and both entries of the audit log are one transaction, which excludes the close of the
//! window; an original is decided once.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongclear_access::{ProposalKind, ProposalState};
use tongclear_ledger::{Origin, Original, Reference, Resolution};
use tongclear_types::{Chain, CollectorId, Fen, MerchantCode, OperatorCode, PackageSequence, UnixMillis};

use crate::audit::AuditEvent;
use crate::decode::Cells;
use crate::four_eyes::{applied_within, decide_within, propose_within};
use crate::statements::{Row, find, next, note};
use crate::{
    Actor, Digest, PackageKey, RegistryVersion, Stamp, Statements, Store, StoreError, WindowId, column,
};

/// Where a record of ours lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordPlace {
    /// Who sent it.
    pub collector: CollectorId,
    /// In which package.
    pub package_sequence: PackageSequence,
    /// The row in it, from 0.
    pub row: u32,
}

impl RecordPlace {
    /// What transfers about it refer to.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::record(self.collector, self.package_sequence.0, self.row)
    }

    /// Its package.
    #[must_use]
    pub const fn package(&self) -> PackageKey {
        PackageKey { collector: self.collector, sequence: self.package_sequence }
    }
}

/// `package 6510000000f1-3 row 17`
impl fmt::Display for RecordPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "package {}-{} row {}", self.collector, self.package_sequence.0, self.row)
    }
}

/// Where a line of a card operator's file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinePlace {
    /// Whose file.
    pub operator: OperatorCode,
    /// SHA-256 of the file.
    pub file_sha256: Digest,
    /// The line in it, from 1, the header's.
    pub line: u32,
}

impl LinePlace {
    /// What transfers about it refer to.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::line(self.operator, &self.file_sha256.0, self.line)
    }
}

/// What a break is about, as it was when it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakFigures {
    /// Who took it.
    pub merchant: MerchantCode,
    /// Whose card.
    pub operator: OperatorCode,
    /// Purchase or load.
    pub chain: Chain,
    /// The date of the record, or of the line when there is no record.
    pub date: Date,
    /// Our amount, or the operator's when there is no record.
    pub amount_fen: u32,
    /// The price before any concession.
    pub list_price_fen: u32,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Subject {
    /// A record whose money waits; its figures are those of the record.
    Suspended {
        /// Where it lies.
        record: RecordPlace,
    },
    /// A record that we paid and the operator does not have.
    OursOnly {
        /// Where it lies.
        record: RecordPlace,
        /// What it says.
        of: BreakFigures,
    },
    /// A line that we have nothing paid for.
    TheirsOnly {
        /// Where it lies.
        line: LinePlace,
        /// What it says.
        of: BreakFigures,
    },
    /// A record and a line that tell of one transaction otherwise.
    Mismatch {
        /// Where the record lies.
        record: RecordPlace,
        /// Where the line lies.
        line: LinePlace,
        /// What the record says.
        of: BreakFigures,
        /// What the operator has: 0 when it refused the transaction.
        theirs_fen: u32,
    },
}

impl Subject {
    /// What transfers about it refer to: the record, or the line where there is none.
    #[must_use]
    pub fn reference(&self) -> Reference {
        match self {
            Self::Suspended { record } | Self::OursOnly { record, .. } | Self::Mismatch { record, .. } => {
                record.reference()
            }
            Self::TheirsOnly { line, .. } => line.reference(),
        }
    }

    /// What it is.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match self {
            Self::Suspended { .. } => Origin::Suspended,
            Self::OursOnly { .. } => Origin::OursOnly,
            Self::TheirsOnly { .. } => Origin::TheirsOnly,
            Self::Mismatch { .. } => Origin::Mismatch,
        }
    }

    /// A break as adjustments take it, with the date by which its contract is found; none of a suspended record, whose
    /// figures are in its package.
    #[must_use]
    pub fn original(&self) -> Option<(Original, Date)> {
        let (of, theirs) = match self {
            Self::Suspended { .. } => return None,
            Self::OursOnly { of, .. } | Self::TheirsOnly { of, .. } => (of, None),
            Self::Mismatch { of, theirs_fen, .. } => (of, Some(Fen::from(*theirs_fen))),
        };
        let original = Original {
            reference: self.reference(),
            origin: self.origin(),
            merchant: of.merchant,
            operator: of.operator,
            chain: of.chain,
            amount: Fen::from(of.amount_fen),
            list_price: Fen::from(of.list_price_fen),
            theirs,
        };
        Some((original, of.date))
    }
}

/// What somebody wants done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// About what.
    pub subject: Subject,
    /// What is to become of it.
    pub resolution: Resolution,
    /// Why.
    pub reason: String,
    /// What it rests on: a letter, a file, a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

impl Decision {
    /// As it is stored, proposed and hashed.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] never happens: every field is a plain value.
    pub fn to_json(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| column::corrupt("decisions.body", "a decision", error))
    }

    /// As it was stored.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is no decision of this version.
    pub fn parse(body: &str) -> Result<Self, StoreError> {
        serde_json::from_str(body).map_err(|error| column::corrupt("decisions.body", body, error))
    }
}

/// A decision that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its number, from 1.
    pub id: i64,
    /// The window that was open, whose run carries it out.
    pub window: WindowId,
    /// The registry that was in force.
    pub registry: RegistryVersion,
    /// What was decided.
    pub decision: Decision,
    /// SHA-256 of it as stored.
    pub sha256: Digest,
    /// The proposal that was approved; none for what moves nothing.
    pub proposal: Option<i64>,
    /// Who approved it, or said it where nobody had to approve.
    pub by: Actor,
    /// When.
    pub at: UnixMillis,
}

const ALL: &str = "SELECT id, window_id, registry_version, reference, origin, action, body, proposal_id, decided_by, \
    decided_at FROM decisions ORDER BY id";
const OF_WINDOW: &str = "SELECT id, window_id, registry_version, reference, origin, action, body, proposal_id, decided_by, \
    decided_at FROM decisions WHERE window_id = $1 ORDER BY id";
const OF_REFERENCE: &str = "SELECT id, window_id, registry_version, reference, origin, action, body, proposal_id, decided_by, \
    decided_at FROM decisions WHERE reference = $1 ORDER BY id";
const WAITING: &str =
    "SELECT id, body FROM proposals WHERE kind = 'decision' AND state IN ('open', 'approved') ORDER BY id";
const NOW: &str = "SELECT (SELECT id FROM windows WHERE state = 'open') AS window_id, \
    (SELECT MAX(version) FROM registries) AS registry_version";
const LAST: &str = "SELECT id FROM decisions ORDER BY id DESC LIMIT 1";
const ADD: &str = "INSERT INTO decisions (id, window_id, registry_version, reference, origin, action, body, proposal_id, \
    decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// All decisions, by number.
///
/// # Errors
/// Faults of the database.
pub async fn decisions(store: &dyn Store) -> Result<Vec<DecisionRow>, StoreError> {
    store.read().await?.rows(ALL, &[]).await?.iter().map(decision_row).collect()
}

/// The decisions that were taken while `window` was open, by number.
///
/// # Errors
/// Faults of the database.
pub async fn decisions_of_window(
    store: &dyn Store,
    window: WindowId,
) -> Result<Vec<DecisionRow>, StoreError> {
    store.read().await?.rows(OF_WINDOW, &[window.0.into()]).await?.iter().map(decision_row).collect()
}

/// What was decided about one original, by number.
///
/// # Errors
/// Faults of the database.
pub async fn decisions_about(
    store: &dyn Store,
    reference: Reference,
) -> Result<Vec<DecisionRow>, StoreError> {
    let rows = store.read().await?.rows(OF_REFERENCE, &[reference.to_string().into()]).await?;
    rows.iter().map(decision_row).collect()
}

/// The proposals of decisions that wait, with what each is about.
///
/// # Errors
/// Faults of the database.
pub async fn waiting(store: &dyn Store) -> Result<Vec<(i64, Decision)>, StoreError> {
    waiting_within(&mut *store.read().await?).await
}

async fn waiting_within(transaction: &mut dyn Statements) -> Result<Vec<(i64, Decision)>, StoreError> {
    let rows = transaction.rows(WAITING, &[]).await?;
    rows.iter().map(|row| Ok((Cells::integer(row, "proposals.id")?, proposed(row)?))).collect()
}

fn proposed(row: &Row) -> Result<Decision, StoreError> {
    decision_of(row.blob("proposals.body")?)
}

/// The decision that a proposal holds.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none of this version.
pub fn decision_of(body: &[u8]) -> Result<Decision, StoreError> {
    let text = std::str::from_utf8(body);
    Decision::parse(text.map_err(|error| column::corrupt("proposals.body", "bytes", error))?)
}

/// A decision as it is stored, not read any further: for whoever looks whether it was tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct StoredDecision {
    pub id: i64,
    pub window: i64,
    pub registry: i64,
    pub reference: String,
    pub origin: String,
    pub action: String,
    pub body: String,
    pub proposal: Option<i64>,
    pub by: String,
}

/// All decisions as they are stored, by number.
///
/// # Errors
/// Faults of the database.
pub async fn stored_decisions(store: &dyn Store) -> Result<Vec<StoredDecision>, StoreError> {
    let rows = store.read().await?.rows(ALL, &[]).await?;
    let stored = |row: &Row| -> Result<StoredDecision, StoreError> {
        Ok(StoredDecision {
            id: row.integer("decisions.id")?,
            window: row.integer("decisions.window_id")?,
            registry: row.integer("decisions.registry_version")?,
            reference: row.text("decisions.reference")?.to_owned(),
            origin: row.text("decisions.origin")?.to_owned(),
            action: row.text("decisions.action")?.to_owned(),
            body: row.text("decisions.body")?.to_owned(),
            proposal: row.integer_or_null("decisions.proposal_id")?,
            by: row.text("decisions.decided_by")?.to_owned(),
        })
    };
    rows.iter().map(stored).collect()
}

/// Proposes a decision as whoever `stamp` names; `words` say what it is.
///
/// # Errors
/// [`StoreError::Conflict`] when the original is decided already, or waits for another decision.
pub async fn propose_decision(
    store: &dyn Store,
    decision: &Decision,
    words: &str,
    stamp: &Stamp,
) -> Result<i64, StoreError> {
    let mut transaction = store.write().await?;
    refuse_if_decided(&mut *transaction, &decision.subject, None).await?;
    let body = decision.to_json()?.into_bytes();
    let sha256 = Digest::of(&body);
    let kind = ProposalKind::Decision;
    let id = propose_within(&mut *transaction, kind, words, body, sha256, stamp).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Approves the proposal of a decision as whoever `stamp` names, and takes it: it belongs to the window that is open now.
///
/// # Errors
/// [`StoreError::Conflict`] as of [`crate::four_eyes::decide`], when the original is decided already, or without a registry.
pub async fn approve_decision(
    store: &dyn Store,
    proposal: i64,
    said: Option<&str>,
    stamp: &Stamp,
) -> Result<DecisionRow, StoreError> {
    let mut transaction = store.write().await?;
    let row = decide_within(&mut *transaction, proposal, ProposalState::Approved, said, stamp).await?;
    if row.kind != ProposalKind::Decision {
        return Err(StoreError::Conflict { what: format!("proposal {proposal} (it is no decision)") });
    }
    let decision = decision_of(&row.body)?;
    refuse_if_decided(&mut *transaction, &decision.subject, Some(proposal)).await?;
    let taken = add(&mut *transaction, decision, Some(proposal), stamp).await?;
    applied_within(&mut *transaction, &row, stamp).await?;
    transaction.commit().await?;
    Ok(taken)
}

/// Notes that an original stays as it is, which needs nobody's approval.
///
/// # Errors
/// [`StoreError::Conflict`] when it is decided already, or waits for a decision, and for what is no [`Resolution::Keep`].
pub async fn keep_pending(
    store: &dyn Store,
    decision: &Decision,
    stamp: &Stamp,
) -> Result<DecisionRow, StoreError> {
    if decision.resolution.is_final() {
        let what = format!("{} (it needs two people)", decision.resolution);
        return Err(StoreError::Conflict { what });
    }
    let mut transaction = store.write().await?;
    refuse_if_decided(&mut *transaction, &decision.subject, None).await?;
    let taken = add(&mut *transaction, decision.clone(), None, stamp).await?;
    transaction.commit().await?;
    Ok(taken)
}

/// Nothing is decided twice, nor proposed while another proposal than `but` waits.
async fn refuse_if_decided(
    transaction: &mut dyn Statements,
    subject: &Subject,
    but: Option<i64>,
) -> Result<(), StoreError> {
    let reference = subject.reference();
    let suspended = |origin: Origin| origin == Origin::Suspended;
    let same = |other: &Subject| {
        other.reference() == reference && suspended(other.origin()) == suspended(subject.origin())
    };
    for row in transaction.rows(OF_REFERENCE, &[reference.to_string().into()]).await? {
        let row = decision_row(&row)?;
        if row.decision.resolution.is_final() && same(&row.decision.subject) {
            let what = format!("{reference} (decision {} was: {})", row.id, row.decision.resolution);
            return Err(StoreError::Conflict { what });
        }
    }
    let waiting = waiting_within(transaction).await?;
    match waiting.iter().find(|(id, decision)| Some(*id) != but && same(&decision.subject)) {
        Some((id, decision)) => {
            let what = format!("{reference} (proposal {id} waits: {})", decision.resolution);
            Err(StoreError::Conflict { what })
        }
        None => Ok(()),
    }
}

async fn add(
    transaction: &mut dyn Statements,
    decision: Decision,
    proposal: Option<i64>,
    stamp: &Stamp,
) -> Result<DecisionRow, StoreError> {
    let now = find(&mut *transaction, NOW, &[]).await?.unwrap_or_default();
    let window = WindowId(Cells::integer(&now, "windows.window_id")?);
    let registry = Cells::integer_or_null(&now, "registries.registry_version")?;
    let Some(registry) = registry.map(RegistryVersion) else {
        return Err(StoreError::Conflict { what: "the registry (there is none)".to_owned() });
    };
    let id = next(&mut *transaction, LAST).await?;
    let body = decision.to_json()?;
    let sha256 = Digest::of(body.as_bytes());
    let (reference, origin) = (decision.subject.reference(), decision.subject.origin());
    let values = [
        id.into(),
        window.0.into(),
        registry.0.into(),
        reference.to_string().into(),
        origin.name().into(),
        decision.resolution.name().into(),
        body.into(),
        proposal.into(),
        stamp.by.to_string().into(),
        stamp.at.0.into(),
    ];
    transaction.run(ADD, &values).await?;
    let event = AuditEvent::Decision { id, window, registry, reference, origin, sha256, proposal };
    note(transaction, stamp, &event).await?;
    Ok(DecisionRow { id, window, registry, decision, sha256, proposal, by: stamp.by.clone(), at: stamp.at })
}

/// A row, whose columns say what its body says.
fn decision_row(row: &Row) -> Result<DecisionRow, StoreError> {
    let cells: &dyn Cells = row;
    let body = cells.text("decisions.body")?;
    let decision = Decision::parse(body)?;
    let expected = [
        ("decisions.reference", decision.subject.reference().to_string()),
        ("decisions.origin", decision.subject.origin().to_string()),
        ("decisions.action", decision.resolution.to_string()),
    ];
    for (column, expected) in expected {
        let found = cells.text(column)?;
        if found != expected {
            return Err(column::corrupt(column, found, format!("the body says {expected}")));
        }
    }
    Ok(DecisionRow {
        id: cells.integer("decisions.id")?,
        window: WindowId(cells.integer("decisions.window_id")?),
        registry: RegistryVersion(cells.integer("decisions.registry_version")?),
        sha256: Digest::of(body.as_bytes()),
        decision,
        proposal: cells.integer_or_null("decisions.proposal_id")?,
        by: cells.id("decisions.decided_by")?,
        at: cells.moment("decisions.decided_at")?,
    })
}
