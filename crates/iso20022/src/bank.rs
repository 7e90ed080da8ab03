//! A bank in software: it pays what it is told to, or fails to in the ways that banks do, and says so in a statement.
//!
//! Each answer is one statement. A payment that is paid is debited on its date. One that is *rejected* is debited and, on the
//! same date, reversed with a reason: nothing left the bank. One that is *returned* is debited, and comes back as a credit
//! with a reason on the day of the statement: the receiver's bank did not take it.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_types::{BusinessDate, Fen};

use crate::amount::Amount;
use crate::camt::{Balance, Counterparty, Detail, Entry, ReturnInfo, Statement, StatementFile};
use crate::error::ValueError;
use crate::pain::{Party, Payment, PaymentGroup, PaymentOrder};
use crate::text::{EndToEndId, ReasonCode, Text, Text35, Text105, Text140};

/// What is not as it should be in an answer; payments that no twist names are paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Twist {
    /// The payment left and came back.
    Returned {
        /// Which payment.
        payment: EndToEndId,
        /// Why.
        reason: ReasonCode,
        /// In words.
        text: Option<Text105>,
    },
    /// The bank did not let the payment out.
    Rejected {
        /// Which payment.
        payment: EndToEndId,
        /// Why.
        reason: ReasonCode,
        /// In words.
        text: Option<Text105>,
    },
    /// The payment left with another amount.
    Short {
        /// Which payment.
        payment: EndToEndId,
        /// What left the account.
        paid: Amount,
    },
    /// The statement does not have the payment.
    Missing {
        /// Which payment.
        payment: EndToEndId,
    },
    /// Somebody paid in.
    Collected {
        /// Who.
        payer: Party,
        /// How much.
        amount: Amount,
        /// What it is for.
        remittance: Text140,
    },
}

impl Twist {
    /// The payment that it is about.
    const fn payment(&self) -> Option<&EndToEndId> {
        match self {
            Self::Returned { payment, .. }
            | Self::Rejected { payment, .. }
            | Self::Short { payment, .. }
            | Self::Missing { payment } => Some(payment),
            Self::Collected { .. } => None,
        }
    }
}

/// Why a bank could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    /// A twist is about a payment that the order does not have, or that another twist is about.
    #[error("payment {0} is not in the order, or has two twists")]
    Payment(EndToEndId),
    /// The order pays from another account.
    #[error("payment group pays from account {0}, which is not this bank's")]
    Account(String),
    /// The order pays after the statement.
    #[error("payment group pays on {execution}, after the statement of {date}")]
    Early {
        /// When the group is to be paid.
        execution: BusinessDate,
        /// The statement's date.
        date: BusinessDate,
    },
    /// The statement would not be one.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// A bank with one account.
#[derive(Debug, Clone)]
pub struct Bank {
    account: Party,
    balance: Fen,
    last: BusinessDate,
    statements: u32,
    in_batches: bool,
}

impl Bank {
    /// The bank of `account`, which holds `balance` on the morning of `opened`.
    #[must_use]
    pub const fn new(account: Party, balance: Fen, opened: BusinessDate) -> Self {
        Self { account, balance, last: opened, statements: 0, in_batches: false }
    }

    /// The bank that `order` pays from, from the order's first date on.
    #[must_use]
    pub fn of(order: &PaymentOrder, balance: Fen) -> Self {
        let first = &order.groups()[0];
        let opened = order.groups().iter().map(|group| group.execution).min().unwrap_or(first.execution);
        Self::new(first.debtor.clone(), balance, opened)
    }

    /// The same bank, which books what it pays of a group as one entry.
    #[must_use]
    pub fn in_batches(self) -> Self {
        Self { in_batches: true, ..self }
    }

    /// What the account holds.
    #[must_use]
    pub const fn balance(&self) -> Fen {
        self.balance
    }

    /// Pays `order` and says what became of it, up to the last of its dates.
    ///
    /// # Errors
    /// [`BankError`] when a twist names no payment of the order, and what [`Bank::statement`] refuses.
    pub fn answer(&mut self, order: &PaymentOrder, twists: &[Twist]) -> Result<StatementFile, BankError> {
        let last = order.groups().iter().map(|group| group.execution).max().unwrap_or(self.last);
        self.statement(last.max(self.last), &[order], twists)
    }

    /// Pays `orders` and says what became of the account up to `date`; without orders, what was paid in. A bank that
    /// refuses has paid nothing.
    ///
    /// # Errors
    /// [`BankError`] when an order pays from another account or later than `date`, a twist names no payment, or amounts go beyond what can be written.
    pub fn statement(
        &mut self,
        date: BusinessDate,
        orders: &[&PaymentOrder],
        twists: &[Twist],
    ) -> Result<StatementFile, BankError> {
        let mut fates = fates(orders, twists)?;
        let mut book = Book { number: self.statements + 1, entries: Vec::new() };
        for group in orders.iter().flat_map(|order| order.groups()) {
            if group.debtor.account != self.account.account {
                return Err(BankError::Account(group.debtor.account.to_string()));
            }
            if group.execution > date {
                return Err(BankError::Early { execution: group.execution, date });
            }
            book.pay(group, &mut fates, self.in_batches, date)?;
        }
        for twist in twists {
            if let Twist::Collected { payer, amount, remittance } = twist {
                let detail = Detail {
                    counterparty: counterparty(payer)?,
                    remittance: vec![remittance.clone()],
                    ..Detail::of(amount.fen())
                };
                book.enter(false, date, vec![detail])?;
            }
        }
        let amounts = [self.balance].into_iter().chain(book.entries.iter().map(Entry::amount));
        let balance =
            Fen::try_sum(amounts).map_err(|_| ValueError::new("balance", "beyond 2^62 fen", "less"))?;
        let id = Text35::new("statement id", &format!("{date}-{:04}", book.number))?;
        let statement = Statement::new(
            id.clone(),
            Text::new("account", self.account.account.as_str())?,
            Balance { date: self.last.min(date), amount: self.balance },
            Balance { date, amount: balance },
            book.entries,
        )?;
        (self.balance, self.last, self.statements) = (balance, date, book.number);
        let created = date.plus_days(1).civil().at(1, 0, 0, 0);
        Ok(StatementFile { message: id, created, statements: vec![statement] })
    }
}

/// The twist of each payment that has one.
fn fates<'a>(
    orders: &[&PaymentOrder],
    twists: &'a [Twist],
) -> Result<BTreeMap<&'a EndToEndId, &'a Twist>, BankError> {
    let payments = orders.iter().flat_map(|order| order.payments());
    let known: BTreeSet<&EndToEndId> = payments.map(|payment| &payment.end_to_end).collect();
    let mut fates = BTreeMap::new();
    for twist in twists {
        let Some(payment) = twist.payment() else { continue };
        if !known.contains(payment) || fates.insert(payment, twist).is_some() {
            return Err(BankError::Payment(payment.clone()));
        }
    }
    Ok(fates)
}

/// A statement that is being written.
struct Book {
    number: u32,
    entries: Vec<Entry>,
}

impl Book {
    fn enter(
        &mut self,
        is_reversal: bool,
        date: BusinessDate,
        details: Vec<Detail>,
    ) -> Result<(), ValueError> {
        let reference = format!("B{:04}-{:06}", self.number, self.entries.len() + 1);
        let reference = Some(Text35::new("entry reference", &reference)?);
        self.entries.push(Entry::new(reference, is_reversal, date, details)?);
        Ok(())
    }

    /// What becomes of a group by `until`.
    fn pay(
        &mut self,
        group: &PaymentGroup,
        fates: &mut BTreeMap<&EndToEndId, &Twist>,
        in_batches: bool,
        until: BusinessDate,
    ) -> Result<(), ValueError> {
        let mut out = Vec::new();
        let mut back = Vec::new();
        for payment in &group.payments {
            let detail = |amount: Fen| of_payment(group, payment, amount);
            let full = payment.amount.fen();
            match fates.remove(&payment.end_to_end) {
                Some(Twist::Missing { .. }) => continue,
                Some(Twist::Short { paid, .. }) => out.push(detail(paid.fen().negated())?),
                Some(Twist::Returned { reason, text, .. }) => {
                    out.push(detail(full.negated())?);
                    back.push((false, until, because(detail(full)?, reason, text.as_ref())));
                }
                Some(Twist::Rejected { reason, text, .. }) => {
                    out.push(detail(full.negated())?);
                    back.push((true, group.execution, because(detail(full)?, reason, text.as_ref())));
                }
                Some(Twist::Collected { .. }) | None => out.push(detail(full.negated())?),
            }
        }
        if in_batches && !out.is_empty() {
            self.enter(false, group.execution, out)?;
        } else {
            out.into_iter().try_for_each(|it| self.enter(false, group.execution, vec![it]))?;
        }
        back.into_iter().try_for_each(|(is_reversal, date, it)| self.enter(is_reversal, date, vec![it]))
    }
}

fn of_payment(group: &PaymentGroup, payment: &Payment, amount: Fen) -> Result<Detail, ValueError> {
    Ok(Detail {
        end_to_end: Some(Text::new("end-to-end id", payment.end_to_end.as_str())?),
        group: Some(Text::new("payment group id", group.id.as_str())?),
        counterparty: counterparty(&payment.creditor)?,
        remittance: payment.remittance.iter().cloned().collect(),
        ..Detail::of(amount)
    })
}

fn because(detail: Detail, reason: &ReasonCode, text: Option<&Text105>) -> Detail {
    let returned = ReturnInfo { reason: Some(reason.clone()), text: text.into_iter().cloned().collect() };
    Detail { returned: Some(returned), ..detail }
}

fn counterparty(party: &Party) -> Result<Counterparty, ValueError> {
    Ok(Counterparty {
        name: Some(party.name.clone()),
        account: Some(Text::new("account", party.account.as_str())?),
        bank: Some(Text::new("bank", party.bank.as_str())?),
    })
}
