//! `ledger balances` and `ledger transfers`: what an auditor looks at.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::Value;
use tongclear_report::{BalancesView, TransfersView};
use tongclear_types::BusinessDate;

use crate::args::Global;
use crate::exit::{CHECK_FAILED, DONE};
use crate::open;
use crate::out_file::write_file;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Every account: what left it, what entered it, and the balance · 账户余额
    #[command(
        after_help = "Example · 示例:\n  tongclear ledger balances\n  tongclear ledger balances --out balances.csv"
    )]
    Balances {
        /// CSV file to write instead of printing the table
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The transfers of a window · 窗口转账
    #[command(
        after_help = "Example · 示例:\n  tongclear ledger transfers --window 2026-11-23\n  tongclear ledger transfers --window 2026-11-23 --out transfers.csv"
    )]
    Transfers {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
        /// CSV file to write instead of printing the table
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl LedgerCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Balances { .. } => "ledger balances",
            Self::Transfers { .. } => "ledger transfers",
        }
    }
}

pub(crate) async fn run(command: LedgerCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    match command {
        LedgerCommand::Balances { out } => {
            let view = BalancesView::new(centre.store.balances().await?)?;
            let csv = out.is_some().then(|| view.csv()).transpose()?;
            show(view.json(), out.as_deref(), csv, output, || view.text(output.lang()))?;
            Ok(if view.sums_to_zero() { DONE } else { CHECK_FAILED })
        }
        LedgerCommand::Transfers { window, out } => {
            tongclear_engine::export::require_cleared(&centre.window(window).await?)?;
            let view = TransfersView::new(window, centre.store.transfers(window).await?)?;
            let csv = out.is_some().then(|| view.csv()).transpose()?;
            show(view.json(), out.as_deref(), csv, output, || view.text(output.lang()))?;
            Ok(DONE)
        }
    }
}

/// Prints the result, or writes its CSV and says where; the JSON is the same with `out` added.
pub(crate) fn show(
    mut json: Value,
    out: Option<&Path>,
    csv: Option<Vec<u8>>,
    output: &Output,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    let (Some(out), Some(csv)) = (out, csv) else { return output.result(&json, text) };
    write_file(out, &csv)?;
    let out = out.display().to_string();
    json["out"] = Value::from(out.as_str());
    output.result(&json, || output.pick(format!("已写入 {out}"), format!("written to {out}")))
}
