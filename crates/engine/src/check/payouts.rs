//! Payouts and the bank's files, derived again: orders from payments, payments from positions and returns, entries from the
//! kept files, postings and states from all of them.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_iso20022::{PaymentOrder, StatementFile};
use tongclear_ledger::{BankMove, Due, Participant, Reference, Source, Transfer, TransferId};
use tongclear_store::payouts::{
    BankEntryRow, BankStatementRow, bank_file_event, collection_event, payment_event, payout_event,
};
use tongclear_store::{AuditEvent, Digest, StoreError, WindowState};
use tongclear_types::{BusinessDate, Fen, MerchantCode};

use super::finding::{FindingKind, Findings};
use crate::payout::{Book, entries_of, keep_new};
use crate::vault::{bank_file_path, payout_path};
use crate::{Centre, EngineError};

/// The book as its rows give it; nothing, with a finding, when they do not go together.
pub(super) async fn book(centre: &Centre, findings: &mut Findings) -> Result<Option<Book>, EngineError> {
    if centre.store.latest_registry().await?.is_none() {
        return Ok(None);
    }
    match Book::of(centre).await {
        Ok(book) => Ok(Some(book)),
        Err(error @ (EngineError::Store(StoreError::Corrupt { .. }) | EngineError::Internal(_))) => {
            findings.add(FindingKind::Unreadable, None, "payouts", "rows that go together", error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What the audit log must say of payouts: by subject, the last event as JSON.
pub(super) fn events(book: &Book) -> Result<Vec<(String, String)>, EngineError> {
    let mut events = Vec::new();
    for row in &book.rows.payouts {
        let of_date = book.rows.payments.iter().filter(|it| it.value_date == row.value_date);
        let payments: Vec<_> = of_date.cloned().collect();
        let postings: Vec<Transfer> = payments.iter().filter_map(|it| it.posting().ok()).collect();
        events.push(payout_event(row, &payments, &postings));
    }
    for row in &book.rows.files {
        let statements: Vec<_> =
            book.rows.statements.iter().filter(|it| it.file == row.number).cloned().collect();
        let entries: Vec<_> = book.rows.entries.iter().filter(|it| it.file == row.number).cloned().collect();
        let postings = book.postings.get(&row.number).map_or(&[][..], Vec::as_slice);
        events.push(bank_file_event(row, &statements, &entries, postings));
        events.extend(postings.iter().filter_map(collection_event));
    }
    for line in book.payments.iter().filter(|line| !line.progress.is_open()) {
        events.push(payment_event(&line.news()?));
    }
    Ok(events.iter().filter_map(told).collect())
}

/// Subject and text of an event about payouts; none for others.
pub(super) fn told(event: &AuditEvent) -> Option<(String, String)> {
    let subject = match event {
        AuditEvent::Payout { date, .. } => format!("payout of {date}"),
        AuditEvent::BankFile { number, .. } => format!("bank file {number}"),
        AuditEvent::Payment { reference, .. } => format!("payment {reference}"),
        AuditEvent::Collection { reference, .. } => format!("collection {reference}"),
        _ => return None,
    };
    Some((subject, serde_json::to_string(event).unwrap_or_default()))
}

/// The transfers that payouts give.
pub(super) fn postings(book: &Book) -> impl Iterator<Item = Transfer> {
    let payouts = book.payments.iter().filter_map(|line| line.payment.posting().ok());
    payouts.chain(book.postings.values().flatten().copied())
}

/// Holds rows and files against each other.
pub(super) async fn check(centre: &Centre, book: &Book, findings: &mut Findings) -> Result<(), EngineError> {
    let code = centre.registry().await?.body.centre.code.clone();
    items(book, &code, findings)?;
    windows(book, findings)?;
    orders(centre, book, findings).await?;
    files(centre, book, findings).await
}

/// Every payment is what its items add up to, and every item is what is due.
fn items(book: &Book, centre: &str, findings: &mut Findings) -> Result<(), EngineError> {
    let kind = FindingKind::Payout;
    let mut positions = BTreeMap::<(MerchantCode, Source), Fen>::new();
    for settled in &book.positions {
        let due = Due::of_position(settled.date, &settled.position, settled.position.value_date)?;
        positions.extend(due.map(|due| ((due.merchant, due.source), due.amount)));
    }
    let returned: BTreeMap<TransferId, (MerchantCode, Fen)> = book
        .payments
        .iter()
        .flat_map(|line| line.returned.iter().map(|it| (it.id(), (line.payment.merchant, it.amount))))
        .collect();
    let mut seen = BTreeSet::new();
    for line in &book.payments {
        let payment = &line.payment;
        let when = Some(payment.value_date);
        let subject = format!("payment {}", payment.reference);
        let sum = Fen::try_sum(payment.items.iter().map(|(_, amount)| *amount))?;
        findings.same(kind, when, format!("{subject}: what it pays"), sum, payment.amount);
        let reference =
            Reference::payment(centre, Participant::Merchant(payment.merchant), payment.value_date);
        let reference = reference.map_or_else(|error| error, |it| it.to_string());
        findings.same(kind, when, format!("{subject}: reference"), reference, payment.reference.to_string());
        for (source, amount) in &payment.items {
            let due = match source {
                Source::Position { value_date, .. } if *value_date > payment.value_date => None,
                Source::Position { .. } => positions.get(&(payment.merchant, *source)).copied(),
                Source::Returned(id) => returned.get(id).filter(|it| it.0 == payment.merchant).map(|it| it.1),
            };
            let what = match source {
                Source::Position { window, value_date } => format!("window {window} value date {value_date}"),
                Source::Returned(id) => format!("what transfer {id} brought back"),
            };
            let shown = due.map_or_else(|| "nothing that is due".to_owned(), |due| due.to_string());
            findings.same(kind, when, format!("{subject}: {what}"), shown, amount.to_string());
            if !seen.insert((payment.merchant, *source)) {
                findings.add(kind, when, format!("{subject}: {what}"), "paid once", "paid again");
            }
        }
    }
    for row in &book.rows.payouts {
        let of_date: Vec<_> =
            book.rows.payments.iter().filter(|it| it.value_date == row.value_date).collect();
        let when = Some(row.value_date);
        let subject = format!("payout of {}", row.value_date);
        let sum = Fen::try_sum(of_date.iter().map(|it| it.amount))?;
        findings.same(kind, when, format!("{subject}: payments"), of_date.len() as u64, row.payments);
        findings.same(kind, when, format!("{subject}: amount"), sum, row.amount);
    }
    let dates: BTreeSet<BusinessDate> = book.rows.payouts.iter().map(|it| it.value_date).collect();
    for payment in book.rows.payments.iter().filter(|it| !dates.contains(&it.value_date)) {
        let subject = format!("payment {}", payment.reference);
        findings.add(kind, Some(payment.value_date), subject, "a payout of its date", "none");
    }
    Ok(())
}

/// A window that is paid has been.
fn windows(book: &Book, findings: &mut Findings) -> Result<(), EngineError> {
    for window in book.windows.iter().filter(|it| it.state == WindowState::Paid) {
        if !book.is_paid(window.id)? {
            let date = window.snapshot.map(|it| it.date);
            let subject = format!("window number {}", window.id);
            findings.add(FindingKind::WindowState, date, subject, WindowState::Settled, window.state);
        }
    }
    Ok(())
}

/// The order that the bank was sent is the one that was recorded, and pays what the payments are.
async fn orders(centre: &Centre, book: &Book, findings: &mut Findings) -> Result<(), EngineError> {
    for row in &book.rows.payouts {
        let path = payout_path(row.value_date);
        let when = Some(row.value_date);
        let Some(bytes) = centre.vault.find(&path).await? else {
            findings.add(FindingKind::BankFile, when, path.to_string(), row.file, "no file");
            continue;
        };
        if !findings.same(FindingKind::BankFile, when, path.to_string(), row.file, Digest::of(&bytes)) {
            continue;
        }
        let order = match PaymentOrder::read(&bytes[..]) {
            Ok(order) => order,
            Err(error) => {
                findings.add(FindingKind::BankFile, when, path.to_string(), "a payment order", error);
                continue;
            }
        };
        let ordered = order.payments().map(|it| (it.end_to_end.to_string(), it.amount.fen()));
        let of_date = book.rows.payments.iter().filter(|it| it.value_date == row.value_date);
        let paid = of_date.map(|it| (it.reference.to_string(), it.amount));
        let (ordered, paid): (BTreeMap<_, _>, BTreeMap<_, _>) = (ordered.collect(), paid.collect());
        for reference in ordered.keys().chain(paid.keys()).collect::<BTreeSet<_>>() {
            let shown = |it: Option<&Fen>| it.map_or_else(|| "no payment".to_owned(), ToString::to_string);
            let (order, row) = (shown(ordered.get(reference)), shown(paid.get(reference)));
            findings.same(FindingKind::Payout, when, format!("payment {reference}"), order, row);
        }
    }
    Ok(())
}

/// Each file of the bank is the bytes that arrived, and its rows are what it says.
async fn files(centre: &Centre, book: &Book, findings: &mut Findings) -> Result<(), EngineError> {
    // The same book, its entries growing file by file, so that what was seen before is told apart as it was then.
    let mut so_far = book.clone();
    so_far.rows.entries.clear();
    for row in &book.rows.files {
        let path = bank_file_path(&row.sha256);
        let stored: Vec<BankEntryRow> =
            book.rows.entries.iter().filter(|it| it.file == row.number).cloned().collect();
        let found = centre.vault.find(&path).await?;
        let digest = found.as_ref().map_or_else(|| "no file".to_owned(), |it| Digest::of(it).to_string());
        let same =
            findings.same(FindingKind::BankFile, None, path.to_string(), row.sha256.to_string(), digest);
        if let Some(bytes) = found.filter(|_| same) {
            findings.same(
                FindingKind::BankFile,
                None,
                format!("{path}: bytes"),
                bytes.len() as u64,
                row.bytes,
            );
            match StatementFile::read(&bytes[..]) {
                Ok(read) => {
                    let message = read.message.to_string();
                    let subject = format!("{path}: message");
                    findings.same(FindingKind::BankEntry, None, subject, message, row.message.clone());
                    let (statements, mut entries) = entries_of(&read, row.number, book)?;
                    keep_new(&mut entries, &so_far);
                    let of_file = book.rows.statements.iter().filter(|it| it.file == row.number);
                    of_statements(row.number, &statements, of_file.collect(), findings);
                    of_entries(row.number, entries, &stored, findings);
                }
                Err(error) => {
                    findings.add(FindingKind::BankFile, None, path.to_string(), "a bank statement", error);
                }
            }
        }
        so_far.rows.entries.extend(stored);
    }
    Ok(())
}

fn of_statements(
    file: u32,
    derived: &[BankStatementRow],
    stored: Vec<&BankStatementRow>,
    findings: &mut Findings,
) {
    let shown = |it: Option<&BankStatementRow>| it.map_or_else(|| "none".to_owned(), |it| format!("{it:?}"));
    for place in 0..derived.len().max(stored.len()) {
        let subject = format!("bank file {file} statement {}", place + 1);
        let (expected, found) = (shown(derived.get(place)), shown(stored.get(place).copied()));
        findings.same(FindingKind::BankEntry, None, subject, expected, found);
    }
}

fn of_entries(file: u32, derived: Vec<BankEntryRow>, stored: &[BankEntryRow], findings: &mut Findings) {
    let stored: BTreeMap<u32, &BankEntryRow> = stored.iter().map(|it| (it.entry, it)).collect();
    let mut derived: BTreeMap<u32, BankEntryRow> = derived.into_iter().map(|it| (it.entry, it)).collect();
    for (number, entry) in &mut derived {
        // Money that came in before the window that it is for was settled named nothing of ours then.
        let early = matches!(entry.movement, BankMove::In | BankMove::InUndone);
        if early && stored.get(number).is_some_and(|it| it.reference.is_none()) {
            entry.reference = None;
        }
    }
    let shown = |it: Option<&BankEntryRow>| it.map_or_else(|| "none".to_owned(), |it| format!("{it:?}"));
    for number in derived.keys().chain(stored.keys()).collect::<BTreeSet<_>>() {
        let subject = format!("bank file {file} entry {number}");
        let (expected, found) = (shown(derived.get(number)), shown(stored.get(number).copied()));
        findings.same(FindingKind::BankEntry, None, subject, expected, found);
    }
}
