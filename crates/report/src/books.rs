//! The whole ledger as plain-text accounting, for hledger and beancount, and as CSV: every transfer is one entry, and the
//! balances that the centre keeps stand at the end as assertions that the tools check themselves.
//!
//! Money is yuan with two decimals, written from [`Fen`] without a float. What is written depends on the transfers, the
//! balances and the names alone, so the same ledger gives the same bytes.
//!
//! # Signs
//!
//! Both tools write what bookkeepers call a debit as a positive posting. Ours are the same debits: the account that money
//! *leaves* by a transfer is debited. What an operator's cards spent leaves `operator:…:clearing`, and that the operator now
//! owes it is a debit of a receivable. So each posting to a debited account is `+amount`, to a credited one `−amount`, and for
//! **every** account
//!
//! > balance in the books = debits − credits = −(balance of `ledger balances`).

mod account;
mod beancount;
mod csv;
mod hledger;

use std::collections::BTreeMap;
use std::io::{self, Write};

use tongclear_ledger::{Account, Transfer};
use tongclear_store::AccountBalance;
use tongclear_types::{BusinessDate, Fen, MoneyError};

use crate::Names;

/// The only commodity.
const COMMODITY: &str = "CNY";

/// What the books are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BooksFormat {
    /// hledger journal.
    Hledger,
    /// Beancount.
    Beancount,
    /// One line a transfer, without balances.
    Csv,
}

impl BooksFormat {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hledger => "hledger",
            Self::Beancount => "beancount",
            Self::Csv => "csv",
        }
    }
}

/// An account in the books.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// The date of its first transfer.
    opened: BusinessDate,
    /// What it must hold in the end, as the books sign it.
    balance: Fen,
}

/// The ledger in the order of the books.
#[derive(Debug)]
pub struct Books<'a> {
    /// By date and id.
    transfers: Vec<&'a Transfer>,
    /// Those that anything was posted to.
    accounts: BTreeMap<Account, Line>,
    /// The date of the last transfer; nothing when there is none.
    last: Option<BusinessDate>,
    names: &'a Names,
}

impl<'a> Books<'a> {
    /// The books of `transfers`, whose accounts must come to `balances`: those are what the centre keeps beside the transfers,
    /// and the tools find out when they disagree.
    ///
    /// # Errors
    /// [`MoneyError`] when a balance leaves the domain of money.
    pub fn new(
        transfers: &'a [Transfer],
        balances: &[AccountBalance],
        names: &'a Names,
    ) -> Result<Self, MoneyError> {
        let mut transfers: Vec<&Transfer> = transfers.iter().collect();
        transfers.sort_unstable_by_key(|it| (it.window, it.id()));
        let last = transfers.last().map(|it| it.window);
        let mut accounts: BTreeMap<Account, Line> = BTreeMap::new();
        for transfer in &transfers {
            for account in [transfer.debit, transfer.credit] {
                // In order of dates, so the first to come is the first there was.
                accounts.entry(account).or_insert(Line { opened: transfer.window, balance: Fen::ZERO });
            }
        }
        for it in balances {
            let balance = it.debits.checked_sub(it.credits)?;
            match (accounts.get_mut(&it.account), last) {
                (Some(line), _) => line.balance = balance,
                // A balance without transfers must not go unseen: it is asserted, and the assertion fails.
                (None, Some(last)) if !balance.is_zero() => {
                    accounts.insert(it.account, Line { opened: last, balance });
                }
                (None, _) => {}
            }
        }
        Ok(Self { transfers, accounts, last, names })
    }

    /// How many entries there are.
    #[must_use]
    pub fn transfers(&self) -> usize {
        self.transfers.len()
    }

    /// How many accounts there are.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Writes the books, one entry after the other.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(&self, format: BooksFormat, to: &mut impl Write) -> io::Result<()> {
        match format {
            BooksFormat::Hledger => hledger::write(self, to),
            BooksFormat::Beancount => beancount::write(self, to),
            BooksFormat::Csv => csv::write(self, to),
        }
    }
}

/// What a transfer says about itself beside accounts and amount: name and value, where there is one. The names are those of
/// the tags in hledger, of the metadata in beancount and of the columns in CSV.
fn tags(transfer: &Transfer) -> [(&'static str, Option<String>); 5] {
    [
        ("id", Some(transfer.id().to_string())),
        ("merchant", transfer.merchant.map(|it| it.to_string())),
        ("operator", transfer.operator.map(|it| it.to_string())),
        ("contract", transfer.contract.map(|it| it.to_string())),
        ("reference", transfer.reference.map(|it| it.to_string())),
    ]
}

/// Whose takings, from whose cards, in words.
fn whose(transfer: &Transfer) -> String {
    let merchant = transfer.merchant.map(|it| it.to_string());
    let operator = transfer.operator.map(|it| it.to_string());
    merchant.into_iter().chain(operator).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
