//! What the window's tree holds of one merchant: its names, money, packages and sections.

use serde::{Deserialize, Serialize};
use tongclear_ledger::{Adjustment, ContractKey, Cycle, Origin, RatedTotal, Reference};
use tongclear_types::{
    BusinessDate, CollectorId, DispositionTallies, Fen, MerchantCode, MoneyError, OperatorCode,
    PackageSequence,
};

use crate::branch::Branch;
use crate::hash::{Hash, Hasher, Tag};
use crate::section::Section;
use crate::tree;

/// Accepted money of one card operator and contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Whose cards.
    pub operator: OperatorCode,
    /// Under which contract.
    pub contract: ContractKey,
    /// When that contract's money moves.
    pub cycle: Cycle,
    /// The day on which it does.
    pub value_date: BusinessDate,
    /// Who owes that contract's concessions.
    pub sponsor: Option<MerchantCode>,
    /// Accepted purchases.
    pub purchase_count: u64,
    /// The sum of their amounts.
    pub gross_fen: Fen,
    /// The sum of their fees, or the window's fee.
    pub fee_fen: Fen,
    /// The sum of their concessions.
    pub concession_fen: Fen,
    /// Accepted loads.
    pub load_count: u64,
    /// The sum of their amounts.
    pub load_fen: Fen,
    /// gross − fee + concession − load.
    pub net_fen: Fen,
}

impl Figure {
    /// The figure of a run's total whose money moves on `value_date`.
    ///
    /// # Errors
    /// [`MoneyError`] when the net leaves the domain of money.
    pub fn new(rated: &RatedTotal, value_date: BusinessDate) -> Result<Self, MoneyError> {
        let mut figure = Self {
            operator: rated.operator,
            contract: rated.contract,
            cycle: rated.cycle,
            value_date,
            sponsor: rated.sponsor,
            purchase_count: rated.purchase_count,
            gross_fen: rated.purchase,
            fee_fen: rated.fee,
            concession_fen: rated.concession,
            load_count: rated.load_count,
            load_fen: rated.load,
            net_fen: Fen::ZERO,
        };
        figure.net_fen = figure.net()?;
        Ok(figure)
    }

    /// gross − fee + concession − load.
    pub(crate) fn net(&self) -> Result<Fen, MoneyError> {
        self.gross_fen.checked_sub(self.fee_fen)?.checked_add(self.concession_fen)?.checked_sub(self.load_fen)
    }
}

/// What one decision of the window brings the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentLine {
    /// The original.
    pub reference: Reference,
    /// What the original is.
    pub origin: Origin,
    /// Whose card.
    pub operator: OperatorCode,
    /// Under which contract; none when nothing moves.
    pub contract: Option<ContractKey>,
    /// The day on which it moves; none when nothing does.
    pub value_date: Option<BusinessDate>,
    /// What is paid of the original amount.
    pub paid_fen: Fen,
    /// What is refused of it.
    pub refused_fen: Fen,
    /// What the merchant gets, fee and concession included; below zero it pays.
    pub net_fen: Fen,
}

impl AdjustmentLine {
    /// The line of a run's adjustment; `value_date` knows when the money of a cycle moves.
    ///
    /// # Errors
    /// [`MoneyError`] when the net leaves the domain of money.
    pub fn new(
        adjustment: &Adjustment,
        value_date: impl FnOnce(Cycle) -> BusinessDate,
    ) -> Result<Self, MoneyError> {
        Ok(Self {
            reference: adjustment.reference,
            origin: adjustment.origin,
            operator: adjustment.operator,
            contract: adjustment.terms.map(|terms| terms.contract),
            value_date: adjustment.terms.map(|terms| value_date(terms.cycle)),
            paid_fen: adjustment.paid,
            refused_fen: adjustment.refused,
            net_fen: adjustment.to_merchant()?,
        })
    }
}

/// A package of the window and what became of its records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageLine {
    /// Who sent it.
    pub collector: CollectorId,
    /// Its number.
    pub sequence: PackageSequence,
    /// SHA-256 of all its bytes.
    pub sha256: Hash,
    /// Its records.
    pub records: u32,
    /// What became of them.
    pub dispositions: DispositionTallies,
}

/// Everything that the window's tree holds of one merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub merchant: MerchantCode,
    /// What it is called.
    pub name: String,
    /// What it is called in English.
    pub name_en: String,
    /// On which day an amount carried in moves when the merchant has no figure: the value date of `T+0`.
    pub idle_value_date: BusinessDate,
    /// Money, by operator and contract.
    pub figures: Vec<Figure>,
    /// Decisions, by reference and origin; an account without any has the hash that it had before there were any.
    pub adjustments: Vec<AdjustmentLine>,
    /// Packages, by collector and sequence.
    pub packages: Vec<PackageLine>,
    /// Sections, by partition.
    pub sections: Vec<Section>,
}

impl Account {
    /// What became of the merchant's records, added up over its sections.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn dispositions(&self) -> Result<DispositionTallies, MoneyError> {
        let mut sum = DispositionTallies::default();
        self.sections.iter().try_for_each(|section| sum.merge(&section.dispositions))?;
        Ok(sum)
    }

    /// Hash of names and money: figures, then adjustments where there are any.
    pub(crate) fn figures_hash(&self) -> Hash {
        let mut hash = Hasher::new(Tag::Figures);
        hash.text(&self.name).text(&self.name_en).date(self.idle_value_date);
        hash.count(self.figures.len());
        for figure in &self.figures {
            hash.bytes(figure.operator.0).text(&figure.contract.to_string()).bytes([figure.cycle.0]);
            hash.date(figure.value_date)
                .text(&figure.sponsor.map(|sponsor| sponsor.to_string()).unwrap_or_default());
            hash.u64(figure.purchase_count).fen(figure.gross_fen).fen(figure.fee_fen);
            hash.fen(figure.concession_fen).u64(figure.load_count).fen(figure.load_fen);
        }
        if !self.adjustments.is_empty() {
            hash.count(self.adjustments.len());
        }
        for adjustment in &self.adjustments {
            let or_empty = |part: Option<String>| part.unwrap_or_default();
            hash.text(adjustment.reference.as_str()).text(adjustment.origin.name());
            hash.bytes(adjustment.operator.0).text(&or_empty(adjustment.contract.map(|it| it.to_string())));
            hash.text(&or_empty(adjustment.value_date.map(|it| it.to_string())));
            hash.fen(adjustment.paid_fen).fen(adjustment.refused_fen).fen(adjustment.net_fen);
        }
        hash.finish()
    }

    /// Hash of the packages.
    pub(crate) fn packages_hash(&self) -> Hash {
        let mut hash = Hasher::new(Tag::Packages);
        hash.count(self.packages.len());
        for package in &self.packages {
            hash.bytes(package.collector.0).u32(package.sequence.0).bytes(package.sha256.0);
            hash.u32(package.records).tallies(&package.dispositions);
        }
        hash.finish()
    }

    /// The merchant as a leaf of the window's tree.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn leaf(&self) -> Result<Branch, MoneyError> {
        let dispositions = self.dispositions()?;
        let sections: Vec<Hash> = self.sections.iter().map(Section::leaf).collect();
        let mut leaf = Hasher::new(Tag::Merchant);
        leaf.bytes(self.merchant.bytes()).count(sections.len()).bytes(tree::hash_root(&sections).0);
        leaf.tallies(&dispositions).bytes(self.packages_hash().0).bytes(self.figures_hash().0);
        let received = dispositions.sum()?;
        Ok(Branch {
            first: self.merchant,
            last: self.merchant,
            records: received.count,
            amount_fen: received.amount_fen,
            hash: leaf.finish(),
        })
    }
}
