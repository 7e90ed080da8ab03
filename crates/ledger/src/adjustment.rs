//! Adjustments: what a decision about one suspended record, or one break between the centre's books and a card
//! operator's, moves (`clearing.md`, Ledger; `reconciliation.md`, Disputes and adjustments).
//!
//! An original stands somehow before the decision (not at all, whole) and somehow after it (not at all, whole, in part, at
//! the operator's figure); what moves is the difference, in amount, fee and concession. Pure.
//!
//! **Invariant:** paid + refused = the original amount.

use std::fmt;

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, Chain, Fen, MerchantCode, MoneyError, OperatorCode};

use crate::posting::post;
use crate::{Account, Contract, ContractKey, Cycle, Reference, Transfer, TransferCode, TransferParts};

/// What an adjustment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A record whose money waits in suspense.
    Suspended,
    /// A record that was paid and that the operator does not have.
    OursOnly,
    /// A line of the operator about something that was never paid.
    TheirsOnly,
    /// A record that was paid and that the operator has otherwise.
    Mismatch,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Suspended, Self::OursOnly, Self::TheirsOnly, Self::Mismatch];

    /// The name in databases and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::OursOnly => "ours_only",
            Self::TheirsOnly => "theirs_only",
            Self::Mismatch => "mismatch",
        }
    }

    /// For people, in Chinese and English.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Suspended => ("挂账", "suspended"),
            Self::OursOnly => ("仅我方有", "ours only"),
            Self::TheirsOnly => ("仅对方有", "theirs only"),
            Self::Mismatch => ("双方不一致", "mismatch"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What was decided about an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Resolution {
    /// The merchant is paid; of a mismatch, our figure stands.
    Pay,
    /// The merchant is not paid; of a mismatch, the operator's figure counts.
    Refuse,
    /// The merchant is paid in part.
    Split {
        /// What is paid.
        pay_fen: Fen,
        /// What is refused.
        refuse_fen: Fen,
    },
    /// It stays as it is, with a reason.
    Keep,
}

impl Resolution {
    /// The name in databases and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Refuse => "refuse",
            Self::Split { .. } => "split",
            Self::Keep => "keep",
        }
    }

    /// For people, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Pay => "付款",
            Self::Refuse => "拒付",
            Self::Split { .. } => "部分付款",
            Self::Keep => "保留待查",
        }
    }

    /// Whether it settles the matter.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// Whether the original is paid, whole or in part.
    #[must_use]
    pub const fn pays(self) -> bool {
        matches!(self, Self::Pay | Self::Split { .. })
    }

    /// What is paid and what is refused of an original of `amount`.
    ///
    /// # Errors
    /// [`AdjustmentError::DoesNotReAdd`] when the parts of a split do not add up to it, or one of them is nothing.
    pub fn parts(self, amount: Fen) -> Result<(Fen, Fen), AdjustmentError> {
        match self {
            Self::Pay => Ok((amount, Fen::ZERO)),
            Self::Refuse => Ok((Fen::ZERO, amount)),
            Self::Keep => Ok((Fen::ZERO, Fen::ZERO)),
            Self::Split { pay_fen, refuse_fen } => {
                let adds = pay_fen > Fen::ZERO
                    && refuse_fen > Fen::ZERO
                    && pay_fen.checked_add(refuse_fen)? == amount;
                let refuse = AdjustmentError::DoesNotReAdd { pay: pay_fen, refuse: refuse_fen, amount };
                adds.then_some((pay_fen, refuse_fen)).ok_or(refuse)
            }
        }
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a decision cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdjustmentError {
    /// The parts are not the whole.
    #[error(
        "pay {pay} fen and refuse {refuse} fen do not split {amount} fen: both must be above 0 and add up to the original \
         amount"
    )]
    DoesNotReAdd {
        /// What would be paid.
        pay: Fen,
        /// What would be refused.
        refuse: Fen,
        /// The original amount.
        amount: Fen,
    },
    /// Nobody knows what it costs and when it moves.
    #[error(
        "no contract is in force for merchant {merchant} and operator {operator} on the record's date: load one first"
    )]
    NoContract {
        /// Whose record.
        merchant: MerchantCode,
        /// Whose card.
        operator: OperatorCode,
    },
    /// A sum left the domain of money.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// An original, as a decision finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Original {
    /// What transfers about it refer to.
    pub reference: Reference,
    /// What it is.
    pub origin: Origin,
    /// Who took it.
    pub merchant: MerchantCode,
    /// Whose card.
    pub operator: OperatorCode,
    /// Purchase or load.
    pub chain: Chain,
    /// The amount: the operator's where only the operator has it.
    pub amount: Fen,
    /// The price before any concession.
    pub list_price: Fen,
    /// Of a mismatch, what the operator has: nothing when it refused the transaction.
    pub theirs: Option<Fen>,
}

/// How an original stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Not,
    Whole(Fen),
    Part(Fen),
}

impl Standing {
    const fn amount(self) -> Fen {
        match self {
            Self::Not => Fen::ZERO,
            Self::Whole(amount) | Self::Part(amount) => amount,
        }
    }

    fn fee(self, chain: Chain, contract: &Contract) -> Result<Fen, MoneyError> {
        if self == Self::Not || chain == Chain::Load {
            return Ok(Fen::ZERO);
        }
        contract.explain(1, self.amount()).map(|arithmetic| arithmetic.fee)
    }

    fn concession(self, original: &Original, contract: &Contract) -> Fen {
        match self {
            Self::Whole(_) if original.chain == Chain::Purchase => {
                contract.concession(original.list_price, original.amount)
            }
            Self::Whole(_) | Self::Part(_) | Self::Not => Fen::ZERO,
        }
    }
}

impl Original {
    fn before(&self) -> Standing {
        match self.origin {
            Origin::Suspended | Origin::TheirsOnly => Standing::Not,
            Origin::OursOnly | Origin::Mismatch => Standing::Whole(self.amount),
        }
    }

    fn after(&self, resolution: Resolution) -> Standing {
        match (resolution, self.theirs) {
            (Resolution::Keep, _) => self.before(),
            (Resolution::Pay, _) => Standing::Whole(self.amount),
            (Resolution::Split { pay_fen, .. }, _) => Standing::Part(pay_fen),
            (Resolution::Refuse, Some(theirs)) => Standing::Whole(theirs),
            (Resolution::Refuse, None) => Standing::Not,
        }
    }
}

/// Under what an adjustment moves money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The contract in force for the record's date.
    pub contract: ContractKey,
    /// When its money moves.
    pub cycle: Cycle,
    /// Who owes its concessions.
    pub sponsor: Option<MerchantCode>,
}

/// One decision, in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// The original; no two adjustments of a run about the same kind of original have the same.
    pub reference: Reference,
    /// What it is.
    pub origin: Origin,
    /// Who took it.
    pub merchant: MerchantCode,
    /// Whose card.
    pub operator: OperatorCode,
    /// Purchase or load.
    pub chain: Chain,
    /// None when nothing moves between participants.
    pub terms: Option<Terms>,
    /// What is paid of the original amount.
    pub paid: Fen,
    /// What is refused of it.
    pub refused: Fen,
    /// Purchases: from operator to merchant; loads: from merchant to operator; below zero the other way.
    pub moved: Fen,
    /// From merchant to centre; below zero it is given back.
    pub fee: Fen,
    /// From sponsor to merchant; below zero it is taken back.
    pub concession: Fen,
}

impl Adjustment {
    /// What a decision about `original` moves. The fee is what the contract charges for one purchase, rounded by itself
    /// at either level; a concession is granted only for what is paid whole.
    ///
    /// # Errors
    /// [`AdjustmentError`].
    pub fn of(
        original: &Original,
        resolution: Resolution,
        contract: Option<&Contract>,
    ) -> Result<Self, AdjustmentError> {
        let Original { reference, origin, merchant, operator, chain, amount, .. } = *original;
        let (paid, refused) = resolution.parts(amount)?;
        let (before, after) = (original.before(), original.after(resolution));
        let still = Self {
            reference,
            origin,
            merchant,
            operator,
            chain,
            terms: None,
            paid,
            refused,
            moved: Fen::ZERO,
            fee: Fen::ZERO,
            concession: Fen::ZERO,
        };
        if before == after {
            return Ok(still);
        }
        let contract = contract.ok_or(AdjustmentError::NoContract { merchant, operator })?;
        let concession = |standing: Standing| match (original.theirs, standing) {
            // The operator has nothing at all: the ride was none.
            (Some(Fen::ZERO), Standing::Whole(Fen::ZERO)) => Fen::ZERO,
            _ => standing.concession(original, contract),
        };
        let fee = |standing: Standing| match (original.theirs, standing) {
            (Some(Fen::ZERO), Standing::Whole(Fen::ZERO)) => Ok(Fen::ZERO),
            _ => standing.fee(chain, contract),
        };
        Ok(Self {
            terms: Some(Terms { contract: contract.key(), cycle: contract.cycle, sponsor: contract.sponsor }),
            moved: after.amount().checked_sub(before.amount())?,
            fee: fee(after)?.checked_sub(fee(before)?)?,
            concession: concession(after).checked_sub(concession(before))?,
            ..still
        })
    }

    /// What the merchant gets by it; below zero it pays.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when it leaves the domain.
    pub fn to_merchant(&self) -> Result<Fen, MoneyError> {
        self.from_operator().checked_sub(self.fee)?.checked_add(self.concession)
    }

    /// What the operator pays by it; below zero it gets it.
    #[must_use]
    pub const fn from_operator(&self) -> Fen {
        match self.chain {
            Chain::Purchase => self.moved,
            Chain::Load => self.moved.negated(),
        }
    }
}

/// The postings of a run's adjustments, sorted by id; each refers to its original.
///
/// Suspended money is released or refused by the reverse of what suspended it, then posted as if it had been accepted;
/// what a break moves is a correction, but for a fee or concession that was never charged, which has its own code.
#[must_use]
pub fn adjustment_postings(window: BusinessDate, adjustments: &[Adjustment]) -> Vec<Transfer> {
    let mut transfers: Vec<_> = adjustments.iter().flat_map(|it| postings_of(window, it)).collect();
    transfers.sort_by_key(Transfer::id);
    transfers
}

fn postings_of(window: BusinessDate, adjustment: &Adjustment) -> Vec<Transfer> {
    let Adjustment { merchant, operator, chain, terms, moved, fee, concession, .. } = *adjustment;
    let payable = Account::merchant_payable(merchant);
    let clearing = Account::operator_clearing(operator);
    let parts = |code, debit, credit, amount, contract| TransferParts {
        window,
        code,
        debit,
        credit,
        amount,
        merchant: Some(merchant),
        operator: Some(operator),
        contract,
        reference: Some(adjustment.reference),
    };
    let mut posted = Vec::new();
    if adjustment.origin == Origin::Suspended {
        let (of_operator, of_merchant) =
            (Account::operator_suspense(operator), Account::merchant_suspense(merchant));
        let (debit, credit) = match chain {
            Chain::Purchase => (of_merchant, of_operator),
            Chain::Load => (of_operator, of_merchant),
        };
        posted.extend(post(parts(TransferCode::Release, debit, credit, adjustment.paid, None)));
        posted.extend(post(parts(TransferCode::Refuse, debit, credit, adjustment.refused, None)));
    }
    let Some(Terms { contract, sponsor, .. }) = terms else { return posted };
    let (code, debit, credit) = match chain {
        Chain::Purchase => (TransferCode::Purchase, clearing, payable),
        Chain::Load => (TransferCode::Load, payable, clearing),
    };
    let code = if adjustment.origin == Origin::Suspended { code } else { TransferCode::Correction };
    posted.extend(post(parts(code, debit, credit, moved, Some(contract))));
    let code = |code, amount: Fen| if amount.is_negative() { TransferCode::Correction } else { code };
    let fees = Account::CENTRE_FEES;
    posted.extend(post(parts(code(TransferCode::Fee, fee), payable, fees, fee, Some(contract))));
    posted.extend(sponsor.and_then(|sponsor| {
        let code = code(TransferCode::Concession, concession);
        post(parts(code, Account::sponsor_clearing(sponsor), payable, concession, Some(contract)))
    }));
    posted
}

#[cfg(test)]
mod tests;
