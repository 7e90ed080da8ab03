//! What a transaction adds up while it writes, for every store alike: packages taken in, balances moved.

use std::collections::BTreeMap;

use tongclear_ledger::{Account, Transfer};
use tongclear_types::Fen;

use crate::{AccountBalance, NewPackage, StoreError, column};

/// What a batch of intake adds to the open window's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Packages.
    pub packages: u64,
    /// Their records.
    pub transactions: u64,
    /// Sum of the records' amounts.
    pub amount: Fen,
}

impl Taken {
    /// These and one more package.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the sum of amounts leaves the domain of [`Fen`].
    pub fn with(self, package: &NewPackage) -> Result<Self, StoreError> {
        // Neither count can overflow: a package is one, and has at most 2^32 records.
        Ok(Self {
            packages: self.packages + 1,
            transactions: self.transactions + u64::from(package.records),
            amount: sum("windows.amount_fen", self.amount, package.amount)?,
        })
    }
}

/// What newly posted transfers move, by account.
#[derive(Debug, Clone, Default)]
pub struct Moved(BTreeMap<Account, AccountBalance>);

impl Moved {
    /// Counts a transfer that was not in the ledger yet.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a sum leaves the domain of [`Fen`].
    pub fn add(&mut self, transfer: &Transfer) -> Result<(), StoreError> {
        let debits = &mut self.of(transfer.debit).debits;
        *debits = sum("balances.debits_fen", *debits, transfer.amount)?;
        let credits = &mut self.of(transfer.credit).credits;
        *credits = sum("balances.credits_fen", *credits, transfer.amount)?;
        Ok(())
    }

    fn of(&mut self, account: Account) -> &mut AccountBalance {
        let none = AccountBalance { account, debits: Fen::ZERO, credits: Fen::ZERO };
        self.0.entry(account).or_insert(none)
    }

    /// One a touched account, by account.
    pub fn into_balances(self) -> impl Iterator<Item = AccountBalance> {
        self.0.into_values()
    }
}

fn sum(column: &'static str, so_far: Fen, amount: Fen) -> Result<Fen, StoreError> {
    let sum = so_far.checked_add(amount);
    sum.map_err(|reason| column::corrupt(column, format!("{so_far} + {amount}"), reason))
}
