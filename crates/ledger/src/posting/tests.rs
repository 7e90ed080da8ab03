//! Which transfers a run's totals become.

use super::*;
use crate::Cycle;

/// The window of all tests.
fn window() -> BusinessDate {
    "2026-11-22".parse().unwrap()
}

fn rated() -> RatedTotal {
    RatedTotal {
        merchant: "BUS00001".parse().unwrap(),
        operator: "0417".parse().unwrap(),
        contract: "BUS00001/*/2026-01-01".parse().unwrap(),
        cycle: Cycle(1),
        sponsor: Some("GOV00001".parse().unwrap()),
        purchase_count: 3,
        purchase: Fen::from(600),
        fee: Fen::from(4),
        concession: Fen::from(100),
        load_count: 1,
        load: Fen::from(5_000),
    }
}

fn suspended() -> SuspendedTotal {
    SuspendedTotal {
        merchant: "BUS00001".parse().unwrap(),
        operator: "0417".parse().unwrap(),
        purchase: Fen::from(200),
        load: Fen::from(1_000),
        count: 2,
    }
}

/// `code debit > credit amount contract`, in lines sorted as text.
fn check(rated: &[RatedTotal], suspended: &[SuspendedTotal], expected: &[&str]) {
    let transfers = postings(window(), rated, suspended);
    assert!(transfers.is_sorted_by_key(Transfer::id));
    let mut lines: Vec<String> = transfers
        .iter()
        .map(|it| {
            let contract = it.contract.map_or_else(|| "-".to_owned(), |key| key.to_string());
            assert_eq!(
                (it.window, it.merchant, it.operator),
                (window(), Some("BUS00001".parse().unwrap()), Some("0417".parse().unwrap()))
            );
            format!("{} {} > {} {} {contract}", it.code, it.debit, it.credit, it.amount)
        })
        .collect();
    lines.sort();
    assert_eq!(lines, expected);
}

#[test]
fn every_code_of_a_run() {
    check(
        &[rated()],
        &[suspended()],
        &[
            "concession sponsor:GOV00001:clearing > merchant:BUS00001:payable 100 BUS00001/*/2026-01-01",
            "fee merchant:BUS00001:payable > centre:fees 4 BUS00001/*/2026-01-01",
            "load merchant:BUS00001:payable > operator:0417:clearing 5000 BUS00001/*/2026-01-01",
            "purchase operator:0417:clearing > merchant:BUS00001:payable 600 BUS00001/*/2026-01-01",
            "suspended merchant:BUS00001:suspense > operator:0417:suspense 1000 -",
            "suspended operator:0417:suspense > merchant:BUS00001:suspense 200 -",
        ],
    );
}

#[test]
fn zero_amounts_post_nothing() {
    let zero = Fen::ZERO;
    check(&[], &[], &[]);
    let nothing = RatedTotal { purchase: zero, fee: zero, concession: zero, load: zero, ..rated() };
    check(&[nothing], &[SuspendedTotal { purchase: zero, load: zero, ..suspended() }], &[]);
    let loads_only = RatedTotal { purchase: zero, fee: zero, concession: zero, ..rated() };
    check(
        &[loads_only],
        &[],
        &["load merchant:BUS00001:payable > operator:0417:clearing 5000 BUS00001/*/2026-01-01"],
    );
}

#[test]
fn two_contracts_are_two_postings() {
    let only_purchases = RatedTotal { fee: Fen::ZERO, concession: Fen::ZERO, load: Fen::ZERO, ..rated() };
    let own = RatedTotal { contract: "BUS00001/0417/2026-01-01".parse().unwrap(), ..only_purchases.clone() };
    check(
        &[only_purchases, own],
        &[],
        &[
            "purchase operator:0417:clearing > merchant:BUS00001:payable 600 BUS00001/*/2026-01-01",
            "purchase operator:0417:clearing > merchant:BUS00001:payable 600 BUS00001/0417/2026-01-01",
        ],
    );
}

#[test]
fn an_amount_below_zero_goes_back() {
    let negative = RatedTotal { purchase: Fen::new(-7).unwrap(), ..rated() };
    let negative = RatedTotal { fee: Fen::ZERO, concession: Fen::ZERO, load: Fen::ZERO, ..negative };
    check(
        &[negative],
        &[],
        &["purchase merchant:BUS00001:payable > operator:0417:clearing 7 BUS00001/*/2026-01-01"],
    );
}

#[test]
fn the_order_of_the_totals_does_not_matter() {
    let other = RatedTotal { contract: "BUS00001/0417/2026-01-01".parse().unwrap(), ..rated() };
    let there = postings(window(), &[rated(), other.clone()], &[suspended()]);
    assert_eq!(there, postings(window(), &[other, rated()], &[suspended()]));
}
