//! File 15 of City Union cards (城市一卡通): `issuer 2 · city 2 · industry 2 · … · serial 8 · start 4 · expiry 4`.
//!
//! The number's place is that of other public readers: bytes 12 to 19. Chongqing's cards keep dates there and the number
//! in file 05 of the master file.

use tongclear_types::BcdDate;

use super::public::printed_number;
use crate::AnswerError;
use crate::bytes::part;

/// What a City Union card says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CityUnionInfo {
    /// Issuer.
    pub issuer: [u8; 2],
    /// City, by its postal code.
    pub city: [u8; 2],
    /// Industry.
    pub industry: [u8; 2],
    /// The card's number.
    pub serial: [u8; 8],
    /// First day of use.
    pub start: BcdDate,
    /// Last day of use.
    pub expiry: BcdDate,
}

impl CityUnionInfo {
    /// Reads the file.
    ///
    /// # Errors
    /// Fewer than 28 bytes.
    pub fn parse(data: &[u8]) -> Result<Self, AnswerError> {
        let Some(bytes) = data.first_chunk::<28>() else {
            return Err(AnswerError::Length { found: data.len(), expected: 28 });
        };
        Ok(Self {
            issuer: part::<0, 2, 28>(bytes),
            city: part::<2, 2, 28>(bytes),
            industry: part::<4, 2, 28>(bytes),
            serial: part::<12, 8, 28>(bytes),
            start: BcdDate(part::<20, 4, 28>(bytes)),
            expiry: BcdDate(part::<24, 4, 28>(bytes)),
        })
    }

    /// Whether the file holds a number at all: not zeros and not the filling of an empty field.
    #[must_use]
    pub fn has_number(&self) -> bool {
        let filled = |filling| self.serial == [filling; 8];
        !filled(0x00) && !filled(0xFF) && self.start.to_civil().is_some()
    }

    /// The last day of use of a card that keeps no number here: it stands before the number's place.
    #[must_use]
    pub fn early_expiry(data: &[u8]) -> Option<BcdDate> {
        let date = BcdDate(*data.get(8..)?.first_chunk()?);
        date.to_civil().map(|_| date)
    }

    /// The number without leading zeros.
    #[must_use]
    pub fn card_number(&self) -> String {
        printed_number(&self.serial)
    }
}
