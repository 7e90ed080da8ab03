//! The rows of payouts and bank files, read and written.

use std::collections::BTreeMap;

use tongclear_ledger::{Account, Payment, Reference, Source};
use tongclear_types::{Fen, MerchantCode};

use super::{BankEntryRow, BankFileRow, BankStatementRow, PayoutBook, PayoutRow, SettledPosition, count};
use crate::audit::lines_digest;
use crate::decode::{self, Cells};
use crate::statements::{Row, find};
use crate::{Digest, Statements, StoreError, WindowId, WindowRow, column};

const PAYOUTS: &str = "SELECT value_date, message, file_digest, payments, amount_fen, created_by, created_at \
    FROM payouts ORDER BY value_date";
const ADD_PAYOUT: &str = "INSERT INTO payouts (value_date, message, file_digest, payments, amount_fen, created_by, \
    created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const PAYMENTS: &str =
    "SELECT reference, value_date, merchant, amount_fen FROM payments ORDER BY value_date, merchant";
const ADD_PAYMENT: &str =
    "INSERT INTO payments (reference, value_date, merchant, amount_fen) VALUES ($1, $2, $3, $4)";
const ITEMS: &str = "SELECT reference, window_date, position_date, returned, amount_fen FROM payment_items \
    ORDER BY reference, item";
const ADD_ITEM: &str = "INSERT INTO payment_items (reference, item, merchant, window_date, position_date, returned, \
    amount_fen) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const BANK_FILES: &str = "SELECT number, digest, size_bytes, message, received_by, received_at FROM bank_files \
    ORDER BY number";
const ADD_BANK_FILE: &str = "INSERT INTO bank_files (number, digest, size_bytes, message, received_by, received_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const STATEMENTS: &str = "SELECT file, statement, id, account, opened, opening_fen, closed, closing_fen \
    FROM bank_statements ORDER BY file, statement";
const ADD_STATEMENT: &str = "INSERT INTO bank_statements (file, statement, id, account, opened, opening_fen, closed, \
    closing_fen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const ENTRIES: &str = "SELECT file, entry, statement, key, bank_reference, booked, value_date, movement, amount_fen, \
    reference, names, reason FROM bank_entries ORDER BY file, entry";
const ADD_ENTRY: &str = "INSERT INTO bank_entries (file, entry, statement, key, bank_reference, booked, value_date, \
    movement, amount_fen, reference, names, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const POSITIONS: &str = "SELECT window_id, business_date, state, participant, value_date, gross_fen, fee_fen, \
    concession_fen, load_fen, adjustments_fen, carried_in_fen, net_fen, carried_out_fen FROM positions \
    JOIN windows ON windows.id = positions.window_id ORDER BY window_id, participant, value_date";
const APPROVALS: &str = "SELECT COUNT(*) AS open FROM proposals \
    WHERE state = 'open' AND kind IN ('decision', 'payout') AND id <> $1";

/// Everything about payouts, as it is in this transaction.
///
/// # Errors
/// Faults of the database.
pub async fn payout_book(transaction: &mut dyn Statements) -> Result<PayoutBook, StoreError> {
    let mut items = BTreeMap::<Reference, Vec<(Source, Fen)>>::new();
    for row in transaction.rows(ITEMS, &[]).await? {
        let (reference, item) = item_row(&row)?;
        items.entry(reference).or_default().push(item);
    }
    let mut payments = Vec::new();
    for row in transaction.rows(PAYMENTS, &[]).await? {
        payments.push(payment_row(&row, &mut items)?);
    }
    Ok(PayoutBook {
        payouts: transaction.rows(PAYOUTS, &[]).await?.iter().map(payout_row).collect::<Result<_, _>>()?,
        payments,
        files: transaction.rows(BANK_FILES, &[]).await?.iter().map(file_row).collect::<Result<_, _>>()?,
        statements: transaction
            .rows(STATEMENTS, &[])
            .await?
            .iter()
            .map(statement_row)
            .collect::<Result<_, _>>()?,
        entries: transaction.rows(ENTRIES, &[]).await?.iter().map(entry_row).collect::<Result<_, _>>()?,
    })
}

/// The positions of all settled and paid windows, by window, participant and value date.
///
/// # Errors
/// Faults of the database.
pub async fn settled_positions(transaction: &mut dyn Statements) -> Result<Vec<SettledPosition>, StoreError> {
    let position = |row: &Row| {
        let cells: &dyn Cells = row;
        Ok(SettledPosition {
            window: WindowId(cells.integer("positions.window_id")?),
            date: cells.id("windows.business_date")?,
            state: column::window_state("windows.state", cells.text("windows.state")?)?,
            position: decode::position(row)?,
        })
    };
    transaction.rows(POSITIONS, &[]).await?.iter().map(position).collect()
}

/// All windows, in the order in which they opened.
///
/// # Errors
/// Faults of the database.
pub async fn windows(transaction: &mut dyn Statements) -> Result<Vec<WindowRow>, StoreError> {
    transaction.rows(crate::sql::WINDOWS, &[]).await?.iter().map(|row| decode::window(row)).collect()
}

/// What the ledger owes each merchant.
///
/// # Errors
/// Faults of the database.
pub async fn payable(transaction: &mut dyn Statements) -> Result<BTreeMap<MerchantCode, Fen>, StoreError> {
    let mut payable = BTreeMap::new();
    for row in transaction.rows(crate::sql::BALANCES, &[]).await? {
        let balance = decode::balance(&row)?;
        let tongclear_ledger::Participant::Merchant(merchant) = balance.account.participant() else {
            continue;
        };
        if balance.account == Account::merchant_payable(merchant) {
            let owed = balance.credits.checked_sub(balance.debits);
            let owed =
                owed.map_err(|reason| column::corrupt("balances.credits_fen", balance.account, reason))?;
            payable.insert(merchant, owed);
        }
    }
    Ok(payable)
}

/// Decisions and payouts that wait for a second person, but for the proposal `except`.
///
/// # Errors
/// Faults of the database.
pub async fn open_approvals(
    transaction: &mut dyn Statements,
    except: Option<i64>,
) -> Result<u64, StoreError> {
    let row = find(transaction, APPROVALS, &[except.unwrap_or(0).into()]).await?.unwrap_or_default();
    let cells: &dyn Cells = &row;
    cells.number("proposals.open")
}

/// SHA-256 over one line a payment and one an item, in order.
#[must_use]
pub fn payments_digest(payments: &[Payment]) -> Digest {
    lines_digest(payments.iter().flat_map(|payment| {
        let Payment { reference, value_date, merchant, amount, items } = payment;
        let items = items.iter().map(|(source, amount)| match source {
            Source::Position { window, value_date } => format!("position {window} {value_date} {amount}"),
            Source::Returned(transfer) => format!("returned {transfer} {amount}"),
        });
        std::iter::once(format!("{reference} {value_date} {merchant} {amount}"))
            .chain(items)
            .collect::<Vec<_>>()
    }))
}

/// SHA-256 over one line a statement and one an entry, in order.
#[must_use]
pub fn entries_digest(statements: &[BankStatementRow], entries: &[BankEntryRow]) -> Digest {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let statements = statements.iter().map(|it| {
        let ((opened, opening), (closed, closing)) = (it.opening, it.closing);
        format!("{} {opened} {opening} {closed} {closing} {} {}", it.statement, it.account, it.id)
    });
    let entries = entries.iter().map(|it| {
        let ours = or_dash(it.reference.map(String::from));
        let (bank, reason) = (or_dash(it.bank_reference.clone()), or_dash(it.reason.clone()));
        format!(
            "{} {} {} {} {} {} {} {ours}\n{bank}\n{}\n{reason}",
            it.entry, it.statement, it.key, it.booked, it.value_date, it.movement, it.amount, it.names
        )
    });
    lines_digest(statements.chain(entries))
}

pub(super) async fn insert_payout(
    transaction: &mut dyn Statements,
    row: &PayoutRow,
) -> Result<(), StoreError> {
    let values = [
        row.value_date.to_string().into(),
        row.message.clone().into(),
        row.file.to_string().into(),
        count("payouts.payments", row.payments)?,
        row.amount.get().into(),
        row.created_by.to_string().into(),
        row.created_at.0.into(),
    ];
    transaction.run(ADD_PAYOUT, &values).await.map(drop)
}

pub(super) async fn insert_payment(
    transaction: &mut dyn Statements,
    payment: &Payment,
) -> Result<(), StoreError> {
    let values = [
        payment.reference.to_string().into(),
        payment.value_date.to_string().into(),
        payment.merchant.to_string().into(),
        payment.amount.get().into(),
    ];
    transaction.run(ADD_PAYMENT, &values).await?;
    for (number, (source, amount)) in (1_u64..).zip(&payment.items) {
        let (window, date, returned) = match source {
            Source::Position { window, value_date } => {
                (Some(window.to_string()), Some(value_date.to_string()), None)
            }
            Source::Returned(transfer) => (None, None, Some(transfer.to_string())),
        };
        let values = [
            payment.reference.to_string().into(),
            count("payment_items.item", number)?,
            payment.merchant.to_string().into(),
            window.into(),
            date.into(),
            returned.into(),
            amount.get().into(),
        ];
        transaction.run(ADD_ITEM, &values).await?;
    }
    Ok(())
}

pub(super) async fn insert_bank_file(
    transaction: &mut dyn Statements,
    row: &BankFileRow,
) -> Result<(), StoreError> {
    let values = [
        i64::from(row.number).into(),
        row.sha256.to_string().into(),
        count("bank_files.size_bytes", row.bytes)?,
        row.message.clone().into(),
        row.received_by.to_string().into(),
        row.received_at.0.into(),
    ];
    transaction.run(ADD_BANK_FILE, &values).await.map(drop)
}

pub(super) async fn insert_statement(
    transaction: &mut dyn Statements,
    row: &BankStatementRow,
) -> Result<(), StoreError> {
    let values = [
        i64::from(row.file).into(),
        i64::from(row.statement).into(),
        row.id.clone().into(),
        row.account.clone().into(),
        row.opening.0.to_string().into(),
        row.opening.1.get().into(),
        row.closing.0.to_string().into(),
        row.closing.1.get().into(),
    ];
    transaction.run(ADD_STATEMENT, &values).await.map(drop)
}

pub(super) async fn insert_entry(
    transaction: &mut dyn Statements,
    row: &BankEntryRow,
) -> Result<(), StoreError> {
    let values = [
        i64::from(row.file).into(),
        i64::from(row.entry).into(),
        i64::from(row.statement).into(),
        row.key.to_string().into(),
        row.bank_reference.clone().into(),
        row.booked.to_string().into(),
        row.value_date.to_string().into(),
        row.movement.name().into(),
        row.amount.get().into(),
        row.reference.map(String::from).into(),
        row.names.clone().into(),
        row.reason.clone().into(),
    ];
    transaction.run(ADD_ENTRY, &values).await.map(drop)
}

fn payout_row(row: &Row) -> Result<PayoutRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(PayoutRow {
        value_date: cells.id("payouts.value_date")?,
        message: cells.text("payouts.message")?.to_owned(),
        file: cells.digest("payouts.file_digest")?,
        payments: cells.number("payouts.payments")?,
        amount: cells.fen("payouts.amount_fen")?,
        created_by: cells.id("payouts.created_by")?,
        created_at: cells.moment("payouts.created_at")?,
    })
}

fn payment_row(
    row: &Row,
    items: &mut BTreeMap<Reference, Vec<(Source, Fen)>>,
) -> Result<Payment, StoreError> {
    let cells: &dyn Cells = row;
    let reference = cells.id("payments.reference")?;
    Ok(Payment {
        reference,
        value_date: cells.id("payments.value_date")?,
        merchant: cells.id("payments.merchant")?,
        amount: cells.fen("payments.amount_fen")?,
        items: items.remove(&reference).unwrap_or_default(),
    })
}

fn item_row(row: &Row) -> Result<(Reference, (Source, Fen)), StoreError> {
    let cells: &dyn Cells = row;
    let source = match cells.id_or_null("payment_items.returned")? {
        Some(transfer) => Source::Returned(transfer),
        None => Source::Position {
            window: cells.id("payment_items.window_date")?,
            value_date: cells.id("payment_items.position_date")?,
        },
    };
    Ok((cells.id("payment_items.reference")?, (source, cells.fen("payment_items.amount_fen")?)))
}

fn file_row(row: &Row) -> Result<BankFileRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(BankFileRow {
        number: cells.number("bank_files.number")?,
        sha256: cells.digest("bank_files.digest")?,
        bytes: cells.number("bank_files.size_bytes")?,
        message: cells.text("bank_files.message")?.to_owned(),
        received_by: cells.id("bank_files.received_by")?,
        received_at: cells.moment("bank_files.received_at")?,
    })
}

fn statement_row(row: &Row) -> Result<BankStatementRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(BankStatementRow {
        file: cells.number("bank_statements.file")?,
        statement: cells.number("bank_statements.statement")?,
        id: cells.text("bank_statements.id")?.to_owned(),
        account: cells.text("bank_statements.account")?.to_owned(),
        opening: (cells.id("bank_statements.opened")?, cells.fen("bank_statements.opening_fen")?),
        closing: (cells.id("bank_statements.closed")?, cells.fen("bank_statements.closing_fen")?),
    })
}

fn entry_row(row: &Row) -> Result<BankEntryRow, StoreError> {
    let cells: &dyn Cells = row;
    let text = |column| cells.text_or_null(column).map(|text| text.map(str::to_owned));
    Ok(BankEntryRow {
        file: cells.number("bank_entries.file")?,
        entry: cells.number("bank_entries.entry")?,
        statement: cells.number("bank_entries.statement")?,
        key: cells.digest("bank_entries.key")?,
        bank_reference: text("bank_entries.bank_reference")?,
        booked: cells.id("bank_entries.booked")?,
        value_date: cells.id("bank_entries.value_date")?,
        movement: cells.id("bank_entries.movement")?,
        amount: cells.fen("bank_entries.amount_fen")?,
        reference: cells.id_or_null("bank_entries.reference")?,
        names: cells.text("bank_entries.names")?.to_owned(),
        reason: text("bank_entries.reason")?,
    })
}
