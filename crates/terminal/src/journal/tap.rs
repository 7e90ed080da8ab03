//! Taps: written open before the debit, closed as paid or unpaid, never deleted.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use tongclear_card::load_host::GrantId;
use tongclear_package::{RECORD_LEN, decode_record, encode_record};
use tongclear_types::{CardId, Chain, TerminalId, TerminalNumber, TransactionRecord};

use super::Journal;
use crate::TerminalError;

/// A tap's place in the journal, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TapId(pub i64);

/// What is known of a tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TapState {
    /// The debit or credit was asked for, and whether it happened is not known.
    Open,
    /// It happened; the record has its TAC.
    Paid,
    /// It did not happen.
    Unpaid,
}

impl TapState {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "paid" => Some(Self::Paid),
            "unpaid" => Some(Self::Unpaid),
            _ => None,
        }
    }
}

/// A tap about to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTap {
    /// The record as it will travel, TAC zeros.
    pub record: TransactionRecord,
    /// The load host's line, of a load.
    pub grant: Option<GrantId>,
    /// Unix milliseconds.
    pub now_ms: i64,
}

/// A tap of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTap {
    /// Its place.
    pub id: TapId,
    /// What is known.
    pub state: TapState,
    /// The verdict that closed it, or why it is open.
    pub why: String,
    /// The record.
    pub record: TransactionRecord,
    /// The load host's line, of a load.
    pub grant: Option<GrantId>,
    /// When it was written, Unix milliseconds.
    pub written_ms: i64,
    /// In which package it went.
    pub package: Option<u32>,
    /// What the centre said of it.
    pub disposition: Option<String>,
    /// The centre's reason.
    pub reason: Option<String>,
}

/// How many taps are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Whether they happened is not known.
    pub open: u64,
    /// Happened.
    pub paid: u64,
    /// Did not.
    pub unpaid: u64,
    /// Happened, and not yet in a package.
    pub waiting: u64,
    /// Packages that the centre has not received.
    pub packages_to_send: u64,
    /// Packages received and not yet answered.
    pub packages_unanswered: u64,
    /// Records that the centre did not accept.
    pub not_accepted: u64,
    /// Riders let through without a debit.
    pub let_through: u64,
}

/// The columns that [`read`] reads.
const COLUMNS: &str = "id, state, why, record, grant_id, written_ms, package, disposition, reason";

/// A tap as it stands in a row of [`COLUMNS`].
fn read(row: &Row<'_>) -> rusqlite::Result<StoredTap> {
    let corrupt = |column: usize, message: String| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, message.into())
    };
    let state: String = row.get(1)?;
    let bytes: [u8; RECORD_LEN] = row.get(3)?;
    let grant: Option<i64> = row.get(4)?;
    Ok(StoredTap {
        id: TapId(row.get(0)?),
        state: TapState::from_name(&state).ok_or_else(|| corrupt(1, format!("state {state}")))?,
        why: row.get(2)?,
        record: decode_record(&bytes),
        grant: grant.and_then(|it| u64::try_from(it).ok()).map(GrantId),
        written_ms: row.get(5)?,
        package: row.get(6)?,
        disposition: row.get(7)?,
        reason: row.get(8)?,
    })
}

impl Journal {
    /// Writes a tap as open: durable when this returns.
    ///
    /// # Errors
    /// A fault of the disk, or a terminal number that was used before: nothing may be taken then.
    pub fn intend(&mut self, tap: &NewTap) -> Result<TapId, TerminalError> {
        let record = &tap.record;
        let is_load = record.sort_chain() == Chain::Load;
        let grant = tap.grant.and_then(|GrantId(id)| i64::try_from(id).ok());
        self.together(|it| {
            it.prepare_cached(
                "INSERT INTO tap (state, why, terminal, terminal_number, issuer, serial, is_load, grant_id, host_told, \
                 record, written_ms) VALUES ('open', 'in_hand', ?1, ?2, ?3, ?4, ?5, ?6, ?6 IS NULL, ?7, ?8)",
            )?
            .execute(params![
                record.terminal.0,
                record.terminal_number.0,
                record.issuer.0,
                record.serial.0,
                is_load,
                grant,
                encode_record(record),
                tap.now_ms,
            ])?;
            Ok(TapId(it.last_insert_rowid()))
        })
    }

    /// Closes an open tap as paid, with its record as it will travel: durable when this returns.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn pay(
        &mut self,
        id: TapId,
        record: &TransactionRecord,
        why: &str,
        now_ms: i64,
    ) -> Result<(), TerminalError> {
        self.close(id, "paid", why, Some(record), now_ms)
    }

    /// Closes an open tap as unpaid.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn refuse(&mut self, id: TapId, why: &str, now_ms: i64) -> Result<(), TerminalError> {
        self.close(id, "unpaid", why, None, now_ms)
    }

    fn close(
        &mut self,
        id: TapId,
        state: &str,
        why: &str,
        record: Option<&TransactionRecord>,
        now_ms: i64,
    ) -> Result<(), TerminalError> {
        self.together(|it| {
            it.prepare_cached(
                "UPDATE tap SET state = ?2, why = ?3, record = coalesce(?4, record), settled_ms = ?5 \
                 WHERE id = ?1 AND state = 'open'",
            )?
            .execute(params![id.0, state, why, record.map(encode_record), now_ms])
            .map(drop)
        })
    }

    /// Says why a tap is open.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn leave_open(&mut self, id: TapId, why: &str) -> Result<(), TerminalError> {
        self.together(|it| {
            it.execute("UPDATE tap SET why = ?2 WHERE id = ?1 AND state = 'open'", params![id.0, why])
                .map(drop)
        })
    }

    fn taps(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<StoredTap>, TerminalError> {
        let query = format!("SELECT {COLUMNS} FROM tap WHERE {condition}");
        let run = || {
            self.connection
                .prepare_cached(&query)?
                .query_map(values, read)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        run().map_err(|error| self.fault(error))
    }

    /// The open taps of a card, oldest first.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn open_taps_of(&self, card: &CardId) -> Result<Vec<StoredTap>, TerminalError> {
        self.taps(
            "state = 'open' AND issuer = ?1 AND serial = ?2 ORDER BY id",
            (card.issuer.0, card.serial.0),
        )
    }

    /// Loads whose outcome the load host has not been told.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn untold_loads(&self) -> Result<Vec<StoredTap>, TerminalError> {
        self.taps("NOT host_told AND state <> 'open' ORDER BY id", ())
    }

    /// Notes that the load host knows.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn host_told(&mut self, id: TapId) -> Result<(), TerminalError> {
        self.together(|it| it.execute("UPDATE tap SET host_told = 1 WHERE id = ?1", [id.0]).map(drop))
    }

    /// All open taps, oldest first.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn open_taps(&self) -> Result<Vec<StoredTap>, TerminalError> {
        self.taps("state = 'open' ORDER BY id", ())
    }

    /// All taps, oldest first.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn all_taps(&self) -> Result<Vec<StoredTap>, TerminalError> {
        self.taps("TRUE ORDER BY id", ())
    }

    /// Paid taps that no package has, in the order of package records, at most `max`.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn waiting(&self, max: u32) -> Result<Vec<StoredTap>, TerminalError> {
        self.taps("state = 'paid' AND package IS NULL ORDER BY terminal, terminal_number LIMIT ?1", [max])
    }

    /// An open tap by terminal and number.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn open_tap(
        &self,
        terminal: TerminalId,
        number: TerminalNumber,
    ) -> Result<Option<StoredTap>, TerminalError> {
        let found =
            self.taps("state = 'open' AND terminal = ?1 AND terminal_number = ?2", (terminal.0, number.0))?;
        Ok(found.into_iter().next())
    }

    /// The highest number that was ever used in a terminal's name.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn last_number(&self, terminal: TerminalId) -> Result<Option<TerminalNumber>, TerminalError> {
        let query = "SELECT max(terminal_number) FROM tap WHERE terminal = ?1";
        let last: Option<u32> = self
            .connection
            .query_row(query, [terminal.0], |row| row.get(0))
            .map_err(|error| self.fault(error))?;
        Ok(last.map(TerminalNumber))
    }

    /// When the newest tap was written, and when the oldest that waits for a package was; Unix milliseconds.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn ages(&self) -> Result<(Option<i64>, Option<i64>), TerminalError> {
        let newest = "SELECT written_ms FROM tap ORDER BY id DESC LIMIT 1";
        let oldest = "SELECT min(written_ms) FROM tap WHERE state = 'paid' AND package IS NULL";
        let run = || {
            let newest = self.connection.query_row(newest, (), |row| row.get(0)).optional()?;
            Ok((newest, self.connection.query_row(oldest, (), |row| row.get(0))?))
        };
        run().map_err(|error| self.fault(error))
    }

    /// How many taps and packages are in which state.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn counts(&self) -> Result<Counts, TerminalError> {
        let query = "SELECT
            (SELECT count(*) FROM tap WHERE state = 'open'), (SELECT count(*) FROM tap WHERE state = 'paid'),
            (SELECT count(*) FROM tap WHERE state = 'unpaid'),
            (SELECT count(*) FROM tap WHERE state = 'paid' AND package IS NULL),
            (SELECT count(*) FROM package WHERE state IN ('sealed', 'quarantined')),
            (SELECT count(*) FROM package WHERE state = 'received'),
            (SELECT count(*) FROM tap WHERE disposition IS NOT NULL AND disposition <> 'accepted'),
            (SELECT count(*) FROM let_through)";
        self.connection
            .query_row(query, (), |row| {
                let count = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
                Ok(Counts {
                    open: count(0)?,
                    paid: count(1)?,
                    unpaid: count(2)?,
                    waiting: count(3)?,
                    packages_to_send: count(4)?,
                    packages_unanswered: count(5)?,
                    not_accepted: count(6)?,
                    let_through: count(7)?,
                })
            })
            .map_err(|error| self.fault(error))
    }
}
