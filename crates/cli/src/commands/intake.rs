//! `intake`, and what `quarantine retry` shares with it.

use std::path::PathBuf;

use serde_json::json;
use tongclear_engine::intake::{Found, IntakeReport, find_packages, take_in};

use crate::args::Global;
use crate::exit::{BAD_INPUT, DONE};
use crate::output::Output;
use crate::{open, progress::progress};

/// Refused packages that are shown to a person; `quarantine list` has them all.
const SHOWN_MAX: usize = 20;

pub(crate) async fn run(paths: &[PathBuf], global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    let Found { files, passed_over } = find_packages(paths)?;
    let keys = centre.key_ring(&open::passphrase(global)?).await?.body;
    let mut report = take_in(&centre, &keys, &files, &*progress(global.lang)).await?;
    report.passed_over = passed_over;
    show(&report, output)
}

/// Shows what an intake did; quarantined packages make the exit code.
pub(crate) fn show(report: &IntakeReport, output: &Output) -> anyhow::Result<u8> {
    let refused: Vec<_> = report
        .quarantined
        .iter()
        .map(|(source, refusal)| {
            json!({
                "source": source,
                "reason": refusal.reason.name(),
                "field": refusal.field,
                "value": refusal.value,
                "expected": refusal.expected,
            })
        })
        .collect();
    let passed_over = report.passed_over.iter().map(|(path, why)| json!({ "source": path, "reason": why }));
    let passed_over: Vec<_> = passed_over.collect();
    let json = json!({
        "received": report.received,
        "already_received": report.already_received,
        "quarantined": refused,
        "passed_over": passed_over,
    });
    output.result(&json, || text(report, output))?;
    Ok(if report.quarantined.is_empty() && passed_over.is_empty() { DONE } else { BAD_INPUT })
}

fn text(report: &IntakeReport, output: &Output) -> String {
    let received = &report.received;
    let (packages, transactions, yuan) =
        (received.packages, received.transactions, received.amount_fen.yuan());
    let mut lines = vec![output.pick(
        format!("接收 {packages} 包，{transactions} 笔，{yuan} 元"),
        format!("received {packages} packages, {transactions} transactions, {yuan} yuan"),
    )];
    if report.already_received > 0 {
        let again = report.already_received;
        lines.push(output.pick(
            format!("重复送达 {again} 包，内容相同，未作更改"),
            format!("already received {again} packages, the same bytes; nothing changed for them"),
        ));
    }
    if !report.quarantined.is_empty() {
        let refused = report.quarantined.len();
        lines.push(output.pick(format!("隔离 {refused} 包："), format!("quarantined {refused} packages:")));
        lines.extend(report.quarantined.iter().take(SHOWN_MAX).map(|(source, refusal)| {
            let meaning = output.pick(refusal.reason.zh(), refusal.reason.en());
            format!("  {source}: {refusal} ({meaning})")
        }));
        if refused > SHOWN_MAX {
            let more = refused - SHOWN_MAX;
            lines.push(output.pick(
                format!("  另有 {more} 包，见 tongclear quarantine list"),
                format!("  and {more} more; see tongclear quarantine list"),
            ));
        }
    }
    lines.extend(report.passed_over.iter().map(|(path, why)| {
        let path = path.display();
        output.pick(format!("跳过 {path}：{why}"), format!("passed over {path}: {why}"))
    }));
    lines.join("\n")
}
