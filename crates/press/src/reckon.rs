//! Re-adding: a figure on paper stands only if the figures it is made of give it again.

use tongclear_types::{Fen, MoneyError, Tally};

use crate::Movement;

/// Why figures are not a statement: what disagrees, with both figures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Disagreement {
    /// An amount is not the sum of what it is made of.
    #[error(
        "{what}: {stated} fen stated, {added} fen when added up; a row is missing or figures of different runs were mixed"
    )]
    Amount {
        /// Which figure.
        what: String,
        /// As it was given.
        stated: Fen,
        /// As it re-adds.
        added: Fen,
    },
    /// A count is not the sum of what it is made of.
    #[error(
        "{what}: {stated} stated, {added} when added up; a row is missing or figures of different runs were mixed"
    )]
    Count {
        /// Which figure.
        what: String,
        /// As it was given.
        stated: u64,
        /// As it re-adds.
        added: u64,
    },
    /// A row lies outside the days that the document covers.
    #[error("{what} lies outside {period}; give only rows of the period")]
    OutsidePeriod {
        /// Which row, with its date.
        what: String,
        /// The period.
        period: String,
    },
    /// A payout's amounts do not fit its state.
    #[error(
        "payout {reference} is {state}, yet {paid} of {ordered} fen were paid; give the state the bank reported"
    )]
    PayoutState {
        /// The end-to-end id.
        reference: String,
        /// The state's name.
        state: &'static str,
        /// What was ordered.
        ordered: Fen,
        /// What the bank moved.
        paid: Fen,
    },
    /// A sum left the domain of money.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Refuses `stated` unless it is `added`; `what` names the figure.
pub(crate) fn amount(what: impl FnOnce() -> String, stated: Fen, added: Fen) -> Result<(), Disagreement> {
    if stated == added {
        return Ok(());
    }
    Err(Disagreement::Amount { what: what(), stated, added })
}

/// Refuses `stated` unless it is `added`; `what` names the figure.
pub(crate) fn count(what: impl FnOnce() -> String, stated: u64, added: u64) -> Result<(), Disagreement> {
    if stated == added {
        return Ok(());
    }
    Err(Disagreement::Count { what: what(), stated, added })
}

/// Refuses `stated` unless it is `added`, in count and fen; `what` names the figure.
pub(crate) fn tally(what: &str, stated: &Tally, added: &Tally) -> Result<(), Disagreement> {
    count(|| format!("{what}, count"), stated.count, added.count)?;
    amount(|| format!("{what}, amount"), stated.amount_fen, added.amount_fen)
}

/// Refuses `stated` unless it is `added`, column by column; `what` names the rows that were added up.
pub(crate) fn movement(what: &str, stated: &Movement, added: &Movement) -> Result<(), Disagreement> {
    count(|| format!("{what}, count"), stated.count, added.count)?;
    for (column, stated, added) in [
        ("gross", stated.gross, added.gross),
        ("fee", stated.fee, added.fee),
        ("concession", stated.concession, added.concession),
        ("load", stated.load, added.load),
    ] {
        amount(|| format!("{what}, {column}"), stated, added)?;
    }
    Ok(())
}

/// Refuses `part` when it is more than the `whole` that it belongs to; `what` names the figure.
pub(crate) fn at_most(what: &str, part: &Tally, whole: &Tally) -> Result<(), Disagreement> {
    if part.count <= whole.count {
        return Ok(());
    }
    Err(Disagreement::Count { what: what.to_owned(), stated: part.count, added: whole.count })
}

/// The sum of tallies.
pub(crate) fn sum<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Result<Tally, MoneyError> {
    tallies.into_iter().try_fold(Tally::default(), |mut sum, tally| sum.merge(tally).map(|()| sum))
}
