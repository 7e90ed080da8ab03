//! `reconcile`: with a card operator's file or without; and what earlier runs came to.

use std::io::BufWriter;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tongclear_access::Action;
use tongclear_engine::Centre;
use tongclear_engine::reconcile::{Items, Reconciled, Reconciling, items, reconcile, waiting_files};
use tongclear_life::reconciled::ItemState;
use tongclear_report::{ItemsCsv, ReconciliationView};
use tongclear_store::reconciliations::{ReconciliationFigures, ReconciliationRow, reconciliations};
use tongclear_types::{BusinessDate, OperatorCode};

use crate::args::Global;
use crate::exit::{BAD_INPUT, CliError, DONE};
use crate::out_file::OutFile;
use crate::output::Output;
use crate::{open, progress::progress};

pub(crate) const EXAMPLES: &str = "\
Takes the operator's file for the day of --date, matches it with what we accepted and with everything that is open from \
earlier days, and says what agrees, what differs and what is missing. Without --file the files are taken that arrived over the \
API for that day; where there is none, only our side is taken in and open items grow older; without --operator that is done for every operator. The same file again changes nothing. Exit code 3 when lines \
were not taken (the others are), or the file was refused whole (nothing is).

Example · 示例:
  tongclear reconcile --operator 0417 --file 0417-2026-11-23.csv --date 2026-11-23
  tongclear reconcile --date 2026-11-24
  tongclear reconcile list
  tongclear reconcile items --operator 0417 --state ours_only --out open.csv";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Reconcile {
    #[command(subcommand)]
    pub(crate) command: Option<ReconcileCommand>,
    /// The card operator's code; all of them when absent
    #[arg(long, value_name = "CODE")]
    operator: Option<OperatorCode>,
    /// The operator's file
    #[arg(long, value_name = "FILE", requires = "operator")]
    file: Option<PathBuf>,
    /// The working day that the file is for
    #[arg(long, value_name = "DATE", required = true)]
    date: Option<BusinessDate>,
    /// Take the file although no line of it is of that day
    #[arg(long, requires = "file")]
    other_days: bool,
    /// Threads; by default one a core
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReconcileCommand {
    /// The runs so far, a line each · 历次对账
    #[command(after_help = "Example · 示例:\n  tongclear reconcile list --operator 0417")]
    List {
        /// Of this card operator only
        #[arg(long, value_name = "CODE")]
        operator: Option<OperatorCode>,
    },
    /// What a run came to · 一次对账的结果
    #[command(
        after_help = "Example · 示例:\n  tongclear reconcile show --operator 0417\n  tongclear reconcile show --operator 0417 --run 3"
    )]
    Show {
        /// The card operator's code
        #[arg(long, value_name = "CODE")]
        operator: OperatorCode,
        /// Its number; the last when absent
        #[arg(long, value_name = "N")]
        run: Option<u32>,
    },
    /// Every item of a run as CSV: pairs, and what is open with its age · 对账明细
    #[command(
        after_help = "Example · 示例:\n  tongclear reconcile items --operator 0417 --out items.csv\n  tongclear reconcile items --operator 0417 --state mismatch --out mismatches.csv"
    )]
    Items {
        /// The card operator's code
        #[arg(long, value_name = "CODE")]
        operator: OperatorCode,
        /// The run's number; the last when absent
        #[arg(long, value_name = "N")]
        run: Option<u32>,
        /// Only items of this state: matched, mismatch, ours_only or theirs_only
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Option<ItemState>,
        /// CSV file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

fn state(text: &str) -> Result<ItemState, String> {
    ItemState::from_name(text)
        .ok_or_else(|| format!("{text:?} is not a state: matched, mismatch, ours_only or theirs_only"))
}

impl Reconcile {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match &self.command {
            None => "reconcile",
            Some(ReconcileCommand::List { .. }) => "reconcile list",
            Some(ReconcileCommand::Show { .. }) => "reconcile show",
            Some(ReconcileCommand::Items { .. }) => "reconcile items",
        }
    }
}

pub(crate) async fn run(options: Reconcile, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match options.command {
        None => {
            let centre = open::centre_for(global, Action::RunNight).await?;
            go(&centre, options, global, output).await
        }
        Some(ReconcileCommand::List { operator }) => {
            list(&open::centre_for(global, Action::ReadFigures).await?, operator, output).await
        }
        Some(ReconcileCommand::Show { operator, run }) => {
            let centre = open::centre_for(global, Action::ReadFigures).await?;
            let found = items(&centre, operator, run).await?;
            let row = found.row();
            show(&centre, &[(row.clone(), row.figures()?)], output).await?;
            Ok(DONE)
        }
        Some(ReconcileCommand::Items { operator, run, state, out }) => {
            let centre = open::centre_for(global, Action::ReadTransactions).await?;
            write_items(items(&centre, operator, run).await?, state, &out, output).await
        }
    }
}

async fn go(centre: &Centre, options: Reconcile, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let Some(date) = options.date else { return Err(CliError::Usage("--date is missing".to_owned()).into()) };
    let operators = match options.operator {
        Some(operator) => vec![operator],
        None => centre.registry().await?.body.operators.iter().map(|it| it.code).collect(),
    };
    let workers = super::threads(options.workers)?;
    let mut done = Vec::new();
    let mut code = DONE;
    let folder = tempfile::tempdir().map_err(|reason| CliError::Disk {
        doing: "making a folder in",
        path: std::env::temp_dir().display().to_string(),
        reason,
    })?;
    let mut all = Vec::new();
    for operator in operators {
        let files = match &options.file {
            Some(file) => vec![file.clone()],
            None => waiting_files(centre, operator, date, folder.path()).await?,
        };
        match files.is_empty() {
            true => all.push((operator, None)),
            false => all.extend(files.into_iter().map(|file| (operator, Some(file)))),
        }
    }
    for (operator, file) in all {
        let what = Reconciling { operator, date, file, other_days: options.other_days, workers };
        match reconcile(centre, &what, progress(global.lang)).await? {
            Reconciled::Already(row) => {
                let (run, day) = (row.run, row.business_date);
                output.say(
                    &format!("这个文件已在第 {run} 次对账（{day}）收入，未作更改"),
                    &format!("run {run} (for {day}) has taken this file in: nothing changed"),
                );
                let figures = row.figures()?;
                done.push((row, figures));
            }
            Reconciled::Now { row, figures, timings } => {
                if figures.file.as_ref().is_some_and(|file| file.not_taken > 0) {
                    code = BAD_INPUT;
                }
                for (stage, took) in timings.iter() {
                    tracing::info!(?stage, took_ms = took.as_millis(), "reconcile");
                }
                done.push((row, *figures));
            }
        }
    }
    show(centre, &done, output).await?;
    Ok(code)
}

/// Prints runs; as JSON one is an object and several are a list.
async fn show(
    centre: &Centre,
    runs: &[(ReconciliationRow, ReconciliationFigures)],
    output: &Output,
) -> anyhow::Result<()> {
    let registry = centre.registry().await?.body;
    let views = runs.iter().map(|(row, figures)| ReconciliationView::new(row, figures, &registry));
    let views: Vec<_> = views.collect();
    let text = || views.iter().map(|view| view.text(output.lang())).collect::<Vec<_>>().join("\n\n");
    match views.as_slice() {
        [one] => output.result(&one.json(), text),
        several => output.result(&several.iter().map(ReconciliationView::json).collect::<Vec<_>>(), text),
    }
}

async fn list(centre: &Centre, operator: Option<OperatorCode>, output: &Output) -> anyhow::Result<u8> {
    let rows = reconciliations(&*centre.store, operator).await?;
    let figures = rows.iter().map(|row| Ok((row, row.figures()?))).collect::<anyhow::Result<Vec<_>>>()?;
    let json: Vec<_> = figures
        .iter()
        .map(|(row, figures)| {
            json!({
                "operator": row.operator, "run": row.run, "business_date": row.business_date, "as_of": row.as_of,
                "file": row.file, "matched": figures.matched.ours.count, "mismatch": figures.mismatch.ours.count,
                "ours_only": figures.ours_only.all, "theirs_only": figures.theirs_only.all,
                "breaks": figures.ours_only.breaks.count + figures.theirs_only.breaks.count,
            })
        })
        .collect();
    output.result(&json, || tongclear_report::reconciliations_text(&figures, output.lang()))?;
    Ok(DONE)
}

async fn write_items(
    mut items: Items,
    state: Option<ItemState>,
    out: &std::path::Path,
    output: &Output,
) -> anyhow::Result<u8> {
    let mut file = OutFile::create(out)?;
    let mut csv = ItemsCsv::new(BufWriter::new(file.file()))?;
    let mut written = 0_u64;
    while let Some((item, age)) = items.next().await? {
        if state.is_none_or(|state| item.state == state) {
            csv.write(&item, age)?;
            written += 1;
        }
    }
    csv.finish()?.into_inner().map_err(|error| CliError::Disk {
        doing: "writing",
        path: out.display().to_string(),
        reason: error.into_error(),
    })?;
    file.finish()?;
    let place = out.display().to_string();
    let (operator, run) = (items.row().operator, items.row().run);
    let json = json!({ "operator": operator, "run": run, "items": written, "out": place });
    output.result(&json, || {
        output.pick(format!("已写入 {place}：{written} 项"), format!("written to {place}: {written} items"))
    })?;
    Ok(DONE)
}
