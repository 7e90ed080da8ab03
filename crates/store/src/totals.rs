//! The totals of a clearing run: what settlement, statements and the summary are made from.
//!
//! **Invariant:** received = accepted + duplicate + suspended + rejected, in count and in fen;
//! [`RunTotals::disagreement`] names the figures that do not agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_ledger::{Adjustment, RatedTotal, SuspendedTotal};
use tongclear_types::{DispositionTallies, Fen, Flag, MerchantCode, MoneyError, Reason, Tally};

/// What intake accepted into a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Received {
    /// Packages, quarantined ones not among them.
    pub packages: u64,
    /// Their records.
    pub transactions: u64,
    /// The sum of the records' amounts.
    pub amount_fen: Fen,
}

/// The totals of a run. Everything is ordered, so that equal totals have equal bytes as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunTotals {
    /// What intake had accepted.
    pub received: Received,
    /// What became of it.
    pub dispositions: DispositionTallies,
    /// Why records were suspended or rejected.
    pub reasons: BTreeMap<Reason, Tally>,
    /// What was worth knowing about accepted records.
    pub flags: BTreeMap<Flag, u64>,
    /// What became of each merchant's records.
    pub merchants: BTreeMap<MerchantCode, DispositionTallies>,
    /// Accepted money by merchant, operator and contract.
    pub rated: Vec<RatedTotal>,
    /// Suspended money by merchant and operator.
    pub suspended: Vec<SuspendedTotal>,
    /// What the window's decisions move, by reference and origin; a window without decisions has the bytes that it had
    /// before there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

impl RunTotals {
    /// The first pair of figures that should be equal and are not, in words; none when all agree.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn disagreement(&self) -> Result<Option<String>, MoneyError> {
        let sum = self.dispositions.sum()?;
        let mut by_reason = Tally::default();
        self.reasons.values().try_for_each(|tally| by_reason.merge(tally))?;
        let mut refused = self.dispositions.suspended;
        refused.merge(&self.dispositions.rejected)?;
        let received = Tally { count: self.received.transactions, amount_fen: self.received.amount_fen };
        let pairs = [
            ("received", received, "accepted + duplicate + suspended + rejected", sum),
            ("suspended + rejected", refused, "the reasons", by_reason),
        ];
        Ok(pairs.into_iter().find(|(_, left, _, right)| left != right).map(|(left, a, right, b)| {
            format!(
                "{left} is {} records and {} fen, but {right} is {} records and {} fen",
                a.count, a.amount_fen, b.count, b.amount_fen
            )
        }))
    }
}
