//! INITIALISE FOR LOAD and CREDIT FOR LOAD (初始化圈存、圈存).

use tongclear_types::{BcdDate, BcdTime, TerminalId};

use super::purchase::agreed;
use super::{BALANCE_MASK, KeyIndex};
use crate::bytes::{Joined, part};
use crate::channel::exactly;
use crate::{AnswerError, Apdu, Request};

/// Tells the card what it will be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitialiseLoad {
    /// Which load key.
    pub key_index: KeyIndex,
    /// Fen.
    pub amount_fen: u32,
    /// The load agent's terminal.
    pub terminal: TerminalId,
}

/// The card's side of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOffer {
    /// Fen on the purse, before.
    pub balance_fen: u32,
    /// Online counter, before.
    pub online_counter: u16,
    /// Version of the load key.
    pub key_version: u8,
    /// Algorithm byte.
    pub algorithm: u8,
    /// The card's random.
    pub random: [u8; 4],
    /// By which the load host believes the card.
    pub mac1: [u8; 4],
}

impl Request for InitialiseLoad {
    type Answer = LoadOffer;
    const NAME: &'static str = "INITIALISE FOR LOAD";

    fn apdu(&self) -> Apdu {
        Apdu::write(
            [0x80, 0x50, 0x00, 0x02],
            &agreed(self.key_index, self.amount_fen, self.terminal),
            Some(0x10),
        )
    }

    fn parse(&self, data: &[u8]) -> Result<LoadOffer, AnswerError> {
        let bytes: [u8; 16] = exactly(data)?;
        Ok(LoadOffer {
            balance_fen: u32::from_be_bytes(part::<0, 4, 16>(&bytes)) & BALANCE_MASK,
            online_counter: u16::from_be_bytes(part::<4, 2, 16>(&bytes)),
            key_version: bytes[6],
            algorithm: bytes[7],
            random: part::<8, 4, 16>(&bytes),
            mac1: part::<12, 4, 16>(&bytes),
        })
    }
}

/// Gives the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditLoad {
    /// By the load host's clock.
    pub date: BcdDate,
    /// By the same clock.
    pub time: BcdTime,
    /// By which the card believes the load host.
    pub mac2: [u8; 4],
}

impl Request for CreditLoad {
    /// The TAC.
    type Answer = [u8; 4];
    const NAME: &'static str = "CREDIT FOR LOAD";

    fn apdu(&self) -> Apdu {
        let data: [u8; 11] = Joined::new().and(&self.date.0).and(&self.time.0).and(&self.mac2).done();
        Apdu::write([0x80, 0x52, 0x00, 0x00], &data, Some(4))
    }

    fn parse(&self, data: &[u8]) -> Result<[u8; 4], AnswerError> {
        exactly(data)
    }
}
