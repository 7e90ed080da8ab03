//! Payouts and the bank's files: kept as they are, once each, with their postings and what the log tells.

use tongclear_ledger::{BankMove, Payment, PaymentState, Source, Transfer};
use tongclear_types::Fen;

use super::sample::{SETTLED_AT, date, load, merchant, night, position, stamp, told};
use super::{Database, Tested, assert_conflict};
use crate::payouts::{
    BankEntryRow, BankFileRow, BankStatementRow, PaymentNews, PayoutBook, PayoutRow, add_bank_file,
    add_payout, bank_file_event, open_approvals, pay_window, payable, payment_event, payout_book,
    payout_event, settled_positions,
};
use crate::{AuditEvent, Digest, SettlementCommit, Store, StoreError, WindowId, WindowState};

const ORDER: &[u8] = b"pain.001";

fn fen(amount: i64) -> Fen {
    Fen::new(amount).expect("small")
}

/// A payment of a position and of what transfer `returned` brought back.
fn payment(code: &str, on: &str, returned: &Transfer) -> Payment {
    let source = Source::Position { window: date("2026-11-22"), value_date: date("2026-11-23") };
    Payment {
        reference: format!("CDT-{code}-{}", on.replace('-', "")).parse().expect("a reference"),
        value_date: date(on),
        merchant: merchant(code),
        amount: fen(30),
        items: vec![(source, fen(10)), (Source::Returned(returned.id()), fen(20))],
    }
}

fn row(on: &str, payments: &[Payment]) -> PayoutRow {
    let stamp = stamp(SETTLED_AT);
    PayoutRow {
        value_date: date(on),
        message: "CDT-20261123".to_owned(),
        file: Digest::of(ORDER),
        payments: payments.len() as u64,
        amount: fen(30 * i64::try_from(payments.len()).expect("few")),
        created_by: stamp.by,
        created_at: stamp.at,
    }
}

fn earlier() -> Transfer {
    super::sample::payout(merchant("BUS00001"), date("2026-11-20"), fen(20))
}

fn first() -> (PayoutRow, Vec<Payment>, Vec<Transfer>) {
    let payments = vec![payment("BUS00001", "2026-11-23", &earlier())];
    let postings = payments.iter().map(|it| it.posting().expect("a posting")).collect();
    (row("2026-11-23", &payments), payments, postings)
}

type Bank = (BankFileRow, Vec<BankStatementRow>, Vec<BankEntryRow>, Vec<Transfer>, PaymentNews);

fn bank(number: u32) -> Bank {
    let stamp = stamp(SETTLED_AT);
    let payment = first().1.swap_remove(0);
    let file = BankFileRow {
        number,
        sha256: Digest::of(&number.to_be_bytes()),
        bytes: 9,
        message: "银行 1".to_owned(),
        received_by: stamp.by,
        received_at: stamp.at,
    };
    let statement = BankStatementRow {
        file: number,
        statement: 1,
        id: "2026-11-23-0001".to_owned(),
        account: "6228".to_owned(),
        opening: (date("2026-11-23"), fen(-5)),
        closing: (date("2026-11-24"), fen(25)),
    };
    let entry = |place: u32, movement, amount, reason: Option<&str>| BankEntryRow {
        file: number,
        entry: place,
        statement: 1,
        key: Digest::of(&[number.to_be_bytes(), place.to_be_bytes()].concat()),
        bank_reference: reason.map(|_| "B0001".to_owned()),
        booked: date("2026-11-23"),
        value_date: date("2026-11-24"),
        movement,
        amount: fen(amount),
        reference: reason.map(|_| payment.reference),
        names: "给谁".to_owned(),
        reason: reason.map(str::to_owned),
    };
    let entries = vec![entry(1, BankMove::In, 60, None), entry(2, BankMove::Returned, 30, Some("AC04"))];
    let posting = payment.returned(number, fen(30), date("2026-11-23")).expect("a posting");
    let news = PaymentNews {
        payment,
        state: PaymentState::Returned,
        paid: fen(30),
        returned: fen(30),
        difference: fen(0),
        reason: Some("AC04".to_owned()),
    };
    (file, vec![statement], entries, vec![posting], news)
}

async fn pay(store: &impl Store, made: &(PayoutRow, Vec<Payment>, Vec<Transfer>)) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    add_payout(&mut *transaction, &made.0, &made.1, &made.2, &stamp(SETTLED_AT)).await?;
    transaction.commit().await
}

async fn take_in(store: &impl Store, made: &Bank) -> Result<(), StoreError> {
    let (file, statements, entries, postings, news) = made;
    let mut transaction = store.write().await?;
    let stamp = stamp(SETTLED_AT);
    let news = std::slice::from_ref(news);
    add_bank_file(&mut *transaction, file, statements, entries, postings, news, &stamp).await?;
    transaction.commit().await
}

/// A payout with a payment, and a file of the bank that brings it back.
///
/// # Errors
/// The store's.
pub async fn fill(store: &impl Store) -> Result<(), StoreError> {
    pay(store, &first()).await?;
    take_in(store, &bank(1)).await
}

async fn book(store: &impl Store) -> Result<PayoutBook, StoreError> {
    payout_book(&mut *store.read().await?).await
}

/// A payout is read back as it was kept, its postings move the ledger, and the log tells of it; neither its date, nor its
/// references, nor what it pays can be paid again.
pub async fn are_kept_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(book(&store).await?, PayoutBook::default());
    let made = first();
    pay(&store, &made).await?;
    let (row, payments, postings) = made.clone();
    let before = book(&store).await?;
    assert_eq!((&before.payouts, &before.payments), (&vec![row.clone()], &payments));
    assert_eq!(store.transfers(date("2026-11-23")).await?, postings);
    let owed = payable(&mut *store.read().await?).await?;
    assert_eq!(owed.get(&merchant("BUS00001")), Some(&fen(-30)));
    assert_eq!(told(&store, 0).await?, [payout_event(&row, &payments, &postings)]);
    let again = payment("BUS00001", "2026-11-24", &earlier());
    let same_reference = Payment { reference: payments[0].reference, items: Vec::new(), ..again.clone() };
    for payments in [vec![again], vec![same_reference]] {
        let postings = Vec::new();
        let made = (self::row("2026-11-24", &payments), payments, postings);
        assert!(pay(&store, &made).await.is_err());
    }
    assert!(pay(&store, &made).await.is_err());
    assert_eq!(book(&store).await?, before);
    assert_eq!(told(&store, 1).await?, []);
    Ok(())
}

/// A file of the bank is read back as it was kept, its postings move the ledger, and the log tells of it and of its payments;
/// neither a file nor an entry is kept twice.
pub async fn keep_what_the_bank_says(database: &impl Database) -> Tested {
    let store = database.open().await?;
    fill(&store).await?;
    let (file, statements, entries, postings, news) = bank(1);
    let before = book(&store).await?;
    assert_eq!(before.files, std::slice::from_ref(&file));
    assert_eq!((&before.statements, &before.entries), (&statements, &entries));
    let owed = payable(&mut *store.read().await?).await?;
    assert_eq!(owed.get(&merchant("BUS00001")), Some(&fen(0)));
    let events = [bank_file_event(&file, &statements, &entries, &postings), payment_event(&news)];
    assert_eq!(told(&store, 1).await?, events);
    let (mut same_bytes, mut same_entry) = (bank(2), bank(2));
    same_bytes.0.sha256 = file.sha256;
    same_entry.2[0].key = entries[0].key;
    for refused in [same_bytes, same_entry] {
        assert!(take_in(&store, &refused).await.is_err());
    }
    assert_eq!(book(&store).await?, before);
    take_in(&store, &bank(2)).await?;
    assert_eq!(book(&store).await?.entries.len(), 4);
    Ok(())
}

/// Only a settled window is paid, once, and the log tells of it; its positions are then still found.
pub async fn pay_settled_windows_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    night(&store, "2026-11-22").await?;
    let pay = async |window: i64| {
        let mut transaction = store.write().await?;
        pay_window(&mut *transaction, WindowId(window), &stamp(SETTLED_AT)).await?;
        transaction.commit().await
    };
    for window in [0, 1, 2] {
        assert_conflict(pay(window).await);
    }
    let positions = vec![position("BUS00001", "2026-11-23")];
    let settled =
        SettlementCommit { window: WindowId(1), positions: positions.clone(), stamp: stamp(SETTLED_AT) };
    store.commit_settlement(&settled).await?;
    let before = told(&store, 0).await?.len();
    pay(1).await?;
    assert_conflict(pay(1).await);
    assert_eq!(store.windows().await?[0].state, WindowState::Paid);
    assert_eq!(told(&store, before).await?, [AuditEvent::Paid { window: WindowId(1) }]);
    let found = settled_positions(&mut *store.read().await?).await?;
    let found: Vec<_> = found.into_iter().map(|it| (it.date, it.state, it.position)).collect();
    assert_eq!(found, [(date("2026-11-22"), WindowState::Paid, positions[0].clone())]);
    assert_eq!(open_approvals(&mut *store.read().await?, None).await?, 0);
    Ok(())
}
