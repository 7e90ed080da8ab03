//! Net positions: one amount per participant and value date, and what is carried into the next settlement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError};

use crate::Participant;

/// What one participant receives (above zero) or owes (below zero) on one value date.
///
/// Every figure is signed from the participant's side so that one formula holds for all of them and each column
/// adds up to zero over all participants: a merchant's purchases are its operators' below zero, its fees are the
/// centre's below zero, its concessions are the sponsors' below zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Who.
    pub participant: Participant,
    /// When the money moves.
    pub value_date: BusinessDate,
    /// Purchases: above zero for merchants, below for operators.
    pub gross: Fen,
    /// Fees: above zero for merchants, below for the centre, which earns them.
    pub fee: Fen,
    /// Concessions: above zero for merchants, below for sponsors.
    pub concession: Fen,
    /// Loads: above zero for load agents, below for operators.
    pub load: Fen,
    /// Decisions of this window about earlier ones.
    pub adjustments: Fen,
    /// What the merchant still owed from earlier windows; zero or below.
    pub carried_in: Fen,
    /// gross − fee + concession − load + adjustments + carried in.
    pub net: Fen,
    /// A merchant's net where that is below zero: it is not collected but carried into the next settlement.
    pub carried_out: Fen,
}

impl Position {
    /// A position in which nothing has moved yet.
    pub(crate) const fn empty(participant: Participant, value_date: BusinessDate) -> Self {
        Self {
            participant,
            value_date,
            gross: Fen::ZERO,
            fee: Fen::ZERO,
            concession: Fen::ZERO,
            load: Fen::ZERO,
            adjustments: Fen::ZERO,
            carried_in: Fen::ZERO,
            net: Fen::ZERO,
            carried_out: Fen::ZERO,
        }
    }

    /// The net of this window alone: gross − fee + concession − load + adjustments.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it leaves the domain.
    pub fn before_carrying(&self) -> Result<Fen, MoneyError> {
        self.gross
            .checked_sub(self.fee)?
            .checked_add(self.concession)?
            .checked_sub(self.load)?
            .checked_add(self.adjustments)
    }

    /// What moves through the bank on the value date: the net without what is carried on; above zero the
    /// participant receives it, below zero it is collected.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it leaves the domain, which a settlement's own positions do not.
    pub const fn payable(&self) -> Result<Fen, MoneyError> {
        self.net.checked_sub(self.carried_out)
    }

    /// Fixes net and carried out, once the other figures stand.
    pub(crate) fn close(mut self) -> Result<Self, MoneyError> {
        self.net = self.before_carrying()?.checked_add(self.carried_in)?;
        let carries = matches!(self.participant, Participant::Merchant(_)) && self.net.is_negative();
        self.carried_out = if carries { self.net } else { Fen::ZERO };
        Ok(self)
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::empty(self.participant, self.value_date)
    }
}

/// What a merchant still owes from the windows before; zero or below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Who.
    pub merchant: MerchantCode,
    /// How much.
    pub amount: Fen,
}

/// What the settlement with these positions carries into the next one: one entry a merchant, sorted.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a sum leaves the domain.
pub fn carried_from<'a>(
    positions: impl IntoIterator<Item = &'a Position>,
) -> Result<Vec<Carried>, MoneyError> {
    let mut carried = BTreeMap::<MerchantCode, Fen>::new();
    for position in positions {
        if let Participant::Merchant(merchant) = position.participant {
            let sum = carried.entry(merchant).or_default();
            *sum = sum.checked_add(position.carried_out)?;
        }
    }
    let carried = carried.into_iter().filter(|(_, amount)| !amount.is_zero());
    Ok(carried.map(|(merchant, amount)| Carried { merchant, amount }).collect())
}
