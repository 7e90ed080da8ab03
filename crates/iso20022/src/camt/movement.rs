//! What a transaction on the account means for what the centre sent and what it is owed.

use super::{Detail, Entry};

/// What a transaction is, by its direction and by whether it undoes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// Paid out: the payment with the detail's end-to-end id left the account.
    Out,
    /// A payment came back: rejected by the bank before it left (a reversal), or returned by the receiver's. The detail says
    /// why, and its amount is what came back.
    Back,
    /// Paid in by somebody else: a collection.
    In,
    /// What was paid in was taken back.
    InUndone,
}

impl Entry {
    /// What `detail` of this entry is. Money that returns is told by the reversal indicator of its entry or by return
    /// information of its own: banks set the one, the other, or both.
    #[must_use]
    pub const fn movement(&self, detail: &Detail) -> Movement {
        let undoes = self.is_reversal || detail.returned.is_some();
        match (detail.amount.is_negative(), undoes) {
            (true, false) => Movement::Out,
            (false, true) => Movement::Back,
            (false, false) => Movement::In,
            (true, true) => Movement::InUndone,
        }
    }
}
