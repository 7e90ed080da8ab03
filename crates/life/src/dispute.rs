//! What waits for a decision, as values: the work list, what speaks for and against each item, and what was decided.

use serde::Serialize;
use tongclear_ledger::{Origin, Reference, Resolution};
use tongclear_types::{
    BusinessDate, Chain, CollectorId, Disposition, Fen, MerchantCode, OperatorCode, PackageSequence, Serial,
    TerminalId, TerminalNumber,
};

use crate::TransferLine;

/// Something that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkItem {
    /// What names it.
    pub reference: Reference,
    /// What it is.
    pub origin: Origin,
    /// The day since which it waits: of its window, or of the operator's file.
    pub since: BusinessDate,
    /// Calendar days from then to the last cleared window.
    pub age_days: u32,
    /// Who would be paid, or was; none for a line whose terminal is nobody's.
    pub merchant: Option<MerchantCode>,
    /// Whose card.
    pub operator: OperatorCode,
    /// The card.
    pub serial: Serial,
    /// Purchase or load.
    pub chain: Chain,
    /// That chain's counter.
    pub counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// Its number.
    pub terminal_number: TerminalNumber,
    /// `YYYYMMDD`.
    pub date: String,
    /// `hhmmss`.
    pub time: String,
    /// The amount that is decided about.
    pub amount_fen: Fen,
    /// Of a mismatch, what the operator has: 0 when it refused the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs_fen: Option<Fen>,
    /// Why it waits: the reason of the run, or the fields that differ.
    pub reason: String,
    /// The proposal that waits for a second person.
    pub proposal: Option<i64>,
    /// Why it was kept the last time.
    pub kept: Option<String>,
    /// What the evidence suggests.
    pub suggestion: Suggestion,
}

/// What the evidence suggests; a person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What to do.
    #[serde(flatten)]
    pub resolution: Resolution,
    /// What speaks for it.
    pub because: Vec<Because>,
}

/// One thing that speaks for a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Because {
    /// For programs.
    pub rule: &'static str,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A record near the one that is decided about: of the same card, or the same terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// What it is to the record.
    pub relation: &'static str,
    /// Its window.
    pub window: BusinessDate,
    /// Who sent it.
    pub collector: CollectorId,
    /// In which package.
    pub package_sequence: PackageSequence,
    /// In which row.
    pub row: u32,
    /// What became of it.
    pub disposition: Disposition,
    /// Its counter.
    pub counter: u16,
    /// Its terminal.
    pub terminal: TerminalId,
    /// Its terminal's number.
    pub terminal_number: TerminalNumber,
    /// `YYYYMMDD`.
    pub date: String,
    /// `hhmmss`.
    pub time: String,
    /// Its amount.
    pub amount_fen: u32,
    /// Balance before.
    pub balance_before_fen: u32,
    /// Balance after.
    pub balance_after_fen: u32,
}

/// Everything about one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// As it stands in the work list; none once it is decided.
    pub item: Option<WorkItem>,
    /// Balance before and after, as the record says.
    pub balances_fen: Option<(u32, u32)>,
    /// Whether its TAC is right; none when that is not known.
    pub tac_right: Option<bool>,
    /// Records near it.
    pub neighbours: Vec<Neighbour>,
    /// Missing numbers of its terminal just below and just above its own.
    pub numbers_missing: (bool, bool),
    /// What was decided so far.
    pub decisions: Vec<DecisionView>,
}

/// A decision, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionView {
    /// Its number.
    pub id: i64,
    /// The original.
    pub reference: Reference,
    /// What the original was.
    pub origin: Origin,
    /// What was decided.
    #[serde(flatten)]
    pub resolution: Resolution,
    /// Why.
    pub reason: String,
    /// What it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Who proposed it; none for what nobody had to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<String>,
    /// Who approved it, or said it.
    pub decided_by: String,
    /// When, Unix milliseconds.
    pub decided_at: i64,
    /// The window whose run carries it out; none while that is open.
    pub window: Option<BusinessDate>,
    /// What it moved; empty before that window is cleared.
    pub transfers: Vec<TransferLine>,
}
