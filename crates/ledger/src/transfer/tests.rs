//! What is no transfer, and what an id depends on.

use super::*;

/// Parts without anything special, for tests to change.
pub(crate) fn sample() -> TransferParts {
    let (operator, merchant) = (OperatorCode([4, 0x17]), "BUS00001".parse().unwrap());
    TransferParts {
        window: "2026-11-22".parse().unwrap(),
        code: TransferCode::Purchase,
        debit: Account::operator_clearing(operator),
        credit: Account::merchant_payable(merchant),
        amount: Fen::from(238_000),
        merchant: Some(merchant),
        operator: Some(operator),
        contract: Some("BUS00001/*/2026-01-01".parse().unwrap()),
        reference: None,
    }
}

#[test]
fn a_positive_amount_moves_between_two_accounts() {
    let check = |parts: TransferParts, expected: &str| {
        let got = Transfer::new(parts).map_or_else(|error| error.to_string(), |_| "transfer".to_owned());
        assert_eq!(got, expected);
    };
    check(sample(), "transfer");
    check(TransferParts { amount: Fen::from(1), ..sample() }, "transfer");
    check(TransferParts { amount: Fen::ZERO, ..sample() }, "amount is 0 fen: a transfer moves more than 0");
    let negative = Fen::new(-1).unwrap();
    check(TransferParts { amount: negative, ..sample() }, "amount is -1 fen: a transfer moves more than 0");
    check(
        TransferParts { credit: sample().debit, ..sample() },
        "credit is operator:0417:clearing: the account it leaves",
    );
}

/// Computed apart: `printf '2026-11-22\nBUS00001\n0417\nBUS00001/*/2026-01-01\npurchase\noperator:0417:clearing\n
/// merchant:BUS00001:payable\n' | sha256sum`, without the line break here.
#[test]
fn the_id_is_sha_256_over_the_parts_in_lines() {
    let id = Transfer::new(sample()).unwrap().id();
    assert_eq!(id.to_string(), "2fb863bd5936021761775434c1f4136e");
    assert_eq!(id.to_string().parse(), Ok(id));
}

#[test]
fn everything_but_the_amount_names_a_transfer() {
    let other: MerchantCode = "BUS00002".parse().unwrap();
    let own = Transfer::new(sample()).unwrap().id();
    for (what, parts, same) in [
        ("amount", TransferParts { amount: Fen::from(1), ..sample() }, true),
        ("window", TransferParts { window: "2026-11-23".parse().unwrap(), ..sample() }, false),
        ("code", TransferParts { code: TransferCode::Concession, ..sample() }, false),
        ("debit", TransferParts { debit: Account::sponsor_clearing(other), ..sample() }, false),
        ("credit", TransferParts { credit: Account::merchant_payable(other), ..sample() }, false),
        ("merchant", TransferParts { merchant: Some(other), ..sample() }, false),
        (
            "reference",
            TransferParts { reference: Some("6510000000f1-12-3".parse().unwrap()), ..sample() },
            false,
        ),
        ("no merchant", TransferParts { merchant: None, ..sample() }, false),
        ("operator", TransferParts { operator: Some(OperatorCode([4, 0x18])), ..sample() }, false),
        ("no operator", TransferParts { operator: None, ..sample() }, false),
        (
            "contract",
            TransferParts { contract: Some("BUS00001/*/2026-01-02".parse().unwrap()), ..sample() },
            false,
        ),
        ("no contract", TransferParts { contract: None, ..sample() }, false),
    ] {
        assert_eq!(Transfer::new(parts).unwrap().id() == own, same, "{what}");
    }
}

#[test]
fn ids_have_one_spelling() {
    for bad in ["", "00", "0123456789ABCDEF0123456789ABCDEF", "+123456789abcdef0123456789abcdef", "g"] {
        assert!(bad.parse::<TransferId>().is_err(), "{bad:?}");
    }
    for code in TransferCode::ALL {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
}
