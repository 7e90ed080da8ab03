//! File 18, the transaction log (交易明细), cyclic, 23-byte records, newest first.

use tongclear_types::{BcdDate, BcdTime, TerminalId, Tti};

use crate::AnswerError;
use crate::bytes::{Joined, part};
use crate::channel::exactly;
use crate::command::BALANCE_MASK;

/// Length of a record, bytes.
pub const LOG_RECORD_LEN: u8 = 23;

/// One transaction as the card remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRecord {
    /// Offline or online counter by type; real cards differ in whether it is the one before or after.
    pub counter: u16,
    /// Fen; a three-byte field.
    pub overdraft_limit: [u8; 3],
    /// Fen.
    pub amount_fen: u32,
    /// Transaction type.
    pub tti: Tti,
    /// Who took or gave the money.
    pub terminal: TerminalId,
    /// By that terminal's clock.
    pub date: BcdDate,
    /// By the same clock.
    pub time: BcdTime,
}

impl LogRecord {
    /// Reads a record.
    ///
    /// # Errors
    /// A length other than 23 bytes.
    pub fn parse(data: &[u8]) -> Result<Self, AnswerError> {
        let bytes: [u8; 23] = exactly(data)?;
        Ok(Self {
            counter: u16::from_be_bytes(part::<0, 2, 23>(&bytes)),
            overdraft_limit: part::<2, 3, 23>(&bytes),
            amount_fen: u32::from_be_bytes(part::<5, 4, 23>(&bytes)) & BALANCE_MASK,
            tti: Tti(bytes[9]),
            terminal: TerminalId(part::<10, 6, 23>(&bytes)),
            date: BcdDate(part::<16, 4, 23>(&bytes)),
            time: BcdTime(part::<20, 3, 23>(&bytes)),
        })
    }

    /// The record's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 23] {
        Joined::new()
            .and(&self.counter.to_be_bytes())
            .and(&self.overdraft_limit)
            .and(&self.amount_fen.to_be_bytes())
            .and(&[self.tti.0])
            .and(&self.terminal.0)
            .and(&self.date.0)
            .and(&self.time.0)
            .done()
    }

    /// Whether nothing was ever written there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tti.0 == 0 || self.tti.0 == 0xFF
    }

    /// What kind of transaction it was, by the name other readers print.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.tti.0 {
            0x01 | 0x02 => "Load",
            0x05 | 0x06 => "Purchase",
            0x09 => "CompoundPurchase",
            _ => "",
        }
    }
}
