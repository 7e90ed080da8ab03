//! [`Fen`], the only money type at rest, and the one place where a decimal becomes fen.
//!
//! One yuan is 100 fen. Rates and unrounded fees are [`Decimal`]; they become [`Fen`] through
//! [`Fen::from_decimal`] with a [`Rounding`] that a contract names. There is no other way, and no float.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An amount of money in fen, signed, between [`Fen::MIN`] and [`Fen::MAX`].
///
/// ```
/// use tongclear_types::Fen;
/// let fare = Fen::new(200)?;
/// assert_eq!(fare.checked_sub(Fen::new(20)?)?.to_string(), "180");
/// assert_eq!(fare.yuan().to_string(), "2.00");
/// # Ok::<(), tongclear_types::MoneyError>(())
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Fen(i64);

/// The largest amount a record can carry (its field has four bytes).
const RECORD_AMOUNT_MAX: i64 = u32::MAX as i64;
/// The records of a window that the arithmetic below allows for: 2^30, a little over the billion a day that the
/// design plans for. Beyond it sums are still checked, and leave the domain only with amounts no card can hold.
const WINDOW_RECORDS_MAX: i64 = 1 << 30;

// A window full of the largest possible records still sums inside the domain ...
const _: () = assert!(RECORD_AMOUNT_MAX * WINDOW_RECORDS_MAX < Fen::MAX.0);
// ... and adding or subtracting two amounts inside the domain cannot overflow the machine word.
const _: () = assert!(Fen::MAX.0.checked_add(Fen::MAX.0).is_some());
const _: () = assert!(Fen::MIN.0.checked_sub(Fen::MAX.0).is_some());

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The upper bound of the domain, 2^62 − 1 fen.
    pub const MAX: Self = Self((1 << 62) - 1);
    /// The lower bound of the domain, as far from zero as the upper.
    pub const MIN: Self = Self(-Self::MAX.0);

    /// An amount of `fen`.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] outside [`Fen::MIN`]..=[`Fen::MAX`].
    pub const fn new(fen: i64) -> Result<Self, MoneyError> {
        if fen < Self::MIN.0 || fen > Self::MAX.0 {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self(fen))
    }

    /// The amount as a plain number of fen.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// `self + other`.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the sum leaves the domain.
    #[inline]
    pub const fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0 + other.0)
    }

    /// `self − other`.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the difference leaves the domain.
    pub const fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0 - other.0)
    }

    /// The sum of `amounts`.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] as soon as a partial sum leaves the domain.
    pub fn try_sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// The same amount the other way round; the domain is symmetric, so this cannot fail.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the amount is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount in yuan, with two decimal places, for people.
    #[must_use]
    pub fn yuan(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The amount in fen as a decimal, for multiplying with a rate.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::from(self.0)
    }

    /// Rounds `fen`, a number of fen with a fraction, to whole fen: the only rounding there is.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use tongclear_types::{Fen, Rounding};
    /// let unrounded = Decimal::new(25, 1); // 2.5 fen
    /// assert_eq!(Fen::from_decimal(unrounded, Rounding::HalfUp)?, Fen::new(3)?);
    /// assert_eq!(Fen::from_decimal(unrounded, Rounding::HalfEven)?, Fen::new(2)?);
    /// # Ok::<(), tongclear_types::MoneyError>(())
    /// ```
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the rounded amount leaves the domain.
    pub fn from_decimal(fen: Decimal, rounding: Rounding) -> Result<Self, MoneyError> {
        let whole = fen.round_dp_with_strategy(0, rounding.strategy());
        whole.to_i64().ok_or(MoneyError::OutOfRange).and_then(Self::new)
    }
}

/// A record's amount: four bytes on the wire, so always inside the domain.
impl From<u32> for Fen {
    #[inline]
    fn from(fen: u32) -> Self {
        Self(i64::from(fen))
    }
}

impl TryFrom<i64> for Fen {
    type Error = MoneyError;
    fn try_from(fen: i64) -> Result<Self, MoneyError> {
        Self::new(fen)
    }
}

impl From<Fen> for i64 {
    fn from(fen: Fen) -> Self {
        fen.0
    }
}

/// Plain fen, without a unit.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Sums amounts that are known to be bounded; use [`Fen::try_sum`] wherever input decides how many there are.
///
/// # Panics
/// When the sum leaves the domain.
impl Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self::try_sum(amounts).expect("a bounded sum of amounts stays inside the domain")
    }
}

/// Why an amount could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amount is outside the domain of [`Fen`].
    #[error("amount is outside ±(2^62 − 1) fen")]
    OutOfRange,
}

/// How a fee is rounded to whole fen; the contract names it (`clearing.md`, Fees).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, away from zero on a tie.
    HalfUp,
    /// To the nearest, to the even neighbour on a tie.
    HalfEven,
    /// Toward zero.
    Down,
    /// Away from zero.
    Up,
}

impl Rounding {
    /// All modes, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::HalfUp, Self::HalfEven, Self::Down, Self::Up];

    /// The name used in `registry.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUp => "half_up",
            Self::HalfEven => "half_even",
            Self::Down => "down",
            Self::Up => "up",
        }
    }

    const fn strategy(self) -> RoundingStrategy {
        match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::Down => RoundingStrategy::ToZero,
            Self::Up => RoundingStrategy::AwayFromZero,
        }
    }
}

impl FromStr for Rounding {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| format!("{text:?} is not a rounding: half_up, half_even, down or up"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every mode on both sides of zero, on ties and off them: `(unrounded, half_up, half_even, down, up)`.
    #[test]
    fn every_rounding_on_ties_and_beside_them() {
        let table = [
            ("0", [0, 0, 0, 0]),
            ("0.5", [1, 0, 0, 1]),
            ("1.5", [2, 2, 1, 2]),
            ("2.5", [3, 2, 2, 3]),
            ("2.4999999999", [2, 2, 2, 3]),
            ("2.5000000001", [3, 3, 2, 3]),
            ("0.0000000001", [0, 0, 0, 1]),
            ("-0.5", [-1, 0, 0, -1]),
            ("-1.5", [-2, -2, -1, -2]),
            ("-2.5", [-3, -2, -2, -3]),
        ];
        for (unrounded, expected) in table {
            let unrounded: Decimal = unrounded.parse().unwrap();
            for (mode, expected) in Rounding::ALL.into_iter().zip(expected) {
                let got = Fen::from_decimal(unrounded, mode).unwrap().get();
                assert_eq!(got, expected, "{unrounded} {}", mode.name());
            }
        }
    }

    #[test]
    fn the_domain_is_closed_at_both_ends() {
        assert!(Fen::new(Fen::MAX.get()).is_ok());
        assert_eq!(Fen::new(Fen::MAX.get() + 1), Err(MoneyError::OutOfRange));
        assert_eq!(Fen::new(Fen::MIN.get() - 1), Err(MoneyError::OutOfRange));
        assert_eq!(Fen::MAX.checked_add(Fen::from(1)), Err(MoneyError::OutOfRange));
        assert_eq!(Fen::MIN.checked_sub(Fen::from(1)), Err(MoneyError::OutOfRange));
        assert_eq!(Fen::from_decimal(Decimal::MAX, Rounding::Down), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn json_outside_the_domain_is_refused() {
        assert!(serde_json::from_str::<Fen>("9223372036854775807").is_err());
        assert_eq!(serde_json::from_str::<Fen>("-5").unwrap(), Fen::new(-5).unwrap());
    }
}
