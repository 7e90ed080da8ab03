//! File 15, public information (公共应用信息), 30 bytes (JR/T 0025.1-2010).

use tongclear_types::{BcdDate, CardId, IssuerId, Serial};

use crate::AnswerError;
use crate::bytes::{Joined, part};

/// Length of the file, bytes.
pub const PUBLIC_LEN: u8 = 30;

/// Which purses the application has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationType {
    /// Electronic deposit only (电子存折).
    Deposit,
    /// Electronic purse only (电子钱包).
    Purse,
    /// Both.
    Both,
    /// Something else.
    Other(u8),
}

impl ApplicationType {
    const fn from_byte(byte: u8) -> Self {
        match byte {
            0x01 => Self::Deposit,
            0x02 => Self::Purse,
            0x03 => Self::Both,
            other => Self::Other(other),
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Deposit => 0x01,
            Self::Purse => 0x02,
            Self::Both => 0x03,
            Self::Other(other) => other,
        }
    }

    /// Whether there is a purse to take money from.
    #[must_use]
    pub const fn has_purse(self) -> bool {
        matches!(self, Self::Purse | Self::Both)
    }
}

/// Whose card it is, and from when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicInfo {
    /// First 8 bytes; the first diversification factor.
    pub issuer: IssuerId,
    /// Which purses.
    pub application_type: ApplicationType,
    /// Version of the application; 0 is not in use.
    pub version: u8,
    /// The card's number.
    pub serial: Serial,
    /// First day of use.
    pub start: BcdDate,
    /// Last day of use.
    pub expiry: BcdDate,
    /// The issuer's own; T-Union: card type and deposit.
    pub reserved: [u8; 2],
}

impl PublicInfo {
    /// Reads the file.
    ///
    /// # Errors
    /// Fewer than 30 bytes; more are the issuer's own.
    pub fn parse(data: &[u8]) -> Result<Self, AnswerError> {
        let Some(bytes) = data.first_chunk::<30>() else {
            return Err(AnswerError::Length { found: data.len(), expected: PUBLIC_LEN.into() });
        };
        Ok(Self {
            issuer: IssuerId(part::<0, 8, 30>(bytes)),
            application_type: ApplicationType::from_byte(bytes[8]),
            version: bytes[9],
            serial: Serial(part::<10, 10, 30>(bytes)),
            start: BcdDate(part::<20, 4, 30>(bytes)),
            expiry: BcdDate(part::<24, 4, 30>(bytes)),
            reserved: part::<28, 2, 30>(bytes),
        })
    }

    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 30] {
        Joined::new()
            .and(&self.issuer.0)
            .and(&[self.application_type.byte(), self.version])
            .and(&self.serial.0)
            .and(&self.start.0)
            .and(&self.expiry.0)
            .and(&self.reserved)
            .done()
    }

    /// The card.
    #[must_use]
    pub const fn card(&self) -> CardId {
        CardId { issuer: self.issuer, serial: self.serial }
    }

    /// The number as it is printed on the card: the serial without its leading zeros.
    #[must_use]
    pub fn card_number(&self) -> String {
        printed_number(&self.serial.0)
    }
}

/// Hex digits without leading zeros.
pub(super) fn printed_number(bytes: &[u8]) -> String {
    hex::encode(bytes).trim_start_matches('0').to_owned()
}
