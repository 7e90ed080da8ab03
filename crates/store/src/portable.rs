//! Carrying a whole store from one database to another, table by table: what backup, restore and migration are made of.
//!
//! Both databases hold the same tables with the same columns of three kinds, so rows travel as plain values. A test
//! of each store holds [`TABLES`] to its schema.

use std::fmt::Write as _;

use async_trait::async_trait;

use crate::StoreError;

/// Rows that travel at a time.
pub const ROWS_AT_A_TIME: usize = 2_000;

/// The three kinds of columns there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `BIGINT`: fen, counts, numbers, Unix milliseconds.
    Integer,
    /// `TEXT`.
    Text,
    /// `BLOB`, `BYTEA`.
    Bytes,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the kinds")]
pub enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A table: its columns, the key's first.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// How many of the columns are its key.
    pub key_columns: usize,
    /// Its columns.
    pub columns: &'static [(&'static str, Kind)],
}

use Kind::{Bytes, Integer, Text};

/// Every table of a centre, those that others refer to first.
pub const TABLES: &[Table] = &[
    Table {
        name: "registries",
        key_columns: 1,
        columns: &[("version", Integer), ("body", Text), ("loaded_at", Integer)],
    },
    Table {
        name: "key_rings",
        key_columns: 1,
        columns: &[("generation", Integer), ("sealed", Bytes), ("loaded_at", Integer)],
    },
    Table {
        name: "deny_lists",
        key_columns: 1,
        columns: &[
            ("id", Integer),
            ("operator", Text),
            ("version", Integer),
            ("effective", Text),
            ("entries", Integer),
            ("digest", Text),
            ("loaded_at", Integer),
        ],
    },
    Table {
        name: "windows",
        key_columns: 1,
        columns: &[
            ("id", Integer),
            ("state", Text),
            ("business_date", Text),
            ("registry_version", Integer),
            ("key_generation", Integer),
            ("deny_list_id", Integer),
            ("closed_at", Integer),
            ("settled_at", Integer),
            ("packages", Integer),
            ("transactions", Integer),
            ("amount_fen", Integer),
        ],
    },
    Table {
        name: "packages",
        key_columns: 2,
        columns: &[
            ("collector", Text),
            ("sequence", Integer),
            ("merchant", Text),
            ("window_id", Integer),
            ("digest", Text),
            ("seal", Text),
            ("previous_seal", Text),
            ("records", Integer),
            ("amount_fen", Integer),
            ("received_at", Integer),
        ],
    },
    Table {
        name: "package_terminals",
        key_columns: 3,
        columns: &[
            ("collector", Text),
            ("sequence", Integer),
            ("terminal", Text),
            ("first_number", Integer),
            ("last_number", Integer),
            ("records", Integer),
        ],
    },
    Table {
        name: "quarantine",
        key_columns: 1,
        columns: &[
            ("digest", Text),
            ("size_bytes", Integer),
            ("source", Text),
            ("reason", Text),
            ("field", Text),
            ("value", Text),
            ("expected", Text),
            ("arrived_at", Integer),
            ("arrivals", Integer),
        ],
    },
    Table {
        name: "transfers",
        key_columns: 1,
        columns: &[
            ("id", Text),
            ("business_date", Text),
            ("code", Text),
            ("debit", Text),
            ("credit", Text),
            ("amount_fen", Integer),
            ("merchant", Text),
            ("operator", Text),
            ("contract", Text),
            ("reference", Text),
        ],
    },
    Table {
        name: "balances",
        key_columns: 1,
        columns: &[("account", Text), ("debits_fen", Integer), ("credits_fen", Integer)],
    },
    Table {
        name: "runs",
        key_columns: 1,
        columns: &[
            ("window_id", Integer),
            ("digest", Text),
            ("totals_json", Text),
            ("cleared_at", Integer),
            ("root", Text),
        ],
    },
    Table {
        name: "run_files",
        key_columns: 2,
        columns: &[("window_id", Integer), ("path", Text), ("digest", Text)],
    },
    Table {
        name: "package_results",
        key_columns: 2,
        columns: &[
            ("collector", Text),
            ("sequence", Integer),
            ("accepted_count", Integer),
            ("accepted_fen", Integer),
            ("duplicate_count", Integer),
            ("duplicate_fen", Integer),
            ("suspended_count", Integer),
            ("suspended_fen", Integer),
            ("rejected_count", Integer),
            ("rejected_fen", Integer),
        ],
    },
    Table {
        name: "suspended_items",
        key_columns: 4,
        columns: &[
            ("window_id", Integer),
            ("collector", Text),
            ("sequence", Integer),
            ("row_index", Integer),
            ("merchant", Text),
            ("operator", Text),
            ("card_issuer", Text),
            ("card_serial", Text),
            ("chain", Text),
            ("card_counter", Integer),
            ("terminal", Text),
            ("terminal_number", Integer),
            ("amount_fen", Integer),
            ("record_date", Text),
            ("record_time", Text),
            ("tac", Text),
            ("reason", Text),
        ],
    },
    Table {
        name: "positions",
        key_columns: 3,
        columns: &[
            ("window_id", Integer),
            ("participant", Text),
            ("value_date", Text),
            ("gross_fen", Integer),
            ("fee_fen", Integer),
            ("concession_fen", Integer),
            ("load_fen", Integer),
            ("adjustments_fen", Integer),
            ("carried_in_fen", Integer),
            ("net_fen", Integer),
            ("carried_out_fen", Integer),
        ],
    },
    Table {
        name: "audit",
        key_columns: 1,
        columns: &[
            ("entry", Integer),
            ("at", Integer),
            ("actor", Text),
            ("event", Text),
            ("previous", Text),
            ("hash", Text),
        ],
    },
    Table {
        name: "users",
        key_columns: 1,
        columns: &[
            ("name", Text),
            ("role", Text),
            ("participant", Text),
            ("os_user", Text),
            ("password", Text),
            ("active", Integer),
            ("failures", Integer),
            ("locked_until", Integer),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "sessions",
        key_columns: 1,
        columns: &[("digest", Text), ("user_name", Text), ("created_at", Integer), ("expires_at", Integer)],
    },
    Table {
        name: "tokens",
        key_columns: 1,
        columns: &[
            ("id", Integer),
            ("digest", Text),
            ("user_name", Text),
            ("label", Text),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("revoked_at", Integer),
        ],
    },
    Table {
        name: "authorities",
        key_columns: 1,
        columns: &[("id", Integer), ("certificate", Text), ("sealed_key", Bytes), ("created_at", Integer)],
    },
    Table {
        name: "certificates",
        key_columns: 1,
        columns: &[
            ("serial", Text),
            ("collector", Text),
            ("issued_at", Integer),
            ("expires_at", Integer),
            ("revoked_at", Integer),
        ],
    },
    Table { name: "four_eyes", key_columns: 1, columns: &[("kind", Text), ("since", Integer)] },
    Table {
        name: "proposals",
        key_columns: 1,
        columns: &[
            ("id", Integer),
            ("kind", Text),
            ("subject", Text),
            ("body", Bytes),
            ("body_sha256", Text),
            ("state", Text),
            ("proposed_by", Text),
            ("proposed_at", Integer),
            ("decided_by", Text),
            ("decided_at", Integer),
            ("note", Text),
        ],
    },
    Table {
        name: "decisions",
        key_columns: 1,
        columns: &[
            ("id", Integer),
            ("window_id", Integer),
            ("registry_version", Integer),
            ("reference", Text),
            ("origin", Text),
            ("action", Text),
            ("body", Text),
            ("proposal_id", Integer),
            ("decided_by", Text),
            ("decided_at", Integer),
        ],
    },
    Table {
        name: "webhooks",
        key_columns: 1,
        columns: &[
            ("id", Integer),
            ("url", Text),
            ("sealed_secret", Bytes),
            ("participant", Text),
            ("sent", Integer),
            ("failures", Integer),
            ("next_at", Integer),
            ("last_error", Text),
            ("active", Integer),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "operator_files",
        key_columns: 3,
        columns: &[
            ("operator", Text),
            ("business_date", Text),
            ("digest", Text),
            ("size_bytes", Integer),
            ("lines", Integer),
            ("amount_fen", Integer),
            ("received_by", Text),
            ("received_at", Integer),
        ],
    },
    Table {
        name: "reconciliations",
        key_columns: 2,
        columns: &[
            ("operator", Text),
            ("run", Integer),
            ("business_date", Text),
            ("as_of", Text),
            ("taken_through", Text),
            ("registry_version", Integer),
            ("file_digest", Text),
            ("digest", Text),
            ("figures_json", Text),
        ],
    },
    Table {
        name: "reconciliation_files",
        key_columns: 3,
        columns: &[("operator", Text), ("run", Integer), ("path", Text), ("digest", Text)],
    },
    Table {
        name: "payouts",
        key_columns: 1,
        columns: &[
            ("value_date", Text),
            ("message", Text),
            ("file_digest", Text),
            ("payments", Integer),
            ("amount_fen", Integer),
            ("created_by", Text),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "payments",
        key_columns: 1,
        columns: &[("reference", Text), ("value_date", Text), ("merchant", Text), ("amount_fen", Integer)],
    },
    Table {
        name: "payment_items",
        key_columns: 2,
        columns: &[
            ("reference", Text),
            ("item", Integer),
            ("merchant", Text),
            ("window_date", Text),
            ("position_date", Text),
            ("returned", Text),
            ("amount_fen", Integer),
        ],
    },
    Table {
        name: "bank_files",
        key_columns: 1,
        columns: &[
            ("number", Integer),
            ("digest", Text),
            ("size_bytes", Integer),
            ("message", Text),
            ("received_by", Text),
            ("received_at", Integer),
        ],
    },
    Table {
        name: "bank_statements",
        key_columns: 2,
        columns: &[
            ("file", Integer),
            ("statement", Integer),
            ("id", Text),
            ("account", Text),
            ("opened", Text),
            ("opening_fen", Integer),
            ("closed", Text),
            ("closing_fen", Integer),
        ],
    },
    Table {
        name: "bank_entries",
        key_columns: 2,
        columns: &[
            ("file", Integer),
            ("entry", Integer),
            ("statement", Integer),
            ("key", Text),
            ("bank_reference", Text),
            ("booked", Text),
            ("value_date", Text),
            ("movement", Text),
            ("amount_fen", Integer),
            ("reference", Text),
            ("names", Text),
            ("reason", Text),
        ],
    },
];

impl Table {
    fn names(columns: &[(&'static str, Kind)]) -> String {
        columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The key's columns.
    #[must_use]
    pub fn key(&self) -> &'static [(&'static str, Kind)] {
        &self.columns[..self.key_columns]
    }

    /// `SELECT` of the next [`ROWS_AT_A_TIME`] rows in the key's order, from the first or after a key, whose cells are
    /// the placeholders.
    #[must_use]
    pub fn select(&self, after: bool) -> String {
        let key = Self::names(self.key());
        let mut text = format!("SELECT {} FROM {}", Self::names(self.columns), self.name);
        if after {
            let places: Vec<String> = (1..=self.key_columns).map(|place| format!("${place}")).collect();
            let _ = write!(text, " WHERE ({key}) > ({})", places.join(", "));
        }
        let _ = write!(text, " ORDER BY {key} LIMIT {ROWS_AT_A_TIME}");
        text
    }

    /// Head of a multi-row insert.
    #[must_use]
    pub fn insert(&self) -> String {
        format!("INSERT INTO {} ({}) ", self.name, Self::names(self.columns))
    }
}

/// What a new store holds besides its tables: nothing but window 1, open and empty. → a row when it holds more.
pub const HOLDS_MORE: &str = "SELECT 1 AS more FROM windows WHERE id <> 1 OR packages <> 0 \
    UNION ALL SELECT 1 FROM registries UNION ALL SELECT 1 FROM key_rings UNION ALL SELECT 1 FROM deny_lists \
    UNION ALL SELECT 1 FROM packages UNION ALL SELECT 1 FROM quarantine UNION ALL SELECT 1 FROM audit \
    UNION ALL SELECT 1 FROM users LIMIT 1";

/// The window of a new store, which an import replaces.
pub const FORGET_FIRST_WINDOW: &str = "DELETE FROM windows";

/// A store whose rows can be carried elsewhere.
#[async_trait]
pub trait Portable: Send + Sync {
    /// Everything as it is now, however long the reading takes and whatever is written meanwhile.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// Starts filling a new store; [`StoreError::Conflict`] when it holds anything already.
    async fn import(&self) -> Result<Box<dyn Import>, StoreError>;
}

/// One state of a store.
#[async_trait]
pub trait Snapshot: Send {
    /// The next rows of a table in its key's order, at most [`ROWS_AT_A_TIME`]; after the row `last`, or the first.
    async fn rows(
        &mut self,
        table: &'static Table,
        last: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>, StoreError>;
}

/// A store being filled; dropped without [`Import::commit`], nothing happened.
#[async_trait]
pub trait Import: Send {
    /// Adds rows to a table, tables in the order of [`TABLES`].
    async fn add(&mut self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError>;

    /// Makes all of it durable.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Carries everything of `from` into the new store `to`, telling `watch` the table and how many rows went; returns how
/// many rows there were in all.
///
/// # Errors
/// [`StoreError::Conflict`] when `to` is not new; faults of either database, after which `to` is as new as before.
pub async fn carry(
    from: &mut dyn Snapshot,
    to: &dyn Portable,
    mut watch: impl FnMut(&'static Table, usize) + Send,
) -> Result<u64, StoreError> {
    let mut import = to.import().await?;
    let mut carried = 0;
    for table in TABLES {
        let mut last: Option<Vec<Value>> = None;
        loop {
            let rows = from.rows(table, last.as_deref()).await?;
            let Some(end) = rows.last() else { break };
            last = Some(end.clone());
            carried += rows.len() as u64;
            watch(table, rows.len());
            import.add(table, rows).await?;
        }
    }
    import.commit().await?;
    Ok(carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_every_column_once() {
        let table = TABLES.iter().find(|table| table.name == "run_files").unwrap();
        assert_eq!(
            table.select(false),
            "SELECT window_id, path, digest FROM run_files ORDER BY window_id, path LIMIT 2000"
        );
        assert_eq!(
            table.select(true),
            "SELECT window_id, path, digest FROM run_files WHERE (window_id, path) > ($1, $2) \
             ORDER BY window_id, path LIMIT 2000"
        );
        assert_eq!(table.insert(), "INSERT INTO run_files (window_id, path, digest) ");
    }
}
