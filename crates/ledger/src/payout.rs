//! Payouts: what is due becomes one payment per merchant and value date, and what the bank did to it (`reconciliation.md`,
//! Payouts).
//!
//! Pure: bounded by what it is given, one entry a merchant, position or payment.

mod collection;
mod progress;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError};

use crate::finalisation::{Check, FenFigure};
use crate::{
    Account, Participant, Position, Reference, Transfer, TransferCode, TransferError, TransferId,
    TransferParts,
};

pub use collection::{Collection, CollectionState, collections};
pub use progress::{BankMove, PaymentState, Progress};

/// Where money that is due comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A settled position of the merchant.
    Position {
        /// Its window.
        window: BusinessDate,
        /// Its value date.
        value_date: BusinessDate,
    },
    /// A transfer that brought an earlier payment back.
    Returned(TransferId),
}

/// Money that a merchant is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Due {
    /// To whom.
    pub merchant: MerchantCode,
    /// Where it comes from.
    pub source: Source,
    /// How much, above zero.
    pub amount: Fen,
}

impl Due {
    /// What a settled position of a merchant has to be paid by `by`; none when it is no merchant's, later, or not above zero.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the position leaves the domain.
    pub fn of_position(
        window: BusinessDate,
        position: &Position,
        by: BusinessDate,
    ) -> Result<Option<Self>, MoneyError> {
        let Participant::Merchant(merchant) = position.participant else { return Ok(None) };
        let amount = position.payable()?;
        if position.value_date > by || amount.is_negative() || amount.is_zero() {
            return Ok(None);
        }
        let source = Source::Position { window, value_date: position.value_date };
        Ok(Some(Self { merchant, source, amount }))
    }
}

/// One payment of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The end-to-end id at the bank.
    pub reference: Reference,
    /// When the bank is to pay.
    pub value_date: BusinessDate,
    /// To whom.
    pub merchant: MerchantCode,
    /// How much: the sum of its items.
    pub amount: Fen,
    /// What it pays, in order.
    pub items: Vec<(Source, Fen)>,
}

impl Payment {
    /// The posting of the payment: merchant payable to bank, on its value date.
    ///
    /// # Errors
    /// [`TransferError`] when the amount is not above zero.
    pub fn posting(&self) -> Result<Transfer, TransferError> {
        Transfer::new(TransferParts {
            window: self.value_date,
            code: TransferCode::Payout,
            debit: Account::merchant_payable(self.merchant),
            credit: Account::CENTRE_BANK,
            amount: self.amount,
            merchant: Some(self.merchant),
            operator: None,
            contract: None,
            reference: Some(self.reference),
        })
    }

    /// The posting of what came back of it: bank to merchant payable, on the bank's day; the `number`th of the payment,
    /// from 1.
    ///
    /// # Errors
    /// A text naming what does not hold.
    pub fn returned(&self, number: u32, amount: Fen, booked: BusinessDate) -> Result<Transfer, String> {
        let parts = TransferParts {
            window: booked,
            code: TransferCode::Returned,
            debit: Account::CENTRE_BANK,
            credit: Account::merchant_payable(self.merchant),
            amount,
            merchant: Some(self.merchant),
            operator: None,
            contract: None,
            reference: Some(nth(self.reference, number)?),
        };
        Transfer::new(parts).map_err(|error| error.to_string())
    }
}

/// The reference of the `number`th movement of one kind under `reference`: the reference itself, then `…/2`, `…/3`. A
/// transfer is named by its reference, so two of one day must not share it.
///
/// # Errors
/// When it would be longer than a reference may be.
fn nth(reference: Reference, number: u32) -> Result<Reference, String> {
    if number <= 1 { Ok(reference) } else { format!("{reference}/{number}").parse() }
}

/// One payment per merchant, by merchant, of everything that is due.
///
/// # Errors
/// When the centre's code has characters that no reference has, or a sum leaves the domain of money.
pub fn payments(
    centre: &str,
    value_date: BusinessDate,
    due: impl IntoIterator<Item = Due>,
) -> Result<Vec<Payment>, String> {
    let mut items = BTreeMap::<MerchantCode, Vec<(Source, Fen)>>::new();
    for due in due {
        items.entry(due.merchant).or_default().push((due.source, due.amount));
    }
    let payment = |(merchant, mut items): (MerchantCode, Vec<(Source, Fen)>)| {
        items.sort_unstable();
        let amount =
            Fen::try_sum(items.iter().map(|(_, amount)| *amount)).map_err(|error| error.to_string())?;
        let reference = Reference::payment(centre, Participant::Merchant(merchant), value_date)?;
        Ok(Payment { reference, value_date, merchant, amount, items })
    };
    items.into_iter().map(payment).collect()
}

/// The checks of a payout as a whole, besides those of every window that it pays: it pays what is due and no more, and
/// the ledger owes each merchant what it is paid. `payable` is what the ledger owes.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a sum leaves the domain.
pub fn payout_checks(
    payments: &[Payment],
    due: Fen,
    unsettled: usize,
    open_approvals: u64,
    payable: impl Fn(MerchantCode) -> Fen,
) -> Result<Vec<Check>, MoneyError> {
    let paid = Fen::try_sum(payments.iter().map(|payment| payment.amount))?;
    let mut checks = vec![
        Check::new("no earlier window is unsettled", ("windows not settled:", unsettled), ("allowed:", 0)),
        Check::new("no approval is open", ("open approvals:", open_approvals), ("allowed:", 0)),
        Check::new(
            "payments re-add",
            ("the payments add up to", FenFigure(paid)),
            ("positions and returns add up to", FenFigure(due)),
        ),
    ];
    for payment in payments {
        let owed = payable(payment.merchant);
        let mut check = Check::new(
            "the ledger covers each payment",
            (format!("the ledger owes {}", payment.merchant), FenFigure(owed)),
            ("its payment is", FenFigure(payment.amount)),
        );
        // More may be owed: what is not due yet.
        check.holds = owed >= payment.amount;
        checks.push(check);
    }
    Ok(checks)
}

#[cfg(test)]
mod tests;
