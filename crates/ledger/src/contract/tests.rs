//! Which contracts are refused, with which field, and the texts of keys.

use super::*;

/// A contract without anything special, for tests to change.
pub(crate) fn sample() -> Contract {
    Contract {
        merchant: "BUS00001".parse().unwrap(),
        operator: None,
        from: "2026-01-01".parse().unwrap(),
        until: None,
        rate: "0.006".parse().unwrap(),
        fixed_fen: Decimal::ZERO,
        min_fee_fen: None,
        max_fee_fen: None,
        level: FeeLevel::Transaction,
        rounding: Rounding::HalfUp,
        amount_limit: Fen::from(100_000),
        cycle: Cycle(1),
        sponsor: None,
    }
}

fn check(change: impl FnOnce(&mut Contract), expected: &str) {
    let mut contract = sample();
    change(&mut contract);
    let got = contract.check().map_or_else(|error| error.to_string(), |()| "accepted".to_owned());
    assert_eq!(got, expected);
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn contracts_that_hold() {
    check(|_| {}, "accepted");
    check(|it| it.until = Some(it.from), "accepted");
    check(|it| it.rate = Decimal::ZERO, "accepted");
    check(|it| it.rate = Decimal::ONE, "accepted");
    check(|it| it.rate = decimal("0.0000000001"), "accepted");
    check(|it| it.fixed_fen = decimal("1000000000"), "accepted");
    check(|it| (it.min_fee_fen, it.max_fee_fen) = (Some(decimal("2.5")), Some(decimal("2.5"))), "accepted");
    check(|it| it.level = FeeLevel::Window, "accepted");
    check(|it| it.amount_limit = Fen::ZERO, "accepted");
}

#[test]
fn contracts_that_do_not() {
    check(
        |it| it.until = Some("2025-12-31".parse().unwrap()),
        "until is \"2025-12-31\": before from, 2026-01-01",
    );
    check(|it| it.rate = decimal("-0.001"), "rate is \"-0.001\": below 0");
    check(|it| it.rate = decimal("1.2"), "rate is \"1.2\": above 1");
    check(|it| it.rate = decimal("0.00000000001"), "rate is \"0.00000000001\": more than 10 decimal places");
    check(|it| it.fixed_fen = decimal("-1"), "fixed_fen is \"-1\": below 0");
    check(|it| it.fixed_fen = decimal("1000000000.1"), "fixed_fen is \"1000000000.1\": above 1000000000 fen");
    check(|it| it.min_fee_fen = Some(decimal("-1")), "min_fee_fen is \"-1\": below 0");
    check(|it| it.max_fee_fen = Some(decimal("-1")), "max_fee_fen is \"-1\": below 0");
    check(
        |it| (it.min_fee_fen, it.max_fee_fen) = (Some(decimal("3")), Some(decimal("2"))),
        "min_fee_fen is \"3\": above max_fee_fen, 2",
    );
    check(
        |it| (it.level, it.min_fee_fen) = (FeeLevel::Window, Some(decimal("0"))),
        "min_fee_fen is \"0\": not allowed at window level",
    );
    check(
        |it| (it.level, it.max_fee_fen) = (FeeLevel::Window, Some(decimal("9"))),
        "max_fee_fen is \"9\": not allowed at window level",
    );
    check(|it| it.amount_limit = Fen::new(-1).unwrap(), "amount_limit_fen is \"-1\": below 0");
}

#[test]
fn keys_have_one_spelling() {
    for good in ["BUS00001/*/2026-01-01", "BUS00001/04f7/2026-01-01"] {
        assert_eq!(good.parse::<ContractKey>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "BUS00001",
        "BUS00001/*",
        "BUS00001//2026-01-01",
        "BUS00001/*/2026-01-01/",
        "BUS00001/*/20260101",
        "BUS00001/04F7/2026-01-01",
        "BUS00001/*/2026-01-01T00:00",
    ] {
        assert!(bad.parse::<ContractKey>().is_err(), "{bad:?}");
    }
}
