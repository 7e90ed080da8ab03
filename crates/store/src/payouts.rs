//! Payouts, the bank's files and their entries: rows that are added and never changed. How far a payment has come is what
//! the entries add up to, which is worked out above (`tongclear_ledger::Progress`).
//!
//! Everything here works inside a transaction of the caller's: what it decides upon is what it read there.

mod rows;

use tongclear_ledger::{BankMove, Payment, PaymentState, Position, Reference, Transfer};
use tongclear_types::{BusinessDate, Fen, UnixMillis};

use crate::audit::{AuditEvent, transfers_digest};
use crate::posting::post;
use crate::statements::note;
use crate::{Actor, Digest, Stamp, Statements, StoreError, WindowId, WindowState, column};

pub use rows::{
    entries_digest, open_approvals, payable, payments_digest, payout_book, settled_positions, windows,
};

/// A payout: the order that the bank was sent for one value date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    /// When the bank is to pay.
    pub value_date: BusinessDate,
    /// The order's id.
    pub message: String,
    /// SHA-256 of the order.
    pub file: Digest,
    /// Payments in it.
    pub payments: u64,
    /// What they add up to.
    pub amount: Fen,
    /// Who made it.
    pub created_by: Actor,
    /// When.
    pub created_at: UnixMillis,
}

/// A file of the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankFileRow {
    /// Its number, from 1.
    pub number: u32,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// The bank's id of it.
    pub message: String,
    /// Who brought it.
    pub received_by: Actor,
    /// When.
    pub received_at: UnixMillis,
}

/// A statement in a file of the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankStatementRow {
    /// In which file.
    pub file: u32,
    /// Its place there, from 1.
    pub statement: u32,
    /// The bank's id of it.
    pub id: String,
    /// Of which account.
    pub account: String,
    /// The opening balance and its date.
    pub opening: (BusinessDate, Fen),
    /// The closing balance and its date.
    pub closing: (BusinessDate, Fen),
}

/// A transaction on the centre's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankEntryRow {
    /// In which file it was seen first.
    pub file: u32,
    /// Its place there, from 1.
    pub entry: u32,
    /// In which of the file's statements.
    pub statement: u32,
    /// What makes it the same entry in another statement.
    pub key: Digest,
    /// The bank's reference.
    pub bank_reference: Option<String>,
    /// The bank's day.
    pub booked: BusinessDate,
    /// From when it bears interest.
    pub value_date: BusinessDate,
    /// What it is.
    pub movement: BankMove,
    /// How much; below zero when it left the account.
    pub amount: Fen,
    /// The payment or collection that it names; none when it names nothing of ours.
    pub reference: Option<Reference>,
    /// What it does name.
    pub names: String,
    /// Why money came back, in the bank's words.
    pub reason: Option<String>,
}

/// All payouts with all that the bank said, as they are at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayoutBook {
    /// Payouts, by value date.
    pub payouts: Vec<PayoutRow>,
    /// Payments, by value date and merchant.
    pub payments: Vec<Payment>,
    /// The bank's files, by number.
    pub files: Vec<BankFileRow>,
    /// Their statements, by file and place.
    pub statements: Vec<BankStatementRow>,
    /// Their entries, by file and place.
    pub entries: Vec<BankEntryRow>,
}

/// A position of a settled window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledPosition {
    /// Which window.
    pub window: WindowId,
    /// Its business date.
    pub date: BusinessDate,
    /// How far it has come.
    pub state: WindowState,
    /// The position.
    pub position: Position,
}

/// What a statement made of a payment, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentNews {
    /// Which payment.
    pub payment: Payment,
    /// What has become of it.
    pub state: PaymentState,
    /// What left the bank so far.
    pub paid: Fen,
    /// What went back to payable so far.
    pub returned: Fen,
    /// What the bank moved beyond that.
    pub difference: Fen,
    /// Why it came back.
    pub reason: Option<String>,
}

/// Keeps a payout with its payments and posts them.
///
/// # Errors
/// [`StoreError::TransferDiffers`]; faults of the database, which refuses a second payout of a value date and what is paid
/// already.
pub async fn add_payout(
    transaction: &mut dyn Statements,
    row: &PayoutRow,
    payments: &[Payment],
    postings: &[Transfer],
    stamp: &Stamp,
) -> Result<(), StoreError> {
    rows::insert_payout(transaction, row).await?;
    for payment in payments {
        rows::insert_payment(transaction, payment).await?;
    }
    post(transaction, postings).await?;
    note(transaction, stamp, &payout_event(row, payments, postings)).await
}

/// What the audit log says of a payout.
#[must_use]
pub fn payout_event(row: &PayoutRow, payments: &[Payment], postings: &[Transfer]) -> AuditEvent {
    AuditEvent::Payout {
        date: row.value_date,
        payments: row.payments,
        amount_fen: row.amount,
        file_sha256: row.file,
        payments_sha256: payments_digest(payments),
        transfers_sha256: transfers_digest(postings),
    }
}

/// Keeps a file of the bank with what is new in it, and posts what it moves.
///
/// # Errors
/// [`StoreError::TransferDiffers`]; faults of the database, which refuses a file or an entry that is there already.
pub async fn add_bank_file(
    transaction: &mut dyn Statements,
    row: &BankFileRow,
    statements: &[BankStatementRow],
    entries: &[BankEntryRow],
    postings: &[Transfer],
    news: &[PaymentNews],
    stamp: &Stamp,
) -> Result<(), StoreError> {
    rows::insert_bank_file(transaction, row).await?;
    for statement in statements {
        rows::insert_statement(transaction, statement).await?;
    }
    for entry in entries {
        rows::insert_entry(transaction, entry).await?;
    }
    post(transaction, postings).await?;
    note(transaction, stamp, &bank_file_event(row, statements, entries, postings)).await?;
    for news in news {
        note(transaction, stamp, &payment_event(news)).await?;
    }
    for posting in postings {
        if let Some(event) = collection_event(posting) {
            note(transaction, stamp, &event).await?;
        }
    }
    Ok(())
}

/// What the audit log says of a file of the bank.
#[must_use]
pub fn bank_file_event(
    row: &BankFileRow,
    statements: &[BankStatementRow],
    entries: &[BankEntryRow],
    postings: &[Transfer],
) -> AuditEvent {
    AuditEvent::BankFile {
        number: row.number,
        sha256: row.sha256,
        statements: statements.len() as u64,
        entries: entries.len() as u64,
        entries_sha256: entries_digest(statements, entries),
        transfers_sha256: transfers_digest(postings),
    }
}

/// What the audit log says of a payment that the bank told of.
#[must_use]
pub fn payment_event(news: &PaymentNews) -> AuditEvent {
    let PaymentNews { payment, state, paid, returned, difference, reason } = news;
    AuditEvent::Payment {
        reference: payment.reference,
        merchant: payment.merchant,
        date: payment.value_date,
        state: *state,
        ordered_fen: payment.amount,
        paid_fen: *paid,
        returned_fen: *returned,
        difference_fen: *difference,
        reason: reason.clone(),
    }
}

/// What the audit log says of money that came in; none for other transfers.
#[must_use]
pub fn collection_event(posting: &Transfer) -> Option<AuditEvent> {
    if posting.code != tongclear_ledger::TransferCode::Collection {
        return None;
    }
    let (participant, reference) = (posting.credit.participant(), posting.reference?);
    Some(AuditEvent::Collection { reference, participant, date: posting.window, amount_fen: posting.amount })
}

const PAY_WINDOW: &str = "UPDATE windows SET state = 'paid' WHERE id = $1 AND state = 'settled'";

/// Takes a window from `settled` to `paid`.
///
/// # Errors
/// [`StoreError::Conflict`] when it is not settled; faults of the database.
pub async fn pay_window(
    transaction: &mut dyn Statements,
    window: WindowId,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    if transaction.run(PAY_WINDOW, &[window.0.into()]).await? != 1 {
        return Err(StoreError::Conflict { what: format!("window {window} (it is not settled)") });
    }
    note(transaction, stamp, &AuditEvent::Paid { window }).await
}

fn count(column: &'static str, value: u64) -> Result<crate::portable::Value, StoreError> {
    column::stored(column, value).map(Into::into)
}
