//! Open taps of other terminals, and what their cards said when they came here instead.

use rusqlite::params;
use tongclear_package::{RECORD_LEN, decode_record, encode_record};
use tongclear_types::{CardId, TerminalId, TerminalNumber, TransactionRecord};

use super::Journal;
use crate::TerminalError;

/// What a card said of a neighbour's tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeighbourProof {
    /// Whose tap.
    pub terminal: TerminalId,
    /// Which.
    pub terminal_number: TerminalNumber,
    /// The TAC when it happened; none when it did not.
    pub tac: Option<[u8; 4]>,
}

impl Journal {
    /// Takes the open taps that another terminal handed over; those known already stay.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn take_neighbours(&mut self, records: &[TransactionRecord]) -> Result<(), TerminalError> {
        self.together(|it| {
            let mut insert = it.prepare_cached(
                "INSERT INTO neighbour (terminal, terminal_number, issuer, serial, record) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT DO NOTHING",
            )?;
            for record in records {
                let (terminal, number) = (record.terminal.0, record.terminal_number.0);
                let bytes = encode_record(record);
                insert.execute(params![terminal, number, record.issuer.0, record.serial.0, bytes])?;
            }
            Ok(())
        })
    }

    /// Neighbours' taps of a card that nobody has proven here.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn neighbours_of(&self, card: &CardId) -> Result<Vec<TransactionRecord>, TerminalError> {
        let query = "SELECT record FROM neighbour WHERE issuer = ?1 AND serial = ?2 AND outcome IS NULL";
        let run = || {
            self.connection
                .prepare_cached(query)?
                .query_map((card.issuer.0, card.serial.0), |row| row.get(0))?
                .map(|bytes| bytes.map(|bytes: [u8; RECORD_LEN]| decode_record(&bytes)))
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        run().map_err(|error| self.fault(error))
    }

    /// Notes what the card said.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn neighbour_proven(
        &mut self,
        terminal: TerminalId,
        number: TerminalNumber,
        tac: Option<[u8; 4]>,
    ) -> Result<(), TerminalError> {
        let outcome = if tac.is_some() { "happened" } else { "did_not_happen" };
        self.together(|it| {
            it.execute(
                "UPDATE neighbour SET outcome = ?3, tac = ?4 WHERE terminal = ?1 AND terminal_number = ?2",
                params![terminal.0, number.0, outcome, tac],
            )
            .map(drop)
        })
    }

    /// Everything that was proven here for others.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn neighbour_proofs(&self) -> Result<Vec<NeighbourProof>, TerminalError> {
        let query =
            "SELECT terminal, terminal_number, tac FROM neighbour WHERE outcome IS NOT NULL ORDER BY 1, 2";
        let run = || {
            self.connection
                .prepare(query)?
                .query_map((), |row| {
                    Ok(NeighbourProof {
                        terminal: TerminalId(row.get(0)?),
                        terminal_number: TerminalNumber(row.get(1)?),
                        tac: row.get(2)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        run().map_err(|error| self.fault(error))
    }
}
