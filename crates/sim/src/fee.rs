//! Contracts of the simulated city, and the fee of one purchase in whole numbers.
//!
//! The arithmetic is in millionths of a fen, so that it shares nothing with the clearing centre's decimals:
//! amount < 2^32 times rate ≤ 10^6 stays far inside 64 bits.

use tongclear_types::{Fen, Rounding};

use crate::moment::Day;

/// Millionths in one.
const MILLION: u64 = 1_000_000;

/// Whether a fee is rounded on each purchase or on the window's sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// On each purchase.
    Transaction,
    /// On the sum of merchant, operator and contract.
    Window,
}

/// A contract between the centre and a merchant.
#[derive(Debug, Clone)]
pub(crate) struct Contract {
    /// Index of the card operator; none stands for all of them.
    pub(crate) operator: Option<usize>,
    /// First day in force.
    pub(crate) from: Day,
    /// Last day in force.
    pub(crate) until: Option<Day>,
    /// Share of the amount, in millionths.
    pub(crate) rate: u32,
    /// Fixed part, in millionths of a fen.
    pub(crate) fixed: u64,
    /// Least fee, fen.
    pub(crate) min_fee_fen: Option<u32>,
    /// Greatest fee, fen.
    pub(crate) max_fee_fen: Option<u32>,
    /// What is rounded.
    pub(crate) level: Level,
    /// How it is rounded.
    pub(crate) rounding: Rounding,
    /// Greatest amount, fen.
    pub(crate) limit_fen: u32,
    /// Business days until payment.
    pub(crate) cycle: u8,
    /// Who pays the concessions.
    pub(crate) sponsor: Option<&'static str>,
}

impl Contract {
    /// Whether the contract is in force for the operator's cards on `day`.
    pub(crate) fn covers(&self, operator: usize, day: Day) -> bool {
        self.operator.is_none_or(|named| named == operator)
            && self.from <= day
            && self.until.is_none_or(|until| day <= until)
    }

    /// The fee of one accepted purchase; none when the contract rounds only the window's sum.
    pub(crate) fn fee_fen(&self, amount_fen: u32) -> Option<Fen> {
        if self.level == Level::Window {
            return None;
        }
        let mut fee = u64::from(amount_fen) * u64::from(self.rate) + self.fixed;
        if let Some(min) = self.min_fee_fen {
            fee = fee.max(u64::from(min) * MILLION);
        }
        if let Some(max) = self.max_fee_fen {
            fee = fee.min(u64::from(max) * MILLION);
        }
        let whole = u32::try_from(round(fee, self.rounding)).expect("the contracts ask for a few per cent");
        Some(Fen::from(whole))
    }
}

/// `millionths` of a fen, which are never negative, as whole fen.
fn round(millionths: u64, rounding: Rounding) -> u64 {
    let (whole, rest) = (millionths / MILLION, millionths % MILLION);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::HalfUp => rest * 2 >= MILLION,
        Rounding::HalfEven => rest * 2 > MILLION || (rest * 2 == MILLION && whole % 2 == 1),
    };
    whole + u64::from(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rounding_on_a_tie_and_beside_it() {
        // Millionths of a fen; half_up, half_even, down, up.
        let table = [
            (0, [0, 0, 0, 0]),
            (1, [0, 0, 0, 1]),
            (500_000, [1, 0, 0, 1]),
            (1_500_000, [2, 2, 1, 2]),
            (2_499_999, [2, 2, 2, 3]),
            (2_500_000, [3, 2, 2, 3]),
            (2_500_001, [3, 3, 2, 3]),
            (3_000_000, [3, 3, 3, 3]),
        ];
        for (millionths, expected) in table {
            for (rounding, expected) in Rounding::ALL.into_iter().zip(expected) {
                assert_eq!(round(millionths, rounding), expected, "{millionths} {}", rounding.name());
            }
        }
    }

    #[test]
    fn fees_of_the_documented_kinds() {
        let plain = &crate::merchants::contracts("BUS00001")[0];
        let clamped =
            Contract { min_fee_fen: Some(2), max_fee_fen: Some(50), fixed: 500_000, ..plain.clone() };
        // Amount in fen; 0.6 % half up; 0.6 % and half a fen, at least 2, at most 50.
        let table = [(0, 0, 2), (83, 0, 2), (84, 1, 2), (250, 2, 2), (400, 2, 3), (10_000, 60, 50)];
        for (amount_fen, expected, expected_clamped) in table {
            let fee = |contract: &Contract| contract.fee_fen(amount_fen).map(Fen::get);
            assert_eq!((fee(plain), fee(&clamped)), (Some(expected), Some(expected_clamped)), "{amount_fen}");
        }
        assert_eq!(Contract { level: Level::Window, ..clamped }.fee_fen(400), None);
    }
}
