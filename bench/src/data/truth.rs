//! What the maker knows of what it made: the first opinion in the gate.

use serde::{Deserialize, Serialize};

use super::stream::Sent;

/// A count and its sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) amount_fen: u64,
}

impl Tally {
    fn add(&mut self, amount_fen: u32) {
        self.count += 1;
        self.amount_fen += u64::from(amount_fen);
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.amount_fen += other.amount_fen;
    }
}

/// A day as it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Truth {
    pub(crate) packages: u64,
    pub(crate) package_bytes: u64,
    /// All records, the second copies included.
    pub(crate) records: Tally,
    /// Those with a wrong TAC.
    pub(crate) rejected: Tally,
    /// Second copies.
    pub(crate) duplicate: Tally,
}

impl Truth {
    /// Counts a record that travels.
    pub(crate) fn take(&mut self, sent: &Sent) {
        self.records.add(sent.tap.amount_fen);
        if !sent.tac_right {
            self.rejected.add(sent.tap.amount_fen);
        } else if sent.ready != sent.tap.second {
            self.duplicate.add(sent.tap.amount_fen);
        }
    }

    /// Adds what another thread counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.packages += other.packages;
        self.package_bytes += other.package_bytes;
        self.records.merge(other.records);
        self.rejected.merge(other.rejected);
        self.duplicate.merge(other.duplicate);
    }
}
