//! Sealed packages: their bytes never change, and they stay until the centre has said what became of each record.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use tongclear_package::PackageResult;

use super::{Journal, TapId};
use crate::TerminalError;

/// How far a package has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageState {
    /// Sealed; the centre does not have it.
    Sealed,
    /// The centre has it durably.
    Received,
    /// The centre refused it at the door and keeps it there.
    Quarantined,
    /// The centre said what became of each record.
    Answered,
}

impl PackageState {
    /// The name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Received => "received",
            Self::Quarantined => "quarantined",
            Self::Answered => "answered",
        }
    }
}

/// A package of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPackage {
    /// Its number.
    pub sequence: u32,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Journal {
    /// The last package's number and the first 8 bytes of its seal.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn last_package(&self) -> Result<Option<(u32, [u8; 8])>, TerminalError> {
        let query = "SELECT sequence, substr(bytes, -32, 8) FROM package ORDER BY sequence DESC LIMIT 1";
        let run = || self.connection.query_row(query, (), |row| Ok((row.get(0)?, row.get(1)?))).optional();
        run().map_err(|error| self.fault(error))
    }

    /// Keeps a package with the taps that are its rows, in their order.
    ///
    /// # Errors
    /// A fault of the disk: the package is not kept, its taps still wait.
    pub fn keep_package(
        &mut self,
        package: &StoredPackage,
        taps: &[TapId],
        amount_fen: u64,
        now_ms: i64,
    ) -> Result<(), TerminalError> {
        let amount_fen = i64::try_from(amount_fen).unwrap_or(i64::MAX);
        let records = i64::try_from(taps.len()).unwrap_or(i64::MAX);
        self.together(|it| {
            it.execute(
                "INSERT INTO package (sequence, bytes, records, amount_fen, sealed_ms, state) \
                 VALUES (?1, ?2, ?3, ?4, ?5, 'sealed')",
                params![package.sequence, package.bytes, records, amount_fen, now_ms],
            )?;
            let mut place = it.prepare("UPDATE tap SET package = ?2, row = ?3 WHERE id = ?1")?;
            for (row, tap) in (0_i64..).zip(taps) {
                place.execute(params![tap.0, package.sequence, row])?;
            }
            Ok(())
        })
    }

    /// Packages that the centre does not have or has not answered, in order, by state.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn packages_in(&self, states: &[PackageState]) -> Result<Vec<StoredPackage>, TerminalError> {
        let names: Vec<String> = states.iter().map(|state| format!("'{}'", state.name())).collect();
        let query = format!(
            "SELECT sequence, bytes FROM package WHERE state IN ({}) ORDER BY sequence",
            names.join(", ")
        );
        let run = || {
            self.connection
                .prepare(&query)?
                .query_map((), |row| Ok(StoredPackage { sequence: row.get(0)?, bytes: row.get(1)? }))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        run().map_err(|error| self.fault(error))
    }

    /// Notes what the centre said when the package was handed in; a package that is answered stays so.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn mark_package(
        &mut self,
        sequence: u32,
        state: PackageState,
        answer: &str,
    ) -> Result<(), TerminalError> {
        self.together(|it| {
            it.execute(
                "UPDATE package SET state = ?2, answer = ?3 WHERE sequence = ?1 AND state <> 'answered'",
                params![sequence, state.name(), answer],
            )
            .map(drop)
        })
    }

    /// Notes what became of each record of a package. Applying the same result again changes nothing.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn answer_package(&mut self, result: &PackageResult, now_ms: i64) -> Result<bool, TerminalError> {
        self.together(|it| {
            let sequence = result.sequence.0;
            let found = it.execute(
                "UPDATE package SET state = 'answered', answered_ms = coalesce(answered_ms, ?2) WHERE sequence = ?1",
                params![sequence, now_ms],
            )?;
            it.execute(
                "UPDATE tap SET disposition = 'accepted', reason = NULL WHERE package = ?1",
                [sequence],
            )?;
            let mut refuse =
                it.prepare("UPDATE tap SET disposition = ?3, reason = ?4 WHERE package = ?1 AND row = ?2")?;
            for record in &result.unpaid {
                let verdict = record.outcome.verdict();
                let reason = verdict.reason().map(|reason| reason.name());
                refuse.execute(params![sequence, record.row, verdict.disposition().name(), reason])?;
            }
            Ok(found > 0)
        })
    }

    /// Lets go of the bytes of packages that were answered before `before_ms`; the taps stay.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn drop_answered(&mut self, before_ms: i64) -> Result<usize, TerminalError> {
        self.together(|it| {
            // The last package stays whole: the next one's header names its seal.
            it.execute(
                "UPDATE package SET bytes = x'' WHERE state = 'answered' AND answered_ms < ?1 AND length(bytes) > 0 \
                 AND sequence < (SELECT max(sequence) FROM package)",
                [before_ms],
            )
        })
    }
}
