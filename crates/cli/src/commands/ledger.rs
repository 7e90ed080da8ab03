//! `ledger balances`, `ledger transfers` and `ledger export`: what an auditor looks at.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use tongclear_engine::Centre;
use tongclear_report::{BalancesView, Books, BooksFormat, Names, TransfersView, grouped};
use tongclear_types::BusinessDate;

use crate::args::Global;
use crate::exit::{CHECK_FAILED, CliError, DONE};
use crate::open;
use crate::out_file::{OutFile, write_file};
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
    /// All transfers as plain-text accounting, with balances that the tool checks · 导出账簿
    #[command(
        after_help = "Example · 示例:\n  tongclear ledger export --format hledger --out books.journal && hledger -f books.journal check --strict\n  tongclear ledger export --format beancount --out books.beancount && bean-check books.beancount\n  tongclear ledger export --format csv --out books.csv"
    )]
    Export {
        /// What the books are written for
        #[arg(long, value_name = "FORMAT")]
        format: BooksFor,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BooksFor {
    /// hledger journal
    Hledger,
    /// Beancount
    Beancount,
    /// Comma-separated values, without balances
    Csv,
}

impl From<BooksFor> for BooksFormat {
    fn from(it: BooksFor) -> Self {
        match it {
            BooksFor::Hledger => Self::Hledger,
            BooksFor::Beancount => Self::Beancount,
            BooksFor::Csv => Self::Csv,
        }
    }
}

impl LedgerCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Balances { .. } => "ledger balances",
            Self::Transfers { .. } => "ledger transfers",
            Self::Export { .. } => "ledger export",
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
        LedgerCommand::Export { format, out } => export(&centre, format.into(), &out, output).await,
    }
}

/// Writes the whole ledger as it is at one moment.
async fn export(centre: &Centre, format: BooksFormat, out: &Path, output: &Output) -> anyhow::Result<u8> {
    let mut file = OutFile::create(out)?;
    let ledger = centre.store.ledger().await?;
    // Nothing was ever posted without a registry.
    let names = if ledger.transfers.is_empty() {
        Names::default()
    } else {
        Names::of(&centre.registry().await?.body)
    };
    let books = Books::new(&ledger.transfers, &ledger.balances, &names)?;
    let mut buffer = BufWriter::new(file.file());
    let written = books.write(format, &mut buffer).and_then(|()| buffer.flush());
    drop(buffer);
    written.map_err(|reason| CliError::Disk { doing: "writing", path: out.display().to_string(), reason })?;
    file.finish()?;
    let (path, transfers, accounts) = (out.display().to_string(), books.transfers(), books.accounts());
    let result =
        json!({ "out": path, "format": format.name(), "transfers": transfers, "accounts": accounts });
    output.result(&result, || {
        let count = grouped(transfers as u64);
        output.pick(
            format!("{count} 笔转账、{accounts} 个账户已写入 {path}"),
            format!("{count} transfers on {accounts} accounts written to {path}"),
        )
    })?;
    Ok(DONE)
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
