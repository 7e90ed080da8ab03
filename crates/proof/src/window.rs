//! The proof of a whole window: every merchant's account, the tree over them, and the root.

use serde::{Deserialize, Serialize};
use tongclear_ledger::{Participant, Position};
use tongclear_package::DetailRow;
use tongclear_types::{BusinessDate, Fen, MerchantCode};

use crate::account::Account;
use crate::branch::{Branch, BranchError, root_hash};
use crate::disagreement::{Disagreement, agree};
use crate::hash::Hash;
use crate::statement::{Format, PositionLine, Proof, Statement, UnpaidRecord};
use crate::tree;

/// The accounts of a window under one root.
#[derive(Debug, Clone)]
pub struct WindowProof {
    window: BusinessDate,
    /// Digest of the run.
    digest: Hash,
    /// By merchant.
    accounts: Vec<Account>,
    /// One leaf an account.
    leaves: Vec<Branch>,
    top: Option<Branch>,
    root: Hash,
}

impl WindowProof {
    /// The proof over `accounts`, no two of one merchant, in any order; `digest` is that of the run.
    ///
    /// # Errors
    /// [`BranchError`] when two accounts are one merchant's, or a sum leaves the domain of money.
    pub fn new(window: BusinessDate, digest: Hash, mut accounts: Vec<Account>) -> Result<Self, BranchError> {
        accounts.sort_by_key(|account| account.merchant);
        let leaves = accounts.iter().map(Account::leaf).collect::<Result<Vec<_>, _>>()?;
        let top = tree::root(&leaves, &Branch::join)?;
        let root = root_hash(window, digest, count(&leaves), top.as_ref());
        Ok(Self { window, digest, accounts, leaves, top, root })
    }

    /// The root.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// Whether the merchant has an account, and so a statement.
    #[must_use]
    pub fn has(&self, merchant: MerchantCode) -> bool {
        self.place(merchant).is_some()
    }

    fn place(&self, merchant: MerchantCode) -> Option<usize> {
        self.accounts.binary_search_by_key(&merchant, |account| account.merchant).ok()
    }

    /// The root as it is published.
    #[must_use]
    pub fn published(&self) -> PublishedRoot {
        PublishedRoot {
            format: RootFormat::One,
            window: self.window,
            root: self.root,
            digest: self.digest,
            merchants: count(&self.leaves),
            records: self.top.map_or(0, |top| top.records),
            amount_fen: self.top.map_or(Fen::ZERO, |top| top.amount_fen),
            top: self.top,
        }
    }

    /// The statement of a merchant, with its positions among `positions` and its records among those that were
    /// not accepted, the latter by partition in the order of the export; none when it has no account.
    ///
    /// # Errors
    /// [`BranchError::Money`] when a sum leaves the domain of money.
    pub fn statement(
        &self,
        merchant: MerchantCode,
        positions: &[Position],
        unpaid: &[DetailRow],
    ) -> Result<Option<Statement>, BranchError> {
        let Some(index) = self.place(merchant) else { return Ok(None) };
        let (account, published) = (&self.accounts[index], self.published());
        let positions =
            positions.iter().filter(|position| position.participant == Participant::Merchant(merchant));
        Ok(Some(Statement {
            format: Format::One,
            window: self.window,
            merchant,
            name: account.name.clone(),
            name_en: account.name_en.clone(),
            dispositions: account.dispositions()?,
            figures: account.figures.clone(),
            adjustments: account.adjustments.clone(),
            idle_value_date: account.idle_value_date,
            positions: positions.map(PositionLine::from).collect(),
            packages: account.packages.clone(),
            unpaid: unpaid.iter().filter(|row| row.merchant == merchant).map(UnpaidRecord::from).collect(),
            proof: Proof {
                sections: account.sections.clone(),
                packages: account.packages_hash(),
                figures: account.figures_hash(),
                leaf: self.leaves[index].hash,
                path: tree::path(&self.leaves, index, &Branch::join)?,
                merchants: published.merchants,
                records: published.records,
                amount_fen: published.amount_fen,
                digest: self.digest,
                root: self.root,
            },
        }))
    }
}

fn count(leaves: &[Branch]) -> u32 {
    u32::try_from(leaves.len()).unwrap_or(u32::MAX)
}

/// The format of a published root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RootFormat {
    /// The only one there is.
    #[serde(rename = "tongclear root 1")]
    One,
}

/// What the centre publishes of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedRoot {
    /// What this is.
    pub format: RootFormat,
    /// The business date.
    pub window: BusinessDate,
    /// The root.
    pub root: Hash,
    /// Digest of the run, as `settlement show` gives it.
    pub digest: Hash,
    /// Merchants in the tree.
    pub merchants: u32,
    /// Records of the window.
    pub records: u64,
    /// The sum of their amounts.
    pub amount_fen: Fen,
    /// The top of the tree; none when it has no merchant.
    pub top: Option<Branch>,
}

impl PublishedRoot {
    /// Checks that the root is the one of the figures beside it.
    ///
    /// # Errors
    /// The first [`Disagreement`].
    pub fn check(&self) -> Result<(), Disagreement> {
        let (records, fen) = self.top.map_or((0, Fen::ZERO), |top| (top.records, top.amount_fen));
        agree("records", &self.records, &records)?;
        agree("amount_fen", &self.amount_fen, &fen)?;
        let root = root_hash(self.window, self.digest, self.merchants, self.top.as_ref());
        agree("root", &self.root, &root)
    }
}
