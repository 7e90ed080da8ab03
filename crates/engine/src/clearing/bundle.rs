//! Rows on their way to the worker of their partition.
//!
//! Rows of one partition travel together, a thousand at a time: a bundle is handed from thread to thread as one
//! pointer, and its rows are written once and read once.

use serde::{Deserialize, Serialize};

use super::row::Row;

/// Rows of a full bundle, some 84 KB.
pub(crate) const BUNDLE_ROWS: usize = 1_024;

/// Rows of one partition, in no particular order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bundle {
    pub(crate) partition: u16,
    pub(crate) rows: Vec<Row>,
}

/// The bundles that a worker is filling, one a partition.
pub(crate) struct Bundles {
    open: Vec<Vec<Row>>,
}

impl Bundles {
    pub(crate) fn new(partitions: u16) -> Self {
        Self { open: vec![Vec::new(); usize::from(partitions)] }
    }

    /// Adds a row of `partition`, and returns its bundle once that is full.
    #[inline]
    pub(crate) fn add(&mut self, partition: u16, row: Row) -> Option<Bundle> {
        let rows = &mut self.open[usize::from(partition)];
        if rows.capacity() == 0 {
            rows.reserve_exact(BUNDLE_ROWS);
        }
        rows.push(row);
        (rows.len() == BUNDLE_ROWS).then(|| Bundle { partition, rows: std::mem::take(rows) })
    }

    /// What is left, in bundles that are not full.
    pub(crate) fn rest(&mut self) -> impl Iterator<Item = Bundle> {
        let rest = (0..)
            .zip(&mut self.open)
            .map(|(partition, rows)| Bundle { partition, rows: std::mem::take(rows) });
        rest.filter(|bundle| !bundle.rows.is_empty())
    }
}
