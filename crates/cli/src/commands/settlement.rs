//! `settlement show` and `settlement positions`.

use tongclear_engine::{Centre, EngineError, run_totals};
use tongclear_report::{SettlementView, positions_text, settlement_text};
use tongclear_store::WindowState;
use tongclear_types::BusinessDate;

use crate::args::{Global, SettlementCommand};
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

pub(crate) async fn run(command: SettlementCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    match command {
        SettlementCommand::Show { window } => {
            let view = view(&centre, window).await?;
            output.result(&view, || settlement_text(&view, output.lang()))?;
        }
        SettlementCommand::Positions { window } => {
            let row = centre.window(window).await?;
            if row.state() < WindowState::Settled {
                let hint =
                    format!("window {window} is {}; run `tongclear settle --window {window}`", row.state());
                return Err(CliError::Refused(hint).into());
            }
            let positions = centre.store.positions(row.row.id).await?;
            output.result(&positions, || positions_text(&positions, output.lang()))?;
        }
    }
    Ok(DONE)
}

/// The settlement result of a cleared window.
pub(crate) async fn view(centre: &Centre, date: BusinessDate) -> anyhow::Result<SettlementView> {
    let window = centre.window(date).await?;
    tongclear_engine::export::require_cleared(&window)?;
    let totals = run_totals(centre, &window).await?;
    let run = centre.store.run(window.row.id).await?;
    let run = run.ok_or_else(|| EngineError::Internal("a cleared window has no run".into()))?;
    Ok(SettlementView::new(date, window.state(), &totals, &run.digest)?)
}
