//! What packages must show at least before a certificate says anything: rules that nothing tested were not kept.

use serde::Serialize;
use tongclear_types::named;

named! {
    /// One demand on the packages together.
    Demand {
        Records = "records", "记录数", "records";
        Packages = "packages", "包数", "packages";
        ChainedPackages = "chained_packages", "成链的包", "packages chained to the one before";
        Cards = "cards", "卡数", "different cards";
        CardsAgain = "cards_again", "同卡再次交易", "records of a card seen before";
        Supplementary = "supplementary", "补采记录", "supplementary records";
    }
}

impl Demand {
    /// How many there must be.
    #[must_use]
    pub const fn needed(self) -> u64 {
        match self {
            Self::Records => 100,
            Self::Packages => 2,
            Self::Cards => 10,
            Self::ChainedPackages | Self::CardsAgain | Self::Supplementary => 1,
        }
    }
}

/// A demand and what the packages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// The demand.
    pub demand: Demand,
    /// How many there are.
    pub found: u64,
    /// How many there must be.
    pub needed: u64,
}

impl Covered {
    pub(crate) const fn new(demand: Demand, found: u64) -> Self {
        Self { demand, found, needed: demand.needed() }
    }

    /// Whether there are enough.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        self.found >= self.needed
    }
}
