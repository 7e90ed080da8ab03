//! The keys of the simulated city: TAC, purchase, load and maintenance masters of the card operators, seal masters of the
//! centre.
//!
//! They are drawn from the seed and written to `keys.toml` in the clear, so they protect nothing.

use tongclear_mac::{
    Algorithm, CardKey, KeyFile, KeyFileError, KeyLevels, KeyUse, MasterKey, SealAlgorithm, SealMaster,
};
use tongclear_types::{CardId, IssuerId, Serial, TransactionRecord};

use crate::city::Operator;
use crate::merchants::TIANFU;
use crate::plan::SimError;
use crate::random::Random;

/// A card's TAC key.
pub(crate) struct TacKey(CardKey);

impl TacKey {
    /// The TAC of a record whose type can be cleared.
    pub(crate) fn tac(&self, record: &TransactionRecord) -> [u8; 4] {
        tongclear_mac::tac(&self.0, record).unwrap_or_default()
    }
}

/// A TAC master of an operator, already diversified by the issuer where there are two levels.
struct TacMaster {
    operator: usize,
    issuer: IssuerId,
    version: u8,
    master: MasterKey,
}

/// All keys.
pub(crate) struct Keys {
    tac: Vec<TacMaster>,
    seals: [SealMaster; 2],
    file: KeyFile,
}

impl Keys {
    /// DES keys of version 1 for each operator, SM4 keys of version 2 for the city's own, two seal masters.
    ///
    /// # Errors
    /// [`SimError::Unfit`] should the key file not take them.
    pub(crate) fn new(random: &mut Random, operators: &[Operator]) -> Result<Self, SimError> {
        let unfit = |error: KeyFileError| SimError::Unfit { what: "keys.toml", message: error.to_string() };
        let (mut tac, mut file) = (Vec::new(), KeyFile::new());
        for (index, operator) in operators.iter().enumerate() {
            let versions: &[_] = if index == TIANFU {
                &[(1, Algorithm::Des), (2, Algorithm::Sm4)]
            } else {
                &[(1, Algorithm::Des)]
            };
            for &(version, algorithm) in versions {
                let master = MasterKey::new(algorithm, random.bytes());
                let issuer = operator.issuer;
                file.add(KeyUse::Tac, operator.code, version, master.clone()).map_err(unfit)?;
                // For simulated cards and PSAMs, which the packages of the city never met.
                for (tag, key_use) in (1..).zip([KeyUse::Purchase, KeyUse::Load, KeyUse::Maintenance]) {
                    file.add(key_use, operator.code, version, master.diversify([tag; 8])).map_err(unfit)?;
                }
                let master = if operator.two_level_keys { master.diversify(issuer.0) } else { master };
                tac.push(TacMaster { operator: index, issuer, version, master });
            }
        }
        let seals = [SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3]
            .map(|algorithm| SealMaster::new(algorithm, random.bytes()));
        for (version, master) in (1..).zip(&seals) {
            file.add_seal(version, master.clone()).map_err(unfit)?;
        }
        Ok(Self { tac, seals, file })
    }

    /// The TAC key of a card; for a version that its operator does not have, some other key.
    pub(crate) fn card_key(&self, operator: usize, version: u8, serial: Serial) -> TacKey {
        let fits = |it: &&TacMaster| it.operator == operator && it.version == version;
        let master = self.tac.iter().find(fits).unwrap_or(&self.tac[0]);
        TacKey(master.master.for_card(KeyLevels::One, &CardId { issuer: master.issuer, serial }))
    }

    /// The version of a collector's seal key, by its place: every third one uses Chinese algorithms.
    pub(crate) fn seal_version(place: usize) -> u32 {
        if place % 3 == 2 { 2 } else { 1 }
    }

    /// The seal masters of versions 1 and 2.
    pub(crate) fn seal_masters(&self) -> [SealMaster; 2] {
        self.seals.clone()
    }

    /// What `keys.toml` says.
    pub(crate) fn file(&self) -> &KeyFile {
        &self.file
    }
}

#[cfg(test)]
mod tests {
    use tongclear_mac::CardKeyId;

    use super::*;
    use crate::city::operators;

    #[test]
    fn card_keys_are_those_of_the_key_file() {
        let operators = operators();
        let keys = Keys::new(&mut Random::new(1, 3), &operators).unwrap();
        let read_back = KeyFile::parse(&keys.file().to_toml()).unwrap();
        let serial = "03104780010000000007".parse().unwrap();
        let record = TransactionRecord {
            amount_fen: 200,
            tti: tongclear_types::Tti::PURCHASE,
            terminal: "651000000001".parse().unwrap(),
            terminal_number: tongclear_types::TerminalNumber(7),
            date: tongclear_types::BcdDate([0x20, 0x26, 0x11, 0x22]),
            time: tongclear_types::BcdTime([0x08, 0x15, 0x00]),
            tac: [0; 4],
            key_version: 1,
            algorithm: 0,
            issuer: operators[0].issuer,
            serial,
            offline_counter: 1,
            online_counter: 1,
            balance_before_fen: 1_000,
            balance_after_fen: 800,
            list_price_fen: 200,
            sector: 1,
            flags: tongclear_types::RecordFlags(0),
            deny_list_version: 100,
            card_random: [0; 4],
            sector_data: [0; 24],
        };
        for (operator, version, algorithm) in
            [(0, 1, Algorithm::Des), (0, 2, Algorithm::Sm4), (1, 1, Algorithm::Des), (2, 1, Algorithm::Des)]
        {
            let Operator { code, issuer, two_level_keys, .. } = operators[operator];
            let id = CardKeyId { key_use: KeyUse::Tac, operator: code, version, algorithm };
            let levels = if two_level_keys { KeyLevels::Two } else { KeyLevels::One };
            let key = read_back.master(&id).unwrap().for_card(levels, &CardId { issuer, serial });
            let expected = tongclear_mac::tac(&key, &record).unwrap();
            assert_eq!(keys.card_key(operator, version, serial).tac(&record), expected, "{code} {version}");
        }
    }
}
