//! The window's tree: every branch carries the range of merchants under it and what their records add up to.
//!
//! **Invariant:** a node's hash covers range, sums and hash of both children. Two paths to the same root therefore
//! agree about every branch they share, and because ranges ascend and never overlap, no merchant can have a second
//! leaf that leads to the same root. Were only a node's own range hashed, each path could tell another story about
//! the branch beside it.

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError};

use crate::hash::{Hash, Hasher, Tag};

/// The text under which a root is hashed, and the format of a published root.
pub const ROOT_FORMAT: &str = "tongclear root 1";

/// A leaf or node of the window's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The first merchant under it.
    pub first: MerchantCode,
    /// The last one.
    pub last: MerchantCode,
    /// Records of the merchants under it.
    pub records: u64,
    /// The sum of their amounts.
    pub amount_fen: Fen,
    /// Its hash.
    pub hash: Hash,
}

/// Why two branches cannot stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BranchError {
    /// The ranges do not ascend.
    #[error("merchant {left} stands to the left of {right}")]
    Order {
        /// The last merchant of the left branch.
        left: MerchantCode,
        /// The first merchant of the right branch.
        right: MerchantCode,
    },
    /// A sum left the domain of money.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Branch {
    /// The node above two branches.
    ///
    /// # Errors
    /// [`BranchError`] when the ranges do not ascend, or the sums leave the domain of money.
    pub fn join(left: Self, right: Self) -> Result<Self, BranchError> {
        let ascending = [left.first, left.last, right.first, right.last].is_sorted();
        if !ascending || left.last == right.first {
            return Err(BranchError::Order { left: left.last, right: right.first });
        }
        if left.amount_fen.is_negative() || right.amount_fen.is_negative() {
            return Err(MoneyError::OutOfRange.into());
        }
        let mut hash = Hasher::new(Tag::Window);
        left.enter(&mut hash);
        right.enter(&mut hash);
        Ok(Self {
            first: left.first,
            last: right.last,
            records: left.records.checked_add(right.records).ok_or(MoneyError::OutOfRange)?,
            amount_fen: left.amount_fen.checked_add(right.amount_fen)?,
            hash: hash.finish(),
        })
    }

    /// The node above this branch and the one beside it; their ranges say which is left.
    ///
    /// # Errors
    /// As [`Branch::join`].
    pub(crate) fn join_beside(self, beside: Self) -> Result<Self, BranchError> {
        if beside.first < self.first { Self::join(beside, self) } else { Self::join(self, beside) }
    }

    /// 64 bytes: first 8, last 8, records 8, fen 8, hash 32.
    fn enter(&self, hash: &mut Hasher) {
        hash.bytes(self.first.bytes()).bytes(self.last.bytes());
        hash.u64(self.records).fen(self.amount_fen).bytes(self.hash.0);
    }
}

/// The root of a window: what is published.
#[must_use]
pub(crate) fn root_hash(window: BusinessDate, digest: Hash, merchants: u32, top: Option<&Branch>) -> Hash {
    let mut root = Hasher::new(Tag::Root);
    root.bytes(ROOT_FORMAT).bytes("\n").date(window).bytes(digest.0).u32(merchants);
    if let Some(top) = top {
        top.enter(&mut root);
    }
    root.finish()
}
