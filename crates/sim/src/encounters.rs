//! Which counters must not meet: those of lines without a record, and those of records that carry a wrong one.
//!
//! A line that matches nothing is shown with the record of its transaction that was not accepted. Where there is none
//! the centre looks for one with the same card, type and counter, and would find a copy or a misread record whose
//! wrong counter happens to be this one. Memory: 8 bytes, and what a set takes for itself, for each purchase that was
//! lost or has no valid type, and for each record with a wrong counter: a seventh of the anomalies.

use std::collections::HashSet;

/// Cards, as indices, with purchase counters.
#[derive(Debug, Default)]
pub(crate) struct Encounters {
    unseen: HashSet<(u32, u16)>,
    misread: HashSet<(u32, u16)>,
}

/// A city has fewer cards than 32 bits can count.
fn key(card: usize, counter: u16) -> (u32, u16) {
    (u32::try_from(card).unwrap_or(u32::MAX), counter)
}

impl Encounters {
    /// Whether the card's purchase with `counter` may go without a record.
    pub(crate) fn may_be_unseen(&self, card: usize, counter: u16) -> bool {
        !self.misread.contains(&key(card, counter))
    }

    /// The card's purchase with `counter` goes without a record.
    pub(crate) fn unseen(&mut self, card: usize, counter: u16) {
        self.unseen.insert(key(card, counter));
    }

    /// Whether another record of the card may carry `counter`.
    pub(crate) fn may_be_misread(&self, card: usize, counter: u16) -> bool {
        !self.unseen.contains(&key(card, counter))
    }

    /// Another record of the card carries `counter`.
    pub(crate) fn misread(&mut self, card: usize, counter: u16) {
        self.misread.insert(key(card, counter));
    }
}
