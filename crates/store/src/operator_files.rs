//! Files of card operators as they arrived: which, from whom, and what they add up to. The bytes lie in the vault.

use serde::Serialize;
use tongclear_ledger::Participant;
use tongclear_types::{BusinessDate, Fen, OperatorCode, UnixMillis};

use crate::audit::AuditEvent;
use crate::decode::Cells;
use crate::statements::{Row, find, note};
use crate::{Actor, Digest, Stamp, Statements, Store, StoreError, column};

/// A file of a card operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorFileRow {
    /// Whose books.
    pub operator: OperatorCode,
    /// For which day.
    pub business_date: BusinessDate,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// Its transactions.
    pub lines: u64,
    /// Their amounts.
    pub amount_fen: Fen,
    /// Who brought it.
    #[serde(serialize_with = "actor")]
    pub received_by: Actor,
    /// When, Unix milliseconds.
    #[serde(serialize_with = "moment")]
    pub received_at: UnixMillis,
}

fn actor<S: serde::Serializer>(actor: &Actor, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(actor)
}

fn moment<S: serde::Serializer>(moment: &UnixMillis, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(moment.0)
}

const FILES: &str = "SELECT operator, business_date, digest, size_bytes, lines, amount_fen, received_by, received_at \
    FROM operator_files WHERE $1 IS NULL OR operator = $1 ORDER BY operator, business_date, received_at, digest";
const FILE: &str =
    "SELECT operator FROM operator_files WHERE operator = $1 AND business_date = $2 AND digest = $3";
const ADD: &str = "INSERT INTO operator_files (operator, business_date, digest, size_bytes, lines, amount_fen, \
    received_by, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// The files of one operator, or of all; of another participant there are none.
///
/// # Errors
/// Faults of the database.
pub async fn operator_files(
    store: &dyn Store,
    of: Option<Participant>,
) -> Result<Vec<OperatorFileRow>, StoreError> {
    let operator = match of {
        None => None,
        Some(Participant::Operator(code)) => Some(code.to_string()),
        Some(_) => return Ok(Vec::new()),
    };
    store.read().await?.rows(FILES, &[operator.into()]).await?.iter().map(file_row).collect()
}

/// Keeps that a file arrived; says whether it is new: the same bytes for the same day arrive once.
///
/// # Errors
/// Faults of the database.
pub async fn add_operator_file(
    store: &dyn Store,
    row: &OperatorFileRow,
    stamp: &Stamp,
) -> Result<bool, StoreError> {
    let mut transaction = store.write().await?;
    let new = add_in(&mut *transaction, row, stamp).await?;
    if new {
        transaction.commit().await?;
    }
    Ok(new)
}

/// Keeps that a file arrived, inside a transaction; says whether it is new.
pub(crate) async fn add_in(
    transaction: &mut dyn Statements,
    row: &OperatorFileRow,
    stamp: &Stamp,
) -> Result<bool, StoreError> {
    let (operator, date, digest) =
        (row.operator.to_string(), row.business_date.to_string(), row.sha256.to_string());
    let key = [operator.clone().into(), date.clone().into(), digest.clone().into()];
    if find(transaction, FILE, &key).await?.is_some() {
        return Ok(false);
    }
    let values = [
        operator.into(),
        date.into(),
        digest.into(),
        column::stored("operator_files.size_bytes", row.bytes)?.into(),
        column::stored("operator_files.lines", row.lines)?.into(),
        row.amount_fen.get().into(),
        stamp.by.to_string().into(),
        stamp.at.0.into(),
    ];
    transaction.run(ADD, &values).await?;
    let event = AuditEvent::OperatorFile {
        operator: row.operator,
        date: row.business_date,
        sha256: row.sha256,
        lines: row.lines,
        amount_fen: row.amount_fen,
    };
    note(transaction, stamp, &event).await?;
    Ok(true)
}

fn file_row(row: &Row) -> Result<OperatorFileRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(OperatorFileRow {
        operator: cells.id("operator_files.operator")?,
        business_date: cells.id("operator_files.business_date")?,
        sha256: cells.digest("operator_files.digest")?,
        bytes: cells.number("operator_files.size_bytes")?,
        lines: cells.number("operator_files.lines")?,
        amount_fen: cells.fen("operator_files.amount_fen")?,
        received_by: cells.id("operator_files.received_by")?,
        received_at: cells.moment("operator_files.received_at")?,
    })
}
