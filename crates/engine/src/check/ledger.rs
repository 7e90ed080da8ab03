//! Transfers, balances and positions against what the runs give.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_ledger::{
    Account, Carried, Position, Posted, Settlement, Transfer, TransferId, adjustment_postings, carried_from,
    compare, postings,
};
use tongclear_registry::Registry;
use tongclear_store::{AccountBalance, LedgerState, RunTotals};
use tongclear_types::{BusinessDate, Fen};

use super::finding::{FindingKind, Findings};
use crate::EngineError;

/// What the ledger must hold after the windows so far, and what merchants still owe.
#[derive(Default)]
pub(super) struct Expected {
    transfers: BTreeMap<TransferId, Transfer>,
    carried: Vec<Carried>,
}

impl Expected {
    /// Adds the postings of a cleared window.
    pub(super) fn post(&mut self, date: BusinessDate, totals: &RunTotals) {
        let transfers = postings(date, &totals.rated, &totals.suspended);
        let decided = adjustment_postings(date, &totals.adjustments);
        let all = transfers.into_iter().chain(decided);
        self.transfers.extend(all.map(|transfer| (transfer.id(), transfer)));
    }

    /// Adds postings that are no run's.
    pub(super) fn also(&mut self, transfers: impl IntoIterator<Item = Transfer>) {
        self.transfers.extend(transfers.into_iter().map(|transfer| (transfer.id(), transfer)));
    }

    /// Compares the positions of a settled window with those its totals give.
    pub(super) fn settle(
        &mut self,
        date: BusinessDate,
        totals: &RunTotals,
        registry: &Registry,
        stored: &[Position],
        findings: &mut Findings,
    ) -> Result<(), EngineError> {
        let settlement = Settlement::of(
            date,
            &totals.rated,
            &totals.adjustments,
            registry.centre_calendar(),
            &self.carried,
        )?;
        self.carried = carried_from(&settlement.positions)?;
        let by_key = |positions: &[Position]| -> BTreeMap<_, Position> {
            positions.iter().map(|it| ((it.participant, it.value_date), it.clone())).collect()
        };
        let (expected, found) = (by_key(&settlement.positions), by_key(stored));
        let kind = FindingKind::PositionDiffers;
        for (key, position) in &expected {
            let subject = format!("{} value date {}", key.0, key.1);
            match found.get(key) {
                None => findings.add(kind, Some(date), subject, position.net, "no position"),
                Some(found) => {
                    for ((field, expected), (_, found)) in amounts(position).into_iter().zip(amounts(found)) {
                        findings.same(kind, Some(date), format!("{subject}: {field}"), expected, found);
                    }
                }
            }
        }
        for (key, position) in found.iter().filter(|(key, _)| !expected.contains_key(key)) {
            let subject = format!("{} value date {}", key.0, key.1);
            findings.add(kind, Some(date), subject, "no position", position.net);
        }
        Ok(())
    }

    /// Compares the ledger with what all windows give, but for those of the dates `later`.
    pub(super) fn compare(
        &self,
        ledger: &LedgerState,
        later: &BTreeSet<BusinessDate>,
        findings: &mut Findings,
    ) -> Result<(), EngineError> {
        let of_run = |transfer: &Transfer| !transfer.code.is_bank();
        let of_these = ledger.transfers.iter().filter(|it| !(of_run(it) && later.contains(&it.window)));
        let found: BTreeMap<TransferId, &Transfer> = of_these.map(|it| (it.id(), it)).collect();
        for (id, transfer) in &self.transfers {
            let when = Some(transfer.window);
            let subject = format!("transfer {id} {}", told(transfer));
            match found.get(id) {
                None => findings.add(FindingKind::TransferMissing, when, subject, transfer.amount, "none"),
                Some(found) => {
                    if let Posted::ExistsWithDifferent(field) = compare(found, transfer) {
                        let subject = format!("{subject}: {field}");
                        let (expected, found) = (transfer.amount, found.amount);
                        findings.add(FindingKind::TransferAltered, when, subject, expected, found);
                    }
                }
            }
        }
        for (id, transfer) in found.iter().filter(|(id, _)| !self.transfers.contains_key(id)) {
            let subject = format!("transfer {id} {}", told(transfer));
            let when = Some(transfer.window);
            findings.add(FindingKind::TransferUnexpected, when, subject, "none", transfer.amount);
        }
        balances(ledger, findings)
    }
}

fn told(transfer: &Transfer) -> String {
    format!("({} {} → {})", transfer.code, transfer.debit, transfer.credit)
}

fn amounts(position: &Position) -> [(&'static str, Fen); 8] {
    [
        ("gross_fen", position.gross),
        ("fee_fen", position.fee),
        ("concession_fen", position.concession),
        ("load_fen", position.load),
        ("adjustments_fen", position.adjustments),
        ("carried_in_fen", position.carried_in),
        ("net_fen", position.net),
        ("carried_out_fen", position.carried_out),
    ]
}

/// Every balance is the sum of its transfers, and all of them together are zero.
fn balances(ledger: &LedgerState, findings: &mut Findings) -> Result<(), EngineError> {
    let mut sums: BTreeMap<Account, (Fen, Fen)> = BTreeMap::new();
    for transfer in &ledger.transfers {
        let debits = &mut sums.entry(transfer.debit).or_default().0;
        *debits = debits.checked_add(transfer.amount)?;
        let credits = &mut sums.entry(transfer.credit).or_default().1;
        *credits = credits.checked_add(transfer.amount)?;
    }
    let stored: BTreeMap<Account, AccountBalance> =
        ledger.balances.iter().map(|balance| (balance.account, *balance)).collect();
    for account in sums.keys().chain(stored.keys()).collect::<BTreeSet<_>>() {
        let (debits, credits) = sums.get(account).copied().unwrap_or_default();
        let found = stored.get(account).map_or((Fen::ZERO, Fen::ZERO), |it| (it.debits, it.credits));
        let kind = FindingKind::BalanceDiffers;
        findings.same(kind, None, format!("account {account}: debits"), debits, found.0);
        findings.same(kind, None, format!("account {account}: credits"), credits, found.1);
    }
    let debits = Fen::try_sum(ledger.balances.iter().map(|balance| balance.debits))?;
    let credits = Fen::try_sum(ledger.balances.iter().map(|balance| balance.credits))?;
    findings.same(FindingKind::NotZero, None, "all accounts: debits and credits", debits, credits);
    Ok(())
}
