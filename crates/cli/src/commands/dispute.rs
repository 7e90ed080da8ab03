//! `dispute`: what waits for a decision, what speaks for and against it, and the decision.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tongclear_access::Action;
use tongclear_desk::disputes::{Decided, decide};
use tongclear_engine::disputes::{dispute, work_list};
use tongclear_ledger::{Reference, Resolution};
use tongclear_report::{dispute_text, work_list_csv, work_list_text};
use tongclear_types::Fen;

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::out_file::OutFile;
use crate::output::Output;

pub(crate) const EXAMPLES: &str = "\
What waits for a decision is a suspended record, named COLLECTOR-PACKAGE-ROW, or a break with a card operator, named the same way \
when we have the record, else OPERATOR-FILE-LINE. A decision that moves money is proposed by one person and approved by another; \
the run of the window that is open then carries it out. Duplicates are never paid. With the key ring's passphrase, TACs are \
computed that no run has verified.

Example · 示例:
  tongclear dispute list
  tongclear dispute list --out work.csv
  tongclear dispute show 6510000000f1-3-17
  tongclear dispute decide 6510000000f1-3-17 --pay --reason 'contract signed' --evidence 'letter of 24 November' --user wang
  tongclear dispute decide 6510000000f1-3-18 --pay-fen 150 --refuse-fen 50 --reason 'card lost 150 only' --user wang
  tongclear dispute decide 6510000000f1-3-19 --keep --reason 'asked the merchant'
  tongclear proposal approve 4 --user li";

#[derive(Debug, Subcommand)]
pub(crate) enum DisputeCommand {
    /// What waits, the oldest first, with what the evidence suggests · 待处置清单
    #[command(
        after_help = "Example · 示例:\n  tongclear dispute list\n  tongclear dispute list --out work.csv"
    )]
    List {
        /// CSV file to write
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Everything about one, with the records beside it · 查看
    #[command(after_help = "Example · 示例:\n  tongclear dispute show 6510000000f1-3-17")]
    Show {
        /// What names it
        #[arg(value_name = "REF")]
        reference: Reference,
    },
    /// Decide: pay, refuse, keep, or pay in part; where money moves, another person approves · 处置
    #[command(after_help = EXAMPLES)]
    Decide(Decide),
}

#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// What names it
    #[arg(value_name = "REF")]
    reference: Reference,
    #[command(flatten)]
    what: What,
    /// What is refused of it; with --pay-fen
    #[arg(long, value_name = "FEN", requires = "pay_fen")]
    refuse_fen: Option<u32>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// What it rests on: a letter, a file, a call
    #[arg(long, value_name = "TEXT")]
    evidence: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The merchant is paid; of a mismatch, our figure stands
    #[arg(long)]
    pay: bool,
    /// The merchant is not paid; of a mismatch, the operator's figure counts
    #[arg(long)]
    refuse: bool,
    /// It stays as it is; nobody has to approve
    #[arg(long)]
    keep: bool,
    /// The merchant is paid this much of it; with --refuse-fen
    #[arg(long, value_name = "FEN", requires = "refuse_fen")]
    pay_fen: Option<u32>,
}

impl DisputeCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "dispute list",
            Self::Show { .. } => "dispute show",
            Self::Decide { .. } => "dispute decide",
        }
    }
}

impl Decide {
    fn resolution(&self) -> Resolution {
        match (self.what.pay, self.what.refuse, self.what.pay_fen.zip(self.refuse_fen)) {
            (true, ..) => Resolution::Pay,
            (_, true, _) => Resolution::Refuse,
            (.., Some((pay, refuse))) => {
                Resolution::Split { pay_fen: Fen::from(pay), refuse_fen: Fen::from(refuse) }
            }
            _ => Resolution::Keep,
        }
    }
}

pub(crate) async fn run(command: DisputeCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match command {
        DisputeCommand::List { out } => {
            let centre = open::centre_for(global, Action::ReadTransactions).await?;
            let passphrase = open::passphrase_if_given(global)?;
            let items = work_list(&centre, passphrase.as_ref()).await?;
            match out {
                None => output.result(&items, || work_list_text(&items, output.lang()))?,
                Some(place) => {
                    let mut file = OutFile::create(&place)?;
                    let csv = work_list_csv(&items)?;
                    let shown = place.display().to_string();
                    file.file().write_all(&csv).map_err(|reason| CliError::Disk {
                        doing: "writing",
                        path: shown.clone(),
                        reason,
                    })?;
                    file.finish()?;
                    let count = items.len();
                    output.result(&json!({ "items": count, "out": shown }), || {
                        output.pick(
                            format!("已写入 {shown}：{count} 项"),
                            format!("written to {shown}: {count} items"),
                        )
                    })?;
                }
            }
        }
        DisputeCommand::Show { reference } => {
            let centre = open::centre_for(global, Action::ReadTransactions).await?;
            let passphrase = open::passphrase_if_given(global)?;
            let found = dispute(&centre, reference, passphrase.as_ref()).await?;
            output.result(&found, || dispute_text(reference, &found, output.lang()))?;
        }
        DisputeCommand::Decide(asked) => {
            let (centre, acting) = open::desk(global).await?;
            let evidence = asked.evidence.as_deref();
            let (reference, resolution) = (asked.reference, asked.resolution());
            let decided = decide(&centre, &acting, reference, resolution, &asked.reason, evidence).await?;
            match decided {
                Decided::Waits(id) => {
                    output.result(&json!({ "proposal": id, "state": "open" }), || {
                        output.pick(
                            format!("提案 {id} 等待另一人复核：tongclear proposal approve {id} --user 姓名"),
                            format!(
                                "proposal {id} waits for another person: tongclear proposal approve {id} --user NAME"
                            ),
                        )
                    })?;
                }
                Decided::Kept(row) => {
                    let id = row.id;
                    output.result(&json!({ "decision": id, "state": "kept" }), || {
                        output.pick(
                            format!("处置 {id}：{reference} 保留待查"),
                            format!("decision {id}: {reference} is kept as it is"),
                        )
                    })?;
                }
            }
        }
    }
    Ok(DONE)
}
