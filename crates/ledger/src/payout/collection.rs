//! Collections: what card operators and sponsors owe per value date, and what came in of it.

use std::collections::BTreeMap;

use tongclear_types::{BusinessDate, Fen, MoneyError};

use super::nth;
use crate::{Account, Participant, Position, Purpose, Reference, Transfer, TransferCode, TransferParts};

tongclear_types::named! {
    /// How much of what is owed has come in.
    CollectionState {
        Open = "open", "未到账", "nothing came in yet";
        Partial = "partial", "部分到账", "less came in than is owed";
        Full = "full", "已到账", "what is owed came in";
        Over = "over", "多到账", "more came in than is owed";
    }
}

/// What one operator or sponsor owes on one value date, over all windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// What it is to quote when it pays.
    pub reference: Reference,
    /// Who.
    pub participant: Participant,
    /// When it is due.
    pub value_date: BusinessDate,
    /// How much; below zero when the centre owes it.
    pub owed: Fen,
    /// What came in.
    pub received: Fen,
}

impl Collection {
    /// What is still owed; below zero when too much came in.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it leaves the domain.
    pub fn open(&self) -> Result<Fen, MoneyError> {
        self.owed.checked_sub(self.received)
    }

    /// How much of it has come in.
    #[must_use]
    pub fn state(&self) -> CollectionState {
        match self.received.cmp(&self.owed) {
            std::cmp::Ordering::Greater => CollectionState::Over,
            std::cmp::Ordering::Equal => CollectionState::Full,
            std::cmp::Ordering::Less if self.received.is_zero() => CollectionState::Open,
            std::cmp::Ordering::Less => CollectionState::Partial,
        }
    }

    /// The posting of what came in: bank to clearing, on the bank's day; the `number`th of the collection, from 1.
    ///
    /// # Errors
    /// A text naming what does not hold.
    pub fn received(&self, number: u32, amount: Fen, booked: BusinessDate) -> Result<Transfer, String> {
        let credit = Account::new(self.participant, Purpose::Clearing)
            .ok_or_else(|| format!("{} has no clearing account", self.participant))?;
        let operator = match self.participant {
            Participant::Operator(code) => Some(code),
            _ => None,
        };
        let parts = TransferParts {
            window: booked,
            code: TransferCode::Collection,
            debit: Account::CENTRE_BANK,
            credit,
            amount,
            merchant: None,
            operator,
            contract: None,
            reference: Some(nth(self.reference, number)?),
        };
        Transfer::new(parts).map_err(|error| error.to_string())
    }
}

/// What operators and sponsors owe by `positions` of all settled windows, by participant and value date; nothing came in
/// yet.
///
/// # Errors
/// When the centre's code has characters that no reference has, or a sum leaves the domain of money.
pub fn collections<'a>(
    centre: &str,
    positions: impl IntoIterator<Item = &'a Position>,
) -> Result<Vec<Collection>, String> {
    let mut owed = BTreeMap::<(Participant, BusinessDate), Fen>::new();
    for position in positions {
        if !matches!(position.participant, Participant::Operator(_) | Participant::Sponsor(_)) {
            continue;
        }
        let sum = owed.entry((position.participant, position.value_date)).or_default();
        let payable = position.payable().map_err(|error| error.to_string())?;
        *sum = sum.checked_sub(payable).map_err(|error| error.to_string())?;
    }
    let owed = owed.into_iter();
    owed.map(|((participant, value_date), owed)| {
        let reference = Reference::payment(centre, participant, value_date)?;
        Ok(Collection { reference, participant, value_date, owed, received: Fen::ZERO })
    })
    .collect()
}
