//! What the bank did to a payment, statement by statement, and what of it goes back to what the merchant is owed.

use std::str::FromStr;

use tongclear_types::{Fen, MoneyError};

tongclear_types::named! {
    /// What an entry of a bank statement is.
    BankMove {
        Out = "out", "付出", "paid out";
        Returned = "returned", "退回", "came back from the receiver's bank";
        Rejected = "rejected", "拒付", "the bank did not let it out";
        In = "in", "收入", "paid in";
        InUndone = "in_undone", "收入冲回", "paid in and taken back";
    }
}

tongclear_types::named! {
    /// What has become of a payment.
    PaymentState {
        Sent = "sent", "已发出", "sent, not confirmed yet";
        Paid = "paid", "已付", "paid";
        Short = "short", "少付", "less was paid; the rest is payable again";
        Excess = "excess", "多付", "more was paid than ordered";
        Returned = "returned", "退回", "came back; payable again";
        Rejected = "rejected", "拒付", "rejected by the bank; payable again";
    }
}

/// Declares reading a named value back.
macro_rules! from_name {
    ($name:ident, $expected:literal) => {
        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::from_name(text).ok_or_else(|| format!("{text:?} is not {}", $expected))
            }
        }
    };
}

from_name!(BankMove, "a movement: out, returned, rejected, in or in_undone");
from_name!(PaymentState, "a state: sent, paid, short, excess, returned or rejected");

/// How far a payment has come at the bank, and in our books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What was ordered.
    pub ordered: Fen,
    /// What left the bank.
    pub out: Fen,
    /// What came back to it.
    pub back: Fen,
    /// What was posted as returned: it is payable again.
    pub returned: Fen,
    /// Postings of that kind so far.
    pub postings: u32,
    /// Whether the bank itself did not let it out.
    pub rejected: bool,
}

impl Progress {
    /// A payment of which the bank has said nothing yet.
    #[must_use]
    pub const fn sent(ordered: Fen) -> Self {
        let none = Fen::ZERO;
        Self { ordered, out: none, back: none, returned: none, postings: 0, rejected: false }
    }

    /// Takes in what one statement says, all its entries of this payment at once; returns what goes back to payable now,
    /// if anything does: what came back, and what was never paid of a short payment; never more than was ordered.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves the domain.
    pub fn take(&mut self, moves: &[(BankMove, Fen)]) -> Result<Option<Fen>, MoneyError> {
        let first = self.out.is_zero();
        let mut back = Fen::ZERO;
        for (kind, size) in moves {
            match kind {
                BankMove::Out => self.out = self.out.checked_add(*size)?,
                BankMove::Returned | BankMove::Rejected => {
                    back = back.checked_add(*size)?;
                    self.rejected |= *kind == BankMove::Rejected;
                }
                // Money that somebody pays in is no part of a payment; the caller keeps it as unknown.
                BankMove::In | BankMove::InUndone => {}
            }
        }
        self.back = self.back.checked_add(back)?;
        let short = self.ordered.checked_sub(self.out)?;
        let missing = if first && !self.out.is_zero() { short.max(Fen::ZERO) } else { Fen::ZERO };
        let left = self.ordered.checked_sub(self.returned)?;
        let posts = back.checked_add(missing)?.min(left);
        if posts.is_zero() {
            return Ok(None);
        }
        self.returned = self.returned.checked_add(posts)?;
        self.postings += 1;
        Ok(Some(posts))
    }

    /// What the bank moved beyond what our books have: zero when both agree; above zero when more left the bank than was
    /// ordered, below when more came back than had left. Nothing is posted for it; it stays open until somebody decides.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it leaves the domain.
    pub fn difference(&self) -> Result<Fen, MoneyError> {
        if self.is_open() {
            return Ok(Fen::ZERO);
        }
        let bank = self.out.checked_sub(self.back)?;
        bank.checked_sub(self.ordered.checked_sub(self.returned)?)
    }

    /// Whether the bank has said nothing yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.out.is_zero() && self.back.is_zero()
    }

    /// What has become of it.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves the domain.
    pub fn state(&self) -> Result<PaymentState, MoneyError> {
        Ok(if self.is_open() {
            PaymentState::Sent
        } else if self.difference()? > Fen::ZERO {
            PaymentState::Excess
        } else if self.back > Fen::ZERO {
            if self.rejected { PaymentState::Rejected } else { PaymentState::Returned }
        } else if self.out < self.ordered {
            PaymentState::Short
        } else {
            PaymentState::Paid
        })
    }
}
