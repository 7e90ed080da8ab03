//! How a transfer moves the books of a period.

use tongclear_ledger::{Reference, TransferParts};

use super::*;

fn fen(amount: i64) -> Fen {
    Fen::new(amount).unwrap()
}

#[test]
fn every_outcome_of_a_payment_has_its_state() {
    use PayoutState::{Differs, Due, Paid, Rejected, Sent};
    for (ordered, moved, expected) in [
        (100, None, Due),
        (100, Some(100), Sent),
        (100, Some(0), Rejected),
        (100, Some(-100), Rejected),
        (100, Some(60), Differs),
        (-100, None, Due),
        (-100, Some(-100), Paid),
        (-100, Some(-60), Differs),
        (-100, Some(-140), Differs),
        (0, Some(-5), Differs),
    ] {
        assert_eq!(state(fen(ordered), moved.map(fen)), expected, "{ordered} {moved:?}");
    }
}

/// A transfer of `amount` on `window` under `reference`.
fn transfer(code: TransferCode, window: &str, amount: i64, reference: &str) -> Transfer {
    let merchant = Account::merchant_payable("BUS00001".parse().unwrap());
    let operator = Account::operator_clearing("0417".parse().unwrap());
    let (debit, credit) = match code {
        TransferCode::Payout => (merchant, Account::CENTRE_BANK),
        TransferCode::Returned => (Account::CENTRE_BANK, merchant),
        TransferCode::Collection => (Account::CENTRE_BANK, operator),
        _ => (operator, merchant),
    };
    let reference = (!reference.is_empty()).then(|| reference.parse::<Reference>().unwrap());
    Transfer::new(TransferParts {
        window: window.parse().unwrap(),
        code,
        debit,
        credit,
        amount: fen(amount),
        merchant: None,
        operator: None,
        contract: None,
        reference,
    })
    .unwrap()
}

/// October's purchase and payout, November's purchases, a decision, a payout that comes back in two parts, a collection.
fn books() -> Books {
    let mut books = Books::default();
    for (code, window, amount, reference) in [
        (TransferCode::Purchase, "2026-10-30", 700, ""),
        (TransferCode::Payout, "2026-10-31", 200, "CDT-BUS00001-20261031"),
        (TransferCode::Purchase, "2026-11-02", 1_000, ""),
        (TransferCode::Purchase, "2026-11-03", 30, "6510000000f1-7-12"),
        (TransferCode::Payout, "2026-11-03", 900, "CDT-BUS00001-20261103"),
        (TransferCode::Returned, "2026-11-04", 400, "CDT-BUS00001-20261103"),
        (TransferCode::Returned, "2026-11-04", 500, "CDT-BUS00001-20261103/2"),
        (TransferCode::Collection, "2026-11-05", 650, "CDT-0417-20261104"),
        (TransferCode::Purchase, "2026-12-01", 8_000, ""),
    ] {
        books.post(transfer(code, window, amount, reference), Scope::Everything);
    }
    books
}

#[test]
fn opening_net_and_payouts_give_the_balance() {
    let (books, november) = (books(), Span::november());
    let merchant = Participant::Merchant("BUS00001".parse().unwrap());
    let operator = Participant::Operator("0417".parse().unwrap());
    let balance = |participant| {
        let it = books.balance(participant, &november).unwrap();
        [it.opening, it.net, it.payouts, it.closing].map(Fen::get)
    };
    assert_eq!(balance(merchant), [500, 1_030, 0, 1_530]);
    assert_eq!(balance(operator), [-700, -1_030, -650, -1_080]);
    let decisions: Vec<i64> = books.decisions(merchant, &november).map(|it| it.amount.get()).collect();
    assert_eq!(decisions, [30]);
    let decisions: Vec<i64> = books.decisions(operator, &november).map(|it| it.amount.get()).collect();
    assert_eq!(decisions, [-30]);
    let originals = books.originals(&november);
    assert_eq!(originals.keys().collect::<Vec<_>>(), ["6510000000f1-7-12"]);
}

#[test]
fn a_payment_is_followed_by_its_reference_however_often_it_moves() {
    let (books, november) = (books(), Span::november());
    let merchant = Participant::Merchant("BUS00001".parse().unwrap());
    assert_eq!(Vec::from_iter(books.payments(merchant, &november)), ["CDT-BUS00001-20261103"]);
    let moved = |until: &str| {
        let until: BusinessDate = until.parse().unwrap();
        let it = books.moved(merchant, "CDT-BUS00001-20261103", |date| date <= until).unwrap();
        (it.out.get(), it.net.get(), it.last.map(|date| date.to_string()))
    };
    assert_eq!(moved("2026-11-02"), (0, 0, None));
    assert_eq!(moved("2026-11-03"), (900, 900, Some("2026-11-03".to_owned())));
    assert_eq!(moved("2026-11-04"), (900, 0, Some("2026-11-04".to_owned())));
}

#[test]
fn only_a_records_reference_names_a_package() {
    for (reference, is_record) in [
        ("6510000000f1-7-12", true),
        ("CDT-BUS00001-20261103", false),
        ("6510000000f1-7", false),
        ("6510000000f1-7-12-1", false),
        ("6510000000f1-x-12", false),
    ] {
        assert_eq!(record_of(reference).is_some(), is_record, "{reference}");
    }
}
