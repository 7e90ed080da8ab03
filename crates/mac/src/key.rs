//! Master keys and card keys of the purse, and how one becomes the other (分散, diversification).
//!
//! Neither type gives its bytes away; both are wiped when dropped.

use std::fmt;

use subtle::ConstantTimeEq;
use tongclear_types::CardId;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Algorithm;
use crate::block::{Tdes, retail_mac, sm4_encrypt};

/// How many diversification steps lie between an operator's master key and a card's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyLevels {
    /// By the card factor only.
    One,
    /// By the issuer factor, then by the card factor (`two_level_keys` in `registry.toml`).
    Two,
}

/// A master key: an operator's, or one already diversified by an issuer factor.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey {
    #[zeroize(skip)]
    algorithm: Algorithm,
    bytes: [u8; 16],
}

/// A card's own key for one use: purchase, load, TAC or maintenance.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CardKey {
    #[zeroize(skip)]
    pub(crate) algorithm: Algorithm,
    pub(crate) bytes: [u8; 16],
}

impl MasterKey {
    /// A master key of 16 bytes; weak DES keys and keys with wrong parity bits are accepted as they are.
    #[must_use]
    pub const fn new(algorithm: Algorithm, bytes: [u8; 16]) -> Self {
        Self { algorithm, bytes }
    }

    /// The key's cipher.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key check value: the left 3 bytes of a zero block encrypted under the key.
    #[must_use]
    pub fn check_value(&self) -> [u8; 3] {
        match self.algorithm {
            Algorithm::Des => {
                let [a, b, c, ..] = Tdes::new(&self.bytes).encrypt([0; 8]);
                [a, b, c]
            }
            Algorithm::Sm4 => {
                let [a, b, c, ..] = sm4_encrypt(&self.bytes, [0; 16]);
                [a, b, c]
            }
        }
    }

    /// One step of diversification by `factor`, an issuer factor or a card factor.
    ///
    /// DES (JR/T 0025.2-2010): left half 3DES(key, F), right half 3DES(key, NOT F). SM4, adopted by analogy:
    /// one block, SM4(key, F · NOT F).
    #[must_use]
    pub fn diversify(&self, factor: [u8; 8]) -> Self {
        let (left, right) = (factor, factor.map(|byte| !byte));
        let mut bytes = Zeroizing::new([0; 16]);
        match self.algorithm {
            Algorithm::Des => {
                let cipher = Tdes::new(&self.bytes);
                bytes[..8].copy_from_slice(&cipher.encrypt(left));
                bytes[8..].copy_from_slice(&cipher.encrypt(right));
            }
            Algorithm::Sm4 => *bytes = sm4_encrypt(&self.bytes, two_halves(left, right)),
        }
        Self::new(self.algorithm, *bytes)
    }

    /// The key of `card`: diversified by the card factor, after the issuer factor when there are two levels.
    ///
    /// The issuer factor is the issuer id, the card factor the last 8 bytes of the application serial.
    #[must_use]
    pub fn for_card(&self, levels: KeyLevels, card: &CardId) -> CardKey {
        let [_, _, factor @ ..] = card.serial.0;
        match levels {
            KeyLevels::One => self.card_key(factor),
            KeyLevels::Two => self.diversify(card.issuer.0).card_key(factor),
        }
    }

    /// The last step, by the card factor.
    pub(crate) fn card_key(&self, factor: [u8; 8]) -> CardKey {
        let diversified = self.diversify(factor);
        CardKey::new(diversified.algorithm, diversified.bytes)
    }

    /// Whether both are the same key, compared in constant time.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && bool::from(self.bytes.ct_eq(&other.bytes))
    }

    /// The bytes, for the bulk verifier and for writing key files.
    pub(crate) const fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

impl CardKey {
    /// A card key as it lies in a card.
    #[must_use]
    pub const fn new(algorithm: Algorithm, bytes: [u8; 16]) -> Self {
        Self { algorithm, bytes }
    }

    /// The key's cipher.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The MAC of a secured command: retail MAC (ISO/IEC 9797-1 algorithm 3) over `command` (header, Lc and
    /// data) with IV `challenge · 00000000`, left 4 bytes. SM4 has no secure messaging here yet: `None`.
    #[must_use]
    pub fn secure_messaging_mac(&self, challenge: [u8; 4], command: &[u8]) -> Option<[u8; 4]> {
        let [a, b, c, d] = challenge;
        match self.algorithm {
            Algorithm::Des => Some(retail_mac(&self.bytes, [a, b, c, d, 0, 0, 0, 0], command)),
            Algorithm::Sm4 => None,
        }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, …)", self.algorithm)
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardKey({}, …)", self.algorithm)
    }
}

/// `left · right`.
pub(crate) fn two_halves(left: [u8; 8], right: [u8; 8]) -> [u8; 16] {
    let mut block = [0; 16];
    block[..8].copy_from_slice(&left);
    block[8..].copy_from_slice(&right);
    block
}

#[cfg(test)]
mod tests;
