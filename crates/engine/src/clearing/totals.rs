//! Counting a partition's records, and adding the partitions up.

use std::collections::BTreeMap;

use tongclear_ledger::SuspendedTotal;
use tongclear_registry::Registry;
use tongclear_store::{DispositionTallies, PackageResult, PackageRow, Received, RunTotals, Tally};
use tongclear_types::{Chain, Disposition, Fen, Flag, Flags, MerchantCode, MoneyError, Reason, Verdict};

use super::rating::{Rated, RatedSums};
use super::row::Row;

/// The totals of some records; what workers counted is merged in any order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    /// By package index: cards meet all packages, so a table is full and a search would be asked for every record.
    packages: Vec<DispositionTallies>,
    reasons: BTreeMap<Reason, Tally>,
    flags: BTreeMap<Flag, u64>,
    /// Accepted money.
    rated: RatedSums,
    /// Suspended money.
    suspended: BTreeMap<SuspendedKey, SuspendedSums>,
}

/// Merchant and operator index.
type SuspendedKey = (MerchantCode, u16);

#[derive(Debug, Clone, Copy, Default)]
struct SuspendedSums {
    purchases: Tally,
    loads: Tally,
}

impl Totals {
    /// Nothing yet, of a run with so many packages.
    pub(crate) fn new(packages: usize) -> Self {
        Self { packages: vec![DispositionTallies::default(); packages], ..Self::default() }
    }

    /// Counts one judged record, rated when it was accepted.
    #[inline]
    pub(crate) fn count(
        &mut self,
        row: &Row,
        merchant: MerchantCode,
        rated: Rated,
    ) -> Result<(), MoneyError> {
        let amount = row.amount();
        let tallies = &mut self.packages[row.package as usize];
        tallies.get_mut(row.verdict.disposition()).add(amount)?;
        match row.verdict {
            Verdict::Duplicate => {}
            Verdict::Accepted(flags) => {
                if flags != Flags::NONE {
                    flags.iter().for_each(|flag| *self.flags.entry(flag).or_default() += 1);
                }
                let contract = row.bearings.contract.expect("an accepted record passed check 10");
                self.rated.count(row.bearings.operator, contract, row.chain(), amount, rated)?;
            }
            Verdict::Refused(reason) => {
                self.reasons.entry(reason).or_default().add(amount)?;
                if reason.disposition() == Disposition::Suspended {
                    let key = (merchant, row.bearings.operator);
                    let sums = self.suspended.entry(key).or_default();
                    match row.chain() {
                        Chain::Purchase => sums.purchases.add(amount)?,
                        Chain::Load => sums.loads.add(amount)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds the totals of other records.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        if self.packages.len() < other.packages.len() {
            self.packages.resize(other.packages.len(), DispositionTallies::default());
        }
        for (mine, tallies) in self.packages.iter_mut().zip(&other.packages) {
            mine.merge(tallies)?;
        }
        for (reason, tally) in &other.reasons {
            self.reasons.entry(*reason).or_default().merge(tally)?;
        }
        for (flag, count) in &other.flags {
            *self.flags.entry(*flag).or_default() += count;
        }
        self.rated.merge(&other.rated)?;
        for (key, sums) in &other.suspended {
            let mine = self.suspended.entry(*key).or_default();
            mine.purchases.merge(&sums.purchases)?;
            mine.loads.merge(&sums.loads)?;
        }
        Ok(())
    }

    /// What became of each package, empty ones included.
    pub(crate) fn package_results(&self, packages: &[PackageRow]) -> Vec<PackageResult> {
        let tallies = self.packages.iter().copied().chain(std::iter::repeat(DispositionTallies::default()));
        packages
            .iter()
            .zip(tallies)
            .map(|(package, tallies)| PackageResult { key: package.key, tallies: tallies.in_order() })
            .collect()
    }

    /// The totals with participants in place of indexes, fees of window-level contracts included.
    pub(crate) fn finish(
        self,
        packages: &[PackageRow],
        registry: &Registry,
    ) -> Result<RunTotals, MoneyError> {
        let mut totals = RunTotals {
            received: Received {
                packages: packages.len() as u64,
                transactions: packages.iter().map(|package| u64::from(package.records)).sum(),
                amount_fen: Fen::try_sum(packages.iter().map(|package| package.amount))?,
            },
            reasons: self.reasons,
            flags: self.flags,
            ..RunTotals::default()
        };
        for (package, tallies) in packages.iter().zip(&self.packages) {
            if *tallies != DispositionTallies::default() {
                totals.merchants.entry(package.merchant).or_default().merge(tallies)?;
                totals.dispositions.merge(tallies)?;
            }
        }
        totals.rated = self.rated.finish(registry.contracts(), &registry.operators)?;
        for ((merchant, operator), sums) in self.suspended {
            totals.suspended.push(SuspendedTotal {
                merchant,
                operator: registry.operators[usize::from(operator)].code,
                purchase: sums.purchases.amount_fen,
                load: sums.loads.amount_fen,
                count: sums.purchases.count + sums.loads.count,
            });
        }
        totals.suspended.sort_unstable_by_key(|suspended| (suspended.merchant, suspended.operator));
        Ok(totals)
    }
}
