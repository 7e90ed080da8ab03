//! The life of one transaction as plain values: where it came from, what each check saw, what was paid.
//!
//! The engine fills them in and reports read them; neither knows the other. Their JSON is what `tongclear why --json`
//! prints (`docs/why.md`).
//!
//! **Invariant:** no value here holds a key, or a TAC other than the one that was sent.

mod check;
pub mod dispute;
mod handle;
mod money;
pub mod reconciled;
mod uniqueness;

use jiff::civil::DateTime;
use serde::Serialize;
use tongclear_store::{DenyListId, Digest, KeyGeneration, RegistryVersion, WindowId, WindowState};
use tongclear_types::{
    BusinessDate, Chain, CollectorId, Disposition, Fen, Flag, IssuerId, MerchantCode, PackageSequence,
    Reason, Serial, TerminalId, TerminalNumber, Verdict,
};

pub use check::{Check, CheckName, Listed, Outcome, Seen, ServiceDates, Source};
pub use handle::{Answer, Handle, Issuer, Searched};
pub use money::{Charge, Money, PayoutLine, Settled, TransferLine};
pub use uniqueness::{FlagCause, Held, Line, Sighting, Uniqueness};

/// Everything about one record.
#[derive(Debug, Clone, Serialize)]
pub struct Life {
    /// Where it lies.
    pub place: Place,
    /// What its merchant and card operator are called.
    pub names: Names,
    /// What it says.
    pub record: Record,
    /// How it came.
    pub arrival: Arrival,
    /// What became of it; none before its window is cleared.
    pub judgement: Option<Judgement>,
    /// What the card operator says of it, run by run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reconciliation: Vec<reconciled::OperatorView>,
    /// What people decided about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<dispute::DecisionView>,
}

/// What the participants of a record are called, as the registry of its window says; none when it does not know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Names {
    /// The merchant.
    pub merchant: Option<Name>,
    /// The card operator.
    pub operator: Option<Name>,
}

/// A name in two languages; the Chinese one serves for both where there is no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the languages")]
pub struct Name {
    pub zh: String,
    pub en: String,
}

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Whose package.
    pub merchant: MerchantCode,
    /// Who sent it.
    pub collector: CollectorId,
    /// Its number.
    pub package_sequence: PackageSequence,
    /// The row in it, from 0.
    pub row: u32,
}

/// What a record says, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Whose card.
    pub issuer_id: IssuerId,
    /// Which card.
    pub serial: Serial,
    /// The counter chain it belongs to; a type that cannot be cleared counts as a purchase.
    pub chain: Chain,
    /// The counter in that chain.
    pub counter: u16,
    /// Transaction type, 2 hex digits.
    pub tti: String,
    /// `YYYYMMDD`; perhaps not a date.
    pub date: String,
    /// `hhmmss`; perhaps not a time.
    pub time: String,
    /// The terminal.
    pub terminal: TerminalId,
    /// Its number.
    pub terminal_number: TerminalNumber,
    /// Amount.
    pub amount_fen: u32,
    /// Price before any concession.
    pub list_price_fen: u32,
    /// Balance before.
    pub balance_before_fen: u32,
    /// Balance after.
    pub balance_after_fen: u32,
    /// TAC as sent, 8 hex digits.
    pub tac: String,
}

/// How a record came; times are local to the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// When the collector closed the package, by its own clock; none when that is no time at all.
    pub sealed_at: Option<DateTime>,
    /// When intake made the package durable.
    pub received_at: DateTime,
    /// SHA-256 of the package.
    pub package_sha256: Digest,
    /// Records in it.
    pub package_records: u32,
    /// Sum of their amounts.
    pub package_amount_fen: Fen,
    /// The number of the window it fell into.
    pub window_id: WindowId,
    /// Its business date; none while it is open.
    pub window: Option<BusinessDate>,
    /// How far the window has come.
    pub window_state: WindowState,
}

/// What became of a record.
#[derive(Debug, Clone, Serialize)]
pub struct Judgement {
    /// The window's business date.
    pub window: BusinessDate,
    /// What it was judged against.
    pub against: Against,
    /// When the run was committed, local to the centre.
    pub cleared_at: DateTime,
    /// What the run found, as it is stored.
    pub stored: Found,
    /// What the rules give when they are applied again.
    pub rederived: Found,
    /// Whether both are the same; when they are not, neither can be trusted before `tongclear check` has been asked.
    pub agrees: bool,
    /// The check that decided: `1`, `1a`, `2` to `12`, or `13` for uniqueness.
    pub decided_by: &'static str,
    /// The line of uniqueness that decided, when `decided_by` is `13`.
    pub line: Option<u8>,
    /// Checks 1 to 12 in their order.
    pub checks: Vec<Check>,
    /// Uniqueness; none for a record that was rejected before.
    pub uniqueness: Option<Uniqueness>,
    /// What each flag comes from.
    pub flags: Vec<FlagCause>,
    /// What it earned and which sums contain it.
    pub money: Money,
}

/// What a window was judged against, fixed at its close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Against {
    /// Version of the registry.
    pub registry: RegistryVersion,
    /// Generation of the key ring.
    pub keys: KeyGeneration,
    /// Number of the last deny-list load; none when there was none.
    pub deny_lists: Option<DenyListId>,
}

/// A disposition with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// What was decided.
    pub disposition: Disposition,
    /// Why; only for suspended and rejected records.
    pub reason: Option<Reason>,
    /// Flags; only for accepted ones.
    pub flags: Vec<Flag>,
    /// The fee; only for accepted purchases under a `transaction`-level contract.
    pub fee_fen: Option<Fen>,
}

impl Found {
    /// What `verdict` says, with the fee beside it.
    #[must_use]
    pub fn of(verdict: Verdict, fee_fen: Option<Fen>) -> Self {
        Self {
            disposition: verdict.disposition(),
            reason: verdict.reason(),
            flags: verdict.flags().iter().collect(),
            fee_fen,
        }
    }
}

impl Life {
    /// Whether the rules, applied again, give something else than what is stored.
    #[must_use]
    pub fn contradicts(&self) -> bool {
        self.judgement.as_ref().is_some_and(|judgement| !judgement.agrees)
    }
}
