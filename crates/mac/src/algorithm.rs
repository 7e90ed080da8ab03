//! The block cipher of a purse key: DES/3DES or SM4, as the algorithm byte of a record names it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The block cipher of a purse key.
///
/// ```
/// use tongclear_mac::Algorithm;
/// assert_eq!(Algorithm::from_record_byte(0x04), Some(Algorithm::Sm4));
/// assert_eq!("des".parse(), Ok(Algorithm::Des));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// DES for MACs, two-key 3DES for diversification and session keys (JR/T 0025.2-2010).
    Des,
    /// SM4 (GB/T 32907-2016), with the DES rules carried over by analogy.
    Sm4,
}

impl Algorithm {
    /// The algorithm of a record's algorithm byte: `00` and `01` are DES, `04` is SM4, others have none.
    #[must_use]
    pub const fn from_record_byte(byte: u8) -> Option<Self> {
        match byte {
            0x00 | 0x01 => Some(Self::Des),
            0x04 => Some(Self::Sm4),
            _ => None,
        }
    }

    /// The name used in `keys.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Des => "des",
            Self::Sm4 => "sm4",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no algorithm has. It does not repeat the name, which may be a key typed into the wrong field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an algorithm: expected {expected}")]
pub struct UnknownAlgorithm {
    /// The names that exist.
    pub expected: &'static str,
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "des" => Ok(Self::Des),
            "sm4" => Ok(Self::Sm4),
            _ => Err(UnknownAlgorithm { expected: "\"des\" or \"sm4\"" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_bytes_name_an_algorithm() {
        for byte in 0..=u8::MAX {
            let expected = match byte {
                0 | 1 => Some(Algorithm::Des),
                4 => Some(Algorithm::Sm4),
                _ => None,
            };
            assert_eq!(Algorithm::from_record_byte(byte), expected, "{byte:02x}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for algorithm in [Algorithm::Des, Algorithm::Sm4] {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_string(&algorithm).unwrap(), format!("\"{algorithm}\""));
        }
        assert!("DES".parse::<Algorithm>().is_err());
    }
}
