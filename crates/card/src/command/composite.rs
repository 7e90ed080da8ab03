//! UPDATE CAPP DATA CACHE (更新复合应用数据缓存): what a composite purchase writes together with the debit.

use super::Sfi;
use crate::{AnswerError, Apdu, Request};

/// Puts a record into the card's cache; the debit that follows makes it stay, or nothing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateComposite {
    /// Type of the record, its first byte.
    pub record_type: u8,
    /// The file.
    pub sfi: Sfi,
    /// The record.
    pub data: Vec<u8>,
}

impl Request for UpdateComposite {
    type Answer = ();
    const NAME: &'static str = "UPDATE CAPP DATA CACHE";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x80, 0xDC, self.record_type, self.sfi.0 << 3], &self.data, None)
    }

    fn parse(&self, _: &[u8]) -> Result<(), AnswerError> {
        Ok(())
    }
}
