//! `terminal status`: what is in the journal and in force.

use std::path::Path;

use serde_json::json;
use tongclear_report::{Align, Table, grouped, yuan};
use tongclear_terminal::TapState;

use crate::exit::DONE;
use crate::output::Output;

pub(super) fn run(folder: &Path, output: &Output) -> anyhow::Result<u8> {
    let terminal = super::view(folder)?;
    let (counts, lists) = (terminal.journal.counts()?, &terminal.lists);
    let open = terminal.journal.open_taps()?;
    let refused: Vec<_> = terminal
        .journal
        .all_taps()?
        .into_iter()
        .filter(|tap| {
            tap.state == TapState::Paid && tap.disposition.as_deref().is_some_and(|it| it != "accepted")
        })
        .collect();
    let deny: Vec<_> = lists
        .operators()
        .map(|operator| (operator.code, lists.deny_list(operator.code)))
        .map(|(code, list)| json!({ "operator": code, "version": list.map(|it| it.version), "effective": list.map(|it| it.effective) }))
        .collect();
    let json = json!({
        "terminal": terminal.config.terminal.id,
        "counts": counts,
        "deny_lists": deny,
        "fares_version": lists.fares.version,
        "refused_lists": lists.refused.iter().map(|(path, why)| format!("{}: {why}", path.display())).collect::<Vec<_>>(),
        "open": open.iter().map(|tap| json!({
            "tap": tap.id, "card": tap.record.card(), "terminal_number": tap.record.terminal_number,
            "amount_fen": tap.record.amount_fen, "why": tap.why,
        })).collect::<Vec<_>>(),
        "not_accepted": refused.iter().map(|tap| json!({
            "tap": tap.id, "package": tap.package, "terminal_number": tap.record.terminal_number,
            "amount_fen": tap.record.amount_fen, "disposition": tap.disposition, "reason": tap.reason,
        })).collect::<Vec<_>>(),
    });
    output.result(&json, || {
        let mut lines = vec![format!("{} {}", output.pick("终端", "terminal"), terminal.config.terminal.id)];
        for (zh, en, count) in [
            ("已支付", "paid", counts.paid),
            ("未支付", "not paid", counts.unpaid),
            ("未决", "open", counts.open),
            ("待封包", "wait for a package", counts.waiting),
            ("待上送包", "packages to send", counts.packages_to_send),
            ("待结果包", "packages without a result", counts.packages_unanswered),
            ("未被接受", "not accepted", counts.not_accepted),
            ("免费放行", "let through", counts.let_through),
        ] {
            lines.push(format!("  {}: {}", output.pick(zh, en), grouped(count)));
        }
        for operator in lists.operators() {
            let version =
                lists.deny_list(operator.code).map_or_else(|| "-".to_owned(), |it| it.version.to_string());
            lines.push(format!("  {} {}: {version}", output.pick("黑名单", "deny list"), operator.code));
        }
        if !open.is_empty() {
            let mut table = Table::new(&[
                (output.pick("未决交易", "open tap"), Align::Right),
                (output.pick("卡", "card"), Align::Left),
                (output.pick("金额（元）", "yuan"), Align::Right),
                (output.pick("原因", "why"), Align::Left),
            ]);
            for tap in &open {
                let card = tap.record.serial.to_string();
                table.row([tap.id.0.to_string(), card, yuan(tap.record.amount()), tap.why.clone()]);
            }
            lines.extend(table.lines());
        }
        lines.join("\n")
    })?;
    Ok(DONE)
}
