//! The month's report for the centre's management as values.

mod check;

use serde::Serialize;
use tongclear_types::{BusinessDate, DispositionTallies, MoneyError, Reason, Sector, Tally};

use crate::{Centre, Disagreement, Month, Movement, Party, PayoutState};

/// The ages of open items, in days of the operator's calendar (`reconciliation.md`, Matching).
pub const AGING_BUCKETS: [&str; 5] = ["0–1", "2–3", "4–7", "8–30", ">30"];

/// One window of the month, all merchants together. Figures are signed from the merchants' side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthDay {
    /// The window.
    pub window: BusinessDate,
    /// What it moved; the fees are the centre's income.
    #[serde(flatten)]
    pub movement: Movement,
    /// What became of every record that was received.
    pub dispositions: DispositionTallies,
}

/// One card operator over the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartyMonth {
    /// Which.
    pub operator: Party,
    /// What its cards moved.
    #[serde(flatten)]
    pub movement: Movement,
    /// Its cards' records that were not accepted.
    pub unpaid: Tally,
}

/// One sector over the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectorMonth {
    /// Which.
    pub sector: Sector,
    /// Merchants with records.
    pub merchants: u64,
    /// What they moved.
    #[serde(flatten)]
    pub movement: Movement,
    /// Their records that were not accepted.
    pub unpaid: Tally,
}

/// Why records were not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonMonth {
    /// The reason.
    pub reason: Reason,
    /// How often, and how much.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Open items of both sides with one card operator: opening + new − cleared = closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenItems {
    /// With whom.
    pub operator: Party,
    /// Open before the month.
    pub opening: Tally,
    /// Taken in in the month.
    pub new: Tally,
    /// Found their other side, or were decided, in the month.
    pub cleared: Tally,
    /// Open after the month.
    pub closing: Tally,
    /// Those of the closing ones that are past the operator's grace (差错).
    pub breaks: Tally,
    /// The open ones by age, in the order of [`AGING_BUCKETS`].
    pub aging: [Tally; 5],
}

/// Payouts of the month in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayoutMonth {
    /// The state.
    pub state: PayoutState,
    /// How many, and how much.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The figures of a month before they are checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthDraft {
    /// Whose report it is.
    pub centre: Centre,
    /// The month.
    pub month: Month,
    /// The day it is made: the date in the documents' metadata.
    pub made_on: BusinessDate,
    /// What the month moved; the fees are the centre's income.
    #[serde(flatten)]
    pub movement: Movement,
    /// What became of every record that was received.
    pub dispositions: DispositionTallies,
    /// One row a window.
    pub days: Vec<MonthDay>,
    /// One row a card operator.
    pub operators: Vec<PartyMonth>,
    /// One row a sector.
    pub sectors: Vec<SectorMonth>,
    /// Reasons, most frequent first; all or the most frequent ones.
    pub reasons: Vec<ReasonMonth>,
    /// Open items of reconciliation, one row a card operator.
    pub open_items: Vec<OpenItems>,
    /// Payouts, one row a state.
    pub payouts: Vec<PayoutMonth>,
}

/// A month's report whose figures re-add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct MonthReport(MonthDraft);

impl MonthReport {
    /// The report of these figures.
    ///
    /// # Errors
    /// [`Disagreement`] naming the first figure that does not re-add, with both figures.
    pub fn new(draft: MonthDraft) -> Result<Self, Disagreement> {
        check::all(&draft)?;
        Ok(Self(draft))
    }

    /// Its figures.
    #[must_use]
    pub const fn figures(&self) -> &MonthDraft {
        &self.0
    }
}

/// Records that were not accepted.
pub(crate) fn unpaid(dispositions: &DispositionTallies) -> Result<Tally, MoneyError> {
    crate::reckon::sum([&dispositions.duplicate, &dispositions.suspended, &dispositions.rejected])
}

/// The open items of all operators by age.
pub(crate) fn aging(items: &[OpenItems]) -> Result<[Tally; 5], MoneyError> {
    let mut sums = [Tally::default(); 5];
    for it in items {
        for (sum, tally) in sums.iter_mut().zip(&it.aging) {
            sum.merge(tally)?;
        }
    }
    Ok(sums)
}
