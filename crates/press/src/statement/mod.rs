//! The statement (对账单) of a merchant or a card operator as values.
//!
//! Figures are signed from the participant's side, as the ledger's positions are, so that one formula holds for all:
//! net = gross − fee + concession − load + adjustments. A merchant's purchases are above zero, its operator's below.

mod check;
mod payout;
mod unpaid;

use serde::Serialize;
use tongclear_types::{BusinessDate, DispositionTallies, Fen, MoneyError, Sector, Tally};

pub use self::payout::{Payout, PayoutState, Position};
pub use self::unpaid::{UnpaidList, UnpaidRecord};
use crate::{Centre, Disagreement, Party, Period, Words};

/// Whose statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A merchant or load agent of that sector.
    Merchant(Sector),
    /// A card operator.
    Operator,
}

/// What moved: a number of records and their money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Movement {
    /// Accepted records, loads included.
    pub count: u64,
    /// Purchases.
    #[serde(rename = "gross_fen")]
    pub gross: Fen,
    /// Fees on them.
    #[serde(rename = "fee_fen")]
    pub fee: Fen,
    /// Concessions on them, owed by sponsors.
    #[serde(rename = "concession_fen")]
    pub concession: Fen,
    /// Loads.
    #[serde(rename = "load_fen")]
    pub load: Fen,
}

/// The figures of the first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What was carried in or not paid yet before the period.
    #[serde(rename = "opening_fen")]
    pub opening: Fen,
    /// What the period moved.
    #[serde(flatten)]
    pub movement: Movement,
    /// Decisions of the period about earlier ones.
    #[serde(rename = "adjustments_fen")]
    pub adjustments: Fen,
    /// gross − fee + concession − load + adjustments.
    #[serde(rename = "net_fen")]
    pub net: Fen,
    /// What the bank moved in the period: above zero to the participant, below zero collected from it.
    #[serde(rename = "payouts_fen")]
    pub payouts: Fen,
    /// opening + net − payouts.
    #[serde(rename = "closing_fen")]
    pub closing: Fen,
    /// What became of every record that was received.
    pub dispositions: DispositionTallies,
}

/// What moved with one counterparty under one contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The card operator; on an operator's statement the merchant.
    pub counterparty: Party,
    /// The contract's name.
    pub contract: String,
    /// What moved.
    #[serde(flatten)]
    pub movement: Movement,
    /// gross − fee + concession − load.
    #[serde(rename = "net_fen")]
    pub net: Fen,
}

/// What totals are broken down by; which one depends on the sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakdownKind {
    /// 线路: bus or metro.
    Line,
    /// 站点: metro.
    Station,
    /// 账期: water, power, gas.
    BillingPeriod,
    /// 缴费渠道: water, power, gas.
    Channel,
    /// 收银机: shops and load agents.
    Till,
    /// 行业: for card operators.
    Sector,
}

/// Accepted records broken down one way; purchases and loads together, they re-add to the lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// By what.
    pub kind: BreakdownKind,
    /// One row a value; what has none stands in a row of its own.
    pub rows: Vec<BreakdownRow>,
}

/// One value of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakdownRow {
    /// The line, the till, …; as the participant knows it.
    pub code: String,
    /// Its name, when it has one.
    pub name: Words,
    /// Records and their amounts.
    #[serde(flatten)]
    pub tally: Tally,
}

/// One decision that moved money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// The window in which it was posted.
    pub window: BusinessDate,
    /// The decision's own id.
    pub id: String,
    /// The window of the transaction that it is about.
    pub original_window: BusinessDate,
    /// That transaction: a handle that `why` takes, or its transfer.
    pub original: String,
    /// Why, in words.
    pub reason: Words,
    /// Above zero the participant receives it.
    #[serde(rename = "amount_fen")]
    pub amount: Fen,
}

/// One window of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The window.
    pub window: BusinessDate,
    /// What it moved.
    #[serde(flatten)]
    pub movement: Movement,
    /// Decisions about earlier windows.
    #[serde(rename = "adjustments_fen")]
    pub adjustments: Fen,
    /// gross − fee + concession − load + adjustments.
    #[serde(rename = "net_fen")]
    pub net: Fen,
    /// Records that were not accepted.
    pub unpaid: Tally,
}

/// The figures of a statement before they are checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Who makes it.
    pub centre: Centre,
    /// Whose it is.
    pub participant: Party,
    /// Merchant or card operator.
    pub role: Role,
    /// The account that is paid to or collected from; empty when not known.
    pub account: String,
    /// The bank that keeps it; empty when not known.
    pub bank: String,
    /// The days it covers.
    pub period: Period,
    /// The day it is made: the date in the documents' metadata.
    pub made_on: BusinessDate,
    /// The first page.
    pub summary: Summary,
    /// One line a counterparty and contract.
    pub lines: Vec<Line>,
    /// Ways to break the accepted records down.
    pub breakdowns: Vec<Breakdown>,
    /// Decisions, one by one.
    pub adjustments: Vec<Adjustment>,
    /// What is paid when, for the windows of the period.
    pub positions: Vec<Position>,
    /// What the bank was told and did in the period.
    pub payouts: Vec<Payout>,
    /// One row a window; for a month only.
    pub days: Vec<Day>,
    /// Every record that was not accepted.
    pub unpaid: UnpaidList,
}

/// A statement whose figures re-add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Statement(Draft);

impl Statement {
    /// The statement of these figures.
    ///
    /// # Errors
    /// [`Disagreement`] naming the first figure that does not re-add, with both figures.
    pub fn new(draft: Draft) -> Result<Self, Disagreement> {
        check::all(&draft)?;
        Ok(Self(draft))
    }

    /// Its figures.
    #[must_use]
    pub const fn figures(&self) -> &Draft {
        &self.0
    }
}

impl Movement {
    /// gross − fee + concession − load.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it leaves the domain.
    pub fn net(&self) -> Result<Fen, MoneyError> {
        self.gross.checked_sub(self.fee)?.checked_add(self.concession)?.checked_sub(self.load)
    }

    /// Purchases and loads together.
    pub(crate) fn turnover(&self) -> Result<Fen, MoneyError> {
        self.gross.checked_add(self.load)
    }

    /// The sum of movements.
    pub(crate) fn sum<'a>(movements: impl IntoIterator<Item = &'a Self>) -> Result<Self, MoneyError> {
        movements.into_iter().try_fold(Self::default(), |sum, it| {
            Ok(Self {
                count: sum.count.checked_add(it.count).ok_or(MoneyError::OutOfRange)?,
                gross: sum.gross.checked_add(it.gross)?,
                fee: sum.fee.checked_add(it.fee)?,
                concession: sum.concession.checked_add(it.concession)?,
                load: sum.load.checked_add(it.load)?,
            })
        })
    }
}
