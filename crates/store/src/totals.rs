//! The totals of a clearing run: what settlement, statements and the summary are made from.
//!
//! **Invariant:** received = accepted + duplicate + suspended + rejected, in count and in fen;
//! [`RunTotals::disagreement`] names the figures that do not agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_ledger::{RatedTotal, SuspendedTotal};
use tongclear_types::{Disposition, Fen, Flag, MerchantCode, MoneyError, Reason};

use crate::Tally;

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

/// One tally for each disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the dispositions")]
pub struct DispositionTallies {
    pub accepted: Tally,
    pub duplicate: Tally,
    pub suspended: Tally,
    pub rejected: Tally,
}

impl DispositionTallies {
    /// The tally of one disposition.
    #[must_use]
    pub const fn get(&self, disposition: Disposition) -> &Tally {
        match disposition {
            Disposition::Accepted => &self.accepted,
            Disposition::Duplicate => &self.duplicate,
            Disposition::Suspended => &self.suspended,
            Disposition::Rejected => &self.rejected,
        }
    }

    /// The tally of one disposition, to count into.
    pub const fn get_mut(&mut self, disposition: Disposition) -> &mut Tally {
        match disposition {
            Disposition::Accepted => &mut self.accepted,
            Disposition::Duplicate => &mut self.duplicate,
            Disposition::Suspended => &mut self.suspended,
            Disposition::Rejected => &mut self.rejected,
        }
    }

    /// The four in the order of [`Disposition::ALL`].
    #[must_use]
    pub const fn in_order(&self) -> [Tally; 4] {
        [self.accepted, self.duplicate, self.suspended, self.rejected]
    }

    /// All four together.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum leaves the domain of money.
    pub fn sum(&self) -> Result<Tally, MoneyError> {
        let mut sum = Tally::default();
        for disposition in Disposition::ALL {
            sum.merge(self.get(*disposition))?;
        }
        Ok(sum)
    }

    /// Adds the tallies of `other`.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        Disposition::ALL.iter().try_for_each(|it| self.get_mut(*it).merge(other.get(*it)))
    }
}

impl Tally {
    /// Counts one record.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum leaves the domain of money.
    pub fn add(&mut self, amount: Fen) -> Result<(), MoneyError> {
        self.merge(&Self { count: 1, amount_fen: amount })
    }

    /// Adds another tally.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum leaves the domain of money.
    pub fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.count += other.count;
        self.amount_fen = self.amount_fen.checked_add(other.amount_fen)?;
        Ok(())
    }
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
