//! `result list`, `result show` and `result write`: what collectors are told about their packages.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use tongclear_engine::results::{self, CollectorResults, StoredResult};
use tongclear_engine::{Centre, ClosedWindow, export};
use tongclear_package::{PackageResult, Tally};
use tongclear_report::{Align, Table, grouped};
use tongclear_types::{BusinessDate, CollectorId, Disposition, Reason};

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::out_file::write_file;
use crate::output::Output;
use crate::{open, progress::progress};

#[derive(Debug, Subcommand)]
pub(crate) enum ResultCommand {
    /// The collectors of a window, what became of their packages, and where their files lie · 结果文件列表
    #[command(
        after_help = "Example · 示例:\n  tongclear result list --window 2026-11-23\n  tongclear result list --window 2026-11-23 --out to-collectors"
    )]
    List {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
        /// Folder to copy all files into; it is made where it is missing
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// One collector's file, as it is sent · 显示结果文件
    #[command(
        after_help = "Example · 示例:\n  tongclear result show --window 2026-11-23 --collector 6510000000f1\n  tongclear result show --window 2026-11-23 --collector 6510000000f1 --out to-collectors"
    )]
    Show {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
        /// Whose file, 12 hex digits
        #[arg(long, value_name = "ID")]
        collector: CollectorId,
        /// Folder to copy the file into instead of printing it; it is made where it is missing
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Write the files of a settled window again, the same bytes, when one was lost · 重写结果文件
    #[command(after_help = "Example · 示例:\n  tongclear result write --window 2026-11-23")]
    Write {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
    },
}

impl ResultCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "result list",
            Self::Show { .. } => "result show",
            Self::Write { .. } => "result write",
        }
    }
}

pub(crate) async fn run(command: ResultCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    match command {
        ResultCommand::List { window, out } => {
            list(&centre, &centre.window(window).await?, out.as_deref(), output).await
        }
        ResultCommand::Show { window, collector, out } => {
            let stored = results::read(&centre, &centre.window(window).await?, collector).await?;
            show(window, collector, &stored, out.as_deref(), global, output)
        }
        ResultCommand::Write { window } => {
            write(&centre, &centre.window(window).await?, global, output).await
        }
    }
}

async fn list(
    centre: &Centre,
    window: &ClosedWindow,
    out: Option<&Path>,
    output: &Output,
) -> anyhow::Result<u8> {
    let found = results::list(centre, window).await?;
    let mut copied = Vec::new();
    if let Some(out) = out {
        for it in &found {
            let stored = results::read(centre, window, it.collector).await?;
            copied.push(copy(out, it.collector, &stored)?);
        }
    }
    let json: Vec<Value> = found
        .iter()
        .enumerate()
        .map(|(place, it)| {
            let mut json = json!({
                "collector": it.collector,
                "path": it.path.display().to_string(),
                "present": it.present,
                "packages": it.packages,
            });
            for (disposition, tally) in Disposition::ALL.iter().zip(&it.tallies) {
                json[disposition.name()] = json!(tally);
            }
            if let Some(copy) = copied.get(place) {
                json["out"] = json!(copy);
            }
            json
        })
        .collect();
    output.result(&json, || {
        if found.is_empty() {
            let date = window.date();
            return output.pick(format!("窗口 {date} 没有交易包"), format!("window {date} has no packages"));
        }
        let mut lines = table(&found, output).lines();
        if let Some(out) = out {
            let (count, out) = (copied.len(), out.display());
            lines.push(
                output
                    .pick(format!("{count} 个文件已复制到 {out}"), format!("{count} files copied to {out}")),
            );
        }
        lines.join("\n")
    })?;
    Ok(DONE)
}

fn table(found: &[CollectorResults], output: &Output) -> Table {
    let mut head = vec![
        (output.pick("采集点", "collector"), Align::Left),
        (output.pick("包数", "packages"), Align::Right),
    ];
    let names = Disposition::ALL.iter().map(|it| output.pick(it.zh(), it.name()));
    head.extend(names.map(|name| (name, Align::Right)));
    head.push((output.pick("文件", "file"), Align::Left));
    let mut table = Table::new(&head);
    for it in found {
        let file = if it.present {
            it.path.display().to_string()
        } else {
            output.pick("尚无", "not there").to_owned()
        };
        let counts = it.tallies.iter().map(|tally| grouped(tally.count));
        table.row([it.collector.to_string(), grouped(it.packages)].into_iter().chain(counts).chain([file]));
    }
    table
}

fn show(
    window: BusinessDate,
    collector: CollectorId,
    stored: &StoredResult,
    out: Option<&Path>,
    global: &Global,
    output: &Output,
) -> anyhow::Result<u8> {
    let copied = out.map(|out| copy(out, collector, stored)).transpose()?;
    if copied.is_none() && !global.json {
        Output::print(&stored.bytes)?;
        return Ok(DONE);
    }
    let mut json = json!({
        "window": window,
        "collector": collector,
        "path": stored.path.display().to_string(),
        "packages": stored.file.packages.iter().map(package_json).collect::<Vec<_>>(),
    });
    if let Some(copied) = &copied {
        json["out"] = json!(copied);
    }
    output.result(&json, || {
        let copied = copied.unwrap_or_default();
        output.pick(format!("已复制到 {copied}"), format!("copied to {copied}"))
    })?;
    Ok(DONE)
}

fn package_json(package: &PackageResult) -> Value {
    let tally = |tally: Tally| json!({ "count": tally.count, "amount_fen": tally.amount });
    let unpaid: Vec<Value> = package
        .unpaid
        .iter()
        .map(|record| {
            let verdict = record.outcome.verdict();
            json!({
                "row": record.row,
                "terminal": record.terminal,
                "terminal_number": record.terminal_number.0,
                "disposition": verdict.disposition().name(),
                "reason": verdict.reason().map(Reason::name),
            })
        })
        .collect();
    json!({
        "sequence": package.sequence.0,
        "accepted": tally(package.accepted),
        "duplicate": tally(package.duplicate),
        "suspended": tally(package.suspended),
        "rejected": tally(package.rejected),
        "unpaid": unpaid,
    })
}

/// Copies a file into a folder, under the name it has in the vault; says where it is now.
fn copy(out: &Path, collector: CollectorId, stored: &StoredResult) -> Result<String, CliError> {
    let place = out.join(format!("{collector}.csv"));
    std::fs::create_dir_all(out).map_err(|reason| CliError::Disk {
        doing: "making",
        path: out.display().to_string(),
        reason,
    })?;
    write_file(&place, &stored.bytes)?;
    Ok(place.display().to_string())
}

async fn write(
    centre: &Centre,
    window: &ClosedWindow,
    global: &Global,
    output: &Output,
) -> anyhow::Result<u8> {
    let date = window.date();
    // Before the window is settled nobody is told what became of its packages.
    if window.state() < tongclear_store::WindowState::Settled {
        let state = window.state();
        let hint = format!("window {date} is {state}; run `tongclear settle --window {date}` first");
        return Err(CliError::Refused(hint).into());
    }
    let partitions = centre.registry_as_of(window.snapshot.registry).await?.centre.card_partitions;
    let unpaid = export::unpaid_rows(centre, window, partitions).await?;
    let files = results::write(centre, window, &unpaid, &*progress(global.lang)).await?;
    output.result(&json!({ "window": date, "files": files }), || {
        output.pick(
            format!("窗口 {date}：{files} 个结果文件已写入"),
            format!("window {date}: {files} result files written"),
        )
    })?;
    Ok(DONE)
}
