//! Settlement of a cleared window: positions and value dates, after the finalisation checks.

use tongclear_ledger::{
    Carried, Check, ControlFigures, FinalisationInputs, Settlement, carried_from, finalisation_checks,
};
use tongclear_store::{DispositionTallies, RunTotals, SettlementCommit, StoreError, Tally, WindowState, cut};
use tongclear_types::{BusinessDate, Disposition, Fen};

use crate::centre::{ClosedWindow, closed_windows};
use crate::clearing::detail::control_totals;
use crate::export::of_each_partition;
use crate::run_files::RunFiles;
use crate::vault::detail_path;
use crate::{Centre, EngineError};

/// What settling a window did.
#[derive(Debug)]
pub enum Settled {
    /// It had been settled before; nothing was done.
    Already,
    /// Positions are fixed now.
    Now {
        /// The checks that were made, all of which hold.
        checks: Vec<Check>,
    },
}

/// Settles the window of `date`.
///
/// # Errors
/// [`EngineError::NoSuchWindow`]; [`EngineError::CheckFailed`] naming the figures that disagree, or the step
/// that comes first; store faults.
pub async fn settle(centre: &Centre, date: BusinessDate) -> Result<Settled, EngineError> {
    let window = centre.window(date).await?;
    match window.state() {
        WindowState::Settled | WindowState::Paid => return Ok(Settled::Already),
        WindowState::Open | WindowState::Closed => {
            return Err(EngineError::CheckFailed(format!(
                "window {date} is {}; run `tongclear clear --window {date}` first",
                window.state()
            )));
        }
        WindowState::Cleared => {}
    }
    // A night does not stop for an approval; a payout does.
    let (settlement, checks) = finalise(centre, &window, 0).await?;
    if let Some(failed) = checks.iter().find(|check| !check.holds) {
        return Err(EngineError::CheckFailed(format!("window {date} is not settled: {failed}")));
    }
    let commit =
        SettlementCommit { window: window.row.id, positions: settlement.positions, stamp: centre.stamp() };
    cut::pass("settle.checked");
    match centre.store.commit_settlement(&commit).await {
        Ok(()) => {
            cut::pass("settle.committed");
            Ok(Settled::Now { checks })
        }
        // Another night came first; it fixed the same positions.
        Err(StoreError::Conflict { .. }) if centre.window(date).await?.state() > WindowState::Cleared => {
            Ok(Settled::Already)
        }
        Err(error) => Err(error.into()),
    }
}

/// Works out the settlement of a cleared window and makes the checks before money moves, whether or not it is settled
/// already; a check that fails is among those that are returned.
pub(crate) async fn finalise(
    centre: &Centre,
    window: &ClosedWindow,
    open_approvals: u64,
) -> Result<(Settlement, Vec<Check>), EngineError> {
    let registry = centre.registry_as_of(window.snapshot.registry).await?;
    let totals = run_totals(centre, window).await?;
    let carried = carried_into(centre, window).await?;
    let settlement = Settlement::of(
        window.date(),
        &totals.rated,
        &totals.adjustments,
        registry.centre_calendar(),
        &carried,
    )?;
    let detail = detail_totals(centre, window, registry.centre.card_partitions).await?;
    refuse_if_detail_disagrees(window, &totals, &detail)?;
    let checks = checks(centre, window, &totals, &detail.sum()?, &settlement, open_approvals).await?;
    Ok((settlement, checks))
}

/// The totals of a cleared window's run.
///
/// # Errors
/// [`EngineError::Refused`] when the window was not cleared; store faults.
pub async fn run_totals(centre: &Centre, window: &ClosedWindow) -> Result<RunTotals, EngineError> {
    let run = centre.store.run(window.row.id).await?;
    let run =
        run.ok_or_else(|| EngineError::Refused(format!("window {} has not been cleared", window.date())))?;
    serde_json::from_str(&run.totals_json)
        .map_err(|error| EngineError::Internal(format!("stored totals of window {}: {error}", window.date())))
}

/// What merchants still owe from the settlement before this window.
async fn carried_into(centre: &Centre, window: &ClosedWindow) -> Result<Vec<Carried>, EngineError> {
    let windows = centre.store.windows().await?;
    let Some(before) = closed_windows(&windows).rfind(|it| it.date() < window.date()) else {
        return Ok(Vec::new());
    };
    Ok(carried_from(&centre.store.positions(before.row.id).await?)?)
}

/// Control totals of intake, run, detail files and ledger, and whatever else must hold before money moves.
async fn checks(
    centre: &Centre,
    window: &ClosedWindow,
    totals: &RunTotals,
    detail: &Tally,
    settlement: &Settlement,
    open_approvals: u64,
) -> Result<Vec<Check>, EngineError> {
    let windows = centre.store.windows().await?;
    let unsettled: Vec<BusinessDate> = closed_windows(&windows)
        .filter(|it| it.date() < window.date() && it.state() < WindowState::Settled)
        .map(|it| it.date())
        .collect();
    let judged = totals.dispositions.sum()?;
    let balances = centre.store.balances().await?;
    let inputs = FinalisationInputs {
        intake: ControlFigures { count: window.row.transactions, amount: window.row.amount },
        run: ControlFigures { count: judged.count, amount: judged.amount_fen },
        detail: ControlFigures { count: detail.count, amount: detail.amount_fen },
        rated: &totals.rated,
        suspended: &totals.suspended,
        adjustments: &totals.adjustments,
        transfers: &centre.store.transfers(window.date()).await?,
        ledger_debits: Fen::try_sum(balances.iter().map(|balance| balance.debits))?,
        ledger_credits: Fen::try_sum(balances.iter().map(|balance| balance.credits))?,
        unsettled: &unsettled,
        open_approvals,
        settlement,
    };
    Ok(finalisation_checks(&inputs)?)
}

/// What the window's detail files hold by disposition, read back from the vault.
async fn detail_totals(
    centre: &Centre,
    window: &ClosedWindow,
    partitions: u16,
) -> Result<DispositionTallies, EngineError> {
    let mut totals = DispositionTallies::default();
    let path = |_: &RunFiles, partition| detail_path(window.date(), partition);
    for tallies in of_each_partition(centre, window, partitions, path, control_totals).await? {
        totals.merge(&tallies)?;
    }
    Ok(totals)
}

/// The statements are made from the detail, the money from the run: they must tell the same.
fn refuse_if_detail_disagrees(
    window: &ClosedWindow,
    totals: &RunTotals,
    detail: &DispositionTallies,
) -> Result<(), EngineError> {
    for disposition in Disposition::ALL {
        let (run, file) = (totals.dispositions.get(*disposition), detail.get(*disposition));
        if run != file {
            return Err(EngineError::CheckFailed(format!(
                "window {} is not settled: the run has {} {disposition} records and {} fen, the detail files \
                 have {} and {} fen",
                window.date(),
                run.count,
                run.amount_fen,
                file.count,
                file.amount_fen
            )));
        }
    }
    Ok(())
}
