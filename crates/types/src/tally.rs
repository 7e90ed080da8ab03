//! Counting records and their money, by disposition.

use serde::{Deserialize, Serialize};

use crate::{Disposition, Fen, MoneyError};

/// A number of records and the sum of their amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Records.
    pub count: u64,
    /// Sum of their amounts, fen.
    pub amount_fen: Fen,
}

impl Tally {
    /// Counts one record.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum leaves the domain of money.
    #[inline]
    pub fn add(&mut self, amount: Fen) -> Result<(), MoneyError> {
        self.merge(&Self { count: 1, amount_fen: amount })
    }

    /// Adds another tally.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum leaves the domain of money.
    #[inline]
    pub fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.count = self.count.checked_add(other.count).ok_or(MoneyError::OutOfRange)?;
        self.amount_fen = self.amount_fen.checked_add(other.amount_fen)?;
        Ok(())
    }
}

/// One tally for each disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the dispositions")]
pub struct DispositionTallies {
    pub accepted: Tally,
    pub duplicate: Tally,
    pub suspended: Tally,
    pub rejected: Tally,
}

impl DispositionTallies {
    /// The tally of one disposition.
    #[must_use]
    pub const fn get(&self, disposition: Disposition) -> &Tally {
        match disposition {
            Disposition::Accepted => &self.accepted,
            Disposition::Duplicate => &self.duplicate,
            Disposition::Suspended => &self.suspended,
            Disposition::Rejected => &self.rejected,
        }
    }

    /// The tally of one disposition, to count into.
    #[inline]
    pub const fn get_mut(&mut self, disposition: Disposition) -> &mut Tally {
        match disposition {
            Disposition::Accepted => &mut self.accepted,
            Disposition::Duplicate => &mut self.duplicate,
            Disposition::Suspended => &mut self.suspended,
            Disposition::Rejected => &mut self.rejected,
        }
    }

    /// The four in the order of [`Disposition::ALL`].
    #[must_use]
    pub const fn in_order(&self) -> [Tally; 4] {
        [self.accepted, self.duplicate, self.suspended, self.rejected]
    }

    /// All four together.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum leaves the domain of money.
    pub fn sum(&self) -> Result<Tally, MoneyError> {
        let mut sum = Tally::default();
        for disposition in Disposition::ALL {
            sum.merge(self.get(*disposition))?;
        }
        Ok(sum)
    }

    /// Adds the tallies of `other`.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        Disposition::ALL.iter().try_for_each(|it| self.get_mut(*it).merge(other.get(*it)))
    }
}
