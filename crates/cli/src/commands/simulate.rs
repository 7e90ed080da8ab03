//! `simulate`.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tongclear_fleet::{Mischief, Outcome};
use tongclear_sim::{Plan, simulate};

use crate::args::{Global, Simulate};
use crate::exit::{BAD_INPUT, CliError, DONE};
use crate::output::{Output, watched};

pub(crate) async fn run(options: Simulate, _global: &Global, output: &Output) -> anyhow::Result<u8> {
    if let Some(server) = &options.serve {
        return play(server, &options, output).await;
    }
    let missing =
        || CliError::Usage("--out, --cards, --transactions, --terminals and --date make a city".into());
    let plan = Plan {
        out: options.out.ok_or_else(missing)?,
        seed: options.seed,
        cards: options.cards.ok_or_else(missing)?,
        transactions: options.transactions.ok_or_else(missing)?,
        terminals: options.terminals.ok_or_else(missing)?,
        collectors: options.collectors,
        date: options.date.ok_or_else(missing)?,
        anomaly_rate: options.anomalies.parse().map_err(CliError::Refused)?,
        days: options.days,
    };
    let bar = bar(output.pick("模拟", "simulate"));
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

/// A bar that a person watches.
fn bar(message: &'static str) -> ProgressBar {
    let bar = if watched() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let template = "  {msg} {wide_bar} {human_pos}/{human_len} {elapsed}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(message);
    bar
}

/// Plays the sites of a city against a server.
async fn play(server: &str, options: &Simulate, output: &Output) -> anyhow::Result<u8> {
    let city = options.out.clone().unwrap_or_else(|| "city".into());
    let packages = city.join("packages");
    let packages = options.date.map_or(packages.clone(), |date| packages.join(date.to_string()));
    if !packages.is_dir() {
        let hint = format!("{}: there are no packages here; make a city first", packages.display());
        return Err(CliError::Usage(hint).into());
    }
    let collectors = options.collectors.map(usize::try_from).transpose()?;
    let plan = tongclear_fleet::Plan {
        server: server.to_owned(),
        packages,
        certificates: options.certificates.clone().unwrap_or_else(|| city.join("certificates")),
        collectors,
        seed: options.seed,
        mischief: if options.well_behaved { Mischief::NONE } else { Mischief::default() },
        at_once: options.at_once,
        give_up_after: Duration::from_secs(options.patience),
    };
    let bar = bar(output.pick("上送", "upload"));
    let outcome = tongclear_fleet::play(&plan, &|progress| {
        bar.set_length(progress.packages_total);
        bar.set_position(progress.answered);
    })
    .await;
    bar.finish_and_clear();
    let outcome = outcome?;
    let per_s = per_second(outcome.records, outcome.elapsed);
    let mut json = serde_json::to_value(&outcome)?;
    json["records_per_s"] = per_s.into();
    output.result(&json, || played_text(&outcome, per_s, output))?;
    Ok(if outcome.quarantined.is_empty() { DONE } else { BAD_INPUT })
}

fn per_second(records: u64, elapsed: Duration) -> u64 {
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    records.saturating_mul(1_000) / ms
}

fn played_text(outcome: &Outcome, per_s: u64, output: &Output) -> String {
    let Outcome { collectors, packages, records, uploads, resent, answers_lost, hung_up, retries, .. } =
        outcome;
    let (received, already) = (outcome.received, outcome.already_received);
    let (p50, p99) = (outcome.latency_p50_ms, outcome.latency_p99_ms);
    let tenths = outcome.elapsed.as_millis() / 100;
    let seconds = format!("{}.{}", tenths / 10, tenths % 10);
    let mut lines = vec![
        output.pick(
            format!("{collectors} 个采集点，{packages} 包，{records} 笔，{seconds} 秒：每秒 {per_s} 笔可靠受理"),
            format!(
                "{collectors} sites, {packages} packages, {records} records in {seconds} s: {per_s} records a second \
                 accepted durably"
            ),
        ),
        output.pick(
            format!("受理 {received}，此前已受理 {already}；请求 {uploads} 次，中位 {p50} 毫秒，99% {p99} 毫秒"),
            format!(
                "received {received}, already received {already}; {uploads} requests, median {p50} ms, 99 % within \
                 {p99} ms"
            ),
        ),
        output.pick(
            format!("重发 {resent}，丢失应答 {answers_lost}，中途挂断 {hung_up}，重试 {retries}"),
            format!("sent again {resent}, answers lost {answers_lost}, hung up {hung_up}, retries {retries}"),
        ),
    ];
    lines.extend(outcome.quarantined.iter().map(|(file, reason)| format!("  {file}: {reason}")));
    lines.join("\n")
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
    let kinds = summary.anomalies.iter().chain(&summary.operator_anomalies);
    lines.extend(kinds.map(|(kind, count)| format!("  {kind:<28} {count:>9}")));
    lines.join("\n")
}
