//! What is to be paid, and what the bank did about it.

use serde::Serialize;
use tongclear_types::{BusinessDate, Fen};

tongclear_types::named! {
    /// How far the money of a position or payout has come.
    PayoutState {
        Carried = "carried", "结转下期", "carried on";
        Due = "due", "待付", "due";
        Sent = "sent", "已送银行", "sent to the bank";
        Paid = "paid", "已付", "paid";
        Rejected = "rejected", "银行退回", "returned by the bank";
        Differs = "differs", "金额不符", "amount differs";
    }
}

/// What moves on one value date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The window that was settled.
    pub window: BusinessDate,
    /// When the money moves (起息日).
    pub value_date: BusinessDate,
    /// What was still owed from earlier windows; zero or below.
    #[serde(rename = "carried_in_fen")]
    pub carried_in: Fen,
    /// The window's own net plus what was carried in.
    #[serde(rename = "net_fen")]
    pub net: Fen,
    /// What is carried into the next settlement instead of being collected; zero or below.
    #[serde(rename = "carried_out_fen")]
    pub carried_out: Fen,
    /// net − carried out: what moves through the bank.
    #[serde(rename = "payable_fen")]
    pub payable: Fen,
    /// The bank's end-to-end id of the payment; none when nothing moves or nothing was ordered yet.
    pub reference: Option<String>,
    /// How far it has come.
    pub state: PayoutState,
}

/// A payment that was ordered or collected, of this period or an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payout {
    /// The bank's end-to-end id, the same as on the position.
    pub reference: String,
    /// The value date it belongs to.
    pub value_date: BusinessDate,
    /// What was ordered: above zero to the participant, below zero collected from it.
    #[serde(rename = "ordered_fen")]
    pub ordered: Fen,
    /// What moved in the period, less what came back.
    #[serde(rename = "paid_fen")]
    pub paid: Fen,
    /// The day on which the bank booked it; none until it has.
    pub booked_on: Option<BusinessDate>,
    /// How far it has come.
    pub state: PayoutState,
    /// What the bank said, when it refused or changed it; empty otherwise.
    pub bank_remark: String,
}

impl Payout {
    /// Whether the amounts fit the state: all of it moved, none of it, or something else. What was sent has left the books
    /// when sending is what posts it; what came back of an earlier period's payment is below zero in this one.
    pub(crate) fn fits_state(&self) -> bool {
        match self.state {
            PayoutState::Paid => self.paid == self.ordered,
            PayoutState::Sent => self.paid == self.ordered || self.paid.is_zero(),
            PayoutState::Rejected => self.paid == self.ordered.negated() || self.paid.is_zero(),
            PayoutState::Differs => self.paid != self.ordered,
            PayoutState::Carried | PayoutState::Due => self.paid.is_zero(),
        }
    }
}
