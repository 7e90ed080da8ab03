//! `window list`, `window close`, and the other steps of the night one at a time.

use serde_json::json;
use tongclear_access::Action;
use tongclear_engine::{Cleared, Closed, Effort, Settled};
use tongclear_report::{Align, Table, grouped, yuan};
use tongclear_store::{WindowRow, WindowState};
use tongclear_types::BusinessDate;

use crate::args::{Global, WindowCommand};
use crate::exit::DONE;
use crate::output::Output;
use crate::{open, progress::progress};

pub(crate) async fn run(command: WindowCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match command {
        WindowCommand::List => list(global, output).await,
        WindowCommand::Close { date } => close(date, global, output).await,
    }
}

async fn list(global: &Global, output: &Output) -> anyhow::Result<u8> {
    let windows = open::centre(global).await?.store.windows().await?;
    let date = |window: &WindowRow| window.snapshot.map(|snapshot| snapshot.date);
    let json: Vec<_> = windows
        .iter()
        .map(|window| {
            json!({
                "window": date(window),
                "state": window.state,
                "packages": window.packages,
                "transactions": window.transactions,
                "amount_fen": window.amount,
            })
        })
        .collect();
    output.result(&json, || {
        let mut table = Table::new(&[
            (output.pick("窗口", "window"), Align::Left),
            (output.pick("状态", "state"), Align::Left),
            (output.pick("包数", "packages"), Align::Right),
            (output.pick("笔数", "transactions"), Align::Right),
            (output.pick("金额（元）", "yuan"), Align::Right),
        ]);
        for window in &windows {
            table.row([
                date(window).map_or_else(|| "-".to_owned(), |date| date.to_string()),
                state_name(window.state, output).to_owned(),
                grouped(window.packages),
                grouped(window.transactions),
                yuan(window.amount),
            ]);
        }
        table.lines().join("\n")
    })?;
    Ok(DONE)
}

async fn close(date: BusinessDate, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre_for(global, Action::RunNight).await?;
    let closed = tongclear_engine::close(&centre, date).await?;
    let window = closed.window().row;
    let now = matches!(closed, Closed::Now(_));
    step(date, window.state, now, output, || {
        let (packages, transactions) = (window.packages, window.transactions);
        output.pick(
            format!("窗口 {date} 已关闭：{packages} 包，{transactions} 笔"),
            format!("window {date} is closed: {packages} packages, {transactions} transactions"),
        )
    })
}

/// `clear --window`.
pub(crate) async fn clear(
    date: BusinessDate,
    effort: Effort,
    global: &Global,
    output: &Output,
) -> anyhow::Result<u8> {
    let centre = open::centre_for(global, Action::RunNight).await?;
    let passphrase = open::passphrase(global)?;
    let cleared = tongclear_engine::clear(&centre, date, &passphrase, effort, progress(global.lang)).await?;
    let state = centre.window(date).await?.state();
    let digest = match &cleared {
        Cleared::Already => None,
        Cleared::Now { digest, .. } => Some(digest),
    };
    step(date, state, digest.is_some(), output, || {
        let digest = digest.map(ToString::to_string).unwrap_or_default();
        output.pick(
            format!("窗口 {date} 已清分，摘要 {digest}"),
            format!("window {date} is cleared, digest {digest}"),
        )
    })
}

/// `settle --window`.
pub(crate) async fn settle(date: BusinessDate, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre_for(global, Action::RunNight).await?;
    let settled = tongclear_engine::settle(&centre, date).await?;
    let state = centre.window(date).await?.state();
    let checks = match &settled {
        Settled::Already => None,
        Settled::Now { checks } => Some(checks),
    };
    let made = json!({ "checks": checks });
    step_with(date, state, checks.is_some(), made, output, || {
        let head = output.pick(format!("窗口 {date} 已结算"), format!("window {date} is settled"));
        let checks = checks.into_iter().flatten().map(|check| format!("  {check}"));
        std::iter::once(head).chain(checks).collect::<Vec<_>>().join("\n")
    })
}

/// Shows what a step did, or that there was nothing to do.
fn step(
    date: BusinessDate,
    state: WindowState,
    changed: bool,
    output: &Output,
    text: impl FnOnce() -> String,
) -> anyhow::Result<u8> {
    step_with(date, state, changed, json!({}), output, text)
}

/// As [`step`], with the fields of `more` for programs.
fn step_with(
    date: BusinessDate,
    state: WindowState,
    changed: bool,
    mut more: serde_json::Value,
    output: &Output,
    text: impl FnOnce() -> String,
) -> anyhow::Result<u8> {
    more["window"] = json!(date);
    more["state"] = json!(state);
    more["changed"] = json!(changed);
    output.result(&more, || {
        if changed {
            return text();
        }
        output.pick(
            format!("窗口 {date} {}，未作更改", state.zh()),
            format!("window {date} is {state} already; nothing changed"),
        )
    })?;
    Ok(DONE)
}

fn state_name(state: WindowState, output: &Output) -> &'static str {
    output.pick(state.zh(), state.name())
}
