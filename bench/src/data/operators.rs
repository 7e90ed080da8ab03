//! Card operators, their cards' identities, and all keys; they are drawn from the seed and protect nothing.

use anyhow::Result;
use tongclear_mac::{Algorithm, CardKey, KeyFile, KeyLevels, KeyUse, MasterKey, SealAlgorithm, SealMaster};
use tongclear_types::{CardId, IssuerId, OperatorCode, Serial};

use super::random::Random;

/// A card operator.
pub(crate) struct Operator {
    pub(crate) code: OperatorCode,
    pub(crate) issuer: IssuerId,
    pub(crate) name: [&'static str; 2],
    pub(crate) two_level_keys: bool,
    /// First digits of its serials.
    prefix: u64,
}

/// The city's own, with 95 % of the cards, and two of other cities.
pub(crate) fn operators() -> [Operator; 3] {
    let operator = |code: [u8; 2], name, two_level_keys, prefix| Operator {
        code: OperatorCode(code),
        issuer: IssuerId([code[0], code[1], 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
        name,
        two_level_keys,
        prefix,
    };
    [
        operator([0x04, 0x17], ["天府通", "Tianfu Tong"], true, 3_104_780),
        operator([0x05, 0x21], ["渝城通", "Yucheng Tong"], false, 4_000_521),
        operator([0x06, 0x33], ["锦江卡", "Jinjiang Card"], true, 5_000_633),
    ]
}

/// Who issued a card, and with what it signs: a tenth of the city's own cards has SM4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) operator: usize,
    pub(crate) key_version: u8,
    pub(crate) algorithm: u8,
}

/// The operators, their keys and those of the seals.
pub(crate) struct Keys {
    pub(crate) operators: [Operator; 3],
    seed: u64,
    /// DES of version 1 for each operator and SM4 of version 2 for the first, diversified by the issuer where it has two levels.
    masters: [MasterKey; 4],
    seals: [SealMaster; 2],
    file: KeyFile,
}

impl Keys {
    /// The keys of `seed`.
    ///
    /// # Errors
    /// Should the key file not take them.
    pub(crate) fn new(seed: u64) -> Result<Self> {
        let mut random = Random::new(seed, 2, 0);
        let (operators, mut file) = (operators(), KeyFile::new());
        let mut master = |operator: usize, version: u8, algorithm: Algorithm| -> Result<MasterKey> {
            let master = MasterKey::new(algorithm, random.bytes());
            let operator = &operators[operator];
            file.add(KeyUse::Tac, operator.code, version, master.clone())?;
            Ok(if operator.two_level_keys { master.diversify(operator.issuer.0) } else { master })
        };
        let masters = [
            master(0, 1, Algorithm::Des)?,
            master(1, 1, Algorithm::Des)?,
            master(2, 1, Algorithm::Des)?,
            master(0, 2, Algorithm::Sm4)?,
        ];
        let seals = [SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3]
            .map(|algorithm| SealMaster::new(algorithm, random.bytes()));
        for (version, seal) in (1..).zip(&seals) {
            file.add_seal(version, seal.clone())?;
        }
        Ok(Self { operators, seed, masters, seals, file })
    }

    /// Who issued the card.
    pub(crate) fn issue(&self, card: u32) -> Issue {
        let mut random = Random::new(self.seed, 3, card.into());
        match random.below(100) {
            0..3 => Issue { operator: 1, key_version: 1, algorithm: 0 },
            3..5 => Issue { operator: 2, key_version: 1, algorithm: 0 },
            _ if random.below(10) == 0 => Issue { operator: 0, key_version: 2, algorithm: 4 },
            _ => Issue { operator: 0, key_version: 1, algorithm: 0 },
        }
    }

    /// The application serial of the card.
    pub(crate) fn serial(&self, operator: usize, card: u32) -> Serial {
        let mut number = self.operators[operator].prefix * 100_000_000_000 + u64::from(card);
        let mut bytes = [0; 10];
        for byte in bytes.iter_mut().rev() {
            let two = u8::try_from(number % 100).unwrap_or_default();
            *byte = ((two / 10) << 4) | (two % 10);
            number /= 100;
        }
        Serial(bytes)
    }

    /// The TAC key of the card.
    pub(crate) fn card_key(&self, issue: Issue, serial: Serial) -> CardKey {
        let master = if issue.algorithm == 4 { &self.masters[3] } else { &self.masters[issue.operator] };
        master.for_card(KeyLevels::One, &CardId { issuer: self.operators[issue.operator].issuer, serial })
    }

    /// Version and master of a collector's seals, by its place: a tenth uses Chinese algorithms.
    pub(crate) fn seal(&self, collector: usize) -> (u32, &SealMaster) {
        if collector % 10 == 9 { (2, &self.seals[1]) } else { (1, &self.seals[0]) }
    }

    /// What `keys.toml` says.
    pub(crate) fn text(&self) -> String {
        self.file.to_toml().to_string()
    }
}
