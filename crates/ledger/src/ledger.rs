//! The ledger in memory: what stores do with transfers, without a store (`clearing.md`, Ledger).

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use tongclear_types::{Fen, MoneyError};

use crate::{Account, Transfer, TransferId, TransferParts};

/// What posting a transfer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is in the ledger now.
    Created,
    /// It was in the ledger already, as it is; nothing changed.
    Exists,
    /// A transfer of that id was in the ledger already and says something else; nothing changed.
    ExistsWithDifferent(TransferField),
}

/// Fields of a transfer, in the order in which they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of `TransferParts`")]
pub enum TransferField {
    Window,
    Code,
    Debit,
    Credit,
    Amount,
    Merchant,
    Operator,
    Contract,
    Reference,
}

/// `amount` and the like.
impl fmt::Display for TransferField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Window => "window",
            Self::Code => "code",
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Amount => "amount",
            Self::Merchant => "merchant",
            Self::Operator => "operator",
            Self::Contract => "contract",
            Self::Reference => "reference",
        })
    }
}

/// `created`, `exists` or `exists_with_different_<field>`.
impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => f.pad("created"),
            Self::Exists => f.pad("exists"),
            Self::ExistsWithDifferent(field) => write!(f, "exists_with_different_{field}"),
        }
    }
}

/// What posting `new` answers when `existing` is in the ledger under the same id: `exists`, or the first field
/// that differs; never `created`.
#[must_use]
pub fn compare(existing: &TransferParts, new: &TransferParts) -> Posted {
    let differs = if existing.window != new.window {
        TransferField::Window
    } else if existing.code != new.code {
        TransferField::Code
    } else if existing.debit != new.debit {
        TransferField::Debit
    } else if existing.credit != new.credit {
        TransferField::Credit
    } else if existing.amount != new.amount {
        TransferField::Amount
    } else if existing.merchant != new.merchant {
        TransferField::Merchant
    } else if existing.operator != new.operator {
        TransferField::Operator
    } else if existing.contract != new.contract {
        TransferField::Contract
    } else if existing.reference != new.reference {
        TransferField::Reference
    } else {
        return Posted::Exists;
    };
    Posted::ExistsWithDifferent(differs)
}

/// What left an account and what entered it, apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Sum of what left.
    pub debits: Fen,
    /// Sum of what entered.
    pub credits: Fen,
}

impl Balance {
    /// What entered less what left.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] never happens: both sums are zero or more.
    pub const fn net(&self) -> Result<Fen, MoneyError> {
        self.credits.checked_sub(self.debits)
    }
}

/// Transfers and what they add up to; nothing is ever changed or deleted.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    transfers: BTreeMap<TransferId, Transfer>,
    balances: BTreeMap<Account, Balance>,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Posts a transfer, once.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a total would leave the domain; nothing changes then.
    pub fn post(&mut self, transfer: Transfer) -> Result<Posted, MoneyError> {
        if let Some(existing) = self.transfers.get(&transfer.id()) {
            return Ok(compare(existing, &transfer));
        }
        let debits = self.balance(transfer.debit).debits.checked_add(transfer.amount)?;
        let credits = self.balance(transfer.credit).credits.checked_add(transfer.amount)?;
        // From here on it must succeed.
        self.balances.entry(transfer.debit).or_default().debits = debits;
        self.balances.entry(transfer.credit).or_default().credits = credits;
        self.transfers.insert(transfer.id(), transfer);
        Ok(Posted::Created)
    }

    /// The totals of an account; zeros when nothing ever touched it.
    #[must_use]
    pub fn balance(&self, account: Account) -> Balance {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    /// Every account that a transfer touched, in order.
    pub fn balances(&self) -> impl Iterator<Item = (Account, Balance)> {
        self.balances.iter().map(|(account, balance)| (*account, *balance))
    }

    /// Every transfer, by id.
    pub fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.transfers.values()
    }

    /// All credits less all debits; zero, or the ledger is broken.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum over all accounts leaves the domain.
    pub fn imbalance(&self) -> Result<Fen, MoneyError> {
        self.balances.values().try_fold(Fen::ZERO, |sum, balance| sum.checked_add(balance.net()?))
    }
}

#[cfg(test)]
mod tests;
