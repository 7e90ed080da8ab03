//! Posting once, twice and differently; the ledger sums to zero whatever is posted.

use proptest::prelude::*;
use tongclear_types::{MerchantCode, OperatorCode};

use super::*;
use crate::TransferCode;
use crate::transfer::tests::sample;

fn transfer(parts: TransferParts) -> Transfer {
    Transfer::new(parts).unwrap()
}

fn merchant(code: &str) -> MerchantCode {
    code.parse().unwrap()
}

#[test]
fn posting_again_changes_nothing() {
    let mut ledger = Ledger::new();
    let more = TransferParts { amount: Fen::from(238_001), ..sample() };
    for (parts, expected) in [
        (sample(), "created"),
        (sample(), "exists"),
        (more, "exists_with_different_amount"),
        (sample(), "exists"),
    ] {
        assert_eq!(ledger.post(transfer(parts)).unwrap().to_string(), expected);
        assert_eq!(
            ledger.balance(sample().debit),
            Balance { debits: Fen::from(238_000), credits: Fen::ZERO }
        );
        assert_eq!(
            ledger.balance(sample().credit),
            Balance { debits: Fen::ZERO, credits: Fen::from(238_000) }
        );
    }
    assert_eq!(ledger.transfers().copied().collect::<Vec<_>>(), [transfer(sample())]);
}

/// Each field alone, as a store with a damaged row would show it.
#[test]
fn the_first_field_that_differs_is_named() {
    let other = merchant("BUS00002");
    for (parts, expected) in [
        (sample(), "exists"),
        (TransferParts { window: "2026-11-23".parse().unwrap(), ..sample() }, "exists_with_different_window"),
        (TransferParts { code: TransferCode::Fee, ..sample() }, "exists_with_different_code"),
        (TransferParts { debit: Account::CENTRE_BANK, ..sample() }, "exists_with_different_debit"),
        (TransferParts { credit: Account::CENTRE_BANK, ..sample() }, "exists_with_different_credit"),
        (TransferParts { amount: Fen::from(1), ..sample() }, "exists_with_different_amount"),
        (TransferParts { merchant: Some(other), ..sample() }, "exists_with_different_merchant"),
        (TransferParts { operator: None, ..sample() }, "exists_with_different_operator"),
        (TransferParts { contract: None, ..sample() }, "exists_with_different_contract"),
        (
            TransferParts { reference: Some("6510000000f1-12-3".parse().unwrap()), ..sample() },
            "exists_with_different_reference",
        ),
        (TransferParts { contract: None, amount: Fen::from(1), ..sample() }, "exists_with_different_amount"),
    ] {
        assert_eq!(compare(&sample(), &parts).to_string(), expected);
    }
}

#[test]
fn a_total_that_leaves_the_domain_changes_nothing() {
    let mut ledger = Ledger::new();
    ledger.post(transfer(TransferParts { amount: Fen::MAX, ..sample() })).unwrap();
    let one_more = TransferParts { amount: Fen::from(1), code: TransferCode::Release, ..sample() };
    assert_eq!(ledger.post(transfer(one_more)), Err(MoneyError::OutOfRange));
    assert_eq!(ledger.transfers().count(), 1);
    assert_eq!(ledger.imbalance(), Ok(Fen::ZERO));
}

prop_compose! {
    fn any_transfer()(
        day in 0..3_i32,
        code in prop::sample::select(&TransferCode::ALL),
        (from, to) in (0..6_usize, 0..6_usize).prop_filter("accounts differ", |(from, to)| from != to),
        amount in 1..10_000_u32,
    ) -> Transfer {
        let accounts = [
            Account::operator_clearing(OperatorCode([4, 0x17])),
            Account::merchant_payable(merchant("BUS00001")),
            Account::merchant_payable(merchant("BUS00002")),
            Account::sponsor_clearing(merchant("GOV00001")),
            Account::CENTRE_FEES,
            Account::CENTRE_BANK,
        ];
        transfer(TransferParts {
            window: sample().window.plus_days(day),
            code,
            debit: accounts[from],
            credit: accounts[to],
            amount: Fen::from(amount),
            ..sample()
        })
    }
}

proptest! {
    #[test]
    fn the_ledger_sums_to_zero_at_every_moment(transfers in prop::collection::vec(any_transfer(), 0..60)) {
        let mut ledger = Ledger::new();
        let mut moved = Fen::ZERO;
        for transfer in transfers {
            if ledger.post(transfer).unwrap() == Posted::Created {
                moved = moved.checked_add(transfer.amount).unwrap();
            }
            prop_assert_eq!(ledger.imbalance(), Ok(Fen::ZERO));
        }
        let debits = Fen::try_sum(ledger.balances().map(|(_, balance)| balance.debits));
        prop_assert_eq!(debits, Ok(moved));
        let all: Vec<Transfer> = ledger.transfers().copied().collect();
        for transfer in all {
            prop_assert_eq!(ledger.post(transfer), Ok(Posted::Exists));
        }
    }
}
