//! Transfers: a positive amount from one account to another, for ever as posted (`clearing.md`, Ledger).

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongclear_types::{BusinessDate, Fen, MerchantCode, OperatorCode};

use crate::{Account, ContractKey, Reference};

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferCode {
    /// Operator clearing to merchant payable: accepted purchases.
    Purchase,
    /// Merchant payable to centre fees.
    Fee,
    /// Sponsor clearing to merchant payable.
    Concession,
    /// Load agent's payable to operator clearing: accepted loads.
    Load,
    /// Operator suspense to merchant suspense for purchases, the other way round for loads.
    Suspended,
    /// The reverse of suspended, before the money is paid.
    Release,
    /// The reverse of suspended, for good.
    Refuse,
    /// Merchant payable to bank.
    Payout,
    /// Bank to operator or sponsor clearing.
    Collection,
    /// What a decision about a break moves: the reverse of what was posted, or what was never posted.
    Correction,
    /// Bank to merchant payable: a payout that came back.
    Returned,
}

impl TransferCode {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Purchase,
        Self::Fee,
        Self::Concession,
        Self::Load,
        Self::Suspended,
        Self::Release,
        Self::Refuse,
        Self::Payout,
        Self::Collection,
        Self::Correction,
        Self::Returned,
    ];

    /// Whether it moves money through the bank, which no run does.
    #[must_use]
    pub const fn is_bank(self) -> bool {
        matches!(self, Self::Payout | Self::Collection | Self::Returned)
    }

    /// The name in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Fee => "fee",
            Self::Concession => "concession",
            Self::Load => "load",
            Self::Suspended => "suspended",
            Self::Release => "release",
            Self::Refuse => "refuse",
            Self::Payout => "payout",
            Self::Collection => "collection",
            Self::Correction => "correction",
            Self::Returned => "returned",
        }
    }
}

impl fmt::Display for TransferCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TransferCode {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|code| code.name() == text)
            .ok_or_else(|| format!("{text:?} is not a transfer code"))
    }
}

/// Names a transfer by what it is for, so that posting it twice is seen; 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TransferId([u8; 16]);

impl TransferId {
    /// The first 16 bytes of SHA-256 over the parts that name a transfer, each on its own line: no part can hold
    /// a line feed, so no two lists of parts have the same text. The amount is left out on purpose: the same
    /// posting with another amount must be found, not added. A reference is one more line, where there is one.
    fn of(parts: &TransferParts) -> Self {
        let or_dash = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
        let mut text = format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
            parts.window,
            or_dash(parts.merchant.map(String::from)),
            or_dash(parts.operator.map(String::from)),
            or_dash(parts.contract.map(String::from)),
            parts.code,
            parts.debit,
            parts.credit,
        );
        if let Some(reference) = parts.reference {
            text.push_str(reference.as_str());
            text.push('\n');
        }
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let (id, _) = digest.split_first_chunk().expect("16 of 32 bytes");
        Self(*id)
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransferId({self})")
    }
}

impl FromStr for TransferId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = lower.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        number
            .map(|number| Self(number.to_be_bytes()))
            .ok_or_else(|| format!("{text:?} is not a transfer id of 32 lower-case hex digits"))
    }
}

impl TryFrom<String> for TransferId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TransferId> for String {
    fn from(id: TransferId) -> Self {
        id.to_string()
    }
}

/// What a transfer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferParts {
    /// The business date it belongs to.
    pub window: BusinessDate,
    /// Why money moved.
    pub code: TransferCode,
    /// The account it leaves.
    pub debit: Account,
    /// The account it enters.
    pub credit: Account,
    /// How much, above zero.
    pub amount: Fen,
    /// Whose takings; none for a collection.
    pub merchant: Option<MerchantCode>,
    /// Whose cards; none for a payout, which is one sum over all operators.
    pub operator: Option<OperatorCode>,
    /// Under which contract; none for suspended money and for the bank's.
    pub contract: Option<ContractKey>,
    /// The original that it corrects, the payment that it is part of; none for a run's sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
}

/// A transfer that holds what a transfer must: the amount is above zero, the accounts differ, the id is that of
/// its parts, which can be read but never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TransferParts", into = "TransferParts")]
pub struct Transfer {
    id: TransferId,
    parts: TransferParts,
}

/// Why some parts are not a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Only positive amounts move; the other direction is another transfer.
    #[error("amount is {0} fen: a transfer moves more than 0")]
    AmountNotPositive(Fen),
    /// Money would stay where it is.
    #[error("credit is {0}: the account it leaves")]
    SameAccount(Account),
}

impl Transfer {
    /// A transfer of these parts, with the id that follows from them.
    ///
    /// # Errors
    /// [`TransferError`] naming what does not hold.
    pub fn new(parts: TransferParts) -> Result<Self, TransferError> {
        if parts.amount.is_negative() || parts.amount.is_zero() {
            return Err(TransferError::AmountNotPositive(parts.amount));
        }
        if parts.debit == parts.credit {
            return Err(TransferError::SameAccount(parts.credit));
        }
        Ok(Self { id: TransferId::of(&parts), parts })
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> TransferId {
        self.id
    }
}

impl Deref for Transfer {
    type Target = TransferParts;
    fn deref(&self) -> &TransferParts {
        &self.parts
    }
}

impl TryFrom<TransferParts> for Transfer {
    type Error = TransferError;
    fn try_from(parts: TransferParts) -> Result<Self, TransferError> {
        Self::new(parts)
    }
}

impl From<Transfer> for TransferParts {
    fn from(transfer: Transfer) -> Self {
        transfer.parts
    }
}

#[cfg(test)]
pub(crate) mod tests;
