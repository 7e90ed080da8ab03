//! Seals of packages (`package.md`): HMAC under a key that the seal master yields for each collector.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sm3::Sm3;
use subtle::ConstantTimeEq;
use tongclear_types::CollectorId;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::UnknownAlgorithm;

/// What a collector's seal key is derived over, before the collector id.
const SEAL_KEY_LABEL: &[u8; 8] = b"CTP-SEAL";
/// What a seal master's check value is computed over.
const CHECK_VALUE_LABEL: &[u8; 9] = b"CTP-CHECK";

/// The hash of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SealAlgorithm {
    /// HMAC-SHA-256 (FIPS 198-1, FIPS 180-4).
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// HMAC-SM3 (GB/T 32905-2016).
    #[serde(rename = "hmac-sm3")]
    HmacSm3,
}

impl SealAlgorithm {
    /// The algorithm of a package header's seal algorithm byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::HmacSha256),
            0x02 => Some(Self::HmacSm3),
            _ => None,
        }
    }

    /// The byte in a package header.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::HmacSha256 => 0x01,
            Self::HmacSm3 => 0x02,
        }
    }

    /// The name used in `keys.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSm3 => "hmac-sm3",
        }
    }

    /// HMAC over the parts, one after the other.
    fn hmac(self, key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
        fn run<M: Mac<OutputSize = hmac::digest::typenum::U32>>(mut mac: M, parts: &[&[u8]]) -> [u8; 32] {
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        }
        let key = key.as_slice();
        match self {
            Self::HmacSha256 => {
                run(Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length"), parts)
            }
            Self::HmacSm3 => {
                run(Hmac::<Sm3>::new_from_slice(key).expect("HMAC takes keys of any length"), parts)
            }
        }
    }
}

impl fmt::Display for SealAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SealAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "hmac-sha256" => Ok(Self::HmacSha256),
            "hmac-sm3" => Ok(Self::HmacSm3),
            _ => Err(UnknownAlgorithm { expected: "\"hmac-sha256\" or \"hmac-sm3\"" }),
        }
    }
}

/// The centre's master key for seals, of one version.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealMaster {
    #[zeroize(skip)]
    algorithm: SealAlgorithm,
    bytes: [u8; 32],
}

/// One collector's key for seals.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealKey {
    #[zeroize(skip)]
    algorithm: SealAlgorithm,
    bytes: [u8; 32],
}

impl SealMaster {
    /// A seal master of 32 bytes.
    #[must_use]
    pub const fn new(algorithm: SealAlgorithm, bytes: [u8; 32]) -> Self {
        Self { algorithm, bytes }
    }

    /// The hash that its keys seal with.
    #[must_use]
    pub const fn algorithm(&self) -> SealAlgorithm {
        self.algorithm
    }

    /// The key check value: the left 3 bytes of HMAC(master, `CTP-CHECK`).
    #[must_use]
    pub fn check_value(&self) -> [u8; 3] {
        let [a, b, c, ..] = self.algorithm.hmac(&self.bytes, &[CHECK_VALUE_LABEL]);
        [a, b, c]
    }

    /// The key of `collector`: HMAC(master, `CTP-SEAL` · collector id).
    #[must_use]
    pub fn seal_key(&self, collector: CollectorId) -> SealKey {
        let bytes = self.algorithm.hmac(&self.bytes, &[SEAL_KEY_LABEL, &collector.0]);
        SealKey { algorithm: self.algorithm, bytes }
    }

    /// Whether both are the same key, compared in constant time.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && bool::from(self.bytes.ct_eq(&other.bytes))
    }

    /// The bytes, for writing key files.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl SealKey {
    /// The hash that it seals with.
    #[must_use]
    pub const fn algorithm(&self) -> SealAlgorithm {
        self.algorithm
    }

    /// The seal of `bytes`, a package's header and records.
    #[must_use]
    pub fn seal(&self, bytes: &[u8]) -> [u8; 32] {
        self.algorithm.hmac(&self.bytes, &[bytes])
    }

    /// Whether `seal` is the seal of `bytes`, compared in constant time.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], seal: &[u8; 32]) -> bool {
        self.seal(bytes).ct_eq(seal).into()
    }
}

impl fmt::Debug for SealMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealMaster({}, …)", self.algorithm)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({}, …)", self.algorithm)
    }
}

#[cfg(test)]
mod tests;
