//! The fields of sector data that have a form of their own.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use tongclear_types::BcdDate;

use super::{SectorDataError, wrong};

/// A customer account: up to 20 decimal digits, left-padded with zeros, two a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerAccount([u8; 10]);

impl CustomerAccount {
    /// The account as it lies in a record.
    ///
    /// # Errors
    /// A nibble above 9.
    pub fn from_bytes(bytes: [u8; 10]) -> Result<Self, SectorDataError> {
        if !is_bcd(&bytes) {
            return Err(wrong("account", &bytes, "20 decimal digits"));
        }
        Ok(Self(bytes))
    }

    /// The account as it lies in a record.
    #[must_use]
    pub const fn bytes(self) -> [u8; 10] {
        self.0
    }
}

impl FromStr for CustomerAccount {
    type Err = SectorDataError;

    fn from_str(text: &str) -> Result<Self, SectorDataError> {
        let form = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut bytes = [0; 10];
        if !form || hex::decode_to_slice(format!("{text:0>20}"), &mut bytes).is_err() {
            return Err(wrong("account", text.as_bytes(), "1 to 20 decimal digits"));
        }
        Ok(Self(bytes))
    }
}

/// All 20 digits.
impl fmt::Display for CustomerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The month of a bill: `YYYYMM` in 3 BCD bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingPeriod([u8; 3]);

impl BillingPeriod {
    const EXPECTED: &'static str = "a month YYYYMM";

    /// The month of `date`.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let BcdDate([century, year, month, _]) = BcdDate::from_civil(date);
        Self([century, year, month])
    }

    /// The month as it lies in a record.
    ///
    /// # Errors
    /// A nibble above 9, or a month that is not 01 to 12.
    pub fn from_bytes(bytes: [u8; 3]) -> Result<Self, SectorDataError> {
        let [_, _, month] = bytes;
        if !is_bcd(&bytes) || !(0x01..=0x12).contains(&month) {
            return Err(wrong("billing_period", &bytes, Self::EXPECTED));
        }
        Ok(Self(bytes))
    }

    /// The month as it lies in a record.
    #[must_use]
    pub const fn bytes(self) -> [u8; 3] {
        self.0
    }
}

impl FromStr for BillingPeriod {
    type Err = SectorDataError;

    fn from_str(text: &str) -> Result<Self, SectorDataError> {
        let mut bytes = [0; 3];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| wrong("billing_period", text.as_bytes(), Self::EXPECTED))?;
        Self::from_bytes(bytes)
    }
}

/// The 6 digits.
impl fmt::Display for BillingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A till's reference: at most 16 printable ASCII characters, zero-padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TillReference([u8; 16]);

impl TillReference {
    const EXPECTED: &'static str = "up to 16 printable ASCII characters, zeros after them";

    /// The reference as it lies in a record.
    ///
    /// # Errors
    /// A byte that is not printable ASCII, or anything but zeros after the first zero.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, SectorDataError> {
        let (text, padding) = bytes.split_at(text_len(&bytes));
        if !text.iter().all(|byte| matches!(byte, b' '..=b'~')) || padding.iter().any(|byte| *byte != 0) {
            return Err(wrong("till_reference", &bytes, Self::EXPECTED));
        }
        Ok(Self(bytes))
    }

    /// The reference as it lies in a record.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl FromStr for TillReference {
    type Err = SectorDataError;

    fn from_str(text: &str) -> Result<Self, SectorDataError> {
        let mut bytes = [0; 16];
        let place = bytes.get_mut(..text.len());
        place
            .ok_or_else(|| wrong("till_reference", text.as_bytes(), Self::EXPECTED))?
            .copy_from_slice(text.as_bytes());
        Self::from_bytes(bytes)
    }
}

/// The characters without the padding.
impl fmt::Display for TillReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.0[..text_len(&self.0)];
        f.write_str(std::str::from_utf8(text).expect("the form is ASCII"))
    }
}

/// How many bytes come before the first zero.
fn text_len(bytes: &[u8; 16]) -> usize {
    bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())
}

/// Whether all nibbles are decimal digits.
fn is_bcd(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte >> 4 <= 9 && byte & 0x0f <= 9)
}
