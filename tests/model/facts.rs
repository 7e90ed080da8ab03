//! What the centre has been told: registry, keys, lists and packages, as plain lists without any index.
//!
//! Bounded by: a registry here has a handful of entries, so everything is found by looking at all of it.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use tongclear_types::{
    CollectorId, IssuerId, MerchantCode, OperatorCode, Rounding, Sector, Serial, TerminalId,
    TransactionRecord,
};

/// `registry.toml` and `terminals.csv` of one load.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registry {
    pub max_age_days: i32,
    pub grace_hours: i32,
    pub operators: Vec<Operator>,
    pub merchants: Vec<Merchant>,
    pub collectors: Vec<Collector>,
    pub contracts: Vec<Contract>,
    pub services: Vec<Service>,
}

/// A card operator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Operator {
    pub code: OperatorCode,
    pub issuer: IssuerId,
    pub two_levels: bool,
}

/// A merchant, load agent or sponsor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Merchant {
    pub code: MerchantCode,
    pub sector: Sector,
}

/// A collector and whose it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Collector {
    pub id: CollectorId,
    pub merchant: MerchantCode,
}

/// When a fee is rounded: for each transaction, or once for the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Transaction,
    Window,
}

/// One `[[contract]]`; no operator stands for `*`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contract {
    pub merchant: MerchantCode,
    pub operator: Option<OperatorCode>,
    pub from: Date,
    pub until: Option<Date>,
    pub rate: Decimal,
    pub fixed_fen: Decimal,
    pub min_fee_fen: Option<Decimal>,
    pub max_fee_fen: Option<Decimal>,
    pub level: Level,
    pub rounding: Rounding,
    pub amount_limit_fen: i64,
    pub sponsor: Option<MerchantCode>,
}

/// One row of `terminals.csv`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Service {
    pub terminal: TerminalId,
    pub merchant: MerchantCode,
    pub collector: CollectorId,
    pub from: Date,
    pub until: Option<Date>,
}

/// The cipher of a TAC key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    Des,
    Sm4,
}

/// One `[[tac]]` of `keys.toml`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TacKey {
    pub operator: OperatorCode,
    pub version: u8,
    pub cipher: Cipher,
    pub master: [u8; 16],
}

/// The hash under a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealHash {
    Sha256,
    Sm3,
}

/// One `[[seal]]` of `keys.toml`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SealKey {
    pub version: u32,
    pub hash: SealHash,
    pub master: [u8; 32],
}

/// Everything in `keys.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Keys {
    pub tac: Vec<TacKey>,
    pub seal: Vec<SealKey>,
}

/// One version of a card operator's deny list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DenyList {
    pub operator: OperatorCode,
    pub version: u32,
    pub effective: DateTime,
    pub serials: BTreeSet<Serial>,
}

/// What a package's bytes say, once the door has let it in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Package {
    pub merchant: MerchantCode,
    pub collector: CollectorId,
    pub sequence: u32,
    pub previous_seal: [u8; 8],
    pub seal: [u8; 32],
    pub records: Vec<TransactionRecord>,
}

/// A record together with where it stood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    pub merchant: MerchantCode,
    pub collector: CollectorId,
    pub sequence: u32,
    pub row: u32,
    pub record: TransactionRecord,
}

impl Contract {
    /// Whether `date` lies in the contract's period, both ends included.
    pub(crate) fn in_force(&self, date: Date) -> bool {
        within(self.from, self.until, date)
    }
}

impl Service {
    /// Whether the terminal works under this row on `date`, both ends included.
    pub(crate) fn on(&self, date: Date) -> bool {
        within(self.from, self.until, date)
    }
}

fn within(from: Date, until: Option<Date>, date: Date) -> bool {
    from <= date && until.is_none_or(|until| date <= until)
}
