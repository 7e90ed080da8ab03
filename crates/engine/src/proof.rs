//! The proof of a window: every merchant's account under one root, made by the run and made again, from what the
//! run left behind, for the statements.

use std::collections::BTreeMap;

use tongclear_proof::{
    Account, AdjustmentLine, BranchError, Figure, Hash, PackageLine, Section, WindowProof,
};
use tongclear_registry::Registry;
use tongclear_store::{Digest, DispositionTallies, PackageResult, PackageRow, RunTotals};
use tongclear_types::{BusinessDate, Disposition, MerchantCode, MoneyError};

use crate::centre::ClosedWindow;
use crate::clearing::sections;
use crate::run_files::RunFiles;
use crate::settle::run_totals;
use crate::vault::proofs_path;
use crate::{Centre, EngineError};

/// What the accounts of a window are made from.
pub(crate) struct AccountSources<'a> {
    pub(crate) date: BusinessDate,
    /// The registry as it was at close.
    pub(crate) registry: &'a Registry,
    /// The packages of the window, by collector and sequence.
    pub(crate) packages: &'a [PackageRow],
    /// What became of each, in the same order.
    pub(crate) results: &'a [PackageResult],
    pub(crate) totals: &'a RunTotals,
    /// By merchant and partition.
    pub(crate) sections: &'a [(MerchantCode, Section)],
}

impl AccountSources<'_> {
    /// The proof over one account for every merchant that is registered or sent a package.
    pub(crate) fn proof(&self, digest: &Digest) -> Result<WindowProof, EngineError> {
        let proof = WindowProof::new(self.date, Hash(digest.0), self.accounts()?);
        proof.map_err(|error| match error {
            BranchError::Money(error) => error.into(),
            BranchError::Order { .. } => EngineError::Internal(format!("window {}: {error}", self.date)),
        })
    }

    fn accounts(&self) -> Result<Vec<Account>, MoneyError> {
        let mut accounts = BTreeMap::new();
        let calendar = self.registry.centre_calendar();
        let mut account = |merchant: MerchantCode, fill: &mut dyn FnMut(&mut Account)| {
            fill(accounts.entry(merchant).or_insert_with(|| self.empty(merchant)));
        };
        for merchant in &self.registry.merchants {
            account(merchant.code, &mut |_| {});
        }
        for (package, result) in self.packages.iter().zip(self.results) {
            let line = package_line(package, result);
            account(package.merchant, &mut |account| account.packages.push(line.clone()));
        }
        for rated in &self.totals.rated {
            let figure = Figure::new(rated, calendar.value_date(self.date, rated.cycle))?;
            account(rated.merchant, &mut |account| account.figures.push(figure.clone()));
        }
        for adjustment in &self.totals.adjustments {
            let line = AdjustmentLine::new(adjustment, |cycle| calendar.value_date(self.date, cycle))?;
            account(adjustment.merchant, &mut |account| account.adjustments.push(line.clone()));
        }
        for (merchant, section) in self.sections {
            account(*merchant, &mut |account| account.sections.push(*section));
        }
        Ok(accounts.into_values().collect())
    }

    /// The account of a merchant without anything in the window; one that has left the registry has no name.
    fn empty(&self, merchant: MerchantCode) -> Account {
        let entry = self.registry.merchant(&merchant);
        let name = entry.map(|entry| entry.name.clone()).unwrap_or_default();
        Account {
            merchant,
            name_en: entry.and_then(|entry| entry.name_en.clone()).unwrap_or_else(|| name.clone()),
            name,
            idle_value_date: self
                .registry
                .centre_calendar()
                .value_date(self.date, tongclear_ledger::Cycle(0)),
            figures: Vec::new(),
            adjustments: Vec::new(),
            packages: Vec::new(),
            sections: Vec::new(),
        }
    }
}

fn package_line(package: &PackageRow, result: &PackageResult) -> PackageLine {
    let mut dispositions = DispositionTallies::default();
    for (disposition, tally) in Disposition::ALL.iter().zip(result.tallies) {
        *dispositions.get_mut(*disposition) = tally;
    }
    PackageLine {
        collector: package.key.collector,
        sequence: package.key.sequence,
        sha256: Hash(package.digest.0),
        records: package.records,
        dispositions,
    }
}

/// The proof of a cleared window, made again from what its run left behind; none when a version that kept no proofs
/// cleared it.
///
/// # Errors
/// [`EngineError::Refused`] when the window was not cleared; [`EngineError::CheckFailed`] when what is there now has
/// another root than the run; faults of store and vault.
pub async fn window_proof(
    centre: &Centre,
    window: &ClosedWindow,
) -> Result<Option<WindowProof>, EngineError> {
    crate::export::require_cleared(window)?;
    let date = window.date();
    let totals = run_totals(centre, window).await?;
    let run = centre.store.run(window.row.id).await?;
    let run = run.ok_or_else(|| EngineError::Internal("a cleared window has no run".into()))?;
    let Some(then) = run.root else { return Ok(None) };
    let path = proofs_path(date);
    let file = RunFiles::of(centre, window.row.id).await?.get(&centre.vault, &path).await?;
    let sections =
        sections::read(file).map_err(|reason| EngineError::Damaged { path: path.to_string(), reason })?;
    let sources = AccountSources {
        date,
        registry: &centre.registry_as_of(window.snapshot.registry).await?,
        packages: &centre.store.packages(window.row.id).await?,
        results: &centre.store.package_results(window.row.id).await?,
        totals: &totals,
        sections: &sections,
    };
    let proof = sources.proof(&run.digest)?;
    let now = Digest(proof.root().0);
    if now == then {
        return Ok(Some(proof));
    }
    Err(EngineError::CheckFailed(format!(
        "window {date}: the run had root {then}, what it left has root {now}"
    )))
}
