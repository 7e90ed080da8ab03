//! What a registry holds, in the words of `cli.md`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongclear_ledger::{Calendar, ContractBook};
use tongclear_types::{CollectorId, IssuerId, MerchantCode, OperatorCode, Sector, TerminalId};

/// The most partitions that cards can be hashed into.
pub const CARD_PARTITIONS_MAX: u16 = 1_024;

/// The clearing centre itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centre {
    /// Its code, such as `CDT`.
    pub code: String,
    /// Its time zone; `Asia/Shanghai`, which has one offset all year.
    pub timezone: String,
    /// How old a record may be, days before the window's date.
    pub max_age_days: u16,
    /// How long after a card was listed the operator still bears it, hours.
    pub deny_grace_hours: u16,
    /// Partitions that cards are hashed into, a power of two; fixed from the first window on.
    pub card_partitions: u16,
    /// The calendar that value dates are taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Its bank account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its bank, 12-digit CNAPS code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
}

/// A card operator (发卡机构).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Its code, as deny lists name it.
    pub code: OperatorCode,
    /// The first 8 bytes of its cards' file 15.
    pub issuer_id: IssuerId,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Whether card keys are diversified by issuer id and serial, or by serial alone.
    pub two_level_keys: bool,
    /// The calendar that its grace is counted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Business days after which an open item becomes a break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_days: Option<u16>,
    /// Its bank account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its bank, 12-digit CNAPS code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
}

/// A merchant (商户), load agent (充值代理) or sponsor (优惠资助方).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// Its code.
    pub code: MerchantCode,
    /// Its kind of business.
    pub sector: Sector,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Its bank account, without which it cannot be paid out; not checksum-tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its bank, 12-digit CNAPS code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
}

/// A collector (采集点), which sends packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collector {
    /// Its id.
    pub id: CollectorId,
    /// Whose packages it sends.
    pub merchant: MerchantCode,
}

/// A terminal (终端) at a merchant for a time; a terminal may have several rows with disjoint dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalRow {
    /// Its id.
    pub id: TerminalId,
    /// Whose takings it takes.
    pub merchant: MerchantCode,
    /// Where it delivers them.
    pub collector: CollectorId,
    /// First date in service.
    pub from: Date,
    /// Last date in service; none while it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl TerminalRow {
    /// Whether `date` is in the row's dates.
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date <= until)
    }
}

/// Everything in a registry, sorted by code, id or key. Read it through [`crate::Registry`], which is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryData {
    /// The clearing centre itself.
    pub centre: Centre,
    /// Card operators, by code; codes have two bytes, so there are at most 65,536.
    pub operators: Vec<Operator>,
    /// Merchants, load agents and sponsors, by code.
    pub merchants: Vec<Merchant>,
    /// Collectors, by id.
    pub collectors: Vec<Collector>,
    /// Contracts, by key.
    pub contracts: ContractBook,
    /// Calendars, by name.
    pub calendars: Vec<Calendar>,
    /// Terminals, by id and first date.
    pub terminals: Vec<TerminalRow>,
}
