//! Taking in a statement of the bank: validated whole, then rows, postings and audit entries in one database transaction.

use std::collections::BTreeSet;

use tongclear_iso20022::StatementFile;
use tongclear_ledger::Transfer;
use tongclear_store::payouts::{BankEntryRow, BankFileRow, BankStatementRow, PaymentNews, add_bank_file};
use tongclear_store::{Digest, cut};
use tongclear_types::BusinessDate;

use super::book::{Book, replay};
use super::create::step;
use super::plan::refuse_centre;
use super::read::entries_of;
use crate::vault::bank_file_path;
use crate::{Centre, EngineError};

/// A statement, and how much of it was new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementSeen {
    /// Its row; the file's number is 0 when nothing of the file was new.
    pub row: BankStatementRow,
    /// Its transactions.
    pub entries: usize,
    /// Those that no statement had before.
    pub new: usize,
}

/// What taking in a file of the bank did.
#[derive(Debug)]
pub struct Confirmed {
    /// Its number; none when nothing of it was new and nothing changed.
    pub number: Option<u32>,
    /// Its statements.
    pub statements: Vec<StatementSeen>,
    /// The payments that it tells of, with what has become of them.
    pub payments: Vec<PaymentNews>,
    /// What was posted.
    pub postings: Vec<Transfer>,
    /// New transactions that name nothing of ours, or undo what was collected; they are kept.
    pub unknown: Vec<BankEntryRow>,
    /// Windows that are paid now.
    pub paid: Vec<BusinessDate>,
    /// The book as it is now.
    pub book: Book,
}

/// Takes in the statement in `bytes`.
///
/// # Errors
/// [`EngineError::Refused`] for what cannot be read or is not of the centre's account, with nothing changed; faults of store
/// and vault.
pub async fn confirm(centre: &Centre, bytes: &[u8]) -> Result<Confirmed, EngineError> {
    let registry = centre.registry().await?.body;
    refuse_centre(&registry)?;
    let read = StatementFile::read(bytes)
        .map_err(|error| EngineError::Refused(format!("statement: {error}; nothing was taken in")))?;
    let account = registry.centre.account.as_deref().unwrap_or_default();
    for statement in &read.statements {
        if statement.account().as_str() != account {
            return Err(EngineError::Refused(format!(
                "statement {} is of account {}, the centre's is {account} ([centre] account in registry.toml); nothing was \
                 taken in",
                statement.id(),
                statement.account(),
            )));
        }
    }
    let sha256 = Digest::of(bytes);
    let code = &registry.centre.code;
    let before = Book::read(&mut *centre.store.read().await?, code).await?;
    if news(&read, 0, &before, &sha256)?.1.is_empty() {
        return nothing_new(&read, before);
    }
    // Its name is its digest, so whoever else takes it in writes the same bytes.
    centre.vault.put(&bank_file_path(&sha256), bytes.to_vec()).await?;
    cut::pass("bank.in_vault");
    let mut transaction = centre.store.write().await?;
    let before = Book::read(&mut *transaction, code).await?;
    let number = before.rows.files.last().map_or(1, |it| it.number + 1);
    let (statements, entries) = news(&read, number, &before, &sha256)?;
    if entries.is_empty() {
        return nothing_new(&read, before);
    }
    let stamp = centre.stamp();
    let row = BankFileRow {
        number,
        sha256,
        bytes: bytes.len() as u64,
        message: read.message.to_string(),
        received_by: stamp.by.clone(),
        received_at: stamp.at,
    };
    let seen = seen(&read, number, &before)?;
    let mut rows = before.rows;
    rows.files.push(row.clone());
    rows.statements.extend(statements.iter().cloned());
    rows.entries.extend(entries.iter().cloned());
    let after = replay(rows, before.positions, before.windows, code)?;
    let postings = after.postings.get(&number).cloned().unwrap_or_default();
    let named: BTreeSet<_> = entries.iter().filter_map(|it| it.reference).collect();
    let payments = after.payments.iter().filter(|line| named.contains(&line.payment.reference));
    let payments = payments.map(|line| line.news()).collect::<Result<Vec<_>, _>>()?;
    add_bank_file(&mut *transaction, &row, &statements, &entries, &postings, &payments, &stamp).await?;
    let paid = step(centre, &mut *transaction, &after).await?;
    cut::pass("bank.posted");
    transaction.commit().await?;
    cut::pass("bank.committed");
    let unknown = after.unknown().filter(|it| it.file == number).cloned().collect();
    Ok(Confirmed { number: Some(number), statements: seen, payments, postings, unknown, paid, book: after })
}

/// The rows of what the file has and no file had before; nothing when the file was taken in already.
fn news(
    read: &StatementFile,
    number: u32,
    book: &Book,
    sha256: &Digest,
) -> Result<(Vec<BankStatementRow>, Vec<BankEntryRow>), EngineError> {
    if book.rows.files.iter().any(|it| it.sha256 == *sha256) {
        return Ok((Vec::new(), Vec::new()));
    }
    let (statements, mut entries) = entries_of(read, number, book)?;
    keep_new(&mut entries, book);
    Ok((statements, entries))
}

/// Leaves the entries that neither the book nor an earlier statement of the same file has.
pub(crate) fn keep_new(entries: &mut Vec<BankEntryRow>, book: &Book) {
    let mut known: BTreeSet<Digest> = book.rows.entries.iter().map(|it| it.key).collect();
    entries.retain(|it| known.insert(it.key));
}

fn seen(read: &StatementFile, number: u32, book: &Book) -> Result<Vec<StatementSeen>, EngineError> {
    let (statements, all) = entries_of(read, number, book)?;
    let mut new = all.clone();
    keep_new(&mut new, book);
    let of = |entries: &[BankEntryRow], place| entries.iter().filter(|it| it.statement == place).count();
    let seen = |row: BankStatementRow| {
        let (entries, new) = (of(&all, row.statement), of(&new, row.statement));
        StatementSeen { row, entries, new }
    };
    Ok(statements.into_iter().map(seen).collect())
}

fn nothing_new(read: &StatementFile, book: Book) -> Result<Confirmed, EngineError> {
    let mut statements = seen(read, 0, &book)?;
    statements.iter_mut().for_each(|it| it.new = 0);
    Ok(Confirmed {
        number: None,
        statements,
        payments: Vec::new(),
        postings: Vec::new(),
        unknown: Vec::new(),
        paid: Vec::new(),
        book,
    })
}
