//! INITIALISE FOR PURCHASE and DEBIT (初始化消费、消费), simple and composite (JR/T 0025.1-2010).

use tongclear_types::{BcdDate, BcdTime, TerminalId, TerminalNumber, Tti};

use super::{BALANCE_MASK, KeyIndex};
use crate::bytes::{Joined, part};
use crate::channel::exactly;
use crate::{AnswerError, Apdu, Request};

/// Tells the card what it will be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitialisePurchase {
    /// A composite purchase (复合消费), whose amount may be 0.
    pub composite: bool,
    /// Which purchase key.
    pub key_index: KeyIndex,
    /// Fen.
    pub amount_fen: u32,
    /// The terminal, as its PSAM names it.
    pub terminal: TerminalId,
}

impl InitialisePurchase {
    /// The transaction type that the card will write.
    #[must_use]
    pub const fn tti(&self) -> Tti {
        if self.composite { Tti::COMPOSITE_PURCHASE } else { Tti::PURCHASE }
    }
}

/// The card's side of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurchaseOffer {
    /// Fen on the purse, before.
    pub balance_fen: u32,
    /// Offline counter, before.
    pub offline_counter: u16,
    /// How far below zero the purse may go, fen; a three-byte field.
    pub overdraft_limit_fen: u32,
    /// Version of the purchase key.
    pub key_version: u8,
    /// Algorithm byte.
    pub algorithm: u8,
    /// The card's random.
    pub random: [u8; 4],
}

impl Request for InitialisePurchase {
    type Answer = PurchaseOffer;
    const NAME: &'static str = "INITIALISE FOR PURCHASE";

    fn apdu(&self) -> Apdu {
        let p1 = if self.composite { 0x03 } else { 0x01 };
        Apdu::write(
            [0x80, 0x50, p1, 0x02],
            &agreed(self.key_index, self.amount_fen, self.terminal),
            Some(0x0F),
        )
    }

    fn parse(&self, data: &[u8]) -> Result<PurchaseOffer, AnswerError> {
        let bytes: [u8; 15] = exactly(data)?;
        let [a, b, c] = part::<6, 3, 15>(&bytes);
        Ok(PurchaseOffer {
            balance_fen: u32::from_be_bytes(part::<0, 4, 15>(&bytes)) & BALANCE_MASK,
            offline_counter: u16::from_be_bytes(part::<4, 2, 15>(&bytes)),
            overdraft_limit_fen: u32::from_be_bytes([0, a, b, c]),
            key_version: bytes[9],
            algorithm: bytes[10],
            random: part::<11, 4, 15>(&bytes),
        })
    }
}

/// `key index 1 · amount 4 · terminal 6`, what both initialise commands carry.
pub(super) fn agreed(key_index: KeyIndex, amount_fen: u32, terminal: TerminalId) -> [u8; 11] {
    Joined::new().and(&[key_index.0]).and(&amount_fen.to_be_bytes()).and(&terminal.0).done()
}

/// Takes the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Debit {
    /// The PSAM's number of this transaction.
    pub terminal_number: TerminalNumber,
    /// By the terminal's clock.
    pub date: BcdDate,
    /// By the same clock.
    pub time: BcdTime,
    /// By which the card believes the terminal.
    pub mac1: [u8; 4],
}

/// What the card says once it has paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebitAnswer {
    /// For the centre.
    pub tac: [u8; 4],
    /// By which the terminal believes the card.
    pub mac2: [u8; 4],
}

impl Request for Debit {
    type Answer = DebitAnswer;
    const NAME: &'static str = "DEBIT FOR PURCHASE";

    fn apdu(&self) -> Apdu {
        let data: [u8; 15] = Joined::new()
            .and(&self.terminal_number.0.to_be_bytes())
            .and(&self.date.0)
            .and(&self.time.0)
            .and(&self.mac1)
            .done();
        Apdu::write([0x80, 0x54, 0x01, 0x00], &data, Some(8))
    }

    fn parse(&self, data: &[u8]) -> Result<DebitAnswer, AnswerError> {
        let bytes: [u8; 8] = exactly(data)?;
        Ok(DebitAnswer { tac: part::<0, 4, 8>(&bytes), mac2: part::<4, 4, 8>(&bytes) })
    }
}
