//! READ BINARY, READ RECORD and GET BALANCE (读二进制、读记录、读余额).

use super::Sfi;
use crate::channel::exactly;
use crate::{AnswerError, Apdu, Request};

/// The highest bit of a balance is a sign on some cards and never money.
pub const BALANCE_MASK: u32 = 0x7FFF_FFFF;

/// Reads a transparent file by its short id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadBinary {
    /// The file.
    pub sfi: Sfi,
    /// Where to begin, bytes.
    pub offset: u8,
    /// How many bytes.
    pub length: u8,
}

impl Request for ReadBinary {
    type Answer = Vec<u8>;
    const NAME: &'static str = "READ BINARY";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0xB0, 0x80 | self.sfi.0, self.offset], self.length)
    }

    fn parse(&self, data: &[u8]) -> Result<Vec<u8>, AnswerError> {
        Ok(data.to_vec())
    }
}

/// Reads one record, the newest being number 1 of a cyclic file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRecord {
    /// From 1.
    pub number: u8,
    /// The file.
    pub sfi: Sfi,
    /// How many bytes.
    pub length: u8,
}

impl Request for ReadRecord {
    type Answer = Vec<u8>;
    const NAME: &'static str = "READ RECORD";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0xB2, self.number, self.sfi.0 << 3 | 4], self.length)
    }

    fn parse(&self, data: &[u8]) -> Result<Vec<u8>, AnswerError> {
        Ok(data.to_vec())
    }
}

/// Asks for the purse's balance, fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GetBalance;

impl Request for GetBalance {
    type Answer = u32;
    const NAME: &'static str = "GET BALANCE";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x80, 0x5C, 0x00, 0x02], 4)
    }

    fn parse(&self, data: &[u8]) -> Result<u32, AnswerError> {
        Ok(u32::from_be_bytes(exactly(data)?) & BALANCE_MASK)
    }
}
