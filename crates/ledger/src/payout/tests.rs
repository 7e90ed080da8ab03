//! What the bank may say of a payment, and what becomes of it; what is due and what covers it.

use super::*;

fn fen(amount: i64) -> Fen {
    Fen::new(amount).unwrap()
}

fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn merchant() -> MerchantCode {
    "BUS00001".parse().unwrap()
}

/// Takes in the statements one after the other, on a payment of 100; what each of them posts, then the state and the
/// difference that is left.
fn check(statements: &[&[(BankMove, i64)]], posts: &[i64], state: PaymentState, difference: i64) {
    let mut progress = Progress::sent(fen(100));
    let posted: Vec<i64> = statements
        .iter()
        .map(|moves| {
            let moves: Vec<_> = moves.iter().map(|(kind, size)| (*kind, fen(*size))).collect();
            progress.take(&moves).unwrap().map_or(0, Fen::get)
        })
        .collect();
    assert_eq!(posted, posts, "{statements:?}");
    let left = (progress.state().unwrap(), progress.difference().unwrap().get());
    assert_eq!(left, (state, difference), "{statements:?}");
    assert_eq!(progress.returned.get(), posts.iter().sum::<i64>());
    assert_eq!(progress.postings as usize, posts.iter().filter(|it| **it > 0).count());
}

#[test]
fn what_the_bank_says_becomes_a_state_and_postings() {
    use BankMove::{In, Out, Rejected as Reject, Returned as Return};
    use PaymentState::{Excess, Paid, Rejected, Returned, Sent, Short};
    check(&[], &[], Sent, 0);
    check(&[&[]], &[0], Sent, 0);
    check(&[&[(In, 100)]], &[0], Sent, 0);
    check(&[&[(Out, 100)]], &[0], Paid, 0);
    check(&[&[(Out, 60), (Out, 40)]], &[0], Paid, 0);
    check(&[&[(Out, 90)]], &[10], Short, 0);
    // The rest comes after all, when it has been made payable again: more left than our books have.
    check(&[&[(Out, 90)], &[(Out, 10)]], &[10, 0], Excess, 10);
    check(&[&[(Out, 110)]], &[0], Excess, 10);
    check(&[&[(Out, 100)], &[(Out, 100)]], &[0, 0], Excess, 100);
    check(&[&[(Out, 100), (Return, 100)]], &[100], Returned, 0);
    check(&[&[(Out, 100)], &[(Return, 100)]], &[0, 100], Returned, 0);
    check(&[&[(Out, 100)], &[(Return, 30)], &[(Return, 70)]], &[0, 30, 70], Returned, 0);
    check(&[&[(Out, 100), (Reject, 100)]], &[100], Rejected, 0);
    check(&[&[(Out, 90)], &[(Return, 90)]], &[10, 90], Returned, 0);
    check(&[&[(Out, 90), (Return, 90)]], &[100], Returned, 0);
    // More comes back than ever left.
    check(&[&[(Out, 90)], &[(Return, 100)]], &[10, 90], Returned, -10);
    check(&[&[(Out, 100)], &[(Return, 100)], &[(Return, 100)]], &[0, 100, 0], Returned, -100);
    // What comes back is seen before what left: they meet later.
    check(&[&[(Return, 100)]], &[100], Returned, -100);
    check(&[&[(Return, 100)], &[(Out, 100)]], &[100, 0], Returned, 0);
}

#[test]
fn one_payment_a_merchant_adds_up_what_is_due() {
    let position =
        |value_date: &str| Source::Position { window: date("2026-11-23"), value_date: date(value_date) };
    let due = |merchant: &str, source, amount| Due {
        merchant: merchant.parse().unwrap(),
        source,
        amount: fen(amount),
    };
    let due = [
        due("METRO001", position("2026-11-25"), 7),
        due("BUS00001", position("2026-11-25"), 30),
        due("BUS00001", position("2026-11-24"), 12),
    ];
    let payments = payments("CDT", date("2026-11-25"), due).unwrap();
    let shown: Vec<_> =
        payments.iter().map(|it| (it.reference.to_string(), it.amount.get(), it.items.len())).collect();
    assert_eq!(
        shown,
        [("CDT-BUS00001-20261125".to_owned(), 42, 2), ("CDT-METRO001-20261125".to_owned(), 7, 1)]
    );
    assert_eq!(payments[0].items[0], (position("2026-11-24"), fen(12)));
    let posting = payments[0].posting().unwrap();
    assert_eq!((posting.window, posting.amount.get()), (date("2026-11-25"), 42));
    assert_eq!(
        (posting.debit, posting.credit),
        (Account::merchant_payable(merchant()), Account::CENTRE_BANK)
    );
    let again: Vec<String> = (1..=3)
        .map(|number| {
            payments[0].returned(number, fen(1), date("2026-11-26")).unwrap().reference.unwrap().to_string()
        })
        .collect();
    assert_eq!(again, ["CDT-BUS00001-20261125", "CDT-BUS00001-20261125/2", "CDT-BUS00001-20261125/3"]);
    assert!(
        super::payments(
            "C D",
            date("2026-11-25"),
            [Due { merchant: merchant(), source: position("2026-11-24"), amount: fen(1) }]
        )
        .is_err()
    );
}

#[test]
fn only_what_a_merchant_is_owed_by_then_is_due() {
    let position = |participant: &str, value_date: &str, net| {
        let mut position = Position::empty(participant.parse().unwrap(), date(value_date));
        position.gross = fen(net);
        position.close().unwrap()
    };
    for (participant, value_date, net, due) in [
        ("merchant:BUS00001", "2026-11-24", 5, Some(5)),
        ("merchant:BUS00001", "2026-11-25", 5, Some(5)),
        ("merchant:BUS00001", "2026-11-26", 5, None),
        ("merchant:BUS00001", "2026-11-24", 0, None),
        ("merchant:BUS00001", "2026-11-24", -5, None),
        ("operator:0417", "2026-11-24", 5, None),
        ("centre", "2026-11-24", 5, None),
    ] {
        let found =
            Due::of_position(date("2026-11-23"), &position(participant, value_date, net), date("2026-11-25"));
        assert_eq!(found.unwrap().map(|it| it.amount.get()), due, "{participant} {value_date} {net}");
    }
}

#[test]
fn every_check_of_a_payout_fails_alone() {
    let source = Source::Position { window: date("2026-11-23"), value_date: date("2026-11-24") };
    let due = Due { merchant: merchant(), source, amount: fen(100) };
    let payments = payments("CDT", date("2026-11-25"), [due]).unwrap();
    let failing = |due, unsettled, approvals, owed| {
        let checks = payout_checks(&payments, fen(due), unsettled, approvals, |_| fen(owed)).unwrap();
        checks.into_iter().filter(|it| !it.holds).map(|it| it.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(failing(100, 0, 0, 100), Vec::<String>::new());
    assert_eq!(failing(100, 0, 0, 101), Vec::<String>::new());
    for (found, expected) in [
        (
            failing(100, 1, 0, 100),
            "no earlier window is unsettled: windows not settled: 1, allowed: 0: they disagree",
        ),
        (failing(100, 0, 2, 100), "no approval is open: open approvals: 2, allowed: 0: they disagree"),
        (
            failing(99, 0, 0, 100),
            "payments re-add: the payments add up to 100 fen, positions and returns add up to 99 fen: they disagree",
        ),
        (
            failing(100, 0, 0, 99),
            "the ledger covers each payment: the ledger owes BUS00001 99 fen, its payment is 100 fen: they disagree",
        ),
    ] {
        assert_eq!(found, [expected]);
    }
}

#[test]
fn collections_add_up_over_windows_and_tell_how_much_came_in() {
    let position = |participant: &str, net| {
        let mut position = Position::empty(participant.parse().unwrap(), date("2026-11-24"));
        position.gross = fen(net);
        position.close().unwrap()
    };
    let positions = [
        position("operator:0417", -70),
        position("operator:0417", -30),
        position("sponsor:GOV00001", -9),
        position("merchant:BUS00001", 109),
    ];
    let mut owed = collections("CDT", &positions).unwrap();
    let shown: Vec<_> = owed.iter().map(|it| (it.reference.to_string(), it.owed.get())).collect();
    assert_eq!(shown, [("CDT-0417-20261124".to_owned(), 100), ("CDT-S.GOV00001-20261124".to_owned(), 9)]);
    for (received, open, state) in [
        (0, 100, CollectionState::Open),
        (40, 60, CollectionState::Partial),
        (100, 0, CollectionState::Full),
        (101, -1, CollectionState::Over),
    ] {
        owed[0].received = fen(received);
        assert_eq!((owed[0].open().unwrap().get(), owed[0].state()), (open, state));
    }
    let posting = owed[0].received(2, fen(40), date("2026-11-24")).unwrap();
    assert_eq!(posting.credit, Account::operator_clearing("0417".parse().unwrap()));
    assert_eq!(posting.reference.unwrap().to_string(), "CDT-0417-20261124/2");
    let sponsor = owed[1].received(1, fen(9), date("2026-11-24")).unwrap();
    assert_eq!(sponsor.credit, Account::sponsor_clearing("GOV00001".parse().unwrap()));
}
