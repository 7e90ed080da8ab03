//! `settlement show`, `settlement positions` and `settlement root`.

use tongclear_desk::cleared;
use tongclear_engine::window_proof;
use tongclear_report::{positions_text, settlement_text};
use tongclear_store::WindowState;

use crate::args::{Global, SettlementCommand};
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

pub(crate) async fn run(command: SettlementCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    match command {
        SettlementCommand::Show { window } => {
            let view = cleared::settlement(&centre, window).await?;
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
        SettlementCommand::Root { window } => {
            let proof = window_proof(&centre, &centre.window(window).await?).await?;
            let Some(proof) = proof else {
                let hint =
                    format!("window {window} was cleared by a version that kept no proofs: it has no root");
                return Err(CliError::Refused(hint).into());
            };
            let published = proof.published();
            output.result(&published, || published.root.to_string())?;
        }
    }
    Ok(DONE)
}
