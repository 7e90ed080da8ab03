//! GET CHALLENGE, EXTERNAL AUTHENTICATE, VERIFY PIN and APPLICATION BLOCK (取随机数、外部认证、验证口令、应用锁定).

use std::fmt;

use crate::channel::exactly;
use crate::{AnswerError, Apdu, Request};

/// Asks for 4 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GetChallenge;

impl Request for GetChallenge {
    type Answer = [u8; 4];
    const NAME: &'static str = "GET CHALLENGE";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0x84, 0x00, 0x00], 4)
    }

    fn parse(&self, data: &[u8]) -> Result<[u8; 4], AnswerError> {
        exactly(data)
    }
}

/// Proves that the terminal knows a key, by the challenge encrypted under it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ExternalAuthenticate {
    /// Which key.
    pub key_id: u8,
    /// The challenge, padded with zeros, encrypted.
    pub cryptogram: [u8; 8],
}

impl Request for ExternalAuthenticate {
    type Answer = ();
    const NAME: &'static str = "EXTERNAL AUTHENTICATE";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x00, 0x82, 0x00, self.key_id], &self.cryptogram, None)
    }

    fn parse(&self, _: &[u8]) -> Result<(), AnswerError> {
        Ok(())
    }
}

impl fmt::Debug for ExternalAuthenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExternalAuthenticate {{ key_id: {:02x}, .. }}", self.key_id)
    }
}

/// Shows the card holder's PIN, 2 to 6 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyPin(pub Vec<u8>);

impl Request for VerifyPin {
    type Answer = ();
    const NAME: &'static str = "VERIFY PIN";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x00, 0x20, 0x00, 0x00], &self.0, None)
    }

    fn parse(&self, _: &[u8]) -> Result<(), AnswerError> {
        Ok(())
    }
}

impl fmt::Debug for VerifyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyPin(..)")
    }
}

/// Locks the application; the MAC is the PSAM's over the card's last challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockApplication {
    /// Secure messaging MAC.
    pub mac: [u8; 4],
}

impl BlockApplication {
    /// What the MAC is computed over.
    pub const HEADER: [u8; 5] = [0x84, 0x1E, 0x00, 0x00, 0x04];
}

impl Request for BlockApplication {
    type Answer = ();
    const NAME: &'static str = "APPLICATION BLOCK";

    fn apdu(&self) -> Apdu {
        let [cla, ins, p1, p2, _] = Self::HEADER;
        Apdu::write([cla, ins, p1, p2], &self.mac, None)
    }

    fn parse(&self, _: &[u8]) -> Result<(), AnswerError> {
        Ok(())
    }
}
