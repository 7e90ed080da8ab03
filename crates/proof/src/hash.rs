//! SHA-256 with a tag in front, so that nothing hashed for one purpose can be passed off as another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tongclear_types::{BusinessDate, DispositionTallies, Fen};

/// A SHA-256 value; 64 lower-case hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The SHA-256 of `bytes` as they are, such as a package's.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| format!("{text:?} is not a hash of 64 hex digits"))?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Hash {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

/// The first byte of everything that is hashed (`docs/proofs.md`).
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(crate) enum Tag {
    /// Up to 256 records of a section.
    Chunk = 0x00,
    /// An inner node of a section's or a merchant's tree.
    Node = 0x01,
    /// A section.
    Section = 0x02,
    /// A merchant.
    Merchant = 0x03,
    /// An inner node of the window's tree.
    Window = 0x04,
    /// The root.
    Root = 0x05,
    /// A section's records that were not accepted.
    Unpaid = 0x06,
    /// A merchant's packages.
    Packages = 0x07,
    /// A merchant's names and money.
    Figures = 0x08,
}

/// A hash while it is fed; integers are big-endian.
#[derive(Clone)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn new(tag: Tag) -> Self {
        Self(Sha256::new_with_prefix([tag as u8]))
    }

    pub(crate) fn bytes(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn u16(&mut self, number: u16) -> &mut Self {
        self.bytes(number.to_be_bytes())
    }

    pub(crate) fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(number.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(number.to_be_bytes())
    }

    /// A number of things, 4 bytes; nothing here has 2^32 of anything.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// 8 bytes, two's complement.
    pub(crate) fn fen(&mut self, fen: Fen) -> &mut Self {
        self.bytes(fen.get().to_be_bytes())
    }

    /// `YYYY-MM-DD`, 10 bytes.
    pub(crate) fn date(&mut self, date: BusinessDate) -> &mut Self {
        self.bytes(date.to_string())
    }

    /// Its length in bytes, 4 bytes, then its UTF-8.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len()).bytes(text)
    }

    /// Count and fen of accepted, duplicate, suspended, rejected: 64 bytes.
    pub(crate) fn tallies(&mut self, tallies: &DispositionTallies) -> &mut Self {
        for tally in tallies.in_order() {
            self.u64(tally.count).fen(tally.amount_fen);
        }
        self
    }

    pub(crate) fn finish(&self) -> Hash {
        Hash(self.0.clone().finalize().into())
    }

    /// The hash of what was fed, and a fresh start under `tag`.
    pub(crate) fn finish_and_restart(&mut self, tag: Tag) -> Hash {
        let fed = std::mem::replace(self, Self::new(tag));
        Hash(fed.0.finalize().into())
    }
}
