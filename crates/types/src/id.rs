//! Ids: one type each, so that no two neighbouring parameters can be swapped unseen.
//!
//! Ids that are bytes on the wire print as lower-case hex and parse from hex in either case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct IdError {
    /// The text that was refused.
    pub value: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

/// Declares an id of `$len` raw bytes that is written as hex.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                crate::hex::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; $len];
                hex::decode_to_slice(text, &mut bytes)
                    .map_err(|_| IdError { value: text.to_owned(), expected: $expected })?;
                Ok(Self(bytes))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

hex_id!(
    /// A terminal (终端), 6 bytes: the one that took the money.
    TerminalId, 6, "a terminal id of 12 hex digits"
);
hex_id!(
    /// A collector (采集点), 6 bytes: a terminal, or the depot concentrator that gathers several.
    CollectorId, 6, "a collector id of 12 hex digits"
);
hex_id!(
    /// The first 8 bytes of a card's file 15 (发卡机构标识): whose card it is, and the first diversification factor.
    IssuerId, 8, "an issuer id of 16 hex digits"
);
hex_id!(
    /// A card's application serial (应用序列号), 10 bytes; its last 8 are the card's diversification factor.
    Serial, 10, "an application serial of 20 hex digits"
);
hex_id!(
    /// A card operator (发卡机构, issuer) as the deny lists name it: 2 bytes, such as `0417` for Tianfu Tong.
    OperatorCode, 2, "an operator code of 4 hex digits"
);

/// A participant's code, 8 characters of `[A-Z0-9]`: a merchant, a load agent or a sponsor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MerchantCode([u8; 8]);

impl MerchantCode {
    const EXPECTED: &'static str = "a code of 8 characters A-Z and 0-9";

    /// The code's bytes, if they have the form.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).then_some(Self(bytes))
    }

    /// The code as it stands in a package header.
    #[must_use]
    #[inline]
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for MerchantCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.0).expect("the form is ASCII"))
    }
}

impl fmt::Debug for MerchantCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MerchantCode({self})")
    }
}

impl FromStr for MerchantCode {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.as_bytes()
            .try_into()
            .ok()
            .and_then(Self::from_bytes)
            .ok_or_else(|| IdError { value: text.to_owned(), expected: Self::EXPECTED })
    }
}

impl TryFrom<String> for MerchantCode {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<MerchantCode> for String {
    fn from(code: MerchantCode) -> Self {
        code.to_string()
    }
}

/// Declares an id that is a plain 32-bit number.
macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number_id!(
    /// The number of a collector's package, from 1, contiguous per collector.
    PackageSequence
);
number_id!(
    /// The terminal transaction number (终端交易序号): advances by one with each transaction of a terminal.
    TerminalNumber
);

/// One card: a serial is unique only within its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CardId {
    /// Whose card.
    pub issuer: IssuerId,
    /// Which of the issuer's cards.
    pub serial: Serial,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case_and_written_in_lower() {
        let collector: CollectorId = "6510000000F1".parse().unwrap();
        assert_eq!(collector.to_string(), "6510000000f1");
        assert_eq!(
            "6510".parse::<CollectorId>().unwrap_err().to_string(),
            "\"6510\" is not a collector id of 12 hex digits"
        );
    }

    #[test]
    fn a_merchant_code_is_eight_capitals_or_digits() {
        for good in ["BUS00001", "00000000", "ZZZZZZZZ"] {
            assert_eq!(good.parse::<MerchantCode>().unwrap().to_string(), good);
        }
        for bad in ["bus00001", "BUS0001", "BUS000001", "BUS 0001", "公交"] {
            assert!(bad.parse::<MerchantCode>().is_err(), "{bad}");
        }
    }
}
