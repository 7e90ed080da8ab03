//! Contracts between the centre and its merchants: what is charged, up to which amount, and when money moves
//! (`clearing.md`, Fees).

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tongclear_types::{Fen, MerchantCode, OperatorCode, Rounding};

use crate::Cycle;

/// What a merchant's accepted records are charged while the contract is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Whose records.
    pub merchant: MerchantCode,
    /// With whose cards; none stands for every card operator, `*` in `registry.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorCode>,
    /// First date of records under the contract.
    pub from: Date,
    /// Last date of records under the contract; none when it is open-ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Share of the amount, 0 to 1.
    pub rate: Decimal,
    /// Fen for each purchase, fractions allowed.
    pub fixed_fen: Decimal,
    /// The least a purchase is charged; only at transaction level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_fee_fen: Option<Decimal>,
    /// The most a purchase is charged; only at transaction level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fee_fen: Option<Decimal>,
    /// Whether each purchase is rounded, or the sum of a window.
    pub level: FeeLevel,
    /// How the fee becomes whole fen.
    pub rounding: Rounding,
    /// The largest amount of a record that is paid without asking.
    pub amount_limit: Fen,
    /// When the money moves.
    pub cycle: Cycle,
    /// Who owes the difference between list price and amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<MerchantCode>,
}

/// Where a fee is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeLevel {
    /// For each accepted purchase.
    Transaction,
    /// Once for a window's purchases of merchant, operator and contract.
    Window,
}

impl FeeLevel {
    /// All levels, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::Transaction, Self::Window];

    /// The name used in `registry.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Window => "window",
        }
    }
}

impl fmt::Display for FeeLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FeeLevel {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| format!("{text:?} is not a fee level: transaction or window"))
    }
}

/// Why a contract is refused: which field, what it held, and what is wrong with that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value:?}: {problem}")]
pub struct ContractError {
    /// The field as `registry.toml` names it.
    pub field: &'static str,
    /// What it held.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Contract {
    /// Decimal places of a rate or a fee; see [`Contract::FEN_DECIMAL_MAX`].
    pub const SCALE_MAX: u32 = 10;

    /// The largest fixed, least or most fee: 10^9 fen, ten million yuan.
    ///
    /// With [`Contract::SCALE_MAX`] this keeps every fee exact until it is rounded. The largest sum of amounts is
    /// 2^62 fen, so Σ amount × rate has a mantissa below 2^62 × 10^10 < 4.7 × 10^28; a window has at most 2^30
    /// records, so n × fixed stays below 2^30 × 10^9 × 10^10 < 1.1 × 10^28; and a decimal holds
    /// 2^96 − 1 > 7.9 × 10^28.
    pub const FEN_DECIMAL_MAX: i64 = 1_000_000_000;

    /// What identifies the contract among all.
    #[must_use]
    pub const fn key(&self) -> ContractKey {
        ContractKey { merchant: self.merchant, operator: self.operator, from: self.from }
    }

    /// Whether the contract covers records of `date`.
    #[must_use]
    pub fn in_force(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date <= until)
    }

    /// Checks what the contract says on its own, without the rest of the registry.
    ///
    /// # Errors
    /// [`ContractError`] naming the first field that does not hold.
    pub fn check(&self) -> Result<(), ContractError> {
        let refuse = |field, value: String, problem: &str| {
            Err(ContractError { field, value, problem: problem.to_owned() })
        };
        if let Some(until) = self.until.filter(|until| *until < self.from) {
            return refuse("until", until.to_string(), &format!("before from, {}", self.from));
        }
        bounded("rate", self.rate, Decimal::ONE, "above 1")?;
        fen_bounded("fixed_fen", self.fixed_fen)?;
        for (field, bound) in [("min_fee_fen", self.min_fee_fen), ("max_fee_fen", self.max_fee_fen)] {
            let Some(bound) = bound else { continue };
            fen_bounded(field, bound)?;
            if self.level == FeeLevel::Window {
                return refuse(field, bound.to_string(), "not allowed at window level");
            }
        }
        if let (Some(min), Some(max)) = (self.min_fee_fen, self.max_fee_fen)
            && min > max
        {
            return refuse("min_fee_fen", min.to_string(), &format!("above max_fee_fen, {max}"));
        }
        if self.amount_limit.is_negative() {
            return refuse("amount_limit_fen", self.amount_limit.to_string(), "below 0");
        }
        Ok(())
    }
}

fn fen_bounded(field: &'static str, value: Decimal) -> Result<(), ContractError> {
    bounded(field, value, Decimal::from(Contract::FEN_DECIMAL_MAX), "above 1000000000 fen")
}

fn bounded(field: &'static str, value: Decimal, max: Decimal, above: &str) -> Result<(), ContractError> {
    let problem = if value < Decimal::ZERO {
        "below 0"
    } else if value > max {
        above
    } else if value.scale() > Contract::SCALE_MAX {
        "more than 10 decimal places"
    } else {
        return Ok(());
    };
    Err(ContractError { field, value: value.to_string(), problem: problem.to_owned() })
}

/// What identifies a contract: no two have the same merchant, operator and first date.
///
/// ```
/// use tongclear_ledger::ContractKey;
/// let key: ContractKey = "BUS00001/*/2026-01-01".parse()?;
/// assert_eq!((key.operator, key.to_string().as_str()), (None, "BUS00001/*/2026-01-01"));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContractKey {
    /// Whose records.
    pub merchant: MerchantCode,
    /// With whose cards; none stands for all.
    pub operator: Option<OperatorCode>,
    /// First date.
    pub from: Date,
}

/// Merchant, operator or `*`, and first date, with slashes between them.
impl fmt::Display for ContractKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator {
            Some(operator) => write!(f, "{}/{operator}/{}", self.merchant, self.from),
            None => write!(f, "{}/*/{}", self.merchant, self.from),
        }
    }
}

impl FromStr for ContractKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let key = || {
            let mut parts = text.splitn(3, '/');
            let merchant = parts.next()?.parse().ok()?;
            let operator = match parts.next()? {
                "*" => None,
                code => Some(code.parse().ok()?),
            };
            let from = parts.next()?.parse().ok()?;
            Some(Self { merchant, operator, from })
        };
        // The way back must give the same text, so that one key has one spelling.
        key()
            .filter(|key| key.to_string() == text)
            .ok_or_else(|| format!("{text:?} is not a contract: merchant/operator or */YYYY-MM-DD"))
    }
}

impl TryFrom<String> for ContractKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ContractKey> for String {
    fn from(key: ContractKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
pub(crate) mod tests;
