//! Two values that should be one: what a verification ends with when it fails.

use std::fmt::Display;

use tongclear_types::{Disposition, DispositionTallies, Fen, MoneyError};

/// The first value of a statement that does not follow from the rest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {stated}, expected {follows}")]
pub struct Disagreement {
    /// Where it stands, such as `packages[3].sha256`.
    pub field: String,
    /// What it says.
    pub stated: String,
    /// What follows from the rest.
    pub follows: String,
}

impl Disagreement {
    pub(crate) fn new(field: impl Display, stated: impl Display, follows: impl Display) -> Self {
        Self { field: field.to_string(), stated: stated.to_string(), follows: follows.to_string() }
    }
}

/// Holds a value against what follows from the rest.
pub(crate) fn agree<T: PartialEq + Display + ?Sized>(
    field: impl Display,
    stated: &T,
    follows: &T,
) -> Result<(), Disagreement> {
    if stated == follows { Ok(()) } else { Err(Disagreement::new(field, stated, follows)) }
}

/// Holds tallies against tallies, those in `which`.
pub(crate) fn agree_tallies(
    field: impl Display,
    which: &[Disposition],
    stated: &DispositionTallies,
    follows: &DispositionTallies,
) -> Result<(), Disagreement> {
    for disposition in which {
        let (stated, follows) = (stated.get(*disposition), follows.get(*disposition));
        agree(format_args!("{field}.{disposition}.count"), &stated.count, &follows.count)?;
        agree(format_args!("{field}.{disposition}.amount_fen"), &stated.amount_fen, &follows.amount_fen)?;
    }
    Ok(())
}

/// A sum inside the domain of money, or a disagreement at `field`.
pub(crate) fn in_domain<T>(field: impl Display, sum: Result<T, MoneyError>) -> Result<T, Disagreement> {
    sum.map_err(|_| {
        Disagreement::new(field, "a sum beyond all money", format_args!("at most {} fen", Fen::MAX))
    })
}

/// An amount that cannot be below zero.
pub(crate) fn not_negative(field: impl Display, amount: Fen) -> Result<(), Disagreement> {
    if amount.is_negative() { Err(Disagreement::new(field, amount, "0 or more")) } else { Ok(()) }
}
