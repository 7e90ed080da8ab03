//! One transaction as a terminal recorded it (`package.md`, record layout 1).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{BcdDate, BcdTime, CardId, CivilMoment, Fen, IssuerId, Serial, TerminalId, TerminalNumber};

/// The transaction type (交易类型标识) as it was sent; see [`Tti::chain`] for those that can be cleared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tti(pub u8);

impl Tti {
    /// Load of the purse (圈存).
    pub const LOAD: Self = Self(0x02);
    /// Purchase from the ED; treated as [`Tti::PURCHASE`].
    pub const ED_PURCHASE: Self = Self(0x05);
    /// Purchase from the purse (消费).
    pub const PURCHASE: Self = Self(0x06);
    /// Composite purchase (复合消费, CAPP).
    pub const COMPOSITE_PURCHASE: Self = Self(0x09);

    /// The counter chain the type belongs to; none when it is not one that can be cleared.
    #[must_use]
    #[inline]
    pub const fn chain(self) -> Option<Chain> {
        match self {
            Self::LOAD => Some(Chain::Load),
            Self::ED_PURCHASE | Self::PURCHASE | Self::COMPOSITE_PURCHASE => Some(Chain::Purchase),
            _ => None,
        }
    }
}

/// Two hex digits.
impl fmt::Display for Tti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

impl fmt::Debug for Tti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tti({self})")
    }
}

/// The two counter chains of a card; purchases sort before loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// Purchases, numbered by the offline counter (脱机交易序号).
    Purchase,
    /// Loads, numbered by the online counter (联机交易序号).
    Load,
}

impl Chain {
    /// The name in databases and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Load => "load",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Purchase, Self::Load].into_iter().find(|chain| chain.name() == name)
    }
}

/// The flag byte of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordFlags(pub u8);

impl RecordFlags {
    /// The TAC was recovered later (补采).
    pub const SUPPLEMENTARY: u8 = 1 << 0;
    /// The terminal worked in a degraded mode.
    pub const DEGRADED: u8 = 1 << 1;
    /// A test card.
    pub const TEST_CARD: u8 = 1 << 2;

    /// Whether all bits of `flag` are set.
    #[must_use]
    #[inline]
    pub const fn has(self, flag: u8) -> bool {
        self.0 & flag == flag
    }
}

/// One record of a package, every field as it was sent; 96 bytes on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionRecord {
    /// What the card was debited or credited, fen.
    pub amount_fen: u32,
    /// Transaction type.
    pub tti: Tti,
    /// The terminal that took the money.
    pub terminal: TerminalId,
    /// That terminal's transaction number.
    pub terminal_number: TerminalNumber,
    /// Date by the terminal's clock.
    pub date: BcdDate,
    /// Time by the terminal's clock.
    pub time: BcdTime,
    /// Transaction authentication code, made by the card.
    pub tac: [u8; 4],
    /// Version of the card operator's TAC key.
    pub key_version: u8,
    /// Algorithm byte: 00 and 01 DES/3DES, 04 SM4.
    pub algorithm: u8,
    /// First 8 bytes of the card's file 15.
    pub issuer: IssuerId,
    /// The card's application serial.
    pub serial: Serial,
    /// Purchase counter as the card reported it at initialise, before this transaction.
    pub offline_counter: u16,
    /// Load counter, likewise.
    pub online_counter: u16,
    /// Balance before, fen.
    pub balance_before_fen: u32,
    /// Balance after, fen.
    pub balance_after_fen: u32,
    /// Price before any concession, fen.
    pub list_price_fen: u32,
    /// Sector byte; not checked at the door.
    pub sector: u8,
    /// Flag byte.
    pub flags: RecordFlags,
    /// Version of the card operator's deny list that the terminal held.
    pub deny_list_version: u32,
    /// The card's random from initialise.
    pub card_random: [u8; 4],
    /// Sector data, laid out by sector.
    pub sector_data: [u8; 24],
}

impl TransactionRecord {
    /// The card.
    #[must_use]
    #[inline]
    pub const fn card(&self) -> CardId {
        CardId { issuer: self.issuer, serial: self.serial }
    }

    /// The amount as money.
    #[must_use]
    pub fn amount(&self) -> Fen {
        Fen::from(self.amount_fen)
    }

    /// Date and time, if both are valid BCD calendar values.
    #[must_use]
    pub fn when(&self) -> Option<CivilMoment> {
        Some(self.date.to_civil()?.to_datetime(self.time.to_civil()?))
    }

    /// The chain whose counter numbers this record; a type that cannot be cleared sorts with the purchases.
    #[must_use]
    pub const fn sort_chain(&self) -> Chain {
        match self.tti.chain() {
            Some(chain) => chain,
            None => Chain::Purchase,
        }
    }

    /// The counter of `chain` in this record.
    #[must_use]
    pub const fn counter(&self, chain: Chain) -> u16 {
        match chain {
            Chain::Purchase => self.offline_counter,
            Chain::Load => self.online_counter,
        }
    }
}
