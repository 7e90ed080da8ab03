//! Fees at both levels with all roundings, clamps, concessions; every fee against integers that never round.

use proptest::prelude::*;

use super::*;
use crate::contract::tests::sample;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A contract of `rate fixed min max`, `-` where there is no bound.
fn terms(text: &str) -> Contract {
    let [rate, fixed, min, max] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let bound = |text: &str| (text != "-").then(|| decimal(text));
    let contract = Contract {
        rate: decimal(rate),
        fixed_fen: decimal(fixed),
        min_fee_fen: bound(min),
        max_fee_fen: bound(max),
        ..sample()
    };
    contract.check().unwrap();
    contract
}

/// Every rounding of a purchase's fee: half_up, half_even, down, up.
#[test]
fn transaction_fees() {
    let table = [
        // rate fixed min max, amount, fees
        ("0.006 0 - -", 200, [1, 1, 1, 2]),   // 1.2
        ("0.0060 0 - -", 250, [2, 2, 1, 2]),  // 1.5
        ("0.01 0 - -", 250, [3, 2, 2, 3]),    // 2.5
        ("0.01 0 - -", 350, [4, 4, 3, 4]),    // 3.5
        ("0.01 0 - -", 50, [1, 0, 0, 1]),     // 0.5
        ("0.01 0 - -", 49, [0, 0, 0, 1]),     // 0.49
        ("0.01 0 - -", 51, [1, 1, 0, 1]),     // 0.51
        ("0.01 0 - -", 100, [1, 1, 1, 1]),    // 1
        ("0.006 0 - -", 0, [0, 0, 0, 0]),     // free ride
        ("0 0.5 - -", 200, [1, 0, 0, 1]),     // 0.5
        ("0 1.5 - -", 200, [2, 2, 1, 2]),     // 1.5
        ("0.006 0.3 - -", 200, [2, 2, 1, 2]), // 1.5
        ("0.006 0 2 -", 200, [2, 2, 2, 2]),   // raised to 2
        ("0.006 0 1.5 -", 200, [2, 2, 1, 2]), // raised to 1.5, then rounded
        ("0.006 0 - 1", 200, [1, 1, 1, 1]),   // lowered to 1
        ("0.006 0 - 0.5", 200, [1, 0, 0, 1]), // lowered to 0.5, then rounded
        ("0.006 0 1 1", 0, [1, 1, 1, 1]),     // free ride, raised
        ("1 0 - -", 4_294_967_295, [4_294_967_295; 4]),
        ("1 1000000000 - -", 4_294_967_295, [5_294_967_295; 4]),
        ("0.0000000001 0 - -", 4_294_967_295, [0, 0, 0, 1]),
    ];
    for (text, amount, fees) in table {
        for (rounding, fee) in Rounding::ALL.into_iter().zip(fees) {
            let contract = Contract { rounding, ..terms(text) };
            let got = contract.transaction_fee(Fen::new(amount).unwrap()).unwrap();
            assert_eq!(got.get(), fee, "{text} of {amount}, {}", rounding.name());
        }
    }
}

/// Every rounding of a window's fee, which differs from the sum of its purchases' fees.
#[test]
fn window_fees() {
    let table = [
        // rate fixed, count, sum, fees
        ("0.006 0 - -", 3, 750, [5, 4, 4, 5]), // 4.5; single fees of 1.5 would be 2 each
        ("0.006 0 - -", 1_000, 200_000, [1_200; 4]), // 1200; single fees of 1.2 would be 1 each
        ("0 0.25 - -", 2, 400, [1, 0, 0, 1]),  // 0.5
        ("0 0.25 - -", 6, 0, [2, 2, 1, 2]),    // 1.5
        ("0.006 0.1 - -", 5, 1_000, [7, 6, 6, 7]), // 6.5
        ("0.006 0.1 - -", 0, 0, [0; 4]),
        ("1 0 - -", 1 << 30, Fen::MAX.get(), [Fen::MAX.get(); 4]),
    ];
    for (text, count, sum, fees) in table {
        for (rounding, fee) in Rounding::ALL.into_iter().zip(fees) {
            let contract = Contract { rounding, level: FeeLevel::Window, ..terms(text) };
            let got = contract.window_fee(count, Fen::new(sum).unwrap()).unwrap();
            assert_eq!(got.get(), fee, "{text} of {count} and {sum}, {}", rounding.name());
        }
    }
}

#[test]
fn a_fee_outside_the_domain_is_an_error() {
    let contract = Contract { level: FeeLevel::Window, ..terms("1 1000000000 - -") };
    assert_eq!(contract.window_fee(1, Fen::MAX), Err(MoneyError::OutOfRange));
    assert_eq!(contract.window_fee(u64::MAX, Fen::ZERO), Err(MoneyError::OutOfRange));
}

/// A contract that was never checked may be too long for a decimal; it must not round in silence.
#[test]
fn digits_are_never_dropped() {
    let rate = decimal("0.1234567890123456789012345678");
    let contract = Contract { rate, level: FeeLevel::Window, ..sample() };
    assert_eq!(contract.window_fee(1, Fen::from(1_000)), Err(MoneyError::OutOfRange));
    let contract = Contract { fixed_fen: rate, ..sample() };
    assert_eq!(contract.transaction_fee(Fen::from(4_000_000_000)), Err(MoneyError::OutOfRange));
}

#[test]
fn concessions_need_a_sponsor_and_a_difference() {
    let sponsored = Contract { sponsor: Some("GOV00001".parse().unwrap()), ..sample() };
    for (list_price, amount, concession) in
        [(200, 200, 0), (200, 100, 100), (200, 0, 200), (0, 200, 0), (100, 200, 0), (u32::MAX, 0, u32::MAX)]
    {
        let (list_price, amount) = (Fen::from(list_price), Fen::from(amount));
        assert_eq!(sponsored.concession(list_price, amount), Fen::from(concession), "{list_price} {amount}");
        assert_eq!(sample().concession(list_price, amount), Fen::ZERO);
    }
}

#[test]
fn the_arithmetic_is_shown() {
    for (text, count, amount, shown) in [
        ("0.0060 0 - -", 1, 200, "200 × 0.006 + 1 × 0 = 1.2 fen; half_up gives 1 fen"),
        ("0.006 0.30 - -", 1, 200, "200 × 0.006 + 1 × 0.3 = 1.5 fen; half_up gives 2 fen"),
        ("0.006 0 2.0 -", 1, 200, "200 × 0.006 + 1 × 0 = 1.2 fen, at least 2; half_up gives 2 fen"),
        ("0.006 0 - 1", 1, 200, "200 × 0.006 + 1 × 0 = 1.2 fen, at most 1; half_up gives 1 fen"),
        ("0.006 0.1 - -", 5, 1_000, "1000 × 0.006 + 5 × 0.1 = 6.5 fen; half_up gives 7 fen"),
    ] {
        assert_eq!(terms(text).explain(count, Fen::from(amount)).unwrap().to_string(), shown);
    }
}

/// `numerator / 10^10` rounded, in integers.
fn rounded(numerator: i128, rounding: Rounding) -> i128 {
    let one = 10_i128.pow(10);
    let (whole, rest) = (numerator / one, numerator % one);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::HalfUp => rest * 2 >= one,
        Rounding::HalfEven => rest * 2 > one || (rest * 2 == one && whole % 2 == 1),
    };
    whole + i128::from(up)
}

proptest! {
    /// Rate, fixed and bounds in units of 10^-10: the whole range that a contract may have.
    #[test]
    fn fees_are_those_of_exact_integers(
        rate in 0..=10_000_000_000_i128,
        fixed in prop_oneof![0..=100_000_000_000_i128, 0..=10_i128.pow(19)],
        amount in any::<u32>(),
        count in 0..=(1_u64 << 30),
        rounding in prop::sample::select(&Rounding::ALL),
        (min, max) in (0..=1_000_000_000_000_i128, 0..=1_000_000_000_000_i128).prop_map(|(a, b)| (a.min(b), a.max(b))),
    ) {
        let scaled = |units: i128| Decimal::from_i128_with_scale(units, 10);
        let contract = Contract { rate: scaled(rate), fixed_fen: scaled(fixed), rounding, ..sample() };
        prop_assert!(contract.check().is_ok());
        let units = i128::from(amount) * rate + fixed;
        let fee = contract.transaction_fee(Fen::from(amount)).unwrap();
        prop_assert_eq!(i128::from(fee.get()), rounded(units, rounding));

        let clamped =
            Contract { min_fee_fen: Some(scaled(min)), max_fee_fen: Some(scaled(max)), ..contract.clone() };
        let fee = clamped.transaction_fee(Fen::from(amount)).unwrap();
        prop_assert_eq!(i128::from(fee.get()), rounded(units.clamp(min, max), rounding));

        let whole = Contract { level: FeeLevel::Window, ..contract };
        let sum = i64::from(amount) * i64::try_from(count).unwrap();
        let units = i128::from(sum) * rate + fixed * i128::from(count);
        let expected = i64::try_from(rounded(units, rounding)).ok().and_then(|fee| Fen::new(fee).ok());
        prop_assert_eq!(whole.window_fee(count, Fen::new(sum).unwrap()).ok(), expected);
    }
}
