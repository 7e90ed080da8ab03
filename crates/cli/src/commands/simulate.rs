//! `simulate`.

use indicatif::{ProgressBar, ProgressStyle};
use tongclear_sim::{Plan, simulate};

use crate::args::{Global, Simulate};
use crate::exit::{CliError, DONE};
use crate::output::{Output, watched};

pub(crate) async fn run(options: Simulate, _global: &Global, output: &Output) -> anyhow::Result<u8> {
    let plan = Plan {
        out: options.out,
        seed: options.seed,
        cards: options.cards,
        transactions: options.transactions,
        terminals: options.terminals,
        date: options.date,
        anomaly_rate: options.anomalies.parse().map_err(CliError::Refused)?,
        days: options.days,
    };
    let bar = if watched() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let template = "  {msg} {wide_bar} {human_pos}/{human_len} {elapsed}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(output.pick("模拟", "simulate"));
    let shown = bar.clone();
    // Computing and writing a city takes seconds: not on a thread that others wait for.
    let summary = tokio::task::spawn_blocking(move || {
        simulate(&plan, &mut |progress: tongclear_sim::Progress| {
            shown.set_length(progress.records_total);
            shown.set_position(progress.records);
        })
    })
    .await?;
    bar.finish_and_clear();
    let summary = summary?;
    output.result(&summary, || summary_text(&summary, output))?;
    Ok(DONE)
}

fn summary_text(summary: &tongclear_sim::Summary, output: &Output) -> String {
    let (packages, transactions, out) = (
        summary.packages,
        summary.transactions,
        summary.paths.truth.parent().unwrap_or(&summary.paths.truth).display(),
    );
    let yuan = summary.amount_fen.yuan();
    let mut lines = vec![output.pick(
        format!("城市位于 {out}：{packages} 包，{transactions} 笔，{yuan} 元"),
        format!("a city in {out}: {packages} packages, {transactions} transactions, {yuan} yuan"),
    )];
    lines.extend(summary.anomalies.iter().map(|(kind, count)| format!("  {kind:<28} {count:>9}")));
    lines.join("\n")
}
