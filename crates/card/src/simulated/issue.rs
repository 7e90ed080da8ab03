//! Issuing simulated cards and PSAMs from a key ring, as a personalisation bureau does: who they are in, a card out.

use serde::{Deserialize, Serialize};
use tongclear_mac::{Algorithm, CardKeyId, KeyLevels, KeyRing, KeyUse, MasterKey};
use tongclear_types::{BcdDate, CardId, IssuerId, OperatorCode, Serial};

use super::{CardKeys, CardMemory, CardProfile, CounterConvention, PsamKey, Randoms, SimulatedCard};
use crate::file::{ApplicationType, CardCategory, Management, PublicInfo};
use crate::flow::Scheme;
use crate::load_host::LoadKeys;

/// What a card is issued with; a file of a virtual card holds it together with the card's memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardIssue {
    /// Which applications it answers to.
    #[serde(with = "scheme_name")]
    pub scheme: Scheme,
    /// First 8 bytes of file 15.
    pub issuer: IssuerId,
    /// Application serial.
    pub serial: Serial,
    /// Whether its keys are diversified twice.
    pub two_level_keys: bool,
    /// Version of all its keys.
    pub key_version: u8,
    /// Algorithm byte: 00, 01 or 04.
    pub algorithm: u8,
    /// First day of use, `YYYYMMDD`.
    #[serde(with = "bcd_text")]
    pub start: BcdDate,
    /// Last day of use, `YYYYMMDD`.
    #[serde(with = "bcd_text")]
    pub expiry: BcdDate,
    /// Whose it is, for the fares.
    pub category: CardCategory,
    /// Whether other cities take it.
    pub is_interoperable: bool,
    /// For the log.
    pub log_counter: CounterConvention,
    /// For GET TRANSACTION PROVE.
    pub prove_counter: CounterConvention,
}

/// A simulated card at rest: who it is, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFile {
    /// What it was issued with.
    pub issue: CardIssue,
    /// What it holds.
    pub memory: CardMemory,
}

/// A key that the ring does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// No such key.
    #[error("the key file has no {0}")]
    MissingKey(CardKeyId),
    /// An algorithm byte that is none.
    #[error("algorithm is {0:02x}, expected 00, 01 or 04")]
    UnknownAlgorithm(u8),
}

impl CardIssue {
    /// Whose card.
    #[must_use]
    pub const fn card(&self) -> CardId {
        CardId { issuer: self.issuer, serial: self.serial }
    }

    /// The operator: the first two bytes of the issuer id.
    #[must_use]
    pub const fn operator(&self) -> OperatorCode {
        let [a, b, ..] = self.issuer.0;
        OperatorCode([a, b])
    }

    const fn levels(&self) -> KeyLevels {
        if self.two_level_keys { KeyLevels::Two } else { KeyLevels::One }
    }

    /// The card with keys from `ring` and that memory.
    ///
    /// # Errors
    /// A key that the ring does not have.
    pub fn make(
        &self,
        ring: &KeyRing,
        memory: CardMemory,
        randoms: Randoms,
    ) -> Result<SimulatedCard, IssueError> {
        let algorithm = Algorithm::from_record_byte(self.algorithm)
            .ok_or(IssueError::UnknownAlgorithm(self.algorithm))?;
        let master = |key_use| {
            let id = CardKeyId { key_use, operator: self.operator(), version: self.key_version, algorithm };
            ring.master(&id).ok_or(IssueError::MissingKey(id))
        };
        let masters = [
            master(KeyUse::Purchase)?,
            master(KeyUse::Load)?,
            master(KeyUse::Tac)?,
            master(KeyUse::Maintenance)?,
        ];
        let keys =
            CardKeys::diversified(&self.card(), self.levels(), (self.key_version, self.algorithm), masters);
        Ok(SimulatedCard::new(self.profile(), keys, memory, randoms))
    }

    fn profile(&self) -> CardProfile {
        let [_, _, city @ ..] = self.issuer.0;
        let city = [city[0], city[1]];
        let management = Management {
            country: [0x00, 0x00, 0x01, 0x56],
            province: [city[0], 0x00],
            city,
            interoperable: [0x00, u8::from(self.is_interoperable)],
            category: self.category.byte(),
        };
        CardProfile {
            scheme: self.scheme,
            public: PublicInfo {
                issuer: self.issuer,
                application_type: ApplicationType::Purse,
                version: 1,
                serial: self.serial,
                start: self.start,
                expiry: self.expiry,
                reserved: [0; 2],
            },
            management: (self.scheme == Scheme::TUnion).then_some(management),
            log_counter: self.log_counter,
            prove_counter: self.prove_counter,
            key_index: 1,
            overdraft_limit_fen: 0,
        }
    }
}

/// All purchase masters of `ring` for these operators, each with its maintenance master.
#[must_use]
pub fn psam_keys(ring: &KeyRing, operators: &[(OperatorCode, KeyLevels)]) -> Vec<PsamKey> {
    let mut keys = Vec::new();
    for (operator, levels) in operators {
        for version in 0..=u8::MAX {
            for algorithm in [Algorithm::Des, Algorithm::Sm4] {
                let master = |key_use| {
                    ring.master(&CardKeyId { key_use, operator: *operator, version, algorithm }).cloned()
                };
                let Some(purchase) = master(KeyUse::Purchase) else { continue };
                let maintenance = master(KeyUse::Maintenance);
                keys.push(PsamKey { operator: *operator, levels: *levels, version, purchase, maintenance });
            }
        }
    }
    keys
}

/// Load masters of a key ring, for the library's load host.
#[derive(Debug, Clone)]
pub struct RingLoadKeys {
    /// The keys.
    pub ring: KeyRing,
    /// Issuer ids with the operator's code and how often its keys are diversified.
    pub operators: Vec<(IssuerId, OperatorCode, KeyLevels)>,
}

impl LoadKeys for RingLoadKeys {
    fn load_master(
        &self,
        card: &CardId,
        version: u8,
        algorithm: Algorithm,
    ) -> Option<(&MasterKey, KeyLevels)> {
        let (_, operator, levels) = self.operators.iter().find(|(issuer, ..)| *issuer == card.issuer)?;
        let id = CardKeyId { key_use: KeyUse::Load, operator: *operator, version, algorithm };
        Some((self.ring.master(&id)?, *levels))
    }
}

/// Schemes by their names.
mod scheme_name {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::flow::Scheme;

    pub(super) fn serialize<S: Serializer>(scheme: &Scheme, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(scheme.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scheme, D::Error> {
        let name = String::deserialize(deserializer)?;
        Scheme::from_name(&name)
            .ok_or_else(|| D::Error::custom(format!("{name:?} is not TUnion, CityUnion or PBOC")))
    }
}

/// Dates as `YYYYMMDD`.
mod bcd_text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use tongclear_types::BcdDate;

    pub(super) fn serialize<S: Serializer>(date: &BcdDate, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&date.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BcdDate, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 4];
        hex::decode_to_slice(&text, &mut bytes)
            .map_err(|_| D::Error::custom(format!("{text:?} is not a date of 8 digits")))?;
        Ok(BcdDate(bytes))
    }
}
