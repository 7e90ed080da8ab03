//! What-if: a cleared window rated again under other contracts, beside the ones it was cleared under.
//!
//! Dispositions stay as the run decided them. The detail is read as the run recorded it and nothing is written, so
//! the centre is afterwards what it was before.
//!
//! **Invariant:** the side of the contracts in force is rated again as well, and must give the run's own totals to
//! the fen; so what the draft's side says is said of the same records, by the same code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tongclear_ledger::{Comparison, Contract, ContractBook, ContractIndex, RatedTotal, Unfit};
use tongclear_registry::Registry;
use tongclear_types::{BcdDate, BusinessDate, Fen, MerchantCode, MoneyError, OperatorCode};

use crate::clearing::rating::{RatedSums, Rater};
use crate::clearing::takings::{self, Taking};
use crate::export::require_cleared;
use crate::run_files::RunFiles;
use crate::vault::detail_path;
use crate::{Centre, EngineError, Progress, Stage, run_totals};

/// A window under the contracts it was cleared under and under a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// The registry as it was at close.
    pub registry: Registry,
    /// The merchants whose contracts the draft replaces.
    pub drafted: BTreeSet<MerchantCode>,
    /// What changes for whom.
    pub comparison: Comparison,
}

/// Rates every accepted record of the window of `date` again under the contracts in `contracts_toml`
/// ([`Registry::contract_draft`]).
///
/// # Errors
/// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; [`EngineError::Registry`] with
/// everything that is wrong with the draft; [`EngineError::CheckFailed`] when the contracts in force do not give
/// the run's totals again; faults of store and vault.
pub async fn what_if(
    centre: &Centre,
    date: BusinessDate,
    contracts_toml: &str,
    progress: &dyn Progress,
) -> Result<WhatIf, EngineError> {
    let window = centre.window(date).await?;
    require_cleared(&window)?;
    let registry = centre.registry_as_of(window.snapshot.registry).await?;
    let draft = registry.contract_draft(contracts_toml).map_err(EngineError::Registry)?;
    let totals = run_totals(centre, &window).await?;
    let files = RunFiles::of(centre, window.row.id).await?;

    let mut rerating = Rerating::new(&registry, &draft.contracts);
    progress.begin(Stage::Rerate, totals.dispositions.accepted.count);
    for partition in 0..registry.centre.card_partitions {
        let path = detail_path(date, partition);
        let file = files.get(&centre.vault, &path).await?;
        let damaged = |reason| EngineError::Damaged { path: path.to_string(), reason };
        let mut records = 0;
        for taking in takings::read(file).map_err(damaged)? {
            rerating.count(&taking.map_err(damaged)?)?;
            records += 1;
        }
        progress.advance(Stage::Rerate, records);
    }
    progress.end(Stage::Rerate);
    let Rerated { now, draft: under_draft, unfit } = rerating.finish()?;
    if let Some(figures) = disagreement(&totals.rated, &now) {
        return Err(EngineError::CheckFailed(format!("window {date}: {figures}")));
    }
    let comparison = Comparison::of(&now, &under_draft, &unfit)?;
    Ok(WhatIf { drafted: draft.merchants, comparison, registry })
}

/// The first total of the run that rating its records again does not give, in words; none when all agree.
fn disagreement(run: &[RatedTotal], again: &[RatedTotal]) -> Option<String> {
    if run == again {
        return None;
    }
    let odd = run.iter().find(|total| !again.contains(total));
    let odd = odd.or_else(|| again.iter().find(|total| !run.contains(total)))?;
    let key = |it: &&RatedTotal| (it.operator, it.contract) == (odd.operator, odd.contract);
    let shown = |totals: &[RatedTotal]| {
        totals.iter().find(key).map_or_else(
            || "nothing".to_owned(),
            |it| {
                format!(
                    "{} purchases of {} fen, fee {}, concession {}, {} loads of {} fen",
                    it.purchase_count, it.purchase, it.fee, it.concession, it.load_count, it.load
                )
            },
        )
    };
    Some(format!(
        "contract {} with operator {}: the run has {}, its records rated again give {}",
        odd.contract,
        odd.operator,
        shown(run),
        shown(again)
    ))
}

/// Rates records under two books at once.
struct Rerating<'a> {
    registry: &'a Registry,
    now: Side<'a>,
    draft: Side<'a>,
    unfit: BTreeMap<(MerchantCode, OperatorCode), Unfit>,
}

/// What was counted.
struct Rerated {
    now: Vec<RatedTotal>,
    draft: Vec<RatedTotal>,
    unfit: BTreeMap<(MerchantCode, OperatorCode), Unfit>,
}

impl<'a> Rerating<'a> {
    fn new(registry: &'a Registry, draft: &'a ContractBook) -> Self {
        let (now, draft) = (Side::new(registry.contracts()), Side::new(draft));
        Self { registry, now, draft, unfit: BTreeMap::new() }
    }

    fn count(&mut self, taking: &Taking) -> Result<(), EngineError> {
        let Some((place, operator)) = self.registry.operator_by_issuer(&taking.issuer) else {
            let issuer = taking.issuer;
            return Err(EngineError::CheckFailed(format!(
                "a record of issuer {issuer} was accepted, which is no operator's"
            )));
        };
        let operator = (place, operator.code);
        let amount = Fen::from(taking.amount_fen);
        self.now.count(taking, operator)?;
        // Most records fit, so the entry is made only for those that do not.
        match self.draft.count(taking, operator)? {
            None => self.unfit.entry((taking.merchant, operator.1)).or_default().add_no_contract(amount)?,
            Some(contract) if amount > contract.amount_limit => {
                self.unfit.entry((taking.merchant, operator.1)).or_default().add_over_limit(amount)?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Rerated, MoneyError> {
        let operators = &self.registry.operators;
        Ok(Rerated {
            now: self.now.sums.finish(self.now.contracts, operators)?,
            draft: self.draft.sums.finish(self.draft.contracts, operators)?,
            unfit: self.unfit,
        })
    }
}

/// Records under one book.
struct Side<'a> {
    contracts: &'a ContractBook,
    /// A window has few merchants, operators and dates, so each contract is looked for once.
    found: HashMap<(MerchantCode, u16, BcdDate), Option<ContractIndex>>,
    rater: Rater<'a>,
    sums: RatedSums,
}

impl<'a> Side<'a> {
    fn new(contracts: &'a ContractBook) -> Self {
        Self { contracts, found: HashMap::new(), rater: Rater::new(contracts), sums: RatedSums::default() }
    }

    /// Rates and counts a record; says under which contract, unless none is in force.
    fn count(
        &mut self,
        taking: &Taking,
        (place, operator): (u16, OperatorCode),
    ) -> Result<Option<&'a Contract>, MoneyError> {
        let Taking { merchant, chain, amount_fen, list_price_fen, date, .. } = *taking;
        let contracts = self.contracts;
        let found = *self.found.entry((merchant, place, date)).or_insert_with(|| {
            let (index, _) = contracts.find(merchant, operator, date.to_civil()?)?;
            Some(index)
        });
        let Some(index) = found else { return Ok(None) };
        let rated = self.rater.rate(index, chain, amount_fen, list_price_fen)?;
        self.sums.count(place, index, chain, Fen::from(amount_fen), rated)?;
        Ok(Some(contracts.get(index)))
    }
}

#[cfg(test)]
#[path = "what_if_tests.rs"]
mod tests;
