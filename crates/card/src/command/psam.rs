//! The terminal's security module (PSAM): who it is, MAC1 out, MAC2 in, and the lock of a denied card.

use tongclear_mac::KeyLevels;
use tongclear_types::{BcdDate, BcdTime, CardId, TerminalId, TerminalNumber, Tti};

use super::BlockApplication;
use crate::bytes::{Joined, part};
use crate::channel::exactly;
use crate::{AnswerError, Apdu, Request};

/// Bytes of the PSAM's public information.
pub const PSAM_READ_LEN: u8 = 0x0E;

/// Asks for the terminal id that the PSAM was issued with (file 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PsamTerminalId;

impl Request for PsamTerminalId {
    type Answer = TerminalId;
    const NAME: &'static str = "PSAM READ terminal id";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0xB0, 0x96, 0x00], 6)
    }

    fn parse(&self, data: &[u8]) -> Result<TerminalId, AnswerError> {
        Ok(TerminalId(exactly(data)?))
    }
}

/// Asks for the PSAM's public information (file 15): serial 10, version, key card type, issuer's own data 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PsamInfo;

impl Request for PsamInfo {
    type Answer = [u8; 14];
    const NAME: &'static str = "PSAM READ information";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0xB0, 0x95, 0x00], PSAM_READ_LEN)
    }

    fn parse(&self, data: &[u8]) -> Result<[u8; 14], AnswerError> {
        exactly(data)
    }
}

/// Asks which purchase key the terminal shall name to cards (file 17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PsamKeyIndex;

impl Request for PsamKeyIndex {
    type Answer = super::KeyIndex;
    const NAME: &'static str = "PSAM READ key index";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0xB0, 0x97, 0x00], 1)
    }

    fn parse(&self, data: &[u8]) -> Result<super::KeyIndex, AnswerError> {
        let [index] = exactly(data)?;
        Ok(super::KeyIndex(index))
    }
}

/// What the PSAM is told of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PsamDebit {
    /// The card's random.
    pub random: [u8; 4],
    /// The card's offline counter, before.
    pub offline_counter: u16,
    /// Fen.
    pub amount_fen: u32,
    /// Transaction type.
    pub tti: Tti,
    /// By the terminal's clock.
    pub date: BcdDate,
    /// By the same clock.
    pub time: BcdTime,
    /// Version of the purchase key, as the card named it.
    pub key_version: u8,
    /// Algorithm byte, as the card named it.
    pub algorithm: u8,
    /// Whose key.
    pub card: CardId,
    /// By how many factors it is diversified.
    pub levels: KeyLevels,
}

/// INIT SAM FOR PURCHASE: computes MAC1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PsamInitialise(pub PsamDebit);

/// The PSAM's side of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PsamMac1 {
    /// The number of this transaction.
    pub terminal_number: TerminalNumber,
    /// By which the card believes the terminal.
    pub mac1: [u8; 4],
}

impl Request for PsamInitialise {
    type Answer = PsamMac1;
    const NAME: &'static str = "PSAM INITIALISE FOR PURCHASE";

    fn apdu(&self) -> Apdu {
        let it = &self.0;
        let [_, _, card_factor @ ..] = it.card.serial.0;
        let common: [u8; 28] = Joined::new()
            .and(&it.random)
            .and(&it.offline_counter.to_be_bytes())
            .and(&it.amount_fen.to_be_bytes())
            .and(&[it.tti.0])
            .and(&it.date.0)
            .and(&it.time.0)
            .and(&[it.key_version, it.algorithm])
            .and(&card_factor)
            .done();
        let mut data = common.to_vec();
        if it.levels == KeyLevels::Two {
            data.extend(it.card.issuer.0);
        }
        Apdu::write([0x80, 0x70, 0x00, 0x00], &data, Some(8))
    }

    fn parse(&self, data: &[u8]) -> Result<PsamMac1, AnswerError> {
        let bytes: [u8; 8] = exactly(data)?;
        Ok(PsamMac1 {
            terminal_number: TerminalNumber(u32::from_be_bytes(part::<0, 4, 8>(&bytes))),
            mac1: part::<4, 4, 8>(&bytes),
        })
    }
}

/// CREDIT SAM FOR PURCHASE: checks MAC2; the terminal transaction number advances here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyMac2 {
    /// From the debit's answer.
    pub mac2: [u8; 4],
}

impl Request for VerifyMac2 {
    type Answer = ();
    const NAME: &'static str = "PSAM VERIFY MAC2";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x80, 0x72, 0x00, 0x00], &self.mac2, None)
    }

    fn parse(&self, _: &[u8]) -> Result<(), AnswerError> {
        Ok(())
    }
}

/// DELIVERY KEY: derives the maintenance key of a card that shall be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockFactors(pub CardId);

impl Request for LockFactors {
    type Answer = ();
    const NAME: &'static str = "PSAM DELIVER lock key";

    fn apdu(&self) -> Apdu {
        let [_, _, card_factor @ ..] = self.0.serial.0;
        let data: [u8; 16] = Joined::new().and(&card_factor).and(&self.0.issuer.0).done();
        Apdu::write([0x80, 0x1A, 0x45, 0x02], &data, None)
    }

    fn parse(&self, _: &[u8]) -> Result<(), AnswerError> {
        Ok(())
    }
}

/// CIPHER DATA: the MAC that locks a card, under the key delivered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockMac {
    /// The card's challenge.
    pub challenge: [u8; 4],
}

impl Request for LockMac {
    type Answer = [u8; 4];
    const NAME: &'static str = "PSAM MAC of lock";

    fn apdu(&self) -> Apdu {
        let data: [u8; 16] = Joined::new()
            .and(&self.challenge)
            .and(&[0; 4])
            .and(&BlockApplication::HEADER)
            .and(&[0x80, 0x00, 0x00])
            .done();
        Apdu::write([0x80, 0xFA, 0x05, 0x00], &data, Some(4))
    }

    fn parse(&self, data: &[u8]) -> Result<[u8; 4], AnswerError> {
        exactly(data)
    }
}
