//! Fees and concessions (`clearing.md`, Fees): all of it in decimals, rounded once, with the arithmetic shown.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;
use tongclear_types::{Fen, MoneyError, Rounding};

use crate::{Contract, FeeLevel};

/// How a fee came about, figure by figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeeArithmetic {
    /// How many purchases: 1 at transaction level.
    pub count: u64,
    /// The amount, or the sum of the window's amounts.
    pub amount: Fen,
    /// Share of the amount.
    pub rate: Decimal,
    /// Fen for each purchase.
    pub fixed_fen: Decimal,
    /// amount × rate + count × fixed, fen.
    pub unrounded: Decimal,
    /// The least that the contract charges.
    pub min_fee_fen: Option<Decimal>,
    /// The most that the contract charges.
    pub max_fee_fen: Option<Decimal>,
    /// `unrounded` within the bounds.
    pub clamped: Decimal,
    /// How it was rounded.
    pub rounding: Rounding,
    /// What is charged.
    pub fee: Fen,
}

impl Contract {
    /// The fee of one accepted purchase of `amount`: round(clamp(amount × rate + fixed, min, max)).
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the fee leaves the domain, which a checked contract does not.
    pub fn transaction_fee(&self, amount: Fen) -> Result<Fen, MoneyError> {
        self.explain(1, amount).map(|arithmetic| arithmetic.fee)
    }

    /// The fee of a window's `count` accepted purchases of `amount_sum` together: round(Σ amount × rate + n × fixed).
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the fee leaves the domain, or is too long to be computed exactly; a
    /// checked contract and a window of at most 2^30 records do neither.
    pub fn window_fee(&self, count: u64, amount_sum: Fen) -> Result<Fen, MoneyError> {
        self.explain(count, amount_sum).map(|arithmetic| arithmetic.fee)
    }

    /// The arithmetic of a fee: of one purchase at transaction level (`count` is 1), of a window at window level.
    ///
    /// # Errors
    /// As [`Contract::window_fee`].
    pub fn explain(&self, count: u64, amount: Fen) -> Result<FeeArithmetic, MoneyError> {
        let share = exact_product(amount.decimal(), self.rate)?;
        let fixed = exact_product(Decimal::from(count), self.fixed_fen)?;
        let unrounded = exact_sum(share, fixed)?;
        let mut clamped = unrounded;
        if self.level == FeeLevel::Transaction {
            clamped = self.min_fee_fen.map_or(clamped, |min| clamped.max(min));
            clamped = self.max_fee_fen.map_or(clamped, |max| clamped.min(max));
        }
        Ok(FeeArithmetic {
            count,
            amount,
            rate: self.rate,
            fixed_fen: self.fixed_fen,
            unrounded,
            min_fee_fen: self.min_fee_fen,
            max_fee_fen: self.max_fee_fen,
            clamped,
            rounding: self.rounding,
            fee: Fen::from_decimal(clamped, self.rounding)?,
        })
    }

    /// What the sponsor owes and the merchant receives for a purchase: list price − amount where that is positive
    /// and the contract names a sponsor, else nothing.
    #[must_use]
    pub fn concession(&self, list_price: Fen, amount: Fen) -> Fen {
        let difference = list_price.checked_sub(amount).unwrap_or_default();
        if self.sponsor.is_none() || difference.is_negative() { Fen::ZERO } else { difference }
    }
}

/// `a × b`, or an error where a decimal cannot hold every digit: decimals would round in silence, and there is
/// only one rounding.
fn exact_product(a: Decimal, b: Decimal) -> Result<Decimal, MoneyError> {
    let product = a.checked_mul(b).ok_or(MoneyError::OutOfRange)?;
    let exact = product.is_zero() || product.scale() == a.scale() + b.scale();
    if exact { Ok(product) } else { Err(MoneyError::OutOfRange) }
}

/// `a + b` with every digit, as [`exact_product`].
fn exact_sum(a: Decimal, b: Decimal) -> Result<Decimal, MoneyError> {
    let sum = a.checked_add(b).ok_or(MoneyError::OutOfRange)?;
    let exact = sum.is_zero() || sum.scale() >= a.scale().max(b.scale());
    if exact { Ok(sum) } else { Err(MoneyError::OutOfRange) }
}

/// `200 × 0.006 + 1 × 0.5 = 1.7 fen, at least 2; half_up gives 2 fen`
impl fmt::Display for FeeArithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, amount, rate, fixed_fen, unrounded, clamped, rounding, fee, .. } = self;
        write!(
            f,
            "{amount} × {} + {count} × {} = {} fen",
            rate.normalize(),
            fixed_fen.normalize(),
            unrounded.normalize()
        )?;
        if clamped > unrounded {
            write!(f, ", at least {}", clamped.normalize())?;
        }
        if clamped < unrounded {
            write!(f, ", at most {}", clamped.normalize())?;
        }
        write!(f, "; {} gives {fee} fen", rounding.name())
    }
}

#[cfg(test)]
mod tests;
