//! The keys that a key file or a key ring holds, each under its identity.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use tongclear_types::OperatorCode;

use crate::{Algorithm, MasterKey, SealMaster};

/// What a key is for. The order is that of lists and key files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// TACs (DTK, 内部密钥).
    Tac,
    /// Purchases (DPK, 消费密钥).
    Purchase,
    /// Loads (DLK, 圈存密钥).
    Load,
    /// Secured commands (维护密钥).
    Maintenance,
    /// Package seals.
    Seal,
}

impl KeyUse {
    /// All uses, in their order.
    pub const ALL: [Self; 5] = [Self::Tac, Self::Purchase, Self::Load, Self::Maintenance, Self::Seal];

    /// The name of the table in `keys.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tac => "tac",
            Self::Purchase => "purchase",
            Self::Load => "load",
            Self::Maintenance => "maintenance",
            Self::Seal => "seal",
        }
    }
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The identity of an operator's master key; a seal master's is its version alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardKeyId {
    /// Any use but [`KeyUse::Seal`].
    pub key_use: KeyUse,
    /// Whose key.
    pub operator: OperatorCode,
    /// As records and cards name it.
    pub version: u8,
    /// The cipher.
    pub algorithm: Algorithm,
}

impl fmt::Display for CardKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key_use, operator, version, algorithm } = self;
        write!(f, "{key_use} key of operator {operator}, version {version}, {algorithm}")
    }
}

/// What may be shown of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KeyInfo {
    /// What it is for.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// Whose key; none for a seal master.
    pub operator: Option<OperatorCode>,
    /// Its version.
    pub version: u32,
    /// The algorithm's name in `keys.toml`.
    pub algorithm: &'static str,
    /// Key check value, 6 hex digits.
    pub check_value: String,
}

impl fmt::Display for KeyInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} key", self.key_use)?;
        if let Some(operator) = self.operator {
            write!(f, " of operator {operator}")?;
        }
        write!(f, ", version {}, {}, check value {}", self.version, self.algorithm, self.check_value)
    }
}

/// What became of a key that was put into a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Added,
    /// The same key was there already.
    Same,
    /// Another key has that identity; the set did not change.
    Taken,
}

/// Keys by identity, sorted.
#[derive(Clone, Default)]
pub(crate) struct KeySet {
    pub(crate) cards: BTreeMap<CardKeyId, MasterKey>,
    pub(crate) seals: BTreeMap<u32, SealMaster>,
}

impl KeySet {
    pub(crate) fn put_card(&mut self, id: CardKeyId, key: MasterKey) -> Put {
        match self.cards.get(&id) {
            None => {
                self.cards.insert(id, key);
                Put::Added
            }
            Some(present) if present.same_as(&key) => Put::Same,
            Some(_) => Put::Taken,
        }
    }

    pub(crate) fn put_seal(&mut self, version: u32, key: SealMaster) -> Put {
        match self.seals.get(&version) {
            None => {
                self.seals.insert(version, key);
                Put::Added
            }
            Some(present) if present.same_as(&key) => Put::Same,
            Some(_) => Put::Taken,
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = KeyInfo> {
        let cards = self.cards.iter().map(|(id, key)| card_info(id, key));
        cards.chain(self.seals.iter().map(|(version, key)| seal_info(*version, key)))
    }
}

pub(crate) fn card_info(id: &CardKeyId, key: &MasterKey) -> KeyInfo {
    KeyInfo {
        key_use: id.key_use,
        operator: Some(id.operator),
        version: id.version.into(),
        algorithm: key.algorithm().name(),
        check_value: hex::encode(key.check_value()),
    }
}

pub(crate) fn seal_info(version: u32, key: &SealMaster) -> KeyInfo {
    KeyInfo {
        key_use: KeyUse::Seal,
        operator: None,
        version,
        algorithm: key.algorithm().name(),
        check_value: hex::encode(key.check_value()),
    }
}

/// The identities and check values; never a key.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries()).finish()
    }
}
