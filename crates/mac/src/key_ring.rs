//! The key ring: the master keys that the centre holds, sealed with a passphrase when at rest.
//!
//! A key is never overwritten and never leaves; what can be listed are identities and check values.

mod sealed;

use std::fmt;

use tongclear_types::OperatorCode;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::key_set::{KeySet, Put, card_info, seal_info};
use crate::{Algorithm, CardKeyId, KeyCustody, KeyFile, KeyInfo, KeyUse, MasterKey, SealMaster};
use sealed::Cost;

/// The passphrase of a key ring; wiped when dropped, shown nowhere.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Passphrase(String);

impl Passphrase {
    /// The passphrase as it was given, taken whole: surrounding blanks count.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether there is nothing in it; such a passphrase seals nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What can go wrong with a key ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// The bytes are whole, but do not open. (Bytes forged by hand, digest and all, end here too.)
    #[error("the passphrase does not open this key ring")]
    WrongPassphrase,
    /// The bytes are not those that were sealed.
    #[error("the sealed key ring is damaged: {what}")]
    Damaged {
        /// What about it.
        what: &'static str,
    },
    /// Sealed by a later program.
    #[error("the sealed key ring has version {version}; this program knows version 1")]
    UnknownVersion {
        /// Its version.
        version: u8,
    },
    /// Another key has the identity of one that was to be added.
    #[error(
        "the key ring already holds another {held}; a key is never overwritten, give the new one a new version"
    )]
    Overwrite {
        /// The key that is there.
        held: KeyInfo,
    },
    /// There is no passphrase.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// More keys than a ring can hold.
    #[error("a key ring of {bytes} bytes is too large to be sealed")]
    TooLarge {
        /// Its size in the clear.
        bytes: usize,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes for the salt: {0}")]
    Randomness(String),
}

/// The master keys that the centre holds.
#[derive(Clone, Default)]
pub struct KeyRing {
    keys: KeySet,
}

impl KeyRing {
    /// A ring without keys.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Takes the keys of `file` in, all or none, and says which were new. A key that is there already changes
    /// nothing.
    ///
    /// # Errors
    /// [`KeyRingError::Overwrite`] when the ring holds another key under the same identity.
    pub fn merge(&mut self, file: KeyFile) -> Result<Vec<KeyInfo>, KeyRingError> {
        let mut merged = self.keys.clone();
        let mut added = Vec::new();
        for (id, key) in file.keys.cards {
            let info = card_info(&id, &key);
            match merged.put_card(id, key) {
                Put::Added => added.push(info),
                Put::Same => {}
                Put::Taken => {
                    return Err(KeyRingError::Overwrite { held: card_info(&id, &merged.cards[&id]) });
                }
            }
        }
        for (version, key) in file.keys.seals {
            let info = seal_info(version, &key);
            match merged.put_seal(version, key) {
                Put::Added => added.push(info),
                Put::Same => {}
                Put::Taken => {
                    return Err(KeyRingError::Overwrite {
                        held: seal_info(version, &merged.seals[&version]),
                    });
                }
            }
        }
        self.keys = merged;
        Ok(added)
    }

    /// What may be shown of the keys, sorted by use, operator, version and algorithm.
    pub fn entries(&self) -> impl Iterator<Item = KeyInfo> {
        self.keys.entries()
    }

    /// The operator's master key of that identity.
    #[must_use]
    pub fn master(&self, id: &CardKeyId) -> Option<&MasterKey> {
        self.keys.cards.get(id)
    }

    /// The ring as bytes that only `passphrase` opens.
    ///
    /// # Errors
    /// [`KeyRingError::EmptyPassphrase`], [`KeyRingError::TooLarge`] or [`KeyRingError::Randomness`].
    pub fn seal(&self, passphrase: &Passphrase) -> Result<Vec<u8>, KeyRingError> {
        self.seal_at(passphrase, Cost::RECOMMENDED)
    }

    fn seal_at(&self, passphrase: &Passphrase, cost: Cost) -> Result<Vec<u8>, KeyRingError> {
        if passphrase.is_empty() {
            return Err(KeyRingError::EmptyPassphrase);
        }
        sealed::seal(self.keys.to_toml().as_bytes(), passphrase, cost)
    }

    /// Opens a sealed ring.
    ///
    /// # Errors
    /// [`KeyRingError::Damaged`] or [`KeyRingError::UnknownVersion`] before the passphrase is tried, then
    /// [`KeyRingError::WrongPassphrase`].
    pub fn open(sealed: &[u8], passphrase: &Passphrase) -> Result<Self, KeyRingError> {
        let plain = sealed::open(sealed, passphrase)?;
        let text = std::str::from_utf8(&plain)
            .map_err(|_| KeyRingError::Damaged { what: "its content is not text" })?;
        let file = KeyFile::parse(text)
            .map_err(|_| KeyRingError::Damaged { what: "its content is not a key file" })?;
        Ok(Self { keys: file.keys })
    }
}

/// Seals what else must not lie in the clear (the private key of a certificate authority, the secret of a webhook) as the
/// key ring is sealed.
///
/// # Errors
/// As [`KeyRing::seal`].
pub fn seal(plain: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, KeyRingError> {
    if passphrase.is_empty() {
        return Err(KeyRingError::EmptyPassphrase);
    }
    sealed::seal(plain, passphrase, Cost::RECOMMENDED)
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// As [`KeyRing::open`].
pub fn open_sealed(sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeyRingError> {
    sealed::open(sealed, passphrase)
}

impl KeyCustody for KeyRing {
    fn tac_master(&self, operator: OperatorCode, version: u8, algorithm: Algorithm) -> Option<&MasterKey> {
        self.master(&CardKeyId { key_use: KeyUse::Tac, operator, version, algorithm })
    }

    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.keys.seals.get(&version)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({:?})", self.keys)
    }
}

#[cfg(test)]
mod tests;
