//! One database transaction as plain statements, for the small tables that both databases read and write alike.
//!
//! What is large or fast has methods of its own behind [`Store`]. What is small (people, proposals, webhooks)
//! is written once against this: SQL text with `$1` placeholders, cells of the three kinds of
//! [`portable`](crate::portable). ADR 16 says why.

use async_trait::async_trait;

use crate::audit::AuditRow;
use crate::decode::{self, Cells};
use crate::portable::Value;
use crate::{AuditEvent, KeyGeneration, RegistryVersion, Stamp, Store, StoreError, column, sql};

/// A transaction: of the only writer, or of a reader that sees one state. Dropped without
/// [`Statements::commit`], nothing of it happened.
#[async_trait]
pub trait Statements: Send {
    /// The rows of a query, in its order.
    async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement; returns how many rows it touched.
    async fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError>;

    /// Makes everything durable.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// The statement `sql` as a fault names it: its first words.
#[must_use]
pub fn doing(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().take(3).collect();
    format!("running {} …", words.join(" "))
}

/// A row of a result, its cells by the names of their columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row(Vec<(String, Value)>);

impl Row {
    /// A row of these cells.
    #[must_use]
    pub const fn new(cells: Vec<(String, Value)>) -> Self {
        Self(cells)
    }

    fn cell(&self, column: &'static str) -> Result<&Value, StoreError> {
        let (_, name) = column.rsplit_once('.').unwrap_or(("", column));
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        found.ok_or_else(|| column::corrupt(column, "nothing", "the result has no such column"))
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the column holds something else.
    pub fn blob(&self, column: &'static str) -> Result<&[u8], StoreError> {
        match self.cell(column)? {
            Value::Bytes(Some(bytes)) => Ok(bytes),
            _ => Err(column::corrupt(column, "a cell of another kind", "expected bytes")),
        }
    }
}

impl Cells for Row {
    fn integer(&self, column: &'static str) -> Result<i64, StoreError> {
        let number = self.integer_or_null(column)?;
        number.ok_or_else(|| column::corrupt(column, "NULL", "expected a number"))
    }

    fn integer_or_null(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.cell(column)? {
            Value::Integer(number) => Ok(*number),
            Value::Text(None) | Value::Bytes(None) => Ok(None),
            _ => Err(column::corrupt(column, "a cell of another kind", "expected a number")),
        }
    }

    fn text(&self, column: &'static str) -> Result<&str, StoreError> {
        let text = self.text_or_null(column)?;
        text.ok_or_else(|| column::corrupt(column, "NULL", "expected a text"))
    }

    fn text_or_null(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match self.cell(column)? {
            Value::Text(text) => Ok(text.as_deref()),
            Value::Integer(None) | Value::Bytes(None) => Ok(None),
            _ => Err(column::corrupt(column, "a cell of another kind", "expected a text")),
        }
    }
}

/// What a cell is made from.
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

/// The only row of a query, if there is one.
///
/// # Errors
/// Faults of the database.
pub async fn find(
    transaction: &mut dyn Statements,
    sql: &'static str,
    values: &[Value],
) -> Result<Option<Row>, StoreError> {
    Ok(transaction.rows(sql, values).await?.into_iter().next())
}

/// The number after the last one that `statement` finds as `id`.
pub(crate) async fn next(
    transaction: &mut dyn Statements,
    statement: &'static str,
) -> Result<i64, StoreError> {
    let last = find(transaction, statement, &[]).await?;
    let last = last.map_or(Ok(0), |row| Cells::integer(&row, "last.id"))?;
    last.checked_add(1).ok_or_else(|| column::corrupt("last.id", last, "there is no number after it"))
}

/// Appends what happened to the audit log, inside the transaction in which it happens.
///
/// # Errors
/// Faults of the database.
pub async fn note(
    transaction: &mut dyn Statements,
    stamp: &Stamp,
    event: &AuditEvent,
) -> Result<(), StoreError> {
    let last = find(transaction, sql::LAST_AUDIT, &[]).await?;
    let last = last.as_ref().map(|row| decode::audit_end(row)).transpose()?;
    let AuditRow { entry, stamp, event, previous, hash } = AuditRow::after(last, stamp, event)?;
    let values = [
        entry.into(),
        stamp.at.0.into(),
        stamp.by.to_string().into(),
        event.into(),
        previous.to_string().into(),
        hash.to_string().into(),
    ];
    transaction.run(sql::ADD_AUDIT, &values).await?;
    Ok(())
}

const VERSIONS: &str = "SELECT (SELECT MAX(version) FROM registries) AS registry, \
    (SELECT MAX(generation) FROM key_rings) AS generation";

/// The newest registry and key ring, by number: a cheap way to learn whether what is known is still so.
///
/// # Errors
/// Faults of the database.
pub async fn versions(
    store: &dyn Store,
) -> Result<(Option<RegistryVersion>, Option<KeyGeneration>), StoreError> {
    let row = find(&mut *store.read().await?, VERSIONS, &[]).await?.unwrap_or_default();
    let number = |column| Cells::integer_or_null(&row, column);
    Ok((number("registry")?.map(RegistryVersion), number("generation")?.map(KeyGeneration)))
}
