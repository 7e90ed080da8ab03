//! GET TRANSACTION PROVE (取交易认证): did that transaction happen?

use tongclear_types::Tti;

use crate::bytes::part;
use crate::channel::exactly;
use crate::{AnswerError, Apdu, Request};

/// Asks for the MAC and TAC of a transaction; `9406` when the card knows of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionProve {
    /// Its type.
    pub tti: Tti,
    /// Its counter; cards differ in whether it is the one before or after the transaction.
    pub counter: u16,
}

/// The proof; MAC first, other than after a debit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prove {
    /// MAC2 of a purchase, zeros of a load.
    pub mac: [u8; 4],
    /// For the centre.
    pub tac: [u8; 4],
}

impl Request for TransactionProve {
    type Answer = Prove;
    const NAME: &'static str = "GET TRANSACTION PROVE";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x80, 0x5A, 0x00, self.tti.0], &self.counter.to_be_bytes(), Some(8))
    }

    fn parse(&self, data: &[u8]) -> Result<Prove, AnswerError> {
        let bytes: [u8; 8] = exactly(data)?;
        Ok(Prove { mac: part::<0, 4, 8>(&bytes), tac: part::<4, 4, 8>(&bytes) })
    }
}
