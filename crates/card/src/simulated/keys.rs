//! The keys of a simulated card and of a simulated PSAM.

use tongclear_mac::{CardKey, KeyLevels, MasterKey};
use tongclear_types::{CardId, OperatorCode};

/// A card's own keys, all of one version and algorithm.
#[derive(Debug, Clone)]
pub struct CardKeys {
    /// Version that the card names.
    pub version: u8,
    /// Algorithm byte that the card names.
    pub algorithm: u8,
    /// Purchase (DPK).
    pub purchase: CardKey,
    /// Load (DLK).
    pub load: CardKey,
    /// TAC (DTK).
    pub tac: CardKey,
    /// Secured commands.
    pub maintenance: CardKey,
}

impl CardKeys {
    /// The keys of `card` under these masters: purchase, load, TAC and maintenance.
    #[must_use]
    pub fn diversified(
        card: &CardId,
        levels: KeyLevels,
        (version, algorithm): (u8, u8),
        [purchase, load, tac, maintenance]: [&MasterKey; 4],
    ) -> Self {
        let own = |master: &MasterKey| master.for_card(levels, card);
        let (purchase, load, tac, maintenance) = (own(purchase), own(load), own(tac), own(maintenance));
        Self { version, algorithm, purchase, load, tac, maintenance }
    }
}

/// A purchase master in a PSAM, with the maintenance master that belongs to it.
#[derive(Debug, Clone)]
pub struct PsamKey {
    /// Whose cards.
    pub operator: OperatorCode,
    /// By how many factors their keys are diversified.
    pub levels: KeyLevels,
    /// Version that cards name.
    pub version: u8,
    /// For purchases.
    pub purchase: MasterKey,
    /// For locking; none when the PSAM may not.
    pub maintenance: Option<MasterKey>,
}
