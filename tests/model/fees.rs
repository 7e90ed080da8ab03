//! Fees and concessions of clearing.md, with decimals and the four roundings spelt out.
//!
//! Bounded by: amounts of tests are far inside what a `Decimal` holds exactly.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tongclear_types::Rounding;

use crate::facts::{Contract, Level};

/// The fee of one accepted purchase under a `transaction` contract; none under a `window` contract.
pub(crate) fn of_transaction(contract: &Contract, amount_fen: i64) -> Option<i64> {
    if contract.level == Level::Window {
        return None;
    }
    let mut fee = Decimal::from(amount_fen) * contract.rate + contract.fixed_fen;
    if let Some(min) = contract.min_fee_fen
        && fee < min
    {
        fee = min;
    }
    if let Some(max) = contract.max_fee_fen
        && fee > max
    {
        fee = max;
    }
    Some(round(fee, contract.rounding))
}

/// The fee of all purchases of one merchant and operator under one `window` contract.
pub(crate) fn of_window(contract: &Contract, amounts_fen: &[i64]) -> i64 {
    let mut fee = Decimal::ZERO;
    for amount in amounts_fen {
        fee += Decimal::from(*amount) * contract.rate;
    }
    for _ in amounts_fen {
        fee += contract.fixed_fen;
    }
    round(fee, contract.rounding)
}

/// What the sponsor owes on top of an accepted purchase.
pub(crate) fn concession(contract: &Contract, list_price_fen: i64, amount_fen: i64) -> i64 {
    if contract.sponsor.is_some() && list_price_fen > amount_fen { list_price_fen - amount_fen } else { 0 }
}

/// Rounds a fee, which is never negative, to whole fen.
fn round(fee: Decimal, rounding: Rounding) -> i64 {
    let whole = fee.trunc();
    let rest = fee - whole;
    let half = Decimal::new(5, 1);
    let whole = whole.to_i64().expect("a test's fee fits");
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rest > Decimal::ZERO,
        Rounding::HalfUp => rest >= half,
        Rounding::HalfEven => rest > half || (rest == half && whole % 2 == 1),
    };
    if up { whole + 1 } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// `(rate, fixed, min, max, amount, [half_up, half_even, down, up])`; `-` stands for none.
    #[test]
    fn the_fee_of_a_transaction_is_clamped_and_rounded_once() {
        let table = [
            ("0.0060", "0", "-", "-", 200, [1, 1, 1, 2]),
            ("0.0060", "0", "-", "-", 0, [0, 0, 0, 0]),
            ("0.005", "0", "-", "-", 100, [1, 0, 0, 1]),
            ("0.005", "0", "-", "-", 300, [2, 2, 1, 2]),
            ("0.005", "0", "-", "-", 500, [3, 2, 2, 3]),
            ("0.005", "0", "-", "-", 501, [3, 3, 2, 3]),
            ("0.005", "0", "-", "-", 499, [2, 2, 2, 3]),
            ("0", "0.5", "-", "-", 0, [1, 0, 0, 1]),
            ("0", "1.5", "-", "-", 0, [2, 2, 1, 2]),
            ("1", "0", "-", "-", 12_345, [12_345; 4]),
            ("1", "2", "-", "-", 3, [5; 4]),
            ("0.01", "0", "3", "-", 100, [3; 4]),
            ("0.01", "0", "3", "-", 300, [3; 4]),
            ("0.01", "0", "3", "-", 400, [4; 4]),
            ("0.01", "0", "-", "3", 400, [3; 4]),
            ("0.01", "0", "1", "3", 250, [3, 2, 2, 3]),
            ("0.01", "0", "2.5", "-", 0, [3, 2, 2, 3]),
            ("0.01", "0", "-", "2.5", 9_999, [3, 2, 2, 3]),
            ("0.333333", "0", "-", "-", 3, [1, 1, 0, 1]),
            ("0.01", "0.25", "0", "50", 25, [1, 0, 0, 1]),
        ];
        for (rate, fixed, min, max, amount, expected) in table {
            for (rounding, expected) in Rounding::ALL.into_iter().zip(expected) {
                let mut contract = sample::contract();
                contract.rate = decimal(rate);
                contract.fixed_fen = decimal(fixed);
                contract.min_fee_fen = (min != "-").then(|| decimal(min));
                contract.max_fee_fen = (max != "-").then(|| decimal(max));
                contract.rounding = rounding;
                let got = of_transaction(&contract, amount);
                assert_eq!(got, Some(expected), "{rate} {fixed} {min} {max} {amount} {}", rounding.name());
            }
        }
    }

    /// `(rate, fixed, amounts, [half_up, half_even, down, up])`: rounded once, not once each.
    #[test]
    fn the_fee_of_a_window_is_rounded_once() {
        let table: [(&str, &str, &[i64], [i64; 4]); 7] = [
            ("0.005", "0", &[100], [1, 0, 0, 1]),
            ("0.005", "0", &[100, 100], [1, 1, 1, 1]),
            ("0.005", "0", &[100, 100, 100], [2, 2, 1, 2]),
            ("0.001", "0", &[100, 100, 101], [0, 0, 0, 1]),
            ("0", "0.5", &[0, 0, 0, 0, 0], [3, 2, 2, 3]),
            ("0.01", "0.1", &[10, 20, 30], [1, 1, 0, 1]),
            ("0.0060", "0", &[], [0, 0, 0, 0]),
        ];
        for (rate, fixed, amounts, expected) in table {
            for (rounding, expected) in Rounding::ALL.into_iter().zip(expected) {
                let mut contract = sample::contract();
                contract.level = Level::Window;
                contract.rate = decimal(rate);
                contract.fixed_fen = decimal(fixed);
                contract.rounding = rounding;
                assert_eq!(
                    of_window(&contract, amounts),
                    expected,
                    "{rate} {fixed} {amounts:?} {rounding:?}"
                );
                assert_eq!(of_transaction(&contract, 100), None);
            }
        }
    }

    /// `(sponsored, list price, amount, concession)`
    #[test]
    fn a_concession_needs_a_sponsor_and_a_higher_list_price() {
        let table = [
            (true, 200, 100, 100),
            (true, 200, 0, 200),
            (true, 200, 200, 0),
            (true, 100, 200, 0),
            (false, 200, 100, 0),
        ];
        for (sponsored, list_price, amount, expected) in table {
            let mut contract = sample::contract();
            contract.sponsor = sponsored.then(sample::sponsor);
            assert_eq!(concession(&contract, list_price, amount), expected, "{list_price} {amount}");
        }
    }
}
