//! What a cleared window looks like: the figures that every door shows alike.

use tongclear_engine::{Centre, ClosedWindow, Continuity, EngineError, export::require_cleared, run_totals};
use tongclear_registry::Registry;
use tongclear_report::{ContinuityReport, DevicesReport, ReportFile, SettlementView};
use tongclear_store::RunRow;
use tongclear_types::BusinessDate;

use crate::DeskError;

/// The settlement result of a cleared window.
///
/// # Errors
/// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of the store.
pub async fn settlement(centre: &Centre, date: BusinessDate) -> Result<SettlementView, DeskError> {
    let window = centre.window(date).await?;
    require_cleared(&window)?;
    let totals = run_totals(centre, &window).await?;
    let run = run_of(centre, &window).await?;
    Ok(SettlementView::new(date, window.state(), &totals, &run.digest)?)
}

/// The run of a cleared window.
///
/// # Errors
/// [`EngineError::Internal`] when there is none; faults of the store.
pub async fn run_of(centre: &Centre, window: &ClosedWindow) -> Result<RunRow, EngineError> {
    let run = centre.store.run(window.row.id).await?;
    run.ok_or_else(|| EngineError::Internal("a cleared window has no run".into()))
}

/// The continuity of a cleared window, with the registry of its close.
///
/// # Errors
/// [`EngineError::NoSuchWindow`]; [`EngineError::Refused`] when it is not cleared, or by a version that kept none;
/// faults of store and vault.
pub async fn continuity(centre: &Centre, date: BusinessDate) -> Result<(Continuity, Registry), EngineError> {
    let window = centre.window(date).await?;
    require_cleared(&window)?;
    let registry = centre.registry_as_of(window.snapshot.registry).await?;
    let known = tongclear_engine::continuity(centre, &window).await?.ok_or_else(|| {
        EngineError::Refused(format!(
            "window {date} was cleared by a version that kept no continuity; see a later window"
        ))
    })?;
    Ok((known, registry))
}

/// `continuity.csv` and `devices.csv` of a cleared window; none when an older version cleared it.
///
/// # Errors
/// Faults of store and vault.
pub async fn continuity_files(
    centre: &Centre,
    window: &ClosedWindow,
    registry: &Registry,
) -> Result<Vec<ReportFile>, DeskError> {
    let Some(known) = tongclear_engine::continuity(centre, window).await? else { return Ok(Vec::new()) };
    let date = window.date();
    Ok(vec![
        ContinuityReport::new(date, registry, &known.items).file()?,
        DevicesReport::new(date, registry, &known.devices).file()?,
    ])
}
