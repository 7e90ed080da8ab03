//! `check`: derives everything again and names what disagrees.

use clap::Args;
use serde_json::json;
use tongclear_engine::check::{CheckOptions, CheckReport, Finding, check};
use tongclear_report::grouped;
use tongclear_store::Digest;
use tongclear_types::BusinessDate;

use super::threads;
use crate::args::Global;
use crate::exit::{CHECK_FAILED, DONE};
use crate::output::Output;
use crate::{open, progress::progress};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Take windows before this date as they stand; ledger, packages and log are checked whole
    #[arg(long, value_name = "DATE")]
    since: Option<BusinessDate>,
    /// Hash of a published audit entry that must be in the log
    #[arg(long, value_name = "HEX")]
    audit_head: Option<Digest>,
    /// Threads of each derivation; by default one a core
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
}

pub(crate) async fn run(arguments: Check, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let options = CheckOptions {
        since: arguments.since,
        anchor: arguments.audit_head,
        workers: threads(arguments.workers)?,
    };
    let centre = open::centre(global).await?;
    let passphrase = open::passphrase(global)?;
    let report = check(&centre, &passphrase, options, progress(global.lang)).await?;
    let holds = report.findings.count() == 0;
    let counts: serde_json::Map<String, serde_json::Value> =
        report.findings.counts().map(|(kind, count)| (kind.name().to_owned(), count.into())).collect();
    let json = json!({
        "holds": holds,
        "windows": report.windows,
        "rederived": report.rederived,
        "packages": report.packages,
        "transactions": report.records,
        "transfers": report.transfers,
        "audit": { "entries": report.audit.0, "head": report.audit.1 },
        "counts": counts,
        "findings": report.findings.kept(),
    });
    output.result(&json, || text(&report, output))?;
    Ok(if holds { DONE } else { CHECK_FAILED })
}

fn text(report: &CheckReport, output: &Output) -> String {
    let (windows, rederived) = (grouped(report.windows), grouped(report.rederived));
    let (packages, records) = (grouped(report.packages), grouped(report.records));
    let (transfers, entries) = (grouped(report.transfers), grouped(report.audit.0));
    let head = report.audit.1.map_or_else(|| "-".to_owned(), |head| head.to_string());
    let mut lines = vec![
        output.pick(
            format!("核对 {windows} 个窗口（重算 {rederived} 个）、{packages} 包、{records} 笔、{transfers} 笔转账、{entries} 条审计记录"),
            format!(
                "checked {windows} windows ({rederived} derived again), {packages} packages, {records} records, \
                 {transfers} transfers, {entries} audit entries"
            ),
        ),
        output.pick(format!("审计链末端 {head}"), format!("audit head {head}")),
    ];
    if report.findings.count() == 0 {
        lines.push(output.pick("全部一致".to_owned(), "everything agrees".to_owned()));
        return lines.join("\n");
    }
    for (kind, count) in report.findings.counts() {
        let (zh, en) = kind.names();
        lines.push(format!("\n{} ×{count}  [{}]", output.pick(zh, en), kind.name()));
        let of_kind: Vec<&Finding> = report.findings.kept().iter().filter(|it| it.kind == kind).collect();
        lines.extend(of_kind.iter().map(|it| {
            let window = it.window.map_or_else(String::new, |date| format!("{date}  "));
            let (must, is) = output.pick(("应为", "实为"), ("must be", "is"));
            format!("  {window}{}\n      {must} {}\n      {is} {}", it.subject, it.expected, it.found)
        }));
        let more = count - of_kind.len() as u64;
        if more > 0 {
            lines.push(output.pick(format!("  另有 {more} 处"), format!("  and {more} more")));
        }
    }
    lines.join("\n")
}
